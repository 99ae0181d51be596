import json

import pytest

from sessions_app.door import Door, Way
from sessions_app.quotes import quote
from sessions_app.status import Status, as_json, render, statuses
from sessions_app.templatetags.desk import clock
from tests.factories import NOON, make_call, make_message, make_queue, make_staff

UNATTENDED = Door(Way.UNATTENDED)


@pytest.mark.parametrize(
    ("wait_s", "words"),
    [
        (None, "We cannot tell yet"),
        (30, "less than a minute"),
        (90, "less than 3 minutes"),
        (120, "about 1 to 3 minutes"),
        (600, "about 5 to 15 minutes"),
    ],
)
def test_a_wait_is_a_range_or_nothing(wait_s, words):
    assert words in render(Status("waiting", "en", 3, *quote(wait_s)))


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (Status("waiting", "en", 1), "You are next."),
        (Status("waiting", "en", 1234), "number <strong>1234</strong>"),
        (Status("waiting", "en"), "You are in the queue."),
        (Status("waiting", "en", 2, 0, 0), "longer than you were told"),
        (Status("waiting", "en", 2, 1, 3, UNATTENDED), "Nobody is at the desk at the moment"),
        (Status("waiting", "en", 2, 1, 3, Door(Way.CLOSED, NOON)), "opens again on Monday 2 March, 12:00"),
        (Status("callback", "en", callback=True), "Your message is with us."),
        (Status("connecting", "en"), "It is your turn"),
        (Status("active", "en"), "You are connected"),
        (Status("abandoned", "en"), "This session is over."),
        (Status("expired", "en"), "Join the queue again"),
    ],
)
def test_every_state_has_a_sentence(status, words):
    assert words in render(status)


def test_nobody_is_promised_a_wait_while_nobody_is_at_the_desk():
    assert "minutes" not in render(Status("waiting", "en", 2, 1, 3, UNATTENDED))


def test_what_is_sent_is_json_with_the_door_in_a_word():
    sent = json.loads(as_json(Status("waiting", "en", 2, 1, 3, Door(Way.CLOSED, NOON))))
    assert (sent["door"], sent["position"], sent["least_min"], sent["most_min"]) == ("closed", 2, 1, 3)


@pytest.mark.django_db
def test_who_left_a_message_is_told_so():
    left = make_message()
    assert statuses([left.pk], NOON)[left.pk] == Status("callback", "en", callback=True)


@pytest.mark.django_db
def test_everybody_who_asks_is_told_at_once(django_assert_max_num_queries):
    sessions = [*make_queue(20), make_call(make_staff(), NOON)]
    with django_assert_max_num_queries(6):
        told = statuses([session.pk for session in sessions], NOON)
    assert [told[session.pk].position for session in sessions] == [*range(1, 20 + 1), None]


@pytest.mark.parametrize(("seconds", "shown"), [(0, "0:00"), (7, "0:07"), (750, "12:30"), (3723, "1:02:03")])
def test_a_duration_reads_like_a_clock(seconds, shown):
    assert clock(seconds) == shown
