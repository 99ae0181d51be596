"""kill -9 between any two statements: what was written stays exact, and nothing counts twice."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest

from tests.server import ROOT

WRITER = """
import django, time
django.setup()
from django.db import transaction
from monitoring import profiler, start_span
from monitoring.store import compaction
from monitoring.store.buffer import buffer
buffer.autoflush = False
print("ready", flush=True)
while True:
    for number in range(20):
        with start_span("work"):
            profiler.record(f"name-{number % 3}", number)
    buffer.flush()
    with transaction.atomic(using="telemetry"):
        compaction.compact(time.time() + 120)  # as if the minute were over
"""
COUNT = """
import django, json
django.setup()
from django.db.models import Sum
from monitoring.models import Delta, Measure, Rollup, Span, Total
from monitoring.store.tiers import RESOLUTIONS
def total(rows, kind):
    return rows.filter(series__kind=kind).aggregate(count=Sum("count"))["count"] or 0
def figures(kind):
    open_ = total(Delta.objects.all(), kind)
    tiers = [total(Rollup.objects.filter(resolution=resolution), kind) + open_ for resolution in RESOLUTIONS]
    return [*tiers, total(Total.objects.all(), kind) + open_]
print(json.dumps({"rows": Measure.objects.count(), "measures": figures("histogram"),
                  "spans": Span.objects.count(), "operations": figures("span")}))
"""


@pytest.fixture
def environment(tmp_path):
    environment = os.environ | {"ADMINARA_DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "adminara.settings"}
    migrate = [sys.executable, "manage.py", "migrate", "--database=telemetry", "--verbosity=0", "--skip-checks"]
    subprocess.run(migrate, env=environment, cwd=ROOT, check=True, timeout=60)
    return environment


def test_counts_stay_exact_however_often_the_writer_is_killed(environment):
    chance = random.Random()
    for _ in range(8):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER], env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0.05, 0.6))
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
    counted = subprocess.run(
        [sys.executable, "-c", COUNT], env=environment, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    told = json.loads(counted.stdout)
    assert told["rows"] > 100
    assert told["measures"] == [told["rows"]] * 5
    assert told["operations"] == [told["spans"]] * 5
    assert told["rows"] % 20 == 0
