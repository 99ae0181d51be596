"""The desk's present, for the scrape, the live page and the overview alike."""

from collections.abc import Iterator

from django.utils import timezone

from monitoring import Reading
from sessions_app import duty, queue, service
from sessions_app import instruments as names


def read() -> Iterator[Reading]:
    now = timezone.now()
    counts = queue.counts()
    yield Reading(names.QUEUE_LENGTH.name, counts.waiting)
    yield Reading(names.LONGEST_WAIT.name, queue.longest_wait_s(now))
    for state, number in counts.by_state().items():
        yield Reading(names.SESSIONS.name, number, {"state": state})
    for state, number in duty.counts(duty.members(now)).items():
        yield Reading(names.STAFF.name, number, {"state": state})
    today = service.recent(now)
    for instrument, value in (
        (names.SERVICE_LEVEL, today.service_level),
        (names.ABANDON_RATE, today.abandon_rate),
        (names.SPEED_OF_ANSWER, today.asa_s),
        (names.OCCUPANCY, today.occupancy),
        (names.QUOTES_KEPT, today.quotes.kept_ratio),
    ):
        if value is not None:  # a rate of nobody is no number
            yield Reading(instrument.name, value)
