"""Reads the processes that record telemetry: the living, and those that died or ended in the last day."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.db.models import Q
from django.utils.translation import gettext_noop as _

from monitoring.models import Writer
from monitoring.store.living import DEAD_AFTER

RECENTLY = timedelta(days=1)
MOST = 200  # of those that are gone, the latest
MB = 1024 * 1024

REASONS = (_("duration"), _("amount"), _("name"), _("label"))  # what may be refused, as the page shows it

State = Literal["living", "ended", "died"]


@dataclass(frozen=True)
class ProcessRow:
    """A process. `behind_s` is how old the oldest record was at its last write; `refused` counts bad input by reason.

    `memory_mb` is its resident set, in the last hour by the minute too; `cpu_share` of one processor; `buffered` are
    records that wait to be written. One that says nothing for 20 seconds without having said that it ends is dead.
    """

    role: str
    pid: int
    host: str
    state: State
    started_at: datetime
    seen_at: datetime
    memory_mb: float
    memory_mb_by_minute: list[float]
    cpu_share: float
    behind_s: float
    buffered: int
    active_spans: int
    shed: int
    refused: dict[str, int]
    failures: int

    @property
    def lives(self) -> bool:
        return self.state == "living"


def processes(now: datetime) -> list[ProcessRow]:
    """The living first, then the others, the latest first."""
    silent = Q(ended=True) | Q(seen_at__lte=now - DEAD_AFTER)
    living = Writer.objects.exclude(silent).order_by("role", "started_at")
    gone = Writer.objects.filter(silent, seen_at__gt=now - RECENTLY).order_by("-seen_at")[:MOST]
    return [_row(writer, "living") for writer in living] + [
        _row(writer, "ended" if writer.ended else "died") for writer in gone
    ]


def _row(writer: Writer, state: State) -> ProcessRow:
    return ProcessRow(
        role=writer.role,
        pid=writer.pid,
        host=writer.host,
        state=state,
        started_at=writer.started_at,
        seen_at=writer.seen_at,
        memory_mb=writer.memory_bytes / MB,
        memory_mb_by_minute=[memory / MB for memory in writer.memory_by_minute],
        cpu_share=writer.cpu_share,
        behind_s=writer.behind_s,
        buffered=writer.buffered,
        active_spans=writer.active_spans if state == "living" else 0,
        shed=writer.shed,
        refused={reason: count for reason, count in sorted(writer.refused.items()) if count},
        failures=writer.failures,
    )
