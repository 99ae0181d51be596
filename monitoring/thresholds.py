"""Over which duration something counts as slow, for each name: the bottlenecks, and the traces that are kept."""

from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.signals import setting_changed

NAMES_REMEMBERED = 4096


@lru_cache(NAMES_REMEMBERED)
def threshold_of(name: str) -> float:
    """The threshold of a span's or measure's name in milliseconds: the first pattern that fits, else the default."""
    fitting = (ms for pattern, ms in settings.BOTTLENECK_THRESHOLDS if fnmatchcase(name, pattern))
    return float(next(fitting, settings.BOTTLENECK_THRESHOLD_MS))


def forget(*, setting: str, **_kwargs: Any) -> None:
    if setting.startswith("BOTTLENECK_THRESHOLD"):
        threshold_of.cache_clear()


setting_changed.connect(forget)
