"""kill -9 before each statement, and at any moment between: what was written stays exact, and nothing counts twice."""

import pytest

from tests.processes import DATABASES, installation, run


@pytest.mark.parametrize("database", DATABASES)
def test_counts_stay_exact_wherever_the_writer_is_killed(tmp_path, database):
    with installation(tmp_path, database) as environment:
        steps, writes = map(int, run("tests.dying", environment).split())
    assert steps > 30, "the statements were not seen"
    assert writes > steps, "few lives came to write at all"
