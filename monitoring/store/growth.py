"""How fast the databases grow, and so for how many days the disk will do."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from monitoring.size_models import StoreSize
from monitoring.store.sizes import Size, everything

KEPT = timedelta(days=14)
LOOKED_BACK = timedelta(days=7)
ENOUGH = timedelta(hours=6)  # of history, below which a rate says little: databases grow by leaps


@dataclass(frozen=True)
class Outlook:
    """Bytes; `per_day` is None until enough is known, `days` also while nothing grows."""

    used: int
    free: int
    per_day: float | None

    @property
    def days(self) -> float | None:
        return self.free / self.per_day if self.per_day else None


def note(now: datetime) -> None:
    """Remember how large everything is. Nothing to note where the databases are not on this machine."""
    size = everything()
    if size.free is not None:
        StoreSize.objects.filter(at__lt=now - KEPT).delete()
        StoreSize.objects.get_or_create(at=now, defaults={"used": size.used})


def outlook(now: datetime) -> Outlook | None:
    """From the oldest size of the last week to that of now. None where the disk is not this machine's to look at."""
    size = everything()
    if size.free is None:
        return None
    return Outlook(size.used, size.free, _per_day(size, now))


def _per_day(size: Size, now: datetime) -> float | None:
    noted = StoreSize.objects.filter(at__gte=now - LOOKED_BACK, at__lte=now - ENOUGH).order_by("at").first()
    if noted is None:
        return None
    return max(0.0, (size.used - noted.used) / ((now - noted.at) / timedelta(days=1)))
