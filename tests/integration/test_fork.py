"""A fork in the middle of a write: parent and child go on, each with its own, and no count is lost or doubled."""

import pytest

from tests.processes import DATABASES, installation, run


@pytest.mark.parametrize("database", DATABASES)
def test_a_fork_in_the_middle_of_a_write_disturbs_nobody(tmp_path, database):
    with installation(tmp_path, database) as environment:
        assert "forks" in run("tests.forking", environment)
