"""Loaded before Django's settings: the tests have their own data folder and none of the developer's settings."""

import atexit
import os
import shutil
import tempfile

OURS = (
    "DATABASE_URL",
    "REDIS_URL",
    "WEB_PROCESSES",
    "ADMINARA_",
    "OTEL_",
    "DESK_",
    "JOB_",
    "METRICS_",
    "ENABLE_",
    "TELEMETRY_",
    "BOTTLENECK_",
    "PROMETHEUS_",
    "ALERT_",
    "SLO_",
)

for name in [name for name in os.environ if name.startswith(OURS)]:
    del os.environ[name]
if url := os.environ.get("TEST_DATABASE_URL"):  # the tests' own PostgreSQL
    os.environ["DATABASE_URL"] = url
folder = tempfile.mkdtemp(prefix="adminara-test-")
owner = os.getpid()
os.environ.update(
    ADMINARA_DATA_DIR=folder, ENV_FILE=os.devnull, OTEL_TRACES_EXPORTER="none", DESK_JOINS_PER_MINUTE="10000"
)


def tidy() -> None:
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)


atexit.register(tidy)
