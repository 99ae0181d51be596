"""The wall clock jumps by hours in a running process: counts stay exact and nothing takes minus an hour."""

from tests.processes import installation, run


def test_a_clock_that_jumps_costs_no_count_and_stops_no_compaction(tmp_path):
    with installation(tmp_path, "sqlite") as environment:
        assert "measures" in run("tests.jumping", environment)
