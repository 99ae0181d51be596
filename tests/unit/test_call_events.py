"""What pages may say happened in their call."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from sessions_app import call_events
from sessions_app.models import CallEvent, Role
from sessions_app.tokens import Bearer
from tests.factories import NOON, SECOND, make_call, make_customer, make_staff

AFTER = NOON + SECOND
KINDS = CallEvent.Kind.values


def by_customer(session):
    return Bearer(session.pk, Role.CUSTOMER)


@given(
    some.fixed_dictionaries(
        {},
        optional={
            "kind": some.sampled_from(KINDS) | some.text(max_size=20) | some.none() | some.just(["chat"]),
            "amount": some.none() | some.integers() | some.floats() | some.booleans() | some.text(max_size=3),
        },
    )
)
def test_whatever_is_said_what_is_taken_is_of_its_kind_and_range(said):
    kind, amount, reason = call_events.read(said)
    if reason:
        assert (kind, amount) == ("", None)
    else:
        assert kind == said["kind"]
        assert kind in KINDS
        assert amount == (1 if said.get("amount") is None and kind == "chat" else said.get("amount"))
        assert amount is None or (type(amount) is int and 0 <= amount <= 10_000)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_kept(kind):
    cy = make_call(make_staff())
    assert call_events.keep(by_customer(cy), {"kind": kind, "amount": 3}, AFTER) == ""
    stored = CallEvent.objects.get()
    assert (stored.session_id, stored.role, stored.kind, stored.amount, stored.at) == (
        *(cy.pk, "customer", kind, 3),
        AFTER,
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({}, "malformed"),
        ({"kind": "fire"}, "malformed"),
        ({"kind": ["chat"]}, "malformed"),
        ({"kind": "chat", "amount": "3"}, "not_a_number"),
        ({"kind": "chat", "amount": 1.5}, "not_a_number"),
        ({"kind": "chat", "amount": -1}, "out_of_range"),
        ({"kind": "chat", "amount": 10**400}, "out_of_range"),
    ],
)
def test_what_cannot_be_true_is_not_kept(said, reason):
    assert call_events.keep(by_customer(make_call(make_staff())), said, AFTER) == reason
    assert not CallEvent.objects.exists()


@pytest.mark.django_db
def test_messages_are_added_up_in_one_row_of_each_role():
    ana = make_staff()
    cy = make_call(ana)
    for said in ({}, {"amount": 1}, {"amount": 3}):
        assert call_events.keep(by_customer(cy), {"kind": "chat"} | said, AFTER) == ""
    assert call_events.keep(Bearer(cy.pk, Role.STAFF, ana.pk), {"kind": "chat"}, AFTER) == ""
    assert list(CallEvent.objects.order_by("role").values_list("role", "amount")) == [("customer", 5), ("staff", 1)]


@pytest.mark.django_db
def test_nothing_happens_in_a_call_that_is_none():
    assert call_events.keep(by_customer(make_customer()), {"kind": "chat"}, AFTER) == "before_claim"


@pytest.mark.django_db
def test_who_tells_without_end_is_no_longer_written_down(monkeypatch):
    monkeypatch.setattr(call_events, "MOST_EVENTS", 2)
    ana = make_staff()
    cy = make_call(ana)
    said = [call_events.keep(by_customer(cy), {"kind": "interrupted"}, AFTER) for _ in range(3)]
    assert said == ["", "", "too_many"]
    assert call_events.keep(Bearer(cy.pk, Role.STAFF, ana.pk), {"kind": "interrupted"}, AFTER) == ""
