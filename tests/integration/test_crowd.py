"""Four processes record the same names while one of them compacts and another reads: counts stay exact."""

import pytest

from tests.crowd import MEASURES
from tests.processes import DATABASES, installation, run


@pytest.mark.parametrize("database", DATABASES)
def test_counts_are_exact_however_many_write_and_whatever_answers_are_lost(tmp_path, database):
    with installation(tmp_path, database) as environment:
        assert run("tests.crowd", environment) == str(MEASURES)
