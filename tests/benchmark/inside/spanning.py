"""A span a call: by `traced`, and by OpenTelemetry's SDK with a batch processor and an exporter that does nothing."""

import time
from collections.abc import Sequence
from contextlib import suppress

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from monitoring import traced
from monitoring.models import Delta, Rollup, Span, Writer
from monitoring.process import identity
from monitoring.store.buffer import buffer
from tests.benchmark.inside.timing import microseconds


class Counting(SpanExporter):
    """Takes everything and keeps the number."""

    def __init__(self) -> None:
        self.exported = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.exported += len(spans)
        return SpanExportResult.SUCCESS


class Sdk:
    def __init__(self) -> None:
        self.exporter = Counting()
        self.provider = TracerProvider(shutdown_on_exit=False)
        self.provider.add_span_processor(BatchSpanProcessor(self.exporter))
        self.tracer = self.provider.get_tracer("bench")

    def call(self) -> None:
        with self.tracer.start_as_current_span("bench") as span:
            span.set_attribute("duration_ms", 1.0)
            span.set_attribute("status", "success")


@traced("bench")
def nothing() -> None: ...


def bare() -> None: ...


sdk: list[Sdk] = []


def ours(calls: int) -> float:
    return microseconds(nothing, calls)


def untraced(calls: int) -> float:
    return microseconds(bare, calls)


def sdks(calls: int) -> float:
    if not sdk:
        sdk.append(Sdk())
    return microseconds(sdk[0].call, calls)


def write() -> float:
    """Write what waits; the CPU time that it takes, in microseconds."""
    began = time.process_time()
    buffer.flush()
    return (time.process_time() - began) * 1e6


def export() -> float:
    """Have the SDK export what waits; the CPU time that it takes, in microseconds."""
    began = time.process_time()
    sdk[0].provider.force_flush()
    return (time.process_time() - began) * 1e6


def exported() -> int:
    return sdk[0].exporter.exported


def flat_out(seconds: float) -> int:
    """As many spans as can be made in that time, the writing thread beside; how many they were."""
    buffer.start()
    made, end = 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        for _ in range(1_000):
            nothing()
        made += 1_000
    return made


def paced(seconds: int, a_second: int) -> int:
    """So many spans a second, a hundredth of them at a time; how many they were."""
    buffer.start()
    began, burst = time.perf_counter(), a_second // 100
    for turn in range(1, seconds * 100 + 1):
        for _ in range(burst):
            nothing()
        time.sleep(max(0.0, began + turn / 100 - time.perf_counter()))
    return seconds * 100 * burst


def close() -> None:
    """Write everything, as at the end of a process."""
    buffer.close()


def kept() -> dict[str, int]:
    """What the store has of them: rows, what the figures count, and what this process' row says it shed."""
    counted = 0
    for model, only in ((Delta, {}), (Rollup, {"resolution": 60})):
        rows = model.objects.filter(series__kind="span", series__name="bench", **only)
        counted += sum(rows.values_list("count", flat=True))
    shed = 0
    with suppress(Writer.DoesNotExist):
        shed = Writer.objects.get(pk=identity.writer).shed
    return {"rows": Span.objects.filter(name="bench").count(), "counted": counted, "shed": shed}
