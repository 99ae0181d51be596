import pytest

from sessions_app import queue
from sessions_app.live import Presence
from sessions_app.models import SupportSession
from tests.factories import NOON, SECOND, make_queue

pytestmark = pytest.mark.django_db


def test_the_beats_of_many_are_written_at_once_and_not_all_the_time(django_assert_num_queries, settings):
    settings.DESK_GONE_AFTER = 60
    presence, (first, *others) = Presence(), make_queue(3)
    for session in (first, *others, first):
        presence.beat(session.pk)
    with django_assert_num_queries(3):  # one UPDATE for all, one look for those who are gone, one at staff
        presence.write(NOON + 30 * SECOND)
    assert {session.last_seen_at for session in SupportSession.objects.all()} == {NOON + 30 * SECOND}
    presence.beat(first.pk)
    with django_assert_num_queries(0):
        presence.write(NOON + 31 * SECOND)


def test_a_session_is_here_as_long_as_one_of_its_sockets_is():
    presence, session_id = Presence(), "cy"
    presence.enter(session_id)
    presence.enter(session_id)
    presence.leave(session_id)
    assert presence.here() == ["cy"]
    presence.leave(session_id)
    assert presence.here() == []


@pytest.mark.parametrize(("gone_after_s", "beat_s"), [(5, 5 / 7), (14, 2), (35, 5), (3600, 5)])
def test_a_page_beats_every_five_seconds_and_never_less_than_seven_times_before_it_is_gone(
    settings, gone_after_s, beat_s
):
    settings.DESK_GONE_AFTER = gone_after_s
    assert queue.beat_s() == pytest.approx(beat_s)
