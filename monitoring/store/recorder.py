"""The buffer's sink: folds what it is given, and hands the store one numbered batch at a time until it is written.

A batch whose write failed is offered again unchanged under its number, so that an answer lost on the way counts nothing
twice; what comes meanwhile folds into the next one.
"""

import os
import time
from collections import Counter

from django.db import DataError, IntegrityError

from monitoring.guard import guard, quiet
from monitoring.metrics import FAILURES, INPUT_REFUSED, RECORDS_SHED
from monitoring.process import identity
from monitoring.recording import refused
from monitoring.store import compaction, writing
from monitoring.store.buffer import buffer
from monitoring.store.connection import check_the_file, start_anew
from monitoring.store.exemplars import Exemplars
from monitoring.store.fold import Batch
from monitoring.store.keeping import Keeping
from monitoring.store.records import Count, Record, sorted_out
from monitoring.store.series import series_ids
from monitoring.store.vitals import Pulse
from monitoring.tracing.active import active_spans
from monitoring.tracing.rows import open_span
from monitoring.tracing.setup import export

HEARTBEAT = 5.0  # seconds
# What is said of rows that no database will ever take, as against a database that is away.
UNFIT = (DataError, IntegrityError, ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
MOST_OPEN = 20  # spans that a heartbeat tells of


class Recorder:
    def __init__(self) -> None:
        self._start_afresh()
        os.register_at_fork(after_in_child=self._start_afresh)

    def _start_afresh(self) -> None:
        self._pending = Batch()
        self._in_flight: Batch | None = None
        self._seq = 0
        self._shed = 0
        self._keeping, self._exemplars, self._pulse = Keeping(), Exemplars(), Pulse()
        self._beat_at = 0.0
        self._beat_spans = 0
        self._told: Counter[str] = Counter()

    def __call__(self, records: list[Record]) -> None:
        arrived = sorted_out(records)
        kept = self._keeping(arrived.spans, arrived.durations)
        self._pending.fold(arrived, kept, self._exemplars)
        with quiet("exporting spans"):
            export(kept)
        with quiet("storing telemetry"):
            try:
                check_the_file()
                self._write_all()
            except Exception:
                start_anew()  # the connection may be the reason
                raise

    def _write_all(self) -> None:
        """Write the batch left over from last time, if any, then what has come since; beat when there is nothing."""
        self._count_losses()
        while self._in_flight or self._pending:
            if self._in_flight is None:
                self._in_flight, self._pending = self._pending, Batch()
                self._seq += 1
                self._shed += self._in_flight.shed
            self._write(self._in_flight)
            self._in_flight = None
            self._beaten()
        if self._beat_is_due():
            writing.beat(self._heartbeat())
            self._beaten()
        compaction.compact_if_due(time.time())

    def _write(self, batch: Batch) -> None:
        """Write a batch; what no database takes is left out, and with it what came in its company."""
        for what, leave in (("rows", batch.leave_rows), ("counts", batch.leave_counts)):
            try:
                writing.write(batch, self._heartbeat())
            except UNFIT as error:
                # Trying again would fail for ever, and what comes after would wait behind it.
                guard.note(f"storing a batch's {what}", error)
                series_ids.forget()
                self._shed += leave()
            else:
                return
        writing.write(batch, self._heartbeat())

    def _heartbeat(self) -> writing.Heartbeat:
        return writing.Heartbeat(
            seq=self._seq,
            active_spans=active_spans.value,
            open_spans=[open_span(span) for span in active_spans.oldest(MOST_OPEN)],
            shed=self._lost,
            failures=sum(guard.failures.values()),
            refused=dict(refused),
            behind_s=time.monotonic() - self._in_flight.begun_at if self._in_flight else 0.0,
            buffered=buffer.found,
            vitals=self._pulse.read(),
        )

    @property
    def _lost(self) -> int:
        return buffer.shed + self._shed + self._pending.shed

    def _count_losses(self) -> None:
        """Count what was lost since the last write, so that it is known when; the heartbeat tells who lost it."""
        failures, bad = sum(guard.failures.values()), sum(refused.values())
        lost = Counter({RECORDS_SHED.name: self._lost, INPUT_REFUSED.name: bad, FAILURES.name: failures})
        for name, number in (lost - self._told).items():
            self._pending.count(Count(name, (), time.time(), number))
        self._told = lost

    def _beaten(self) -> None:
        self._beat_at, self._beat_spans = time.monotonic(), active_spans.value

    def _beat_is_due(self) -> bool:
        overdue = time.monotonic() - self._beat_at >= HEARTBEAT
        return identity.role != "command" and (overdue or self._beat_spans != active_spans.value)

    def say_goodbye(self) -> None:
        """Mark this process as ended on purpose, so that nobody waits for its next heartbeat."""
        with quiet("ending telemetry"):
            if self._beat_at:
                writing.end_writer(identity.writer)


recorder = Recorder()
