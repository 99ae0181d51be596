"""Reads the audit: who did what to what, newest first, a page at a time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive, make_aware
from django.utils.translation import gettext as _

from monitoring.auditing import actions, address_of, detail_in_words, in_words
from monitoring.errors import BadParameter
from monitoring.keyset import Order, Place, read_page
from monitoring.models import AuditEntry

PAGE = 50
SYSTEM = "system"


@dataclass(frozen=True)
class Filters:
    """Whom, what and which target to list, each as a whole; and from when until before when."""

    actor: str = ""
    action: str = ""
    target: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class AuditRow:
    """`what` says the action in words; `link` is the page of its target, empty when there is none."""

    at: datetime
    actor: str
    by_system: bool
    action: str
    what: str
    target: str
    link: str
    detail: dict[str, Any]

    @property
    def details(self) -> list[tuple[str, Any]]:
        return detail_in_words(self.detail)


@dataclass(frozen=True)
class AuditPage:
    """Up to PAGE rows, and the cursors of the older and of the newer ones; empty where there are none."""

    rows: list[AuditRow]
    older: str
    newer: str


def audit_log(filters: Filters, place: Place) -> AuditPage:
    order = Order(AuditEntry._meta.get_field("at"), descending=True)  # noqa: SLF001
    page = read_page(_entries(filters), order, PAGE, place)
    return AuditPage([_row(entry) for entry in page.rows], older=page.before, newer=page.after)


def action_words() -> list[tuple[str, str]]:
    """Every action that has a name, with it, in the order of the names."""
    return sorted(((action, in_words(action)) for action in actions), key=lambda pair: pair[1])


def asked_moment(name: str, text: str) -> datetime | None:
    """A time as a form writes it, without an offset in TIME_ZONE; None for an empty one. Raises BadParameter."""
    try:
        at = parse_datetime(text) if text else None
        found = make_aware(at) if at and is_naive(at) else at
    except (ValueError, OverflowError):
        found = None
    if text and found is None:
        raise BadParameter(name, text, _("a time like 2026-11-24T09:00"))
    return found


def _entries(filters: Filters) -> QuerySet[AuditEntry]:
    wanted: dict[str, Any] = {
        "actor_name": filters.actor,
        "action": filters.action,
        "target": filters.target,
        "at__gte": filters.since,
        "at__lt": filters.until,
    }
    return AuditEntry.objects.filter(**{name: value for name, value in wanted.items() if value})


def _row(entry: AuditEntry) -> AuditRow:
    return AuditRow(
        at=entry.at,
        actor=entry.actor_name,
        by_system=entry.actor_id is None and entry.actor_name == SYSTEM,
        action=entry.action,
        what=in_words(entry.action),
        target=entry.target,
        link=address_of(entry.action, entry.target),
        detail=entry.detail,
    )
