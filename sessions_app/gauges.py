"""The desk's present, for the scrape, the live page and the overview alike."""

from collections.abc import Iterator

from django.utils import timezone

from monitoring import Reading
from sessions_app import queue


def read() -> Iterator[Reading]:
    counts = queue.counts()
    yield Reading("queue_length", counts.waiting)
    yield Reading("queue_longest_wait_seconds", queue.longest_wait_s(timezone.now()))
    for state, number in counts.by_state().items():
        yield Reading("support_sessions", number, {"state": state})
