"""The queue's figures against their definitions, on histories made as the desk makes them."""

from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sessions_app import lifecycle, sweeping
from sessions_app.errors import InvalidInput
from sessions_app.models import HELD, QueueEntry, StaffPeriod, State, SupportSession
from sessions_app.service import Levels, began, recent, service
from tests.factories import NOON, SECOND, make_call, make_customer, make_ended, make_staff

pytestmark = pytest.mark.django_db
TARGET, SHORT = 20, 5


def ana_once():
    """Ana, also when Hypothesis runs a test again and again within one transaction."""
    return User.objects.filter(username="ana").first() or make_staff("ana")


def answer(staff, joined, waited):
    """A customer who is connected `waited` seconds after joining."""
    pk, now = make_customer(at=joined).pk, joined + waited * SECOND
    sweeping.heartbeat([pk], now)
    lifecycle.claim(pk, staff, now)
    lifecycle.connected(pk, now)
    return pk


def give_up(joined, waited):
    session = make_customer(at=joined)
    lifecycle.leave(session.pk, joined + waited * SECOND)
    return session.pk


def finish(pk, staff, at):
    lifecycle.end(pk, staff, "resolved", "", at)


def at_noon_and(seconds):
    return NOON + seconds * SECOND


def test_a_day_worked_out_by_hand():
    ana = make_staff("ana", first_name="Ana", last_name="Kaya")
    finish(answer(ana, NOON, 10), ana, at_noon_and(70))  # talks 60 s
    finish(answer(ana, at_noon_and(100), 40), ana, at_noon_and(160))  # talks 20 s
    give_up(NOON, 5)  # short
    give_up(NOON, 15)
    give_up(NOON, 25)
    make_customer(at=at_noon_and(180))  # waits 20 s: not missed yet
    make_customer(at=at_noon_and(179))
    seen = service(at_noon_and(200))
    assert (seen.joined, seen.short_abandons, seen.offered) == (7, 1, 6)
    assert (seen.answered, seen.abandoned, seen.missed) == (2, 2, 1)
    assert (seen.answered_in_time, seen.abandoned_in_time) == (1, 1)
    assert seen.abandon_rate == 2 / 6
    assert (seen.asa_s, seen.queue_wait_s, seen.abandoned_wait_s) == (25, 25, 20)
    assert seen.service_level == 1 / (2 + 2 - 1 + 1)
    assert seen.service_levels == Levels(1 / 3, 1 / 2, 1 / 4, 2 / 4)
    # Wrap-up: 60 s, all there may be; 40 s so far.
    assert (seen.handled, seen.aht_s) == (2, (60 + 60 + 20 + 40) / 2)
    # On duty since 10: in a call 10-70, wrap-up 70-130, available 130-140, in a call 140-160, wrap-up until now.
    assert seen.occupancy == 180 / 190
    (row,) = seen.staff
    assert (row.staff_id, row.staff, row.handled, row.aht_s) == (ana.pk, "Ana Kaya", 2, 90)
    assert (row.on_duty_s, row.occupancy) == (190, 180 / 190)


def test_a_desk_that_nobody_came_to_has_no_rates():
    seen = service(NOON)
    assert (seen.joined, seen.offered, seen.handled, seen.staff) == (0, 0, 0, ())
    rates = (seen.abandon_rate, seen.asa_s, seen.aht_s, seen.queue_wait_s, seen.service_level, seen.occupancy)
    assert set(rates) == {None}
    assert seen.service_levels == Levels(None, None, None, None)


def test_a_customer_who_was_handed_back_counts_once_from_the_first_join():
    ana = make_staff()
    pk = answer(ana, NOON, 2)
    lifecycle.requeue(pk, ana, at_noon_and(10))
    assert (service(at_noon_and(11)).answered, service(at_noon_and(11)).missed) == (0, 0)
    assert service(at_noon_and(21)).missed == 1
    lifecycle.claim(pk, ana, at_noon_and(30))
    assert service(at_noon_and(31)).answered == 0  # taken is not answered
    lifecycle.connected(pk, at_noon_and(32))
    seen = service(at_noon_and(33))
    assert (seen.joined, seen.offered, seen.answered, seen.answered_in_time, seen.asa_s) == (1, 1, 1, 0, 32)
    assert seen.queue_wait_s == (2 + 20) / 2  # each stay as queue_wait_time has it


def test_who_gives_up_after_being_handed_back_has_waited_since_the_first_join():
    ana = make_staff()
    pk = answer(ana, NOON, 2)
    lifecycle.requeue(pk, ana, at_noon_and(10))
    lifecycle.leave(pk, at_noon_and(12))
    seen = service(at_noon_and(60))
    assert (seen.answered, seen.abandoned, seen.short_abandons, seen.abandoned_wait_s) == (0, 1, 0, 12)


def test_who_is_gone_has_waited_until_last_seen(settings):
    make_customer(at=NOON)
    SupportSession.objects.update(last_seen_at=at_noon_and(9))
    now = at_noon_and(10 + settings.DESK_GONE_AFTER)
    sweeping.abandon_gone(now)
    assert (service(now).abandoned, service(now).abandoned_wait_s) == (1, 9)


def test_who_expired_unanswered_stays_missed_and_an_expired_call_is_not_handled():
    ana = make_staff()
    make_customer(at=NOON)
    make_call(ana, NOON)
    sweeping.expire_stale(NOON + timedelta(hours=9))
    seen = service(NOON + timedelta(hours=9))
    assert (seen.offered, seen.answered, seen.missed, seen.service_level) == (2, 1, 1, 1 / 2)
    assert (seen.handled, seen.aht_s) == (0, None)


def test_the_target_and_what_is_short_are_settings(settings):
    give_up(NOON, 15)
    answer(make_staff(), NOON, 15)
    settings.DESK_SERVICE_TARGET_S, settings.DESK_SHORT_ABANDON_S = 10, 15
    seen = service(at_noon_and(60))
    assert (seen.target_s, seen.short_abandon_s) == (10, 15)
    assert (seen.short_abandons, seen.abandoned, seen.answered_in_time, seen.service_level) == (1, 0, 0, 0)


@pytest.mark.parametrize(("window", "joined"), [("today", 3), ("1h", 1), ("24h", 4)])
def test_each_window_counts_those_who_joined_in_it(window, joined):
    ana = make_staff()
    for before in (timedelta(minutes=30), timedelta(hours=2), timedelta(hours=12), timedelta(hours=20)):
        make_ended(ana, NOON - before, lasted=timedelta(seconds=9))
    give_up(NOON - timedelta(hours=30), 60)
    assert service(NOON, window).joined == joined


def test_a_visit_belongs_to_the_day_on_which_it_began():
    midnight = NOON.replace(hour=0)
    ana = make_staff()
    finish(answer(ana, midnight - 10 * SECOND, 15), ana, midnight + 60 * SECOND)
    give_up(midnight - SECOND, 30)
    handed_back = answer(ana, midnight - 5 * SECOND, 70)
    lifecycle.requeue(handed_back, ana, midnight + 70 * SECOND)
    lifecycle.claim(handed_back, ana, midnight + 80 * SECOND)
    seen = service(NOON)
    assert (seen.joined, seen.answered, seen.abandoned, seen.queue_wait_s) == (0, 0, 0, None)


def test_the_day_begins_at_midnight_in_the_time_zone(settings):
    settings.TIME_ZONE = "Europe/Istanbul"
    assert began("today", datetime(2026, 3, 2, 22, tzinfo=UTC)) == datetime(2026, 3, 2, 21, tzinfo=UTC)


def test_another_window_is_refused():
    with pytest.raises(InvalidInput, match="today, 1h, 24h"):
        service(NOON, "a year")


def test_six_queries_and_one_for_the_names(django_assert_num_queries):
    ana = make_staff()
    with django_assert_num_queries(6):
        service(NOON)
    for minute in range(0, 20, 6):
        make_ended(ana, NOON + timedelta(minutes=minute))
    with django_assert_num_queries(7):
        service(NOON + timedelta(hours=1))


def test_who_asks_again_within_seconds_hears_the_same(django_assert_num_queries):
    first = recent(NOON)
    with django_assert_num_queries(0):
        assert recent(NOON + 4 * SECOND) is first
    make_customer(at=NOON)
    assert recent(NOON + 5 * SECOND).joined == 1


def test_every_figure_shown_has_its_formula():
    figures = service(NOON).figures
    assert len({figure.label for figure in figures}) == len(figures) == 10
    assert all(figure.formula for figure in figures)
    assert "20 s" in figures[0].formula


@dataclass
class Seen:
    """What an onlooker has written down of one customer, without knowing of rows."""

    joined: datetime
    connected: datetime | None = None
    gone: datetime | None = None
    ended: datetime | None = None
    claimed: datetime | None = None
    spent: float = 0
    """Seconds of talk before a handing back, and of wrap-up."""


class Onlooker:
    def __init__(self, staff):
        self.staff, self.now, self.notes, self.waits = staff, NOON, {}, []
        self.last = None  # whose wrap-up may still go on

    def does(self, step: str, pause: int, which: int) -> None:
        self.now += pause * SECOND
        waiting = [pk for pk in self.notes if state_of(pk) == State.WAITING]
        held = [pk for pk in self.notes if state_of(pk) in HELD]
        if step == "join":
            self.notes[make_customer(at=self.now).pk] = Seen(self.now)
        elif step == "claim" and waiting and not held:
            self._claims(waiting[which % len(waiting)])
        elif step == "connect" and held and state_of(held[0]) == State.CONNECTING:
            lifecycle.connected(held[0], self.now)
            self.notes[held[0]].connected = self.now
        elif step == "requeue" and held:
            lifecycle.requeue(held[0], self.staff, self.now)
            note = self.notes[held[0]]
            if note.connected:
                note.spent += (self.now - note.claimed).total_seconds()
            note.connected = None
        elif step == "end" and held:
            finish(held[0], self.staff, self.now)
            note = self.notes[held[0]]
            note.ended, self.last = self.now, note if note.connected else None
        elif step == "leave" and (waiting or held):
            self._leaves((waiting + held)[which % len(waiting + held)])

    def _claims(self, pk: UUID) -> None:
        began_at = QueueEntry.objects.get(session=pk, left_at=None).joined_at
        sweeping.heartbeat([pk], self.now)
        lifecycle.claim(pk, self.staff, self.now)
        self.wraps_up()
        self.notes[pk].claimed = self.now
        self.waits.append((self.now - began_at).total_seconds())

    def _leaves(self, pk: UUID) -> None:
        lifecycle.leave(pk, self.now)
        note = self.notes[pk]
        if note.connected:
            note.ended, self.last = self.now, note
        else:
            note.gone = self.now

    def wraps_up(self) -> None:
        """Until now, and for a minute at most."""
        if self.last:
            self.last.spent += min(60, (self.now - self.last.ended).total_seconds())
        self.last = None


def state_of(pk):
    return SupportSession.objects.get(pk=pk).state


def waits(notes, until):
    return [(getattr(note, until) - note.joined).total_seconds() for note in notes]


STEPS = st.tuples(
    st.sampled_from(["join", "join", "claim", "claim", "connect", "connect", "requeue", "end", "leave"]),
    st.integers(0, 24),
    st.integers(0, 5),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=30))
def test_whatever_happens_the_figures_are_what_an_onlooker_would_work_out(steps):
    StaffPeriod.objects.all().delete()
    SupportSession.objects.all().delete()
    onlooker = Onlooker(ana_once())
    for step in steps:
        onlooker.does(*step)
    onlooker.wraps_up()
    notes, now = onlooker.notes.values(), onlooker.now
    answered = [note for note in notes if note.connected]
    gave_up = [wait for wait in waits([note for note in notes if note.gone], "gone") if wait > SHORT]
    others = [note.ended or now for note in notes if not note.connected and not note.gone]
    started = [note.joined for note in notes if not note.connected and not note.gone]
    late = sum(until - joined > TARGET * SECOND for until, joined in zip(others, started, strict=True))
    answers = waits(answered, "connected")
    handled = [note for note in answered if note.ended]
    a, b, b_in = len(answers), len(gave_up), sum(wait <= TARGET for wait in gave_up)
    a_in = sum(wait <= TARGET for wait in answers)

    seen = service(now)
    assert seen.joined == len(notes) == seen.offered + seen.short_abandons
    assert (seen.answered, seen.abandoned, seen.missed, seen.handled) == (a, b, late, len(handled))
    assert seen.offered == a + b + len(others)
    assert seen.abandon_rate == divided(b, seen.offered)
    assert seen.asa_s == pytest.approx(divided(sum(answers), a))
    assert seen.abandoned_wait_s == pytest.approx(divided(sum(gave_up), b))
    assert seen.queue_wait_s == pytest.approx(divided(sum(onlooker.waits), len(onlooker.waits)))
    assert seen.aht_s == pytest.approx(
        divided(sum((note.ended - note.connected).total_seconds() + note.spent for note in handled), len(handled))
    )
    assert seen.service_level == divided(a_in, a + b - b_in + late)
    assert seen.service_levels == Levels(
        divided(a_in, a + b - b_in), divided(a_in, a), divided(a_in, a + b), divided(a_in + b_in, a + b)
    )
    rates = [getattr(seen.service_levels, field.name) for field in fields(Levels)]
    rates += [seen.service_level, seen.abandon_rate, seen.occupancy]
    assert all(rate is None or 0 <= rate <= 1 for rate in rates)
    assert sum(row.handled for row in seen.staff) == seen.handled
    assert replace(seen, window="", since=NOON) == replace(service(now, "24h"), window="", since=NOON)


def divided(part, whole):
    return part / whole if whole else None
