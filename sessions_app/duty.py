"""Who is on duty and in which state: the only writer of StaffPeriod. Whoever has no open period is off duty.

A change closes the open period and opens the next in one transaction: a conditional UPDATE whose row count says whether
we were first, and the database's own constraint when somebody who was off duty comes on duty twice at once.

    off --start--> available --pause--> paused --resume--> available --stop--> off
    any --takes--> in_call --releases--> wrap_up (once they have talked) --ready, or DESK_WRAP_UP_S--> available
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.functional import Promise

from monitoring import audit
from sessions_app.errors import CallFirst, DutyMoved, InvalidInput, NotOnDuty
from sessions_app.models import StaffPeriod
from sessions_app.models import State as SessionState
from sessions_app.signals import announce, duty_changed

State, Reason = StaffPeriod.State, StaffPeriod.Reason
SILENCE = timedelta(minutes=5)  # with the console closed for so long, nobody is at the desk; a call is never cut by it


@dataclass(frozen=True)
class WriteUp:
    """A session that is over, with what may still be said of it: an outcome only of one that `ended`."""

    id: UUID
    name: str
    ended: bool
    outcome: str
    note: str


@dataclass(frozen=True)
class Member:
    """Somebody who is on duty. `reason` is that of a pause, `last` the session that they may still write up.

    The labels are lazy: one reading serves consoles in every language.
    """

    staff_id: int
    staff: str
    state: str
    state_label: str | Promise
    reason: str
    reason_label: str | Promise
    since: datetime
    for_s: int
    last: WriteUp | None


def on_duty(now: datetime) -> int:
    """How many members of staff serve customers: available, in a call or in wrap-up; neither paused nor off duty."""
    return present(now).exclude(state=State.PAUSED).count()


def present(now: datetime) -> QuerySet[StaffPeriod]:
    """The open periods of those who are there, whether or not a sweep has passed since somebody went."""
    return _open().exclude(_silent(now))


def members(now: datetime) -> tuple[Member, ...]:
    """Everybody who is on duty, paused ones included, in the order of their names."""
    rows = [_member(period, now) for period in present(now).select_related("staff", "session")]
    return tuple(sorted(rows, key=lambda row: (row.staff.casefold(), row.staff_id)))


def counts(staff: Iterable[Member]) -> dict[str, int]:
    """How many are in each state, those in none included."""
    return dict.fromkeys(State.values, 0) | Counter(row.state for row in staff)


def _member(period: StaffPeriod, now: datetime) -> Member:
    state, since, session = State(period.state), period.began_at, period.session
    if state == State.WRAP_UP and since + wrap_up_limit() <= now:  # no sweep has passed yet
        state, since = State.AVAILABLE, since + wrap_up_limit()
    last = None
    if session and state != State.IN_CALL:
        last = WriteUp(session.pk, session.name, session.state == SessionState.ENDED, session.outcome, session.note)
    return Member(
        staff_id=period.staff_id,
        staff=period.staff.get_full_name() or period.staff.get_username(),
        state=state,
        state_label=state.label,
        reason=period.reason,
        reason_label=Reason(period.reason).label if period.reason else "",
        since=since,
        for_s=max(0, int((now - since).total_seconds())),
        last=last,
    )


def wrap_up_limit() -> timedelta:
    return timedelta(seconds=settings.DESK_WRAP_UP_S)


def start(staff: User, now: datetime) -> None:
    """Come on duty. DutyMoved for who is on duty already."""
    with transaction.atomic():
        if _current(staff.pk, now):
            raise DutyMoved
        _begin(staff.pk, State.AVAILABLE, now)
        _pressed(staff, "start_work")


def pause(staff: User, reason: str, now: datetime) -> None:
    """Take no customers for a while, or say another reason for it. CallFirst in a call."""
    if reason not in Reason.values:
        raise InvalidInput
    with transaction.atomic():
        _turn(_free(staff, now), State.PAUSED, now, reason=reason)
        _pressed(staff, "pause", reason=reason)


def ready(staff: User, now: datetime) -> None:
    """Be available again, after a pause or before the wrap-up is over by itself. CallFirst in a call."""
    with transaction.atomic():
        period = _free(staff, now)
        if period.state == State.AVAILABLE and period.session_id is None:
            return
        _turn(period, State.AVAILABLE, now)
        _pressed(staff, "ready")


def stop(staff: User, now: datetime) -> None:
    """Go off duty. CallFirst in a call."""
    with transaction.atomic():
        _close(_free(staff, now), now)
        _pressed(staff, "stop_work")


def takes(staff_id: int, session_id: UUID, at: datetime) -> None:
    """A customer is taken, from whichever state; who was off duty is on duty. In the caller's transaction."""
    period = _current(staff_id, at)
    if period:
        _turn(period, State.IN_CALL, at, session_id=session_id)
    else:
        _begin(staff_id, State.IN_CALL, at, session_id=session_id)


def releases(staff_id: int, session_id: UUID, at: datetime, *, over: bool, talked: bool) -> None:
    """The customer is back in the queue, or the session is `over`. In the caller's transaction.

    Wrap-up follows a call. When they had not `talked`, the stretch belongs to no session: it is no talk of anybody.
    """
    period = _open().filter(staff=staff_id, state=State.IN_CALL, session=session_id).first()
    if period is None:  # taken before there were periods
        return
    if not talked:
        StaffPeriod.objects.filter(pk=period.pk).update(session=None)
    if over and talked:
        _turn(period, State.WRAP_UP if settings.DESK_WRAP_UP_S else State.AVAILABLE, at, session_id=session_id)
    else:
        _turn(period, State.AVAILABLE, at)


def may_write_up(staff_id: int, session_id: UUID) -> bool:
    """Whether it is their last session: in wrap-up, and when that ran out while they were still writing."""
    return _open().filter(staff=staff_id, session=session_id).exclude(state=State.IN_CALL).exists()


def seen(staff_ids: Collection[int], now: datetime) -> None:
    """Their consoles are open. Who has been silent too long stays silent: they went off duty, and may start anew."""
    _open().exclude(_silent(now)).filter(staff__in=staff_ids, last_seen_at__lt=now).update(last_seen_at=now)


def asks(staff_id: int, now: datetime) -> None:
    """They look at the desk without a socket, as a program does, or a page that cannot open one: a sign of life."""
    if _open().filter(staff=staff_id, last_seen_at__lt=now - SILENCE / 10).exists():
        seen([staff_id], now)


def give_time(now: datetime) -> None:
    """The server comes up. Who was on duty still is; a time in which nobody could be seen counts for nobody."""
    with transaction.atomic():
        for period in _open().filter(_silent(now)):
            _close(period, period.last_seen_at)
            _begin(period.staff_id, period.state, now, session_id=period.session_id, reason=period.reason)
        _open().update(last_seen_at=now)


def sweep(now: datetime) -> int:
    """End what has lasted long enough, dated to when it had. Returns of how many; one look while there is nothing."""
    due = list(_open().filter(_wrapped_up(now) | _silent(now)).values_list("staff", flat=True))
    for staff_id in due:
        _current(staff_id, now)
    return len(due)


def _open() -> QuerySet[StaffPeriod]:
    return StaffPeriod.objects.filter(ended_at=None)


def _wrapped_up(now: datetime) -> Q:
    return Q(state=State.WRAP_UP, began_at__lte=now - wrap_up_limit())


def _silent(now: datetime) -> Q:
    return ~Q(state=State.IN_CALL) & Q(last_seen_at__lt=now - SILENCE)


def _current(staff_id: int, now: datetime) -> StaffPeriod | None:
    """Their open period as it is at `now`, a sweep having passed."""
    while (period := _open().filter(staff=staff_id).first()) and _settle(period, now):
        pass
    return period


def _settle(period: StaffPeriod, now: datetime) -> bool:
    """End `period` if its time is up, unless somebody did meanwhile."""
    over_at = period.began_at + wrap_up_limit()
    try:
        if period.state == State.WRAP_UP and over_at <= now:
            with transaction.atomic():  # it keeps the session: who is still writing loses nothing
                kept = {"session_id": period.session_id, "last_seen_at": period.last_seen_at}
                _turn(period, State.AVAILABLE, over_at, **kept)
        elif period.state != State.IN_CALL and period.last_seen_at < now - SILENCE:
            _close(period, period.last_seen_at, Q(last_seen_at=period.last_seen_at))
        else:
            return False
    except DutyMoved:
        return False
    return True


def _free(staff: User, now: datetime) -> StaffPeriod:
    """The open period of somebody on duty without a customer."""
    period = _current(staff.pk, now)
    if period is None:
        raise NotOnDuty
    if period.state == State.IN_CALL:
        raise CallFirst
    return period


def _turn(period: StaffPeriod, state: str, at: datetime, **more: str | UUID | datetime | None) -> None:
    _close(period, at)
    # Nobody else can have begun one: the constraint makes them wait for the one just closed.
    began_at = max(at, period.began_at)
    values = {"state": state, "began_at": began_at, "last_seen_at": began_at, **more}
    StaffPeriod.objects.create(staff_id=period.staff_id, **values)


def _close(period: StaffPeriod, at: datetime, still: Q | None = None) -> None:
    if not _open().filter(still or Q(), pk=period.pk).update(ended_at=max(at, period.began_at)):
        raise DutyMoved


def _begin(staff_id: int, state: str, at: datetime, **more: str | UUID | datetime | None) -> None:
    values = {"staff_id": staff_id, "state": state, "began_at": at, "last_seen_at": at, **more}
    try:
        with transaction.atomic():
            StaffPeriod.objects.create(**values)
    except IntegrityError as error:
        raise DutyMoved from error


def _pressed(staff: User, action: str, **detail: str) -> None:
    """What a person did by a button is audited and told to every console."""
    audit(staff, action, f"user {staff.get_username()}", **detail)
    announce(duty_changed)
