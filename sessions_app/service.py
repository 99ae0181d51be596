"""How well customers are served: the queue's figures over a window, read from the rows that are there.

Everybody who joined within the window is counted once, by what has become of them: so no rate can leave 0 to 1.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from sessions_app.errors import InvalidInput
from sessions_app.models import OPEN, Departure, QueueEntry, SupportSession
from sessions_app.quotes import NONE_GRADED, Grades, grades
from sessions_app.tallying import Visit, mean, ratio, sort, within
from sessions_app.workload import Load, Stretch, handling_s, loads, stretches, together

TODAY = "today"  # since midnight in TIME_ZONE
LENGTHS = {"1h": timedelta(hours=1), "24h": timedelta(hours=24)}
KEPT_S = 5  # how long figures serve the live page, JSON and scrapes: a day of 10,000 sessions costs about 0.4 s to read


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
    """What a member of staff has done in the window; a session counts for who ended it, time for who spent it."""

    staff_id: int
    staff: str
    handled: int
    aht_s: float | None
    on_duty_s: float
    occupancy: float | None


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
    """Average handling time: (talk + hold + wrap-up) / handled, hold being part of the talk (workload.handling_s)."""
    occupancy: float | None
    """(talk + wrap-up) / (on duty - paused), of all staff together, in whatever state within the window."""
    staff: tuple[Handled, ...]
    quotes: Grades = NONE_GRADED
    """What the ranges were worth that customers were told, of the stays that ended in the window in a claim."""

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
                _("Average handling time"),
                self.aht_s,
                "s",
                _("(talk, hold being part of it, also before a handing back + wrap-up) / handled"),
            ),
            Figure(_("Handled"), self.handled, "", _("answered, and ended by either side")),
            Figure(
                _("Occupancy"),
                self.occupancy,
                "share",
                _("(talk from taking the customer + wrap-up) / (time on duty - pauses), of all staff"),
            ),
            Figure(
                _("Expected wait kept"),
                self.quotes.kept_ratio,
                "share",
                _("waits within the range told at the join / all that were told one and ended in a claim"),
            ),
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
    queue_waits_s = [(left_at - at).total_seconds() for at, left_at in times if left_at]
    figures = tally(visits, queue_waits_s, stretches(since, now), now, window)
    return replace(figures, quotes=grades(since, now))


def began(window: str, now: datetime) -> datetime:
    if window == TODAY:
        here = timezone.localtime(now, timezone.get_default_timezone())
        return here.replace(hour=0, minute=0, second=0, microsecond=0)
    if window not in LENGTHS:
        raise InvalidInput(_("A window is one of %(windows)s.") % {"windows": ", ".join((TODAY, *LENGTHS))})
    return now - LENGTHS[window]


def tally(
    visits: Iterable[Visit], queue_waits_s: list[float], worked: list[Stretch], now: datetime, window: str
) -> Service:
    since = began(window, now)
    target_s, short_s = settings.DESK_SERVICE_TARGET_S, settings.DESK_SHORT_ABANDON_S
    found = sort(visits, now, short_s)
    answered, abandoned, handled = len(found.answered), len(found.abandoned), len(found.handled)
    in_time, gave_up_in_time = within(found.answered, target_s), within(found.abandoned, target_s)
    missed = len(found.others) - within(found.others, target_s)
    offered, decided = answered + abandoned + len(found.others), answered + abandoned
    spent_s, load = handling_s(found.handled, worked), loads(worked, since)
    return Service(
        window=window,
        since=since,
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
        aht_s=ratio(sum(spent_s.values()), handled),
        occupancy=together(load.values()).occupancy,
        staff=by_staff(found.handled, spent_s, load),
    )


def by_staff(handled: Iterable[Visit], spent_s: Mapping[int, float], load: Mapping[int, Load]) -> tuple[Handled, ...]:
    """Who has handled how many, the most first."""
    numbers = Counter(visit.staff_id for visit in handled)
    rows = [
        Handled(
            staff_id=user.pk,
            staff=user.get_full_name() or user.get_username(),
            handled=numbers[user.pk],
            aht_s=ratio(spent_s.get(user.pk, 0), numbers[user.pk]),
            on_duty_s=load.get(user.pk, Load()).on_duty_s,
            occupancy=load.get(user.pk, Load()).occupancy,
        )
        for user in User.objects.filter(pk__in=[*load, *spent_s])
    ]
    return tuple(sorted(rows, key=lambda row: (-row.handled, row.staff, row.staff_id)))
