"""What the desk has the overview say: of those who wait, of its promises, and of its settings."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from monitoring import Verdict, register_verdicts, verdict
from monitoring.guard import guard
from monitoring.panel.overview import overview
from monitoring.panel.verdicts import verdicts
from sessions_app import duty, lifecycle, sweeping
from sessions_app import verdicts as desk
from sessions_app.verdicts import missing_servers, told
from tests.factories import NOON, SECOND, make_customer, make_staff
from tests.telemetry import make_process

STUN, TURN = ["stun:stun.example.org"], ["turn:turn.example.org"]


@pytest.mark.parametrize(
    ("stun", "turn", "said"),
    [
        ([], [], "No STUN or TURN server is configured: calls work on one network only. Set STUN_URLS and TURN_URLS"),
        (STUN, [], "No TURN server is configured: calls fail where only a relay gets through. Set TURN_URLS."),
        ([], TURN, ""),
        (STUN, TURN, ""),
    ],
)
def test_what_calls_lack_is_named_with_what_to_set(settings, stun, turn, said):
    settings.STUN_URLS, settings.TURN_URLS = stun, turn
    said_so = list(missing_servers())
    assert " ".join(f"{one.text} {one.remedy}" for one in said_so).startswith(said)
    assert bool(said) == bool(said_so)


@pytest.mark.django_db
def test_the_overview_says_it_below_its_verdict_without_changing_that(settings, admin_client):
    settings.STUN_URLS = settings.TURN_URLS = []
    make_process(at=now())
    first, note = verdicts(overview(now()))
    assert (first.level, note.level) == ("good", "note")
    page = admin_client.get("/admin/monitoring/panel/").content.decode()
    assert page.index("All is well") < page.index(note.text)
    settings.TURN_URLS = TURN
    assert note.text not in admin_client.get("/admin/monitoring/panel/").content.decode()


def test_one_that_fails_does_not_silence_the_others(monkeypatch):
    monkeypatch.setattr(verdict, "rules", [])
    guard.strict = False
    well = Verdict("note", "Well.")
    for rule in (lambda _now: 1 / 0, lambda _now: [well]):
        register_verdicts(rule)
        register_verdicts(rule)
    assert verdict.others(now()) == [well]
    assert guard.failures == {"reading verdicts": 1}


HOUR = timedelta(hours=1)
SINCE = NOON - 50 * timedelta(minutes=1)


@pytest.fixture
def quiet(settings):
    """No notice of the settings beside what is tried; a queue of any length."""
    settings.TURN_URLS = TURN
    settings.DESK_QUEUE_MOST = 0


def served(waits, since=SINCE):
    """Customers who joined a second apart and were answered after so many seconds each."""
    staff = [make_staff(f"staff{number}-{since:%d%H}") for number in range(2)]
    for number, waited in enumerate(waits):
        joined = since + number * 30 * SECOND
        session, at = make_customer(f"Cy {number}", joined), joined + waited * SECOND
        sweeping.heartbeat([session.pk], at)
        lifecycle.claim(session.pk, staff[number % 2], at)
        lifecycle.connected(session.pk, at)
        lifecycle.end(session.pk, staff[number % 2], "resolved", "", at + 5 * SECOND)


def gave_up(number, waited, since=SINCE):
    for _ in range(number):
        lifecycle.leave(make_customer(at=since).pk, since + waited * SECOND)


def rules(at=NOON):
    return {one.rule: one for one in told(at)}


@pytest.mark.django_db
def test_customers_served_within_every_promise_are_no_matter(quiet):
    served([10] * 25)
    assert rules() == {}


@pytest.mark.django_db
def test_who_waits_too_long_is_told_by_how_long_and_worse_while_nobody_serves(quiet):
    late = make_customer(at=NOON - 40 * SECOND)
    make_customer(at=NOON - 15 * SECOND)
    waiting = rules()["waiting"]
    assert waiting.text == "1 customer has waited longer than the target of 20 s."
    assert (waiting.level, waiting.remedy) == ("bad", "Nobody serves customers now: have somebody start work.")
    ((name, figure, link),) = [(one.name, one.figure, one.link) for one in waiting.offenders]
    assert (name, figure) == (f"session {str(late.pk)[:8]}", "waits for 40 s")
    assert str(late.pk) in link
    duty.start(make_staff("ana"), NOON)
    assert rules()["waiting"].level == "warn"
    assert rules(NOON + 21 * SECOND)["waiting"].level == "bad"  # over three times the target


@pytest.mark.django_db
def test_waits_over_the_target_are_told_with_the_longest_of_them(quiet):
    served([30] * 24 + [90])
    found = rules()
    assert found["answer"].text == (
        "Customers of the last hour were answered after 32 s on average; the target is 20 s."
    )
    assert found["answer"].offenders[0].figure == "waited 1 min 30 s"
    assert len(found["answer"].offenders) == desk.NAMED
    assert found["service_level"].text == (
        "0.0 % of the last hour's customers were answered within 20 s; the objective is 80 %."
    )


@pytest.mark.django_db
def test_a_few_customers_prove_nothing(quiet):
    served([60] * 10)
    gave_up(5, 30)
    assert rules() == {}


@pytest.mark.django_db
def test_the_same_hour_of_last_week_is_the_measure_of_this_one(quiet):
    served([5] * 20, SINCE - 7 * timedelta(days=1))
    served([5] * 20, SINCE - 6 * timedelta(days=1))  # of no matter
    served([12] * 20)
    week = rules()["week"]
    assert week.text == "Queue wait is 2.4 times that of the same hour last week: 12 s, then 5 s."
    assert [(one.name, one.figure) for one in week.offenders] == [
        ("Customers offered", "20, then 20"),
        ("Members of staff", "2, then 2"),
    ]
    assert week.link == "/admin/desk/board/?against=week"


@pytest.mark.django_db
def test_who_gave_up_is_told_when_they_are_more_than_may(quiet, settings):
    served([10] * 20)
    gave_up(2, 30)
    abandoned = rules()["abandoned"]
    assert abandoned.text == "9.1 % of the last hour's customers gave up unanswered; at most 5.0 % may."
    assert [one.figure for one in abandoned.offenders] == ["waited 30 s", "waited 30 s"]
    assert abandoned.link == "/admin/desk/sessions/?state=abandoned"
    settings.DESK_ABANDON_MOST = 0.1
    assert "abandoned" not in rules()


@pytest.mark.django_db
def test_a_quiet_hour_is_judged_by_the_day(quiet):
    served([10] * 20, SINCE - 2 * HOUR)
    gave_up(5, 30, SINCE - 2 * HOUR)
    assert rules()["abandoned"].text == "20 % of today's customers gave up unanswered; at most 5.0 % may."
