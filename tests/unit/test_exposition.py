import pytest
from prometheus_client.parser import text_string_to_metric_families

from monitoring import Instrument, Reading, exposition, profiler
from monitoring.exposition import family
from monitoring.instruments import declare, declared
from monitoring.recording import count
from monitoring.store.histogram import Histogram

pytestmark = pytest.mark.django_db


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
    for instrument in declared.values():
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


def test_the_scrape_answers_when_the_telemetry_database_does_not(monkeypatch):
    def broken(_kinds):
        raise OSError("disk I/O error")

    monkeypatch.setattr("monitoring.guard.guard.strict", False)
    monkeypatch.setattr("monitoring.store.figures.since_the_beginning", broken)
    samples = scraped()
    assert samples["telemetry_store_up", ()] == 0
    assert samples["queue_wait_time_count", ()] == 0


def test_labels_keep_their_order_and_readings_their_values():
    gauge = Instrument("gauge", "things", "Things", labels={"b": (), "a": ()})
    (sample,) = family(gauge, {}, [Reading("things", 4, {"a": "x", "b": "y"})]).samples
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
    counts = [count for _, count in exposition.buckets(histogram)]
    assert counts == sorted(counts)
    assert counts[-1] == 4
