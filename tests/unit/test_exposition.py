import time

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics_families
from prometheus_client.parser import text_string_to_metric_families

from monitoring import Instrument, Reading, exposition, profiler, start_span
from monitoring.buckets import counts
from monitoring.exposition import gauge
from monitoring.instruments import declare, declared
from monitoring.models import Exemplar, Series
from monitoring.recording import count
from monitoring.store.histogram import Histogram

pytestmark = pytest.mark.django_db
RATES = {
    "service_level_ratio",
    "abandon_rate_ratio",
    "average_speed_of_answer_seconds",
    "occupancy_ratio",
    "expected_wait_kept_ratio",
}  # of nobody: no number


def scraped():
    text = exposition.render()[0].decode()
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for metric in text_string_to_metric_families(text)
        for sample in metric.samples
    }


def test_every_declared_series_is_there_from_the_start_as_zero():
    samples = scraped()
    names = {name for name, _ in samples}
    assert declared.keys() >= RATES
    assert not names & RATES
    for instrument in [instrument for name, instrument in declared.items() if name not in RATES]:
        exported = {"histogram": f"{instrument.name}_count", "counter": instrument.name, "gauge": instrument.name}
        assert exported[instrument.kind] in names, instrument.name
    assert samples["job_processing_time_count", (("job_name", "turn_rotation"),)] == 0
    assert samples["queue_wait_time_sum", ()] == 0
    assert samples["active_spans", ()] == 0


def test_what_was_recorded_is_exported_under_these_very_names(telemetry):
    for ms in (30, 60, 120):
        profiler.record("queue_wait_time", ms)
    count("jobs_total", job_name="session_cleanup", result="failed")
    telemetry.flush()
    samples = scraped()
    assert samples["queue_wait_time_count", ()] == 3
    assert samples["queue_wait_time_sum", ()] == 210
    assert samples["queue_wait_time_bucket", (("le", "50"),)] == 1
    assert samples["queue_wait_time_bucket", (("le", "100"),)] == 2
    assert samples["queue_wait_time_bucket", (("le", "+Inf"),)] == 3
    assert samples["jobs_total", (("job_name", "session_cleanup"), ("result", "failed"))] == 1


OPENMETRICS = "application/openmetrics-text; version=1.0.0"


def openmetrics():
    text = exposition.render(OPENMETRICS)[0].decode()
    return {metric.name: metric for metric in openmetrics_families(text)}


def test_both_formats_say_the_same(telemetry):
    for ms in (0.3, 30, 60, 5000, 1e8):
        profiler.record("queue_wait_time", ms)
        profiler.record("job_processing_time", ms, job_name='a "b"\\c\nd')
    telemetry.flush()
    ours = {"queue_wait_time", "job_processing_time", "webrtc_connection_time"}
    text = {
        (sample.name, *sorted((key, canonical(value)) for key, value in sample.labels.items())): sample.value
        for metric in text_string_to_metric_families(exposition.render()[0].decode())
        for sample in metric.samples
        if metric.name in ours
    }
    other = {
        (sample.name, *sorted((key, canonical(value)) for key, value in sample.labels.items())): sample.value
        for name, metric in openmetrics().items()
        for sample in metric.samples
        if name in ours
    }
    assert text == other
    assert text["job_processing_time_count", ("job_name", 'a "b"\\c\nd')] == 5


def canonical(value):
    try:
        return str(float(value))
    except ValueError:
        return value


def test_buckets_lead_to_the_newest_trace_that_fell_into_them():
    now, series = time.time(), Series.objects.create(kind="histogram", name="queue_wait_time")
    for age, ms, trace in [(2, 99.0, "a"), (1, 100.0, "b"), (3, 98.0, "c"), (1, 3e9, "d"), (1500, 20.0, "e")]:
        bucket = int(now - age) // 60 * 60
        Exemplar.objects.create(
            series=series, bucket=bucket, at=now - age, duration_ms=ms, trace_id=trace * 32, span_id=trace * 16
        )
    found = {
        sample.labels["le"]: sample.exemplar for sample in openmetrics()["queue_wait_time"].samples if sample.exemplar
    }
    assert found.keys() == {"100.0", "+Inf"}
    assert found["100.0"].labels == {"trace_id": "b" * 32, "span_id": "b" * 16}
    assert (found["100.0"].value, float(found["100.0"].timestamp)) == (100.0, pytest.approx(now - 1, abs=0.001))
    assert all(len("".join(map("".join, one.labels.items()))) <= 128 for one in found.values())
    assert b"trace_id" not in exposition.render()[0]


def test_a_measure_in_a_trace_becomes_an_exemplar(telemetry):
    with start_span("answering") as span:
        profiler.record("queue_wait_time", 480.0)
    telemetry.flush()
    (exemplar,) = (one.exemplar for one in openmetrics()["queue_wait_time"].samples if one.exemplar)
    assert exemplar.labels["trace_id"] == f"{span.get_span_context().trace_id:032x}"


def test_the_scrape_answers_when_the_telemetry_database_does_not(monkeypatch):
    def broken(_kinds):
        raise OSError("disk I/O error")

    monkeypatch.setattr("monitoring.guard.guard.strict", False)
    monkeypatch.setattr("monitoring.store.figures.since_the_beginning", broken)
    samples = scraped()
    assert samples["telemetry_store_up", ()] == 0
    assert samples["queue_wait_time_count", ()] == 0


def test_labels_keep_their_order_and_readings_their_values():
    things = Instrument("gauge", "things", "Things", labels={"b": (), "a": ()})
    (sample,) = gauge(things, [Reading("things", 4, {"a": "x", "b": "y"})]).samples
    assert (sample.labels, sample.value) == ({"a": "x", "b": "y"}, 4)


def test_two_instruments_may_not_share_a_name():
    with pytest.raises(ValueError, match="active_spans"):
        declare(Instrument("counter", "active_spans", "Another one"))


def test_openmetrics_is_spoken_to_those_who_ask():
    body, content_type = exposition.render("application/openmetrics-text; version=1.0.0")
    assert "openmetrics" in content_type
    assert body.endswith(b"# EOF\n")


def test_buckets_never_fall():
    histogram = Histogram()
    for value in (0.5, 3, 70, 1e9):
        histogram.add(value)
    assert counts(histogram) == sorted(counts(histogram))
    assert counts(histogram)[-1] == 4
