"""The telemetry's database is away for ten minutes: the program never notices, and no count is lost or doubled."""

import pytest

from tests.processes import installation, run


@pytest.mark.parametrize(
    ("database", "outage"),
    [
        ("sqlite", "locked"),
        ("sqlite", "full"),
        ("sqlite", "read_only"),
        ("sqlite", "gone"),
        ("postgresql", "unreachable"),
    ],
)
def test_ten_minutes_without_the_database_cost_rows_and_no_counts(tmp_path, database, outage):
    with installation(tmp_path, database) as environment:
        assert "shed" in run("tests.starving", environment, outage)


def test_a_new_file_in_the_place_of_the_old_one_is_what_is_written_to(tmp_path):
    with installation(tmp_path, "sqlite") as environment:
        assert run("tests.replacing", environment) == "written"
