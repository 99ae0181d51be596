"""A program that goes on while an operator begins its telemetry anew; run by tests/integration/test_outage.py."""

import shutil
import sys
from pathlib import Path

from django.db import connections

from monitoring import profiler
from monitoring.models import Series
from monitoring.store.buffer import buffer
from tests.exactness import exact, rows

FILE = Path(connections["telemetry"].settings_dict["NAME"])


def main() -> None:
    buffer.autoflush = False
    connections["telemetry"].close()
    empty = shutil.copy(FILE, FILE.with_name("empty"))
    for name in ("old", "work"):
        profiler.record(name, 1)
    buffer.flush()
    for file in FILE.parent.glob(f"{FILE.name}*"):
        file.unlink()
    profiler.record("work", 2)
    buffer.flush()  # there is no file now
    Path(empty).rename(FILE)
    profiler.record("work", 3)
    buffer.flush()
    connections["telemetry"].close()

    assert not Series.objects.filter(name="old").exists(), "that is the old file"
    assert exact("histogram", name="work") == rows()[0] == 2
    sys.stdout.write("written")
