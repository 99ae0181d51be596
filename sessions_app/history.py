"""Sessions that are and were, a page at a time. Reads only."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from sessions_app import criteria
from sessions_app.errors import BadAddress
from sessions_app.models import ConnectionReport, Failure, Outcome, State, SupportSession
from sessions_app.queue import seconds

PAGE = 50
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Filters:
    """What to list; what is empty or None chooses nothing.

    Joined from `since` up to `until`; waited longer than `waited_s`. Of the attempts to connect, what both pages
    said and the server believed: one failed as `failure`; the connection did or did not go through a `relay`; the
    longest setup took from `setup_from_ms` up to `setup_to_ms`. Both ranges leave out their ends. With `role`, failures
    and setups are those of that side alone. The self-test's are `synthetic`. `before` is the cursor of the page before.
    """

    state: str = ""
    outcome: str = ""
    staff: User | None = None
    since: datetime | None = None
    until: datetime | None = None
    waited_s: int | None = None
    failure: str = ""
    relay: bool | None = None
    role: str = ""
    setup_from_ms: int | None = None
    setup_to_ms: int | None = None
    synthetic: bool | None = None
    before: str = ""


@dataclass(frozen=True)
class Row:
    """A session without anything that says who the customer is.

    Waited is from the join to the last claim (or the end, or now), in whole seconds; connected after is from that claim
    to the connection; talked is from there to the end (or now). Setup is the longest that either page told and the
    server believed; `failures` are those that it believed, each once.
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
    setup_ms: float | None
    relayed: bool
    failures: list[str]
    callback: bool
    synthetic: bool

    @property
    def state_label(self) -> str:
        return str(State(self.state).label)

    @property
    def outcome_label(self) -> str:
        return str(Outcome(self.outcome).label) if self.outcome else ""

    @property
    def failure_labels(self) -> list[str]:
        return [str(Failure(failure).label) for failure in self.failures]


@dataclass(frozen=True)
class SessionPage:
    """Up to PAGE rows; `older` is the cursor of the next page, empty when there is none."""

    rows: list[Row]
    older: str


def sessions(filters: Filters, now: datetime) -> SessionPage:
    """The sessions that fit, the newest first."""
    believed = Prefetch("reports", ConnectionReport.objects.filter(accepted=True))
    rest = _after(matching(filters, now), filters.before).order_by("-joined_at", "-pk")
    found = list(rest.select_related("staff").prefetch_related(believed)[: PAGE + 1])
    rows = [row(session, now) for session in found[:PAGE]]
    return SessionPage(rows, _cursor(found[PAGE - 1]) if len(found) > PAGE else "")


def matching(filters: Filters, now: datetime) -> QuerySet[SupportSession]:
    """Those that fit, in no order, without regard to `before`."""
    equal = {name: value for name in ("state", "outcome", "staff") if (value := getattr(filters, name))}
    found = SupportSession.objects.filter(**equal)
    if filters.synthetic is not None:
        found = found.filter(synthetic=filters.synthetic)
    if filters.since:
        found = found.filter(joined_at__gte=filters.since)
    if filters.until:
        found = found.filter(joined_at__lt=filters.until)
    return criteria.choose(found, list(_criteria(filters, now)))


def _criteria(filters: Filters, now: datetime) -> Iterator[criteria.Criterion]:
    if filters.failure:
        yield criteria.failed(filters.failure, filters.role)
    if filters.relay is not None:
        yield criteria.relayed() if filters.relay else criteria.direct()
    if filters.setup_from_ms is not None or filters.setup_to_ms is not None:
        yield criteria.setup(filters.setup_from_ms or 0, filters.setup_to_ms, filters.role)
    if filters.waited_s is not None:
        yield criteria.waited(filters.waited_s, now)


def _after(found: QuerySet[SupportSession], cursor: str) -> QuerySet[SupportSession]:
    if not cursor:
        return found
    at, before = _position(cursor)
    return found.filter(joined_at__lte=at).exclude(joined_at=at, pk__gte=before)


def row(session: SupportSession, now: datetime) -> Row:
    claimed, connected = session.claimed_at, session.connected_at
    believed = [report for report in session.reports.all() if report.accepted]
    setups = [report.connection_time_ms for report in believed if report.connection_time_ms is not None]
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
        setup_ms=max(setups, default=None),
        relayed=any(report.relayed and report.connection_time_ms is not None for report in believed),
        failures=sorted({report.failure for report in believed if report.failure}),
        callback=session.callback,
        synthetic=session.synthetic,
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
        raise BadAddress(_("before: the address of this page was changed. Begin with the newest sessions.")) from error


def staff_seen() -> QuerySet[User]:
    """Those who have taken a customer."""
    taken = SupportSession.objects.filter(staff__isnull=False).order_by().values("staff")
    return User.objects.filter(pk__in=taken).order_by("username")
