"""What the overview says of the desk: how long customers wait, how many give up, and what calls lack."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from monitoring import Offender, Verdict
from sessions_app import duty, hourly, queue, service
from sessions_app.board_now import FAR_OVER
from sessions_app.board_windows import earlier
from sessions_app.elapsed import ElapsedMs
from sessions_app.models import State, SupportSession
from sessions_app.service import Service

HOUR, WEEK = timedelta(hours=1), 7  # days
ENOUGH = 20  # customers, below which a rate or an average may well be chance
LONGER = 1.5  # times the same hour of last week
NAMED = 5
KEPT_S = 30  # how old the figures may be


def told(now: datetime) -> Iterator[Verdict]:
    """All that is to be said, of the last hour; of today where few came in the last hour."""
    yield from about_waiting(now)
    hour = service.recent(now, "1h", KEPT_S)
    yield from about_answering(hour, week_ago(now.replace(second=0, microsecond=0)))
    today = hour if hour.offered >= ENOUGH else service.recent(now, kept_s=KEPT_S)
    if today.offered >= ENOUGH:
        yield from about_promises(today)
    yield from missing_servers()


@lru_cache(maxsize=2)
def week_ago(minute: datetime) -> Service:
    """The hour before the same `minute` of the clock on the wall a week ago."""
    since, until = earlier(minute - HOUR, WEEK), earlier(minute, WEEK)
    return service.of(hourly.look(since, minute, until), since, until, "1h")


def about_waiting(now: datetime) -> Iterator[Verdict]:
    """Of those who wait now."""
    target = timedelta(seconds=settings.DESK_SERVICE_TARGET_S)
    late = queue.waiting().filter(first_joined_at__lt=now - target)
    rows = list(late.order_by("first_joined_at").values_list("session_id", "first_joined_at")[:NAMED])
    if not rows:
        return
    number = late.count()
    text = ngettext(
        "%(count)s customer has waited longer than the target of %(target)s s.",
        "%(count)s customers have waited longer than the target of %(target)s s.",
        number,
    )
    remedy = _("See on the board who is paused or in wrap-up and could take the next one.")
    if unattended := not duty.on_duty(now):
        remedy = _("Nobody serves customers now: have somebody start work.")
    yield Verdict(
        "bad" if unattended or now - rows[0][1] > FAR_OVER * target else "warn",
        text % {"count": number, "target": settings.DESK_SERVICE_TARGET_S},
        reverse("desk:board"),
        remedy,
        tuple(_customer(pk, _("waits for %(time)s"), (now - at).total_seconds()) for pk, at in rows),
        "waiting",
    )


def about_answering(hour: Service, before: Service) -> Iterator[Verdict]:
    """The average speed of answer against the target, and against the same hour of last week."""
    if hour.asa_s is None or hour.answered < ENOUGH:
        return
    if hour.asa_s > hour.target_s:
        text = _("Customers of the last hour were answered after %(time)s on average; the target is %(target)s s.")
        said = text % {"time": _clock(hour.asa_s), "target": hour.target_s}
        remedy = _("Have more staff on duty at this hour; the board has the hours of the day.")
        yield Verdict("warn", said, reverse("desk:board"), remedy, _longest(_answered(), hour), "answer")
    if before.asa_s and before.answered >= ENOUGH and hour.asa_s >= LONGER * before.asa_s:
        text = _("Queue wait is %(times)s times that of the same hour last week: %(now)s, then %(then)s.")
        times = number_format(round(hour.asa_s / before.asa_s, 1), 1)
        said = text % {"times": times, "now": _clock(hour.asa_s), "then": _clock(before.asa_s)}
        remedy = _("Compare who came and who served then and now: the board holds a day against last week's.")
        numbers = {
            _("Customers offered"): (hour.offered, before.offered),
            _("Members of staff"): (len(hour.staff), len(before.staff)),
        }
        facts = tuple(
            Offender(name, _("%(now)s, then %(then)s") % {"now": now, "then": then})
            for name, (now, then) in numbers.items()
        )
        yield Verdict("warn", said, f"{reverse('desk:board')}?against=week", remedy, facts, "week")


def about_promises(shown: Service) -> Iterator[Verdict]:
    """The service level against its objective, and the share who gave up against the most that may."""
    today, level, rate = shown.window == service.TODAY, shown.service_level, shown.abandon_rate
    if level is not None and level < settings.DESK_SERVICE_LEVEL:
        text = _("%(share)s of the last hour's customers were answered within %(target)s s; the objective is %(most)s.")
        if today:
            text = _("%(share)s of today's customers were answered within %(target)s s; the objective is %(most)s.")
        remedy = _("Have more staff on duty at the hours that the board shows below the objective.")
        figures = {
            "share": _percent(level),
            "target": shown.target_s,
            "most": _percent(settings.DESK_SERVICE_LEVEL),
        }
        late = _longest(_answered(), shown)
        yield Verdict("warn", text % figures, reverse("desk:board"), remedy, late, "service_level")
    if rate is not None and rate > settings.DESK_ABANDON_MOST:
        text = _("%(share)s of the last hour's customers gave up unanswered; at most %(most)s may.")
        if today:
            text = _("%(share)s of today's customers gave up unanswered; at most %(most)s may.")
        figures = {"share": _percent(rate), "most": _percent(settings.DESK_ABANDON_MOST)}
        remedy = _("See how long they had waited, and offer to call back when the queue is long.")
        link = f"{reverse('desk:sessions')}?state={State.ABANDONED}"
        gave_up = _longest(_real().filter(state=State.ABANDONED), shown)
        yield Verdict("warn", text % figures, link, remedy, gave_up, "abandoned")


def missing_servers() -> Iterator[Verdict]:
    """Which way between networks calls lack. A TURN server tells browsers their addresses as a STUN server does."""
    if settings.TURN_URLS:
        return
    if settings.STUN_URLS:
        text = _("No TURN server is configured: calls fail where only a relay gets through.")
        yield Verdict("note", text, remedy=_("Set TURN_URLS."))
    else:
        text = _("No STUN or TURN server is configured: calls work on one network only.")
        yield Verdict("note", text, remedy=_("Set STUN_URLS and TURN_URLS for calls between networks."))


def _real() -> QuerySet[SupportSession]:
    return SupportSession.objects.filter(synthetic=False, callback=False)


def _answered() -> QuerySet[SupportSession]:
    return _real().filter(connected_at__isnull=False)


def _longest(sessions: QuerySet[SupportSession], shown: Service) -> tuple[Offender, ...]:
    """Those who joined in the time shown and waited longest, without saying who they are."""
    joined = sessions.filter(joined_at__gte=shown.since, joined_at__lt=shown.at)
    waits = joined.annotate(waited_ms=ElapsedMs(Coalesce("connected_at", "ended_at"), "joined_at"))
    rows = waits.order_by("-waited_ms").values_list("pk", "waited_ms")[:NAMED]
    return tuple(_customer(pk, _("waited %(time)s"), ms / 1000) for pk, ms in rows)


def _customer(session: UUID, text: str, seconds: float) -> Offender:
    name = _("session %(id)s") % {"id": str(session)[:8]}
    return Offender(name, text % {"time": _clock(seconds)}, reverse("desk:session", args=[session]))


def _clock(seconds: float) -> str:
    if seconds < 60:
        return _("%(number)s s") % {"number": round(seconds)}
    minutes, rest = divmod(round(seconds), 60)
    return _("%(minutes)d min %(seconds)02d s") % {"minutes": minutes, "seconds": rest}


def _percent(part: float) -> str:
    places = 0 if part >= 0.1 else 1
    return _("%(number)s %%") % {"number": number_format(round(part * 100, places), places)}
