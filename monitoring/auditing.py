"""Writes the audit: who did what to what."""

from django.apps import apps
from django.contrib.auth.models import AbstractBaseUser
from django.utils.timezone import now


def audit(actor: AbstractBaseUser | None, action: str, target: str, **detail: str | int | float | bool | None) -> None:
    """Note that `actor` (None: the system) did `action` to `target`, in the caller's transaction. No personal data."""
    apps.get_model("monitoring", "AuditEntry").objects.create(
        at=now(),
        actor=actor,
        actor_name=actor.get_username() if actor else "system",
        action=action,
        target=target,
        detail=detail,
    )
