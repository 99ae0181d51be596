"""How long connections took to set up, and how many came about, of those who joined within a window. Reads only.

A session counts once for each side, by the longest setup of that side; a failure once for each side and class. So each
bar is a list of sessions, which its filters choose. What the server did not believe, and the self-test, are left out.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from django.db.models import CharField
from django.db.models.functions import Cast
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from sessions_app.errors import BadAddress
from sessions_app.history import Filters
from sessions_app.models import CandidateType, ConnectionReport, Failure, Role

WINDOWS = {"24h": timedelta(hours=24), "7d": timedelta(days=7), "30d": timedelta(days=30)}
EDGES_MS = (0, 50, 100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600)  # of the bars; the last one is open
WITHOUT_ICE = {Failure.NO_CANDIDATES, Failure.TURN_REFUSED, Failure.ICE}  # ICE found no way by the page's deadline


class Told(NamedTuple):
    """A report that the server believed: `setup_ms` where the attempt reached 'connected'."""

    session: str
    attempt: str
    role: str
    setup_ms: float | None
    failure: str
    local: str
    remote: str

    @property
    def relayed(self) -> bool:
        return self.setup_ms is not None and CandidateType.RELAY in (self.local, self.remote)


@dataclass(frozen=True)
class Bar:
    """`sessions` is how many the filters choose; `share` is that of the longest bar of its kind and side, 0 to 1."""

    label: str
    sessions: int
    share: float
    filters: Filters


@dataclass(frozen=True)
class Side:
    role: str
    label: str
    setups: list[Bar]
    failures: list[Bar]


@dataclass(frozen=True)
class SetupTimes:
    """Of the sessions that joined from `since` up to `until`, that moment left out."""

    window: str
    since: datetime
    until: datetime
    sides: list[Side]
    connected: int
    """Sessions with an attempt that reached 'connected' on either side."""
    relayed: int
    """Of these, the ones whose way went through a TURN server on either side."""
    attempts: int
    ice_failed: int
    """Attempts that no side saw connected, and in which a side found no way by its deadline."""

    @property
    def relay_share(self) -> float | None:
        return self.relayed / self.connected if self.connected else None

    @property
    def ice_failed_share(self) -> float | None:
        return self.ice_failed / self.attempts if self.attempts else None

    @property
    def all_relayed(self) -> Filters:
        return Filters(since=self.since, until=self.until, relay=True, synthetic=False)


def setup_times(window: str, now: datetime) -> SetupTimes:
    """The window ends with the second of `now`, so that it can be named in an address. Raises BadAddress."""
    if window not in WINDOWS:
        raise BadAddress(_("window: choose one of %(windows)s.") % {"windows": ", ".join(WINDOWS)})
    until = (now + timedelta(seconds=1)).replace(microsecond=0)
    since = until - WINDOWS[window]
    told = list(_told(since, until))
    connected = {report.session for report in told if report.setup_ms is not None}
    attempts, ice_failed = _attempts(told)
    return SetupTimes(
        window=window,
        since=since,
        until=until,
        sides=[_side(Role(role), [report for report in told if report.role == role], since, until) for role in Role],
        connected=len(connected),
        relayed=len({report.session for report in told if report.relayed}),
        attempts=attempts,
        ice_failed=ice_failed,
    )


def _told(since: datetime, until: datetime) -> Iterator[Told]:
    found = ConnectionReport.objects.filter(
        accepted=True, session__joined_at__gte=since, session__joined_at__lt=until, session__synthetic=False
    )
    columns = ("attempt", "role", "connection_time_ms", "failure", "local_candidate", "remote_candidate")
    # As text: a set of UUIDs takes three times as long.
    return map(Told._make, found.values_list(Cast("session", CharField()), *columns))


def _attempts(told: Iterable[Told]) -> tuple[int, int]:
    """How many attempts there were, and in how many ICE failed."""
    of_each = defaultdict(list)
    for report in told:
        of_each[report.session, report.attempt].append(report)
    unconnected = [reports for reports in of_each.values() if all(one.setup_ms is None for one in reports)]
    failed = [reports for reports in unconnected if any(one.failure in WITHOUT_ICE for one in reports)]
    return len(of_each), len(failed)


def _side(role: Role, told: list[Told], since: datetime, until: datetime) -> Side:
    chosen = Filters(since=since, until=until, role=role.value, synthetic=False)
    return Side(role.value, str(role.label), _setups(told, chosen), _failures(told, chosen))


def _setups(told: Iterable[Told], chosen: Filters) -> list[Bar]:
    longest: dict[str, float] = {}
    for report in told:
        if report.setup_ms is not None:
            longest[report.session] = max(report.setup_ms, longest.get(report.session, 0))
    counts = Counter(bisect_right(EDGES_MS, ms) - 1 for ms in longest.values())
    filters = [replace(chosen, setup_from_ms=least, setup_to_ms=most) for least, most in pairwise((*EDGES_MS, None))]
    return _bars([(range_label(one), counts[index], one) for index, one in enumerate(filters)])


def _failures(told: Iterable[Told], chosen: Filters) -> list[Bar]:
    counts = Counter(failure for _session, failure in {(one.session, one.failure) for one in told if one.failure})
    return _bars([(str(one.label), counts[one], replace(chosen, failure=one.value)) for one in Failure])


def _bars(rows: list[tuple[str, int, Filters]]) -> list[Bar]:
    most = max(sessions for _label, sessions, _filters in rows) or 1
    return [Bar(label, sessions, sessions / most, filters) for label, sessions, filters in rows]


def range_label(filters: Filters) -> str:
    """The setup times that the filters choose, in the language of the page."""
    least, most = filters.setup_from_ms or 0, filters.setup_to_ms
    if most is None:
        return _("%(least)s s or more") % {"least": number_format(least / 1000)}
    if most <= 1000:
        return _("%(least)s – %(most)s ms") % {"least": least, "most": most}
    return _("%(least)s – %(most)s s") % {"least": number_format(least / 1000), "most": number_format(most / 1000)}
