"""Which threshold a name has."""

import pytest

from monitoring.thresholds import threshold_of


@pytest.mark.parametrize(
    ("name", "threshold"),
    [("desk.claim", 50), ("job.sweep", 80), ("job.clean", 5000), ("GET /x", 300), ("get /x", 100), ("a job.x", 100)],
)
def test_the_first_pattern_that_fits_decides_and_the_default_covers_the_rest(settings, name, threshold):
    settings.BOTTLENECK_THRESHOLDS = [("desk.claim", 50.0), ("job.sweep", 80.0), ("job.*", 5000.0), ("GET *", 300.0)]
    assert threshold_of(name) == threshold


def test_a_changed_setting_counts_at_once(settings):
    assert threshold_of("render") == 100
    settings.BOTTLENECK_THRESHOLD_MS = 7
    assert threshold_of("render") == 7
    settings.BOTTLENECK_THRESHOLDS = [("render", 9.0)]
    assert threshold_of("render") == 9
