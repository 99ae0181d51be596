"""The desk's present, for the scrape, the live page and the overview alike."""

from collections.abc import Iterator

from django.db.models import Count
from django.utils import timezone

from monitoring import Reading
from sessions_app import duty, queue, service
from sessions_app import instruments as names
from sessions_app.models import OPEN, State, SupportSession


def read_now() -> Iterator[Reading]:
    """Who is here: the few that an index finds."""
    now = timezone.now()
    here = SupportSession.objects.filter(state__in=OPEN, synthetic=False).order_by()
    counts = dict(here.values_list("state").annotate(Count("pk")))
    yield Reading(names.QUEUE_LENGTH.name, counts.get(State.WAITING, 0))
    yield Reading(names.LONGEST_WAIT.name, queue.longest_wait_s(now))
    for state in OPEN:
        yield Reading(names.SESSIONS.name, counts.get(state, 0), {"state": state})
    for duty_state, number in duty.counts(duty.members(now)).items():
        yield Reading(names.STAFF.name, number, {"state": duty_state})


def read_past() -> Iterator[Reading]:
    """How many there ever were, and how today went."""
    now = timezone.now()
    for name, number in queue.counts(now).by_state().items():
        if name not in OPEN:
            yield Reading(names.SESSIONS.name, number, {"state": name})
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
