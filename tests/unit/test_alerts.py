"""Alerts come, are told of, and go: patience, cooldown, silences, and two who look at once."""

import threading
from datetime import timedelta

import pytest
from django.db import connections

from monitoring.alert_models import Alert, AlertWatch, Delivery, Silence
from monitoring.alerting import announcing, courier, evaluation, states, watch
from monitoring.alerting.kinds import JobFailing
from monitoring.alerting.look import Finding
from monitoring.guard import guard
from monitoring.models import Writer
from monitoring.panel import alert_actions
from monitoring.retention import prune
from tests.factories import NOON, make_staff
from tests.telemetry import make_process, make_run

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
RULE = JobFailing(name="job_failing", hold_s=60, keep_s=300, cooldown_s=1800)


@pytest.fixture(autouse=True)
def mailbox(settings):
    settings.ALERT_EMAILS = ["ana@example.org"]


def bad(subject: str = "sweep", value: float = 3) -> list[Finding]:
    return [Finding(subject, value, 3, bad=True)]


def told() -> list[str]:
    return list(Delivery.objects.order_by("made_at").values_list("event", flat=True))


def fire(at=NOON) -> Alert:
    """An alert that has been bad for long enough."""
    states.settle(RULE, bad(), at - MINUTE)
    states.settle(RULE, bad(), at)
    return Alert.objects.get(state="firing")


def test_what_is_bad_for_too_short_a_time_is_forgotten_and_nobody_is_told():
    states.settle(RULE, bad(), NOON)
    assert Alert.objects.get().state == "pending"
    states.settle(RULE, bad(), NOON + 59 * SECOND)
    states.settle(RULE, [], NOON + 60 * SECOND)
    assert (Alert.objects.count(), told()) == (0, [])


def test_what_stays_bad_fires_once_and_people_are_told_once():
    for second in range(0, 600, 15):
        states.settle(RULE, bad(value=3 + second), NOON + second * SECOND)
    alert = Alert.objects.get()
    assert (alert.state, alert.fired_at, alert.since) == ("firing", NOON + MINUTE, NOON)
    assert alert.value == 588
    assert told() == ["firing"]


def test_each_subject_is_an_alert_of_its_own():
    for at in (NOON, NOON + MINUTE):
        states.settle(RULE, [*bad("sweep"), *bad("mail"), Finding("fine", 0, 3, bad=False)], at)
    assert sorted(Alert.objects.values_list("subject", "state")) == [("mail", "firing"), ("sweep", "firing")]


def test_it_is_over_when_it_was_fine_for_long_enough_and_that_is_told():
    fire()
    states.settle(RULE, [], NOON + MINUTE)
    states.settle(RULE, [], NOON + 5 * MINUTE)
    assert Alert.objects.get().state == "firing"
    states.settle(RULE, [], NOON + 6 * MINUTE)
    alert = Alert.objects.get()
    assert (alert.state, alert.resolved_at) == ("resolved", NOON + 6 * MINUTE)
    assert told() == ["firing", "resolved"]


def test_what_comes_and_goes_stays_one_alert():
    fire()
    for minute in range(1, 20):
        states.settle(RULE, bad() if minute % 4 == 0 else [], NOON + minute * MINUTE)
    assert Alert.objects.get().state == "firing"
    assert told() == ["firing"]


def test_people_are_reminded_once_a_cooldown():
    fire()
    for minute in range(1, 100):
        states.settle(RULE, bad(), NOON + minute * MINUTE)
    assert told() == ["firing", "reminder", "reminder", "reminder"]


def test_the_cooldown_holds_for_one_like_it_too():
    fire()
    for minute in (1, 6):
        states.settle(RULE, [], NOON + minute * MINUTE)
    fire(NOON + 10 * MINUTE)
    assert told() == ["firing", "resolved"]
    for minute in (11, 16):
        states.settle(RULE, [], NOON + minute * MINUTE)
    assert told() == ["firing", "resolved"]  # who was not told that it came, is not told that it went
    fire(NOON + 31 * MINUTE)
    assert told() == ["firing", "resolved", "firing"]


def test_nobody_is_reminded_of_what_somebody_has_seen_and_all_hear_that_it_is_over():
    alert = fire()
    alert_actions.acknowledge(make_staff("bo"), alert.pk, "on it", NOON)
    for hour in range(1, 10):
        states.settle(RULE, bad(), NOON + hour * HOUR)
    assert told() == ["firing"]
    for minute in (1, 6):
        states.settle(RULE, [], NOON + 10 * HOUR + minute * MINUTE)
    assert told() == ["firing", "resolved"]


@pytest.mark.parametrize(
    ("silence", "tells"),
    [
        ({}, False),
        ({"rule": "job_failing"}, False),
        ({"rule": "job_failing", "subject": "sweep"}, False),
        ({"subject": "sw*"}, False),
        ({"rule": "queue_wait"}, True),
        ({"subject": "mail"}, True),
        ({"until": NOON - SECOND}, True),
    ],
)
def test_a_silence_holds_for_what_it_names_and_the_alert_still_shows(silence, tells):
    Silence.objects.create(**{"until": NOON + HOUR, "reason": "a rebuild", "made_at": NOON, **silence})
    assert fire().state == "firing"
    assert told() == (["firing"] if tells else [])


def test_when_a_silence_ends_those_are_told_who_were_not():
    alert_actions.silence(None, {"length": "1h", "reason": "a rebuild"}, NOON - MINUTE)
    fire()
    alert_actions.lift(None, Silence.objects.get().pk, NOON + MINUTE)
    states.settle(RULE, bad(), NOON + 2 * MINUTE)
    assert told() == ["firing"]


def test_an_alert_whose_rule_is_gone_from_the_settings_ends_without_a_word():
    fire()
    states.close_orphans(["another"], NOON + MINUTE)
    assert Alert.objects.get().state == "resolved"
    assert told() == ["firing"]


def test_without_a_channel_an_alert_fires_and_nobody_is_told(settings):
    settings.ALERT_EMAILS = []
    assert fire().state == "firing"
    assert told() == []


# Who looks.


def test_of_two_processes_one_has_the_turn_and_when_it_dies_the_other():
    assert watch.take_turn(NOON)
    assert not watch.take_turn(NOON + 5 * SECOND)
    assert watch.take_turn(NOON + watch.every())
    assert watch.take_turn(NOON - HOUR)  # a clock that was set back


def test_a_watch_without_its_row_makes_it_again():
    AlertWatch.objects.all().delete()
    assert watch.take_turn(NOON)


@pytest.mark.django_db(transaction=True)
def test_two_who_look_at_once_tell_once():
    states.settle(RULE, bad(), NOON - MINUTE)
    together = threading.Barrier(4)

    def settle() -> None:
        try:
            together.wait()
            states.settle(RULE, bad(), NOON)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=settle) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Alert.objects.get().state == "firing"
    assert told() == ["firing"]


def test_a_rule_that_cannot_be_looked_at_leaves_its_alerts_and_the_other_rules_alone(monkeypatch):
    guard.strict = False
    monkeypatch.setattr(JobFailing, "look", lambda *_args: 1 / 0)
    fire()
    evaluation.evaluate(NOON + HOUR)
    assert Alert.objects.get(rule="job_failing").state == "firing"
    assert Alert.objects.filter(rule="worker_gone").exists()
    assert guard.failures["looking at the alert rule job_failing"] == 1


def test_what_was_found_is_kept_for_the_page_an_hour_long():
    for minute in range(0, 90, 5):
        evaluation.evaluate(NOON + minute * MINUTE)
    kept = AlertWatch.objects.get().found["rules"]["worker_gone"]
    assert kept["findings"][0]["value"] == 0
    assert [at - int(NOON.timestamp()) // 60 for at, _value in kept["course"]] == list(range(30, 90, 5))


def test_the_gauge_and_the_overview_tell_of_what_fires():
    for number in range(3):
        make_run(at=NOON - number * MINUTE, status="failed")
    evaluation.evaluate(NOON)
    evaluation.evaluate(NOON + 2 * MINUTE)
    assert {reading.labels["level"]: reading.value for reading in announcing.read()} == {"bad": 3, "warn": 0}
    said = [verdict.text for verdict in announcing.verdicts(NOON + 2 * MINUTE)]
    assert "The job session_cleanup failed 3 times in a row." in said
    assert "No job worker is running, so jobs wait." in said


def test_the_overview_says_when_nobody_looks_any_more():
    make_process("web", at=NOON)
    make_process(at=NOON)
    evaluation.evaluate(NOON)
    assert list(announcing.verdicts(NOON + MINUTE)) == []
    (verdict,) = announcing.verdicts(NOON + 10 * MINUTE)
    assert verdict.text == "Not every rule of the alerts has been looked at for 10 min 00 s."


def test_the_overview_names_no_alert_that_somebody_has_seen_or_that_is_silenced():
    alert = fire()
    alert_actions.acknowledge(None, alert.pk, "", NOON)
    assert list(announcing.verdicts(NOON)) == []
    Alert.objects.update(acknowledged_at=None)
    alert_actions.silence(None, {"length": "1h", "reason": "a rebuild"}, NOON)
    assert list(announcing.verdicts(NOON)) == []


# Who sends, when no worker does.


def sent_by_the_courier(at) -> int:
    courier.see_to_it(at)
    with courier.errand:  # until it is back
        return Delivery.objects.filter(state="sent").count()


@pytest.mark.django_db(transaction=True)
def test_without_a_worker_the_one_who_looks_sends_itself(mailoutbox):
    fire()
    assert sent_by_the_courier(NOON) == 1
    assert mailoutbox[0].subject.startswith("AdminAra alert")
    assert sent_by_the_courier(NOON + HOUR) == 1


@pytest.mark.django_db(transaction=True)
def test_with_a_worker_it_sends_only_what_has_waited_for_too_long():
    make_process()
    fire()
    assert sent_by_the_courier(NOON) == 0
    Writer.objects.update(seen_at=NOON + 2 * MINUTE)
    assert sent_by_the_courier(NOON + 2 * MINUTE) == 1


# What is kept.


def test_alerts_that_are_long_over_are_forgotten_with_what_was_sent_of_them(settings):
    fire()
    for minute in (1, 6):
        states.settle(RULE, [], NOON + minute * MINUTE)
    Silence.objects.create(until=NOON, reason="a rebuild", made_at=NOON)
    list(prune(NOON + timedelta(seconds=settings.TELEMETRY_KEEP_ALERTS) - HOUR))
    assert (Alert.objects.count(), Delivery.objects.count(), Silence.objects.count()) == (1, 2, 1)
    list(prune(NOON + timedelta(seconds=settings.TELEMETRY_KEEP_ALERTS) + HOUR))
    assert (Alert.objects.count(), Delivery.objects.count(), Silence.objects.count()) == (0, 0, 0)
