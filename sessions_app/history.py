"""Sessions that are and were, a page at a time. Reads only."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import DateTimeField, F, QuerySet, Value
from django.db.models.functions import Coalesce

from sessions_app.errors import InvalidInput
from sessions_app.models import Outcome, State, SupportSession
from sessions_app.queue import seconds

PAGE = 50
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Filters:
    """What to list: `waited_s` lists those who waited longer; `before` is the cursor of the page before."""

    state: str = ""
    outcome: str = ""
    staff: User | None = None
    waited_s: int | None = None
    before: str = ""


@dataclass(frozen=True)
class Row:
    """A session without anything that says who the customer is.

    Waited is from the join to the last claim (or the end, or now), in whole seconds; connected after is from that claim
    to the connection; talked is from there to the end (or now).
    """

    id: UUID
    state: str
    outcome: str
    staff: str
    joined_at: datetime
    claimed_at: datetime | None
    connected_at: datetime | None
    ended_at: datetime | None
    waited_s: int
    connected_after_ms: float | None
    talked_s: int | None

    @property
    def state_label(self) -> str:
        return str(State(self.state).label)

    @property
    def outcome_label(self) -> str:
        return str(Outcome(self.outcome).label) if self.outcome else ""


@dataclass(frozen=True)
class SessionPage:
    """Up to PAGE rows; `older` is the cursor of the next page, empty when there is none."""

    rows: list[Row]
    older: str


def sessions(filters: Filters, now: datetime) -> SessionPage:
    """The sessions that fit, the newest first."""
    found = list(_matching(filters, now)[: PAGE + 1])
    rows = [row(session, now) for session in found[:PAGE]]
    return SessionPage(rows, _cursor(found[PAGE - 1]) if len(found) > PAGE else "")


def _matching(filters: Filters, now: datetime) -> QuerySet[SupportSession]:
    found = SupportSession.objects.select_related("staff").order_by("-joined_at", "-pk")
    if filters.before:
        at, before = _position(filters.before)
        found = found.filter(joined_at__lte=at).exclude(joined_at=at, pk__gte=before)
    if filters.state:
        found = found.filter(state=filters.state)
    if filters.outcome:
        found = found.filter(outcome=filters.outcome)
    if filters.staff:
        found = found.filter(staff=filters.staff)
    if filters.waited_s is not None:
        waited_until = Coalesce("claimed_at", "ended_at", Value(now), output_field=DateTimeField())
        found = found.alias(waited_until=waited_until).filter(
            waited_until__gt=F("joined_at") + timedelta(seconds=filters.waited_s)
        )
    return found


def row(session: SupportSession, now: datetime) -> Row:
    claimed, connected = session.claimed_at, session.connected_at
    return Row(
        id=session.pk,
        state=session.state,
        outcome=session.outcome,
        staff=called(session.staff),
        joined_at=session.joined_at,
        claimed_at=claimed,
        connected_at=connected,
        ended_at=session.ended_at,
        waited_s=seconds(session.joined_at, claimed or session.ended_at or now),
        connected_after_ms=(connected - claimed) / timedelta(milliseconds=1) if claimed and connected else None,
        talked_s=seconds(connected, session.ended_at or now) if connected else None,
    )


def called(staff: User | None) -> str:
    return staff.get_full_name() or staff.get_username() if staff else ""


def _cursor(session: SupportSession) -> str:
    return f"{(session.joined_at - EPOCH) // MICROSECOND}-{session.pk.hex}"


def _position(cursor: str) -> tuple[datetime, UUID]:
    microseconds, _dash, pk = cursor.partition("-")
    try:
        return EPOCH + int(microseconds) * MICROSECOND, UUID(hex=pk)
    except (ValueError, OverflowError) as error:
        raise InvalidInput from error


def staff_seen() -> QuerySet[User]:
    """Those who have taken a customer."""
    taken = SupportSession.objects.filter(staff__isnull=False).order_by().values("staff")
    return User.objects.filter(pk__in=taken).order_by("username")
