"""Which row stands for a name with its labels; a process asks the database once for what it does not know."""

import json
import os
from collections.abc import Collection

from monitoring.instruments import Labels
from monitoring.models import Series
from monitoring.store.fold import OTHER
from monitoring.store.records import SeriesKey

Row = tuple[str, str, str]  # kind, name, labels as they are stored

MOST_SERIES = 2_000
MOST_KNOWN = 4 * MOST_SERIES  # keys remembered by a process: also those that share the overflow series


class SeriesIds:
    """Ids by key. New names beyond MOST_SERIES share one series called `__other__` a kind."""

    def __init__(self) -> None:
        self.forget()
        os.register_at_fork(after_in_child=self.forget)

    def forget(self) -> None:
        self._known: dict[SeriesKey, int] = {}

    def remember(self, ids: dict[SeriesKey, int]) -> None:
        """Keep ids whose rows are committed."""
        if len(self._known) + len(ids) > MOST_KNOWN:
            self.forget()
        self._known |= ids

    def __call__(self, keys: Collection[SeriesKey]) -> dict[SeriesKey, int]:
        """The id of each key's row, made where it is missing; inside the caller's transaction."""
        unknown = [key for key in keys if key not in self._known]
        ids = self._known | found_or_made(unknown) if unknown else self._known
        return {key: ids[key] for key in keys}


def found_or_made(keys: Collection[SeriesKey]) -> dict[SeriesKey, int]:
    """Ids of keys; several processes may make the same rows at once, and each finds what the first one made."""
    rows = stored()
    missing = sorted(key for key in keys if row_of(key) not in rows)
    room = max(0, MOST_SERIES - len(rows))
    overflow = {key: (key[0], OTHER, ()) for key in missing[room:]}
    # In a sorted order, so that processes wait for one another in a line and never in a circle.
    wanted = sorted({*missing[:room], *overflow.values()})
    if wanted:
        new = [Series(kind=kind, name=name, labels=labels) for kind, name, labels in map(row_of, wanted)]
        Series.objects.bulk_create(new, ignore_conflicts=True)
        rows = stored()
    return {key: rows[row_of(overflow.get(key, key))] for key in keys}


def row_of(key: SeriesKey) -> Row:
    kind, name, labels = key
    return kind, name, packed(labels)


def stored() -> dict[Row, int]:
    """All series: there are few, and a process that meets a new name asks once."""
    rows = Series.objects.values_list("kind", "name", "labels", "pk")
    return {(kind, name, labels): pk for kind, name, labels, pk in rows}


def packed(labels: Labels) -> str:
    return json.dumps(labels, ensure_ascii=False, separators=(",", ":"))


def unpacked(labels: str) -> dict[str, str]:
    return dict(json.loads(labels))


series_ids = SeriesIds()
