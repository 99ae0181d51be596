"""Many at once: the queue takes no more than DESK_QUEUE_MOST, and a message goes to one member of staff."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections
from django.utils import timezone

from sessions_app import lifecycle
from sessions_app.errors import DeskError
from sessions_app.models import SupportSession
from tests.factories import make_message, make_staff

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 12


def outcomes(act):
    """What became of MANY who `act` at once: a word each."""

    def tried(number):
        try:
            act(number)
        except DeskError as error:
            return type(error).__name__
        else:
            return "done"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(MANY) as pool:
        return Counter(pool.map(tried, range(MANY)))


def test_those_who_join_at_once_do_not_overfill_the_queue(settings):
    settings.DESK_QUEUE_MOST = 5
    seen = outcomes(lambda number: lifecycle.join(f"Cy {number}", "", "en", timezone.now()))
    assert seen["done"] == SupportSession.objects.count()
    assert seen["done"] + seen["QueueFull"] == MANY
    if connection.vendor == "sqlite":
        assert seen["done"] == 5
    else:  # by those who join in the same instant, as door.admit says
        assert seen["done"] >= 5


def test_of_many_who_want_to_answer_a_message_one_does():
    left, now = make_message(at=timezone.now()), timezone.now()
    for number in range(MANY):
        make_staff(f"staff{number}")
    seen = outcomes(lambda number: lifecycle.call_back(left.pk, User.objects.get(username=f"staff{number}"), now))
    assert seen == {"done": 1, "MessageTaken": MANY - 1}
