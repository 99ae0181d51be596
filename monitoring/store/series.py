"""Which row stands for a name with its labels; a process asks the database once for each."""

import json
import os
from collections.abc import Collection

from monitoring.instruments import Labels
from monitoring.models import Series
from monitoring.store.fold import OTHER
from monitoring.store.records import SeriesKey

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
        return {key: self._known.get(key) or self._find_or_make(key) for key in keys}

    def _find_or_make(self, key: SeriesKey) -> int:
        found = self._find(key)
        if found is None and Series.objects.count() >= MOST_SERIES:
            key = (key[0], OTHER, ())
            found = self._find(key)
        return found or Series.objects.create(kind=key[0], name=key[1], labels=packed(key[2])).pk

    @staticmethod
    def _find(key: SeriesKey) -> int | None:
        return (
            Series.objects.filter(kind=key[0], name=key[1], labels=packed(key[2])).values_list("pk", flat=True).first()
        )


def packed(labels: Labels) -> str:
    return json.dumps(labels, ensure_ascii=False, separators=(",", ":"))


def unpacked(labels: str) -> dict[str, str]:
    return dict(json.loads(labels))


series_ids = SeriesIds()
