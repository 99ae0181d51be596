"""Writes the audit: who did what to what, and knows the words for it."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from monitoring.models import AuditEntry

Address = Callable[[str], str]

# What each action is called, as said of who did it; and where a target is shown, by the word that it begins with.
actions: dict[str, str] = {
    "job.run": _("ran the job"),
    "job.retry": _("ran the job again"),
    "job.discard": _("discarded the job"),
}
addresses: dict[str, Address] = {}

Detail = str | int | float | bool | None

# What details are called, and their values where those are codes: by "name" and by "name=value".
details: dict[str, str] = {
    "batch": _("Done together"),
    "run": _("Run of the job"),
    "task": _("Task"),
    "rule": _("Rule"),
    "subject": _("About"),
    "until": _("Until"),
}


def audit(actor: AbstractBaseUser | None, action: str, target: str, **detail: Detail) -> None:
    """Note that `actor` (None: the system) did `action` to `target`, in the caller's transaction. No personal data."""
    AuditEntry.objects.create(**_said(actor, action, target, detail))


def claim_id(kind: str, target: str) -> uuid.UUID:
    """The id of the only entry that there can be about something that is done to `target` once."""
    return uuid.uuid5(uuid.NAMESPACE_OID, f"adminara:{kind}:{target}")


def audit_once(claim: uuid.UUID, actor: AbstractBaseUser | None, action: str, target: str, **detail: Detail) -> bool:
    """As `audit`, unless somebody has done what the claim stands for; whether it was written, for nobody but us."""
    return AuditEntry.objects.get_or_create(pk=claim, defaults=_said(actor, action, target, detail))[1]


def _said(actor: AbstractBaseUser | None, action: str, target: str, detail: dict[str, Detail]) -> dict[str, Any]:
    return {
        "at": now(),
        "actor_id": actor.pk if actor else None,
        "actor_name": actor.get_username() if actor else "system",
        "action": action,
        "target": target,
        "detail": detail,
    }


def register_actions(
    words: Mapping[str, str], places: Mapping[str, Address] | None = None, about: Mapping[str, str] | None = None
) -> None:
    """Name actions and, `about` them, details in words (marked by gettext_noop); say where targets are shown.

    A place is known by the word that the target begins with. It gets what stands after the word and answers with an
    address, or with an empty string when there is none.
    """
    actions.update(words)
    addresses.update(places or {})
    details.update(about or {})


def in_words(action: str) -> str:
    """An action in the active language; its key when nobody has named it."""
    return gettext(actions[action]) if action in actions else action


def detail_in_words(detail: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """What an entry tells beside its action, in the active language; names and codes that nobody has named as kept."""
    return [(_named(name, name), _named(f"{name}={value}", value)) for name, value in detail.items()]


def _named(key: str, otherwise: Any) -> Any:
    return gettext(details[key]) if key in details else otherwise


def address_of(action: str, target: str) -> str:
    """The page of what something was done to; empty when there is none."""
    if action.startswith("job."):
        return reverse("panel:job", args=[target])
    word, _space, rest = target.partition(" ")
    return addresses[word](rest) if word in addresses else ""
