"""Connections that a process keeps ready, and a PostgreSQL that was restarted."""

from tests.processes import installation, run


def test_after_a_restart_of_the_database_nobody_waits_for_what_it_has_cut_off(tmp_path):
    with installation(tmp_path, "postgresql") as environment:
        assert float(run("tests.pooling", environment).removesuffix(" s\n")) < 1
