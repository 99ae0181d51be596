"""What the store holds, added up in every way there is: all of them must say the same, whatever happened."""

import os
import signal
import sys
import traceback
from collections.abc import Callable

from django.db.models import Sum

from monitoring.models import Delta, JobRun, Measure, Rollup, Span, Total
from monitoring.store.tiers import RESOLUTIONS

LONGEST_S = 60  # for a child, which may hang where it should not


def in_every_tier(kind: str, **series: str) -> list[int]:
    """How many were counted under the series: by each resolution and by the totals, with what is not merged yet."""
    wanted = {"series__kind": kind} | {f"series__{field}": value for field, value in series.items()}

    def total(rows) -> int:
        return rows.filter(**wanted).aggregate(all=Sum("count"))["all"] or 0

    tiers = [Rollup.objects.filter(resolution=resolution) for resolution in RESOLUTIONS]
    return [total(tier) + total(Delta.objects.all()) for tier in (*tiers, Total.objects.all())]


def exact(kind: str, **series: str) -> int:
    """How many were counted under the series, where every tier says the same."""
    (count,) = set(in_every_tier(kind, **series))
    return count


def rows() -> tuple[int, int]:
    """How many measures and spans are stored one by one."""
    return Measure.objects.count(), Span.objects.exclude(status="interrupted").count()


def runs() -> dict[str, int]:
    """How many attempts at jobs there are, by how they stand."""
    return {status: JobRun.objects.filter(status=status).count() for status in JobRun.Status.values}


def forked(function: Callable[[], None]) -> int:
    """Run `function` in a child of this process, which ends with it; the child's process id."""
    if pid := os.fork():
        return pid
    signal.alarm(LONGEST_S)
    try:
        function()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def ending_of(pid: int) -> int:
    """Wait for a child: 0, another exit code, or the signal that killed it as a negative number."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
