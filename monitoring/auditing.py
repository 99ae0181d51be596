"""Writes the audit: who did what to what."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.timezone import now

from monitoring.models import AuditEntry


def audit(actor: AbstractBaseUser | None, action: str, target: str, **detail: str | int | float | bool | None) -> None:
    """Note that `actor` (None: the system) did `action` to `target`, in the caller's transaction. No personal data."""
    AuditEntry.objects.create(
        at=now(),
        actor_id=actor.pk if actor else None,
        actor_name=actor.get_username() if actor else "system",
        action=action,
        target=target,
        detail=detail,
    )
