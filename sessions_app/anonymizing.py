"""Who visited is forgotten ANONYMIZE_AFTER_DAYS after the end of the visit; its figures stay.

What a visit says of its customer goes: name, topic, note, contact and message. What was written in a call is nowhere
kept, and addresses are shortened when they arrive. Before a visit forgets its words they are looked for wherever else
they could have got to (leftovers). A visit of which something is found keeps them, since nobody could find the rest
without them: `anonymized_at` means proven. Each run fails until what is left elsewhere has been deleted there, by a
person or by its own retention; all other visits are anonymised meanwhile.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from monitoring import traced
from sessions_app import outcomes
from sessions_app.leftovers import PERSONAL, Place, leftovers
from sessions_app.models import CLOSED, SupportSession

BATCH = 5_000  # visits whose words are looked for in one reading of the other tables
WRITTEN = Q(*[~Q(**{field: ""}) for field in PERSONAL], _connector=Q.OR)


class LeftBehind(Exception):
    """Words of visits were found where they must not be. Names tables, columns and rows, never the words."""

    def __init__(self, places: set[Place], cleared: int) -> None:
        found = ", ".join(f"{place.table}.{place.column} (row {place.row})" for place in sorted(places)[:10])
        more = f" and {len(places) - 10} more" if len(places) > 10 else ""
        super().__init__(
            f"What customers said of themselves is also in {found}{more}: delete it there, and run anonymize_sessions "
            f"again. Their visits keep it until then; {cleared} others were anonymised."
        )


@dataclass(frozen=True)
class Done:
    cleared: int
    remaining: int

    def __str__(self) -> str:
        sentence = outcomes.ANONYMIZED_IN_PART if self.remaining else outcomes.ANONYMIZED
        return sentence % {"cleared": self.cleared, "remaining": self.remaining}


def due(now: datetime) -> QuerySet[SupportSession]:
    """The visits that ended long enough ago; also one that was anonymised before, when somebody wrote into it since."""
    ended = SupportSession.objects.filter(
        state__in=CLOSED, ended_at__lte=now - timedelta(days=settings.ANONYMIZE_AFTER_DAYS)
    )
    return ended.filter(Q(anonymized_at=None) | WRITTEN)


def preview(now: datetime) -> str:
    """What `anonymize` would remove, if nothing is found elsewhere."""
    would = due(now).aggregate(
        visits=Count("pk"), **{field: Count("pk", filter=~Q(**{field: ""})) for field in PERSONAL}
    )
    parts = [f"{field} of {would[field]}" for field in PERSONAL]
    return f"Would anonymise {would['visits']} visits: {listed(parts)}. Nothing was changed."


@traced("desk.anonymize")
def anonymize(now: datetime, progress: Callable[[int], object] = lambda _visits: None, within_s: float = inf) -> Done:
    """Forget who visited; `progress` is told of so many visits more. Raises LeftBehind.

    Begins no further batch after `within_s` seconds.
    """
    enough, cleared, places = time.monotonic() + within_s, 0, set[Place]()
    for batch in _batches(now):
        found = leftovers(batch)
        clean = [session.pk for session in batch if session.pk not in found]
        cleared += _clear(clean, now)
        places.update(*found.values())
        progress(len(batch))
        if time.monotonic() > enough:
            break
    else:
        places |= _still_written(now)
    if places:
        raise LeftBehind(places, cleared)
    return Done(cleared, due(now).count())


def _batches(now: datetime) -> Iterator[list[SupportSession]]:
    """Each visit that is due, once: one that keeps its words does not come again."""
    visits = due(now).only(*PERSONAL, "trace_id").order_by("pk")
    batch = list(visits[:BATCH])
    while batch:
        yield batch
        batch = list(visits.filter(pk__gt=batch[-1].pk)[:BATCH])


def _clear(visits: list[UUID], now: datetime) -> int:
    blank = dict.fromkeys(PERSONAL, "")
    return SupportSession.objects.filter(pk__in=visits).update(**blank, anonymized_at=now)


def _still_written(now: datetime) -> set[Place]:
    """Columns of anonymised visits that say something all the same, as when somebody wrote at this moment."""
    table = SupportSession._meta.db_table  # noqa: SLF001
    written = due(now).filter(anonymized_at__isnull=False).only(*PERSONAL)
    return {Place(table, field, str(visit.pk)) for visit in written for field in PERSONAL if getattr(visit, field)}


def listed(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}"
