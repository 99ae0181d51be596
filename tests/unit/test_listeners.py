import pytest

from sessions_app import lifecycle, reports, sweeping
from sessions_app.listeners import instruments, notifications
from sessions_app.signals import session_changed
from tests.factories import NOON, SECOND, make_call, make_customer, make_message, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(monkeypatch):
    """What the panel is told: names with amounts and labels."""
    said = []
    monkeypatch.setattr(instruments, "count", lambda name, **labels: said.append((name, labels)))
    monkeypatch.setattr(instruments.profiler, "record", lambda name, ms, **labels: said.append((name, ms, labels)))
    return said


@pytest.fixture
def enqueued(monkeypatch):
    jobs = []
    monkeypatch.setattr(notifications, "enqueue", jobs.append)
    return jobs


@pytest.mark.usefixtures("enqueued")
def test_a_wait_is_that_of_its_own_stay_in_the_queue(told, django_capture_on_commit_callbacks):
    ana = make_staff()
    with django_capture_on_commit_callbacks(execute=True):
        cy = make_customer()
        lifecycle.claim_next(ana, NOON + 2 * SECOND)
        lifecycle.requeue(cy.pk, ana, NOON + 5 * SECOND)
        lifecycle.claim_next(ana, NOON + 9 * SECOND)
    assert told == [
        ("customers_joined_total", {}),
        ("queue_wait_time", 2000, {}),
        ("queue_wait_time", 4000, {}),
    ]


@pytest.mark.usefixtures("enqueued")
def test_who_gives_up_is_counted_once(told, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        cy = make_customer()
        lifecycle.leave(cy.pk, NOON)
        lifecycle.leave(cy.pk, NOON)
    assert told == [("customers_joined_total", {}), ("customers_abandoned_total", {})]


def test_a_message_is_counted_as_such_and_staff_are_told(told, enqueued, django_capture_on_commit_callbacks):
    ana = make_staff()
    with django_capture_on_commit_callbacks(execute=True):
        left, withdrawn = make_message(), make_message()
        lifecycle.leave(withdrawn.pk, NOON)
        lifecycle.call_back(left.pk, ana, NOON)
        lifecycle.requeue(left.pk, ana, NOON)
    assert told == [("messages_left_total", {}), ("messages_left_total", {})]
    assert enqueued == ["sessions_app.jobs.notify_staff"]


@pytest.mark.usefixtures("enqueued")
def test_an_unanswered_claim_is_counted_once_and_what_staff_hand_back_is_not(told, django_capture_on_commit_callbacks):
    ana, cy = make_staff(), make_customer()
    with django_capture_on_commit_callbacks(execute=True):
        lifecycle.claim(cy.pk, ana, NOON)
        sweeping.return_unanswered(NOON + 31 * SECOND)
        sweeping.return_unanswered(NOON + 62 * SECOND)
        lifecycle.claim(cy.pk, ana, NOON + 32 * SECOND)
        lifecycle.requeue(cy.pk, ana, NOON + 33 * SECOND)
    assert [name for name, *_ in told] == ["queue_wait_time", "claims_unanswered_total", "queue_wait_time"]


@pytest.mark.usefixtures("enqueued")
def test_a_report_is_a_measure_or_a_refusal(told, django_capture_on_commit_callbacks):
    cy = make_call(make_staff())
    with django_capture_on_commit_callbacks(execute=True):
        reports.report(cy.pk, "customer", {"connection_time_ms": 100}, NOON)
        reports.report(cy.pk, "staff", {"connection_time_ms": -1}, NOON)
    assert told == [
        ("webrtc_connection_time", 100, {"role": "customer"}),
        ("connection_reports_refused_total", {"reason": "out_of_range"}),
    ]


def test_a_crowd_makes_one_mail(enqueued, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(5):
            make_customer()
    assert enqueued == ["sessions_app.jobs.notify_staff"]


@pytest.mark.usefixtures("enqueued")
def test_what_is_rolled_back_is_not_announced(told):
    make_customer()  # the test's own transaction is never committed
    assert told == []


@pytest.mark.usefixtures("enqueued")
def test_a_listener_that_fails_harms_nobody(caplog, django_capture_on_commit_callbacks):
    def fail(**_):
        raise RuntimeError("the mail server is on fire")

    session_changed.connect(fail)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            assert make_customer().state == "waiting"
    finally:
        session_changed.disconnect(fail)
    assert "the mail server is on fire" in caplog.text
