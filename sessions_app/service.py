"""How well customers are served: the queue's figures over a window, read from the rows that are there.

Everybody who joined within the window is counted once, by what has become of them: so no rate can leave 0 to 1.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from sessions_app.errors import InvalidInput
from sessions_app.models import OPEN, Departure, QueueEntry, State, SupportSession

TODAY = "today"  # since midnight in TIME_ZONE
LENGTHS = {"1h": timedelta(hours=1), "24h": timedelta(hours=24)}
KEPT_S = 5  # how long figures serve the live page, JSON and scrapes: a day of 10,000 sessions costs about 0.1 s to read


class Visit(NamedTuple):
    """A session as it is now. Handing a customer back clears `connected_at` and leaves `joined_at`."""

    state: str
    joined_at: datetime
    connected_at: datetime | None
    ended_at: datetime | None
    staff_id: int | None

    def wait_s(self, now: datetime) -> float:
        """From joining to being connected, or to giving up, or until now, whichever came first."""
        return max(0.0, ((self.connected_at or self.ended_at or now) - self.joined_at).total_seconds())

    @property
    def talk_s(self) -> float:
        return (self.ended_at - self.connected_at).total_seconds() if self.ended_at and self.connected_at else 0.0


@dataclass(frozen=True)
class Levels:
    """The service level as others count it. T is the target, A the answered, B the abandoned; None: nobody to count."""

    without_early_abandons: float | None
    """A within T / (A + B - B within T): the default, here without those who are missed."""
    of_answered: float | None
    """A within T / A."""
    of_all: float | None
    """A within T / (A + B)."""
    early_abandons_met: float | None
    """(A within T + B within T) / (A + B)."""


@dataclass(frozen=True)
class Handled:
    """What a member of staff has done in the window."""

    staff_id: int
    staff: str
    handled: int
    aht_s: float


@dataclass(frozen=True)
class Figure:
    """One number as a page shows it; `unit` is "", "s" or "share"."""

    label: str
    value: float | None
    unit: str
    formula: str


@dataclass(frozen=True)
class Service:
    """The figures of those who joined from `since` to `at`. Times are seconds, rates from 0 to 1, None: no telling."""

    window: str
    since: datetime
    at: datetime
    target_s: int
    short_abandon_s: int
    joined: int
    """Sessions that began, each once, at its first join."""
    short_abandons: int
    """Left or gone within `short_abandon_s` of joining: counted nowhere else."""
    offered: int
    """joined - short_abandons."""
    answered: int
    """Connected, and not handed back since."""
    answered_in_time: int
    """Answered with a wait of at most `target_s`."""
    abandoned: int
    """Left or gone before they were connected, but for short abandons."""
    abandoned_in_time: int
    """Abandoned with a wait of at most `target_s`."""
    missed: int
    """Neither answered nor abandoned, with a wait over `target_s`: still waiting, expired, or ended unconnected."""
    abandon_rate: float | None
    """abandoned / offered."""
    asa_s: float | None
    """Average speed of answer: sum of the waits from joining to connected of the answered / answered."""
    abandoned_wait_s: float | None
    """Sum of the waits from joining to leaving of the abandoned / abandoned."""
    queue_wait_s: float | None
    """Sum of the stays in the queue that ended in a claim / their number, as in `queue_wait_time`."""
    service_level: float | None
    """answered_in_time / (answered + abandoned - abandoned_in_time + missed): the live figure, and the one shown."""
    service_levels: Levels
    handled: int
    """Answered, and ended by either side."""
    aht_s: float | None
    """Average handling time: (talk + hold + wrap-up) / handled. There is neither hold nor wrap-up yet: talk only."""
    staff: tuple[Handled, ...]

    @property
    def figures(self) -> tuple[Figure, ...]:
        words = {"target": self.target_s, "short": self.short_abandon_s}
        level = _(
            "answered within %(target)s s / (answered + abandoned - abandoned within %(target)s s"
            " + still not answered after %(target)s s)"
        )
        return (
            Figure(_("Service level"), self.service_level, "share", level % words),
            Figure(_("Average speed of answer"), self.asa_s, "s", _("waits from joining to connected / answered")),
            Figure(_("Queue wait"), self.queue_wait_s, "s", _("stays that ended in a claim / their number")),
            Figure(_("Offered"), self.offered, "", _("joined - left within %(short)s s") % words),
            Figure(_("Answered"), self.answered, "", _("connected, and not handed back since")),
            Figure(
                _("Abandon rate"), self.abandon_rate, "share", _("left unanswered after %(short)s s / offered") % words
            ),
            Figure(
                _("Average handling time"), self.aht_s, "s", _("talk / handled; hold and wrap-up are not measured yet")
            ),
            Figure(_("Handled"), self.handled, "", _("answered, and ended by either side")),
        )


def recent(now: datetime, window: str = TODAY) -> Service:
    """`service`, at most KEPT_S old: for those who ask again and again."""
    return _kept(window, int(now.timestamp()) // KEPT_S)


@lru_cache(maxsize=len(LENGTHS) + 1)
def _kept(window: str, turn: int) -> Service:
    return service(datetime.fromtimestamp(turn * KEPT_S, tz=UTC), window)


def forget() -> None:
    _kept.cache_clear()


def service(now: datetime, window: str = TODAY) -> Service:
    """The figures of `window`, "today", "1h" or "24h". InvalidInput for another."""
    since = began(window, now)
    # Whoever joined since has ended since or is still there: session_ended and session_state_seen find them.
    joined = SupportSession.objects.filter(Q(ended_at__gte=since) | Q(state__in=OPEN), joined_at__gte=since)
    joined = joined.filter(synthetic=False, callback=False)  # who left a message has not joined
    visits = [Visit(*row) for row in joined.order_by().values_list(*Visit._fields)]
    stays = QueueEntry.objects.filter(left_at__gte=since, first_joined_at__gte=since, departure=Departure.CLAIMED)
    times = stays.filter(session__synthetic=False).order_by().values_list("joined_at", "left_at")
    return tally(visits, [(left_at - at).total_seconds() for at, left_at in times if left_at], now, window)


def began(window: str, now: datetime) -> datetime:
    if window == TODAY:
        here = timezone.localtime(now, timezone.get_default_timezone())
        return here.replace(hour=0, minute=0, second=0, microsecond=0)
    if window not in LENGTHS:
        raise InvalidInput(_("A window is one of %(windows)s.") % {"windows": ", ".join((TODAY, *LENGTHS))})
    return now - LENGTHS[window]


@dataclass(frozen=True)
class Outcomes:
    """Everybody by what has become of them: waits in seconds, and the answered calls that are over."""

    answered: list[float]
    abandoned: list[float]
    others: list[float]
    short_abandons: int
    handled: list[Visit]


def sort(visits: Iterable[Visit], now: datetime, short_s: int) -> Outcomes:
    answered, abandoned, others = [], [], []
    handled, short = [], 0
    for visit in visits:
        wait_s = visit.wait_s(now)
        if visit.connected_at:
            answered.append(wait_s)
            if visit.state == State.ENDED:
                handled.append(visit)
        elif visit.state != State.ABANDONED:
            others.append(wait_s)
        elif wait_s <= short_s:
            short += 1
        else:
            abandoned.append(wait_s)
    return Outcomes(answered, abandoned, others, short, handled)


def tally(visits: Iterable[Visit], queue_waits_s: list[float], now: datetime, window: str) -> Service:
    target_s, short_s = settings.DESK_SERVICE_TARGET_S, settings.DESK_SHORT_ABANDON_S
    found = sort(visits, now, short_s)
    answered, abandoned, handled = len(found.answered), len(found.abandoned), len(found.handled)
    in_time, gave_up_in_time = within(found.answered, target_s), within(found.abandoned, target_s)
    missed = len(found.others) - within(found.others, target_s)
    offered, decided = answered + abandoned + len(found.others), answered + abandoned
    return Service(
        window=window,
        since=began(window, now),
        at=now,
        target_s=target_s,
        short_abandon_s=short_s,
        joined=offered + found.short_abandons,
        short_abandons=found.short_abandons,
        offered=offered,
        answered=answered,
        answered_in_time=in_time,
        abandoned=abandoned,
        abandoned_in_time=gave_up_in_time,
        missed=missed,
        abandon_rate=ratio(abandoned, offered),
        asa_s=mean(found.answered),
        abandoned_wait_s=mean(found.abandoned),
        queue_wait_s=mean(queue_waits_s),
        service_level=ratio(in_time, decided - gave_up_in_time + missed),
        service_levels=Levels(
            without_early_abandons=ratio(in_time, decided - gave_up_in_time),
            of_answered=ratio(in_time, answered),
            of_all=ratio(in_time, decided),
            early_abandons_met=ratio(in_time + gave_up_in_time, decided),
        ),
        handled=handled,
        aht_s=mean([visit.talk_s for visit in found.handled]),
        staff=by_staff(found.handled),
    )


def within(waits_s: list[float], target_s: int) -> int:
    return sum(wait_s <= target_s for wait_s in waits_s)


def ratio(part: float, whole: int) -> float | None:
    return part / whole if whole else None


def mean(times_s: list[float]) -> float | None:
    return ratio(sum(times_s), len(times_s))


def by_staff(handled: Iterable[Visit]) -> tuple[Handled, ...]:
    """Who has handled how many, the most first."""
    talks: dict[int | None, list[float]] = {}
    for visit in handled:
        talks.setdefault(visit.staff_id, []).append(visit.talk_s)
    rows = [
        Handled(user.pk, user.get_full_name() or user.get_username(), len(times_s), sum(times_s) / len(times_s))
        for user in User.objects.filter(pk__in=[pk for pk in talks if pk])
        if (times_s := talks[user.pk])
    ]
    return tuple(sorted(rows, key=lambda row: (-row.handled, row.staff, row.staff_id)))
