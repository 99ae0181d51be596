"""The job queue's bell on PostgreSQL, which every host hears: by its own tests."""

import os
import re
import subprocess
import sys

from tests.server import ROOT


def test_the_bells_own_tests_pass(shared_settings):
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "tests/integration/test_broker.py"],
        env=os.environ | {"TEST_DATABASE_URL": shared_settings["DATABASE_URL"]},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stdout
    assert int(re.search(r"(\d+) passed", ran.stdout)[1]) >= 9
    assert "SQLite" not in ran.stdout, "a test of PostgreSQL was skipped: it was not used"
