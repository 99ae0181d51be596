"""The database does not answer for a while: what people are told, and what becomes of their place."""

from contextlib import contextmanager

import pytest
from django.db import DataError, OperationalError, connection

from sessions_app.live import Presence
from sessions_app.models import State, SupportSession
from tests.factories import NOON, SECOND, make_customer

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def failing(error):
    def fail(*_statement):
        raise error

    with connection.execute_wrapper(fail):
        yield


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        (OperationalError("server closed the connection unexpectedly"), 503, b"Your place in the queue is kept: wait"),
        (DataError("a fault of ours"), 500, b"The fault is ours"),
    ],
)
def test_a_request_meanwhile_is_told_to_come_again_and_that_it_is_no_mistake(client, error, status, told):
    client.raise_request_exception = False
    with failing(error):
        answer = client.get("/")
    assert answer.status_code == status
    assert told in answer.content


def test_nobody_is_gone_for_beats_that_could_not_be_written(settings):
    settings.DESK_GONE_AFTER = 35
    presence, cy, di = Presence(), make_customer("Cy"), make_customer("Di")
    with failing(OperationalError()), pytest.raises(OperationalError):
        presence.write(NOON + 10 * SECOND)
    presence.beat(cy.pk)
    with failing(OperationalError()), pytest.raises(OperationalError):
        presence.write(NOON + 20 * SECOND)
    presence.write(NOON + 60 * SECOND)  # Di's page was on another host, or has not beaten since
    assert [session.state for session in SupportSession.objects.all()] == [State.WAITING] * 2
    presence._written_at = 0.0
    presence.beat(cy.pk)
    presence.write(NOON + 96 * SECOND)
    cy.refresh_from_db()
    di.refresh_from_db()
    assert (cy.state, di.state) == (State.WAITING, State.ABANDONED)


def test_beats_are_kept_until_they_can_be_written():
    presence, cy = Presence(), make_customer()
    presence.beat(cy.pk)
    with failing(OperationalError()), pytest.raises(OperationalError):
        presence.write(NOON + 5 * SECOND)
    presence._cut_off = False  # or all would be given time, beaten or not
    presence.write(NOON + 6 * SECOND)
    cy.refresh_from_db()
    assert cy.last_seen_at == NOON + 6 * SECOND
