from uuid import uuid4

import pytest
from django.utils import timezone

from sessions_app import lifecycle, reports
from sessions_app.call_line import CallLine
from sessions_app.models import ConnectionReport, Role
from sessions_app.tokens import Bearer
from tests.factories import NOON, SECOND, make_call, make_customer, make_staff

pytestmark = pytest.mark.django_db
AFTER = NOON + SECOND
GOOD = {
    "attempt": "1a2b3c4d-5e6f7a8b",
    "result": "connected",
    "failure": "",
    "signalling_ms": 40,
    "gathering_ms": None,
    "ice_ms": 30,
    "dtls_ms": 50.5,
    "connection_time_ms": 120,
    "first_frame_ms": 157,
    "local_candidate": "host",
    "remote_candidate": "prflx",
    "protocol": "udp",
}
FAILED = {"attempt": "a-b", "result": "failed", "failure": "ice", "signalling_ms": 40}


def setup(ms):
    return {"connection_time_ms": ms}


def test_a_report_within_what_the_server_saw_is_accepted():
    cy = make_call(make_staff())
    assert reports.report(cy.pk, "customer", setup(1000), AFTER) == ""
    assert reports.report(cy.pk, "staff", setup(1249.5), AFTER) == ""
    stored = ConnectionReport.objects.get(role="staff")
    assert (stored.connection_time_ms, stored.accepted, stored.reason) == (1249.5, True, "")


def test_an_attempt_is_kept_with_all_its_parts():
    cy = make_call(make_staff())
    assert reports.report(cy.pk, "customer", GOOD, AFTER) == ""
    stored = ConnectionReport.objects.get()
    assert {name: getattr(stored, name) for name in GOOD} == GOOD
    assert not stored.relayed


@pytest.mark.parametrize(
    ("claim", "reason"),
    [
        (None, "not_a_number"),
        ("12", "not_a_number"),
        (True, "not_a_number"),
        ([], "not_a_number"),
        (float("nan"), "not_a_number"),
        (float("inf"), "not_a_number"),
        (10**400, "not_a_number"),
        (0, "out_of_range"),
        (-5, "out_of_range"),
        (120_001, "out_of_range"),
        (1251, "over_server_clock"),
    ],
)
def test_a_time_that_cannot_be_true_is_kept_apart(claim, reason):
    cy = make_call(make_staff())
    assert reports.report(cy.pk, "customer", setup(claim), AFTER) == reason
    stored = ConnectionReport.objects.get()
    assert (stored.accepted, stored.reason) == (False, reason)


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        ({"ice_ms": "30"}, "not_a_number"),
        ({"dtls_ms": float("nan")}, "not_a_number"),
        ({"gathering_ms": -1}, "out_of_range"),
        ({"first_frame_ms": 120_001}, "out_of_range"),
        ({"signalling_ms": 122}, "out_of_order"),
        ({"ice_ms": 80}, "out_of_order"),
        ({"first_frame_ms": 119}, "out_of_order"),
        ({"result": "splendid"}, "malformed"),
        ({"result": ["connected"]}, "malformed"),
        ({"result": "failed"}, "malformed"),
        ({"failure": "ice"}, "malformed"),
        ({"result": "failed", "failure": "ice"}, "out_of_order"),
        ({"connection_time_ms": None, "result": "failed", "failure": "ice"}, "out_of_order"),
        ({"local_candidate": "192.0.2.7"}, "malformed"),
        ({"protocol": {"a": 1}}, "malformed"),
        ({"attempt": 7}, "malformed"),
        ({"attempt": "x" * 65}, "malformed"),
        ({"attempt": "a\n"}, "malformed"),
    ],
)
def test_a_part_that_cannot_be_true_refuses_the_whole(part, reason):
    cy = make_call(make_staff())
    assert reports.report(cy.pk, "customer", GOOD | part, AFTER) == reason
    stored = ConnectionReport.objects.get()
    assert (stored.accepted, stored.reason) == (False, reason)
    assert "192" not in stored.local_candidate


@pytest.mark.parametrize("failure", ["no_candidates", "turn_refused", "ice", "dtls", "peer_left"])
def test_a_failure_is_kept_with_its_class_and_no_connection_time(failure):
    cy = make_call(make_staff())
    assert reports.report(cy.pk, "staff", FAILED | {"failure": failure}, AFTER) == ""
    stored = ConnectionReport.objects.get()
    assert (stored.result, stored.failure, stored.connection_time_ms) == ("failed", failure, None)


def test_a_call_without_a_picture_failed_and_yet_took_its_time():
    cy = make_call(make_staff())
    dark = GOOD | {"result": "failed", "failure": "no_media", "first_frame_ms": None}
    assert reports.report(cy.pk, "staff", dark, AFTER) == ""
    assert ConnectionReport.objects.get().connection_time_ms == 120


def test_a_relay_on_either_side_is_a_relay():
    assert ConnectionReport(local_candidate="host", remote_candidate="relay").relayed
    assert ConnectionReport(local_candidate="relay", remote_candidate="host").relayed


def test_a_second_report_of_one_attempt_changes_nothing():
    cy = make_call(make_staff())
    reports.report(cy.pk, "customer", GOOD, AFTER)
    assert reports.report(cy.pk, "customer", GOOD | setup(130), AFTER) == "duplicate"
    assert ConnectionReport.objects.get().connection_time_ms == 120
    assert reports.report(cy.pk, "staff", GOOD, AFTER) == ""
    assert reports.report(cy.pk, "customer", GOOD | {"attempt": "another"}, AFTER) == ""


def test_who_reports_without_end_is_no_longer_written_down(monkeypatch):
    monkeypatch.setattr(reports, "MOST_ATTEMPTS", 2)
    cy = make_call(make_staff())
    said = [reports.report(cy.pk, "customer", GOOD | {"attempt": str(n)}, AFTER) for n in range(4)]
    assert said == ["", "", "too_many", "too_many"]
    assert ConnectionReport.objects.count() == 2


def test_the_offer_bounds_the_time_where_the_server_saw_it():
    cy = make_call(make_staff())
    offered_at = NOON + SECOND / 2
    assert reports.report(cy.pk, "customer", {"attempt": "1"} | setup(750), AFTER, offered_at) == ""
    late = {"attempt": "2"} | setup(751)
    assert reports.report(cy.pk, "customer", late, AFTER, offered_at) == "over_server_clock"


async def test_the_line_knows_when_the_first_offer_of_an_attempt_came_by(monkeypatch):
    heard = []

    async def say(message):
        heard.append(message)

    line = CallLine("a-channel", Bearer(uuid4(), Role.CUSTOMER), say)
    for page, at in (("ana1", NOON), ("ana2", AFTER), ("ana1", AFTER)):
        monkeypatch.setattr(timezone, "now", lambda at=at: at)
        await line.hear({"message": {"type": "description", "id": page, "description": {"type": "offer"}}})
    await line.hear({"message": {"type": "description", "id": "ana3", "description": {"type": "answer"}}})
    assert len(heard) == 4
    assert [line.offered_at(attempt) for attempt in ("cy-ana1", "cy-ana2")] == [NOON, AFTER]
    assert line.offered_at("of-our-own-making") == line.offered_at(7) == NOON
    assert CallLine("a-channel", Bearer(uuid4(), Role.CUSTOMER), say).offered_at("cy-ana1") is None


def test_nobody_connects_before_being_taken():
    assert reports.report(make_customer().pk, "customer", setup(100), AFTER) == "before_claim"


def test_a_session_handed_back_takes_no_time_but_may_still_hear_of_a_failure():
    ana = make_staff()
    cy = make_call(ana)
    lifecycle.requeue(cy.pk, ana, AFTER)
    assert reports.report(cy.pk, "staff", setup(100), AFTER) == "before_claim"
    assert reports.report(cy.pk, "staff", FAILED, AFTER) == ""
