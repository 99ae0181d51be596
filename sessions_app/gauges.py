"""The desk's present, for the scrape, the live page and the overview alike."""

from collections.abc import Iterator

from django.utils import timezone

from monitoring import Reading
from sessions_app import queue
from sessions_app.instruments import LONGEST_WAIT, QUEUE_LENGTH, SESSIONS


def read() -> Iterator[Reading]:
    counts = queue.counts()
    yield Reading(QUEUE_LENGTH.name, counts.waiting)
    yield Reading(LONGEST_WAIT.name, queue.longest_wait_s(timezone.now()))
    for state, number in counts.by_state().items():
        yield Reading(SESSIONS.name, number, {"state": state})
