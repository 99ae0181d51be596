"""How samples of a call's quality grow old: after a day a minute's become one, after DESK_KEEP_QUALITY days they go.

Averages are weighted by time, freezes add up. Only what follows upon each other and is poor in the same things becomes
one: so a stretch that was poor is as long afterwards as it was before, and thinning again changes nothing.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby

from django.conf import settings
from django.db import transaction
from django.db.models import Count
from django.db.models.functions import TruncMinute

from sessions_app.models import QualitySample
from sessions_app.quality import faults

FRESH = timedelta(hours=24)
MINUTE = timedelta(minutes=1)
ROUND = 5_000  # rows dropped in one transaction
AVERAGED = ("round_trip_ms", "jitter_ms", "loss_ratio", "received_kbps", "sent_kbps")


def thinned(
    samples: Iterable[QualitySample], length: timedelta = MINUTE, *, poor_apart: bool = True
) -> list[list[QualitySample]]:
    """One role's samples, in order of time, in runs of which each may become one: within a `length` of the clock.

    `poor_apart`: what is poor is in no run with what is not.
    """

    def alike(sample: QualitySample) -> tuple[object, ...]:
        return sample.attempt, sample.at.timestamp() // length.total_seconds(), poor_apart and faults(sample)

    return [list(run) for _alike, run in groupby(samples, alike)]


def merged(run: Sequence[QualitySample]) -> QualitySample:
    """One sample, not yet stored, that stands for all of `run`; it ends when the last of them did."""
    last = run[-1]
    frozen = [sample.freezes for sample in run if sample.freezes is not None]
    return QualitySample(
        session_id=last.session_id,
        role=last.role,
        attempt=last.attempt,
        at=last.at,
        span_s=sum(sample.span_s for sample in run),
        freezes=sum(frozen) if frozen else None,
        **{name: _average(name, run) for name in AVERAGED},
    )


def _average(name: str, run: Sequence[QualitySample]) -> float | None:
    """Of what is known, weighted by time. Rounding takes it to neither side of all it is made of, nor of a limit."""
    known = [(getattr(sample, name), sample.span_s) for sample in run if getattr(sample, name) is not None]
    if not known:
        return None
    average = sum(value * span_s for value, span_s in known) / sum(span_s for _value, span_s in known)
    return float(min(max(average, min(known)[0]), max(known)[0]))


def age(now: datetime) -> Iterator[int]:
    """Drop and thin what is old: after each transaction, how many rows there are fewer.

    The caller may stop at any time; the rest is done the next time. After each transaction the database is left alone
    for as long as that one took.
    """
    for step in (_drop(now - timedelta(days=settings.DESK_KEEP_QUALITY)), _thin((now - FRESH).replace(second=0))):
        began = time.monotonic()
        for fewer in step:
            yield fewer
            time.sleep(time.monotonic() - began)
            began = time.monotonic()


def _drop(before: datetime) -> Iterator[int]:
    old = QualitySample.objects.filter(at__lt=before).order_by("at").values_list("pk", flat=True)
    while found := list(old[:ROUND]):
        QualitySample.objects.filter(pk__in=found).delete()
        yield len(found)


def _thin(before: datetime) -> Iterator[int]:
    """Session by session, those of which a minute has more than one sample."""
    before = before.replace(microsecond=0)
    by_minute = QualitySample.objects.filter(at__lt=before).annotate(minute=TruncMinute("at", tzinfo=UTC))
    crowded = by_minute.values("session", "role", "minute").annotate(rows=Count("pk")).filter(rows__gt=1)
    for session, role in sorted(set(crowded.values_list("session", "role"))):
        with transaction.atomic():
            samples = QualitySample.objects.filter(session=session, role=role, at__lt=before).order_by("at", "pk")
            runs = [run for run in thinned(samples) if len(run) > 1]
            QualitySample.objects.filter(pk__in=[sample.pk for run in runs for sample in run]).delete()
            QualitySample.objects.bulk_create(merged(run) for run in runs)
        yield sum(len(run) - 1 for run in runs)
