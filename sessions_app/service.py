"""How well customers are served: the queue's figures over a window, read from the rows that are there.

Everybody who joined within the window is counted once, by what has become of them: so no rate can leave 0 to 1.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from django.conf import settings
from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from sessions_app import hourly
from sessions_app.errors import BadAddress
from sessions_app.hourly import Stretched
from sessions_app.models import StaffPeriod
from sessions_app.quotes import NONE_GRADED, Grades
from sessions_app.tallying import SECOND_US, mean_s, ratio
from sessions_app.workload import Work

TODAY = "today"  # since midnight in TIME_ZONE
LENGTHS = {"1h": timedelta(hours=1), "24h": timedelta(hours=24)}
KEPT_S = 5  # how long figures serve the live page, JSON and scrapes


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
    paused_s: float
    pauses_s: dict[str, float]
    """By reason (StaffPeriod.Reason), those that there were."""

    @property
    def pauses(self) -> list[tuple[str, float]]:
        """The same with the reasons in words."""
        return [(str(StaffPeriod.Reason(reason).label), spent_s) for reason, spent_s in self.pauses_s.items()]


@dataclass(frozen=True)
class Figure:
    """One number as a page shows it; `unit` is "", "s" or "share", `better` is 1 or -1 where more or less is."""

    label: str
    value: float | None
    unit: str
    formula: str
    name: str = ""
    better: int = 0


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
    """Average handling time: (talk + hold + wrap-up) / handled, hold being part of the talk (workload.handle)."""
    occupancy: float | None
    """(talk + wrap-up) / (on duty - paused), of all staff together, in whatever state within the window."""
    staff: tuple[Handled, ...]
    longest_wait_s: float | None = None
    """The longest wait of the offered, whatever became of it."""
    quotes: Grades = NONE_GRADED
    """What the ranges were worth that customers were told, of the stays that ended in the window in a claim."""

    @property
    def figures(self) -> tuple[Figure, ...]:
        words = {"target": self.target_s, "short": self.short_abandon_s}
        level = _(
            "answered within %(target)s s / (answered + abandoned - abandoned within %(target)s s"
            " + still not answered after %(target)s s)"
        )
        asa, wait = _("waits from joining to connected / answered"), _("stays that ended in a claim / their number")
        aht = _("(talk, hold being part of it, also before a handing back + wrap-up) / handled")
        busy = _("(talk from taking the customer + wrap-up) / (time on duty - pauses), of all staff")
        told = _("waits within the range told at the join / all that were told one and ended in a claim")
        gave_up = _("left unanswered after %(short)s s / offered") % words
        return (
            Figure(_("Service level"), self.service_level, "share", level % words, "service_level", 1),
            Figure(_("Average speed of answer"), self.asa_s, "s", asa, "asa", -1),
            Figure(_("Queue wait"), self.queue_wait_s, "s", wait, "queue_wait", -1),
            Figure(_("Offered"), self.offered, "", _("joined - left within %(short)s s") % words, "offered"),
            Figure(_("Answered"), self.answered, "", _("connected, and not handed back since"), "answered"),
            Figure(_("Abandon rate"), self.abandon_rate, "share", gave_up, "abandon_rate", -1),
            Figure(_("Average handling time"), self.aht_s, "s", aht, "aht"),
            Figure(_("Handled"), self.handled, "", _("answered, and ended by either side"), "handled"),
            Figure(_("Occupancy"), self.occupancy, "share", busy, "occupancy"),
            Figure(_("Expected wait kept"), self.quotes.kept_ratio, "share", told, "quotes_kept", 1),
        )


def recent(now: datetime, window: str = TODAY, kept_s: int = KEPT_S) -> Service:
    """`service`, at most `kept_s` old: for those who ask again and again."""
    return _kept(window, int(now.timestamp()) // kept_s, kept_s)


@lru_cache(maxsize=2 * (len(LENGTHS) + 1))
def _kept(window: str, turn: int, kept_s: int) -> Service:
    return service(datetime.fromtimestamp(turn * kept_s, tz=UTC), window)


def forget() -> None:
    _kept.cache_clear()


def service(now: datetime, window: str = TODAY) -> Service:
    """The figures of `window`, "today", "1h" or "24h". BadAddress for another."""
    since = began(window, now)
    return of(hourly.look(since, now), since, now, window)


def began(window: str, now: datetime) -> datetime:
    if window == TODAY:
        return hourly.midnight(now.astimezone(hourly.zone()).date())
    if window not in LENGTHS:
        raise BadAddress(_("A window is one of %(windows)s.") % {"windows": ", ".join((TODAY, *LENGTHS))})
    return now - LENGTHS[window]


def of(found: Stretched, since: datetime, at: datetime, window: str) -> Service:
    """What was `found` as the desk's figures."""
    tally = found.tally
    decided = tally.answered + tally.abandoned
    return Service(
        window=window,
        since=since,
        at=at,
        target_s=settings.DESK_SERVICE_TARGET_S,
        short_abandon_s=settings.DESK_SHORT_ABANDON_S,
        joined=tally.joined,
        short_abandons=tally.short_abandons,
        offered=tally.offered,
        answered=tally.answered,
        answered_in_time=tally.answered_in_time,
        abandoned=tally.abandoned,
        abandoned_in_time=tally.abandoned_in_time,
        missed=tally.missed,
        abandon_rate=tally.abandon_rate,
        asa_s=tally.asa_s,
        abandoned_wait_s=mean_s(tally.abandoned_us, tally.abandoned),
        queue_wait_s=tally.queue_wait_s,
        service_level=tally.service_level,
        service_levels=Levels(
            without_early_abandons=ratio(tally.answered_in_time, decided - tally.abandoned_in_time),
            of_answered=ratio(tally.answered_in_time, tally.answered),
            of_all=ratio(tally.answered_in_time, decided),
            early_abandons_met=ratio(tally.answered_in_time + tally.abandoned_in_time, decided),
        ),
        handled=tally.handled,
        aht_s=tally.aht_s,
        occupancy=tally.occupancy,
        staff=by_staff(found.works),
        longest_wait_s=tally.longest_s,
        quotes=Grades(kept=tally.kept, longer=tally.longer, shorter=tally.shorter),
    )


def by_staff(works: Mapping[int, Work]) -> tuple[Handled, ...]:
    """Who has handled how many, the most first."""
    rows = [_handled(user, works[user.pk]) for user in User.objects.filter(pk__in=works)] if works else []
    return tuple(sorted(rows, key=lambda row: (-row.handled, row.staff, row.staff_id)))


def _handled(user: User, work: Work) -> Handled:
    return Handled(
        staff_id=user.pk,
        staff=user.get_full_name() or user.get_username(),
        handled=work.handled,
        aht_s=work.aht_s,
        on_duty_s=work.on_duty_us / SECOND_US,
        occupancy=work.occupancy,
        paused_s=work.paused_us / SECOND_US,
        pauses_s={reason: spent_us / SECOND_US for reason, spent_us in work.pauses_us.items() if spent_us},
    )
