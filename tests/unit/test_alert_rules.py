"""What each rule sees in what is stored, and when that is one to alert at."""

from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings
from django.utils.timezone import now

from adminara.alerts import alert_rules
from monitoring import checks
from monitoring.alerting import rule_words, words
from monitoring.alerting.look import Finding, Look
from monitoring.alerting.rules import KINDS, rules
from monitoring.models import Delta, Figures, Series, Writer
from monitoring.store.histogram import Histogram
from tests.factories import NOON, make_customer
from tests.telemetry import make_process, make_run

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
HOUR = 60 * MINUTE
TABLE = {row["name"]: row for row in alert_rules(requests=0.99, requests_ms=1000, answer_s=20)}
seq = iter(range(10**9))


def look(name: str, at=NOON, memory=None, open_subjects=()) -> list[Finding]:
    row = TABLE[name]
    rule = KINDS[row["kind"]](**{key: value for key, value in row.items() if key != "kind"})
    return list(rule.look(Look(at, open_subjects), {} if memory is None else memory))


def answered(good: int, slow: int = 0, failed: int = 0, ago: timedelta = MINUTE, name: str = "GET join") -> None:
    """Web requests that ended `ago`; slow ones took 2 s."""
    figures = Histogram()
    for count, ms, ok in ((good, 20, True), (slow, 2000, True), (failed, 20, False)):
        for _ in range(count):
            figures.add(ms, ok=ok)
    series, _ = Series.objects.get_or_create(kind="span", name=name, labels="{}")
    minute = int((NOON - ago).timestamp()) // 60 * 60
    Delta.objects.create(series=series, bucket=minute, writer="w", seq=next(seq), **Figures.columns(figures))


# The burn rate: of an objective of 99 %, the budget is one request in a hundred.


def test_with_no_requests_nothing_burns():
    (found,) = look("requests")
    assert (found.bad, found.value) == (False, 0)


@pytest.mark.parametrize(("failed", "bad"), [(14, False), (16, True)])
def test_a_budget_that_burns_over_14_times_too_fast_for_an_hour_and_five_minutes_alerts(failed, bad):
    answered(10_000, ago=4 * HOUR)  # so that the six hours are well
    answered(100 - failed, failed=failed)
    answered(100 - failed, failed=failed, ago=50 * MINUTE)
    (found,) = look("requests")
    assert (found.bad, found.threshold, found.value) == (bad, 14.4, pytest.approx(failed))


def test_what_is_over_for_five_minutes_alerts_no_more():
    answered(10_000, ago=4 * HOUR)
    answered(50, failed=50, ago=20 * MINUTE)
    answered(100)
    assert not look("requests")[0].bad


def test_a_short_peak_that_the_hour_forgives_does_not_alert():
    answered(1000, ago=50 * MINUTE)
    answered(80, failed=20)
    assert not look("requests")[0].bad


@pytest.mark.parametrize(("failed", "bad"), [(5, False), (8, True)])
def test_a_budget_that_burns_6_times_too_fast_for_six_hours_and_half_an_hour_alerts(failed, bad):
    for ago in (20 * MINUTE, 2 * HOUR, 5 * HOUR):
        answered(100 - failed, failed=failed, ago=ago)
    (found,) = look("requests")
    assert (found.bad, found.threshold, found.value) == (bad, 6.0, pytest.approx(failed))
    assert (found.detail["long_s"], found.detail["short_s"]) == (21_600, 1800)


def test_slow_answers_use_up_the_budget_as_failures_do():
    answered(80, slow=20)
    assert look("requests")[0].bad


def test_other_spans_than_web_requests_do_not_count():
    answered(10, failed=90, name="job.sweep")
    assert not look("requests")[0].bad


def test_a_few_failures_in_a_quiet_night_wake_nobody():
    answered(6, failed=4)
    assert not look("requests")[0].bad
    answered(0, failed=1)
    assert look("requests")[0].bad


# The queue.


@pytest.mark.parametrize(("waited", "bad"), [(2 * MINUTE - MINUTE / 2, False), (3 * MINUTE, True)])
def test_a_customer_who_waits_six_times_the_target_alerts(waited, bad):
    make_customer(at=now() - waited)
    (found,) = look("queue_wait")
    assert (found.bad, found.threshold, found.detail) == (bad, 120, {"unit": "s"})
    assert found.value == pytest.approx(waited.total_seconds(), abs=10)


# Jobs.


def runs(*statuses: str, name: str = "sweep", until=NOON) -> None:
    for ago, status in enumerate(reversed(statuses), 1):
        make_run(name, until - ago * MINUTE, status=status)


@pytest.mark.parametrize(
    ("statuses", "in_a_row", "bad"),
    [
        (["failed", "failed"], 2, False),
        (["failed", "failed", "failed"], 3, True),
        (["failed", "interrupted", "failed", "running"], 3, True),
        (["failed", "failed", "success", "failed"], 1, False),
    ],
)
def test_a_job_alerts_that_failed_three_times_in_a_row(statuses, in_a_row, bad):
    runs(*statuses)
    runs("success", name="other")
    assert [(one.subject, one.value, one.bad) for one in look("job_failing")] == [("sweep", in_a_row, bad)]


def test_a_job_that_runs_once_a_week_fails_on_until_it_runs_again():
    runs("failed", "failed", "failed", until=NOON - timedelta(days=3))
    assert look("job_failing") == []
    assert look("job_failing", open_subjects=[("job_failing", "sweep")])[0].bad
    runs("success")
    assert not look("job_failing", open_subjects=[("job_failing", "sweep")])[0].bad


# Processes.


@pytest.mark.parametrize(
    ("process", "bad"),
    [
        ({"role": "worker"}, False),
        ({"role": "worker", "at": NOON - MINUTE}, True),
        ({"role": "worker", "ended": True}, True),
        ({"role": "web"}, True),
    ],
    ids=["it lives", "it died", "it ended", "another lives"],
)
def test_a_worker_that_is_gone_alerts(process, bad):
    make_process(**process)
    (found,) = look("worker_gone")
    assert (found.bad, found.detail) == (bad, {"role": "worker"})


def test_telemetry_that_is_shed_alerts_for_ten_minutes_whoever_shed_it():
    process, memory = make_process(shed=100), {}
    assert not look("telemetry_shed", memory=memory)[0].bad  # that was before anybody looked
    Writer.objects.filter(pk=process.pk).update(shed=130)
    make_process(shed=12)
    assert look("telemetry_shed", NOON + MINUTE, memory)[0].value == 42
    assert look("telemetry_shed", NOON + 10 * MINUTE, memory)[0].bad
    assert not look("telemetry_shed", NOON + 12 * MINUTE, memory)[0].bad


def test_a_process_that_is_forgotten_is_no_news():
    process, memory = make_process(shed=100), {}
    look("telemetry_shed", memory=memory)
    Writer.objects.filter(pk=process.pk).delete()
    make_process(shed=0)
    assert look("telemetry_shed", NOON + MINUTE, memory)[0].value == 0


# The table.


def test_the_rules_in_force_say_in_words_when_they_alert():
    said = {name: rule_words.condition(rule) for name, rule in rules().items()}
    assert set(said) == {"requests", "queue_wait", "job_failing", "worker_gone", "web_gone", "telemetry_shed"}
    assert "14.4 times as often as that allows, over 1 h and over 5 min" in said["requests"]
    assert "6.0 times as often as that allows, over 6 h and over 30 min" in said["requests"]
    assert said["job_failing"] == "A job failed 3 times in a row."
    assert not checks.alert_rules()


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"name": "a", "kind": "odd"}, "of the kind 'odd'"),
        ({"name": "a", "kind": "job_failing", "tmies": 3}, "tmies"),
        ({"name": "a", "kind": "job_failing", "times": 0}, "from 1 to 50"),
        ({"name": "", "kind": "job_failing"}, "from 1 to 60 characters"),
        ({"name": "a", "kind": "job_failing", "level": "worse"}, "must be bad or warn"),
        ({"name": "a", "kind": "job_failing", "cooldown_s": 5}, "cooldown_s 60 or more"),
        ({**TABLE["requests"], "objective": 0.9}, "it would never alert"),
        ({**TABLE["requests"], "objective": 1}, "between 0 and 1"),
        ({**TABLE["requests"], "pairs": [(60, 3600, 2)]}, "a long window, a shorter one"),
        ({"name": "a", "kind": "above", "gauge": "no_such_gauge", "limit": 1}, "a gauge that nobody declares"),
    ],
)
def test_a_rule_that_cannot_be_used_is_found_before_anything_starts(row, why):
    with override_settings(ALERT_RULES=[row]):
        (found,) = checks.alert_rules()
    assert found.id == "monitoring.E004"
    assert why in found.msg


def test_two_rules_of_one_name_are_found():
    with override_settings(ALERT_RULES=[TABLE["worker_gone"]] * 2), pytest.raises(ImproperlyConfigured, match="Two"):
        rules()


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"ALERT_WEBHOOK_URL": "https://host/path"}, "ALERT_WEBHOOK_SECRET cannot be used"),
        ({"ALERT_WEBHOOK_URL": "host/path", "ALERT_WEBHOOK_SECRET": "a key"}, "ALERT_WEBHOOK_URL cannot be used"),
        ({"ALERT_WEBHOOK_URL": "https://host/", "ALERT_WEBHOOK_SECRET": "whsec_%"}, "is not base64"),
        ({"ALERT_TELEGRAM_TOKEN": "1:a"}, "only one is set"),
        ({"ALERT_TELEGRAM_CHAT": "@a"}, "only one is set"),
    ],
)
def test_a_channel_that_is_set_up_by_half_is_found_before_anything_starts(settings, why):
    with override_settings(**settings):
        (found,) = checks.alert_channels()
    assert found.id == "monitoring.E005"
    assert why in found.msg
    assert not [value for value in settings.values() if value in found.msg and len(value) > 6]


# In words.


def said(name: str, *, open_subjects=()) -> str:
    rule = TABLE[name]
    found = max(look(name, memory={"total": 0}, open_subjects=open_subjects), key=lambda one: one.bad)
    assert found.bad
    told = words.Figure(rule["kind"], found.subject, found.value, found.threshold, {**rule, **found.detail})
    assert words.remedy(told)
    return f"{words.sentence(told)} {words.figures(told)}"


def test_each_rule_says_what_is_wrong_and_how_bad_it_is():
    answered(10_000, ago=4 * HOUR)
    answered(60, failed=40)
    assert said("requests") == (
        "Web requests: failures and slow answers come 40.0 times as often as the objective allows, over the last 1 h "
        "and the last 5 min alike. 40.0 times as often as allowed now (40 of 100), alert over 14.4 times."
    )
    make_customer(at=now() - HOUR)
    assert said("queue_wait").startswith("The longest wait in the queue: 1 h 00 min, which is over 2 min 00 s. 1 h")
    runs("failed", "failed", "failed")
    assert said("job_failing").endswith("times in a row. 3 failures in a row now, alert at 3.")
    assert said("web_gone") == "No web server is running. 0 living now, alert below 1."
    make_process("cron", shed=7)
    assert said("telemetry_shed").startswith("7 telemetry records were shed in the last 10 min. 7 records shed now")
