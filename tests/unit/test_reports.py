import pytest

from sessions_app import lifecycle, reports
from sessions_app.models import ConnectionReport
from tests.factories import NOON, SECOND, make_call, make_customer, make_staff

pytestmark = pytest.mark.django_db
AFTER = NOON + SECOND


def test_a_report_within_what_the_server_saw_is_accepted():
    cy = make_call(make_staff())
    assert reports.report(cy.pk, "customer", 1000, AFTER) == ""
    assert reports.report(cy.pk, "staff", 1249.5, AFTER) == ""
    stored = ConnectionReport.objects.get(role="staff")
    assert (stored.connection_time_ms, stored.accepted, stored.reason) == (1249.5, True, "")


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
def test_a_report_that_cannot_be_true_is_kept_apart(claim, reason):
    cy = make_call(make_staff())
    assert reports.report(cy.pk, "customer", claim, AFTER) == reason
    stored = ConnectionReport.objects.get()
    assert (stored.accepted, stored.reason) == (False, reason)


def test_a_second_report_of_one_side_changes_nothing():
    cy = make_call(make_staff())
    reports.report(cy.pk, "customer", 100, AFTER)
    assert reports.report(cy.pk, "customer", 200, AFTER) == "duplicate"
    assert ConnectionReport.objects.get().connection_time_ms == 100


def test_nobody_connects_before_being_taken():
    assert reports.report(make_customer().pk, "customer", 100, AFTER) == "before_claim"


def test_a_session_handed_back_takes_no_report():
    ana = make_staff()
    cy = make_call(ana)
    lifecycle.requeue(cy.pk, ana, AFTER)
    assert reports.report(cy.pk, "staff", 100, AFTER) == "before_claim"
