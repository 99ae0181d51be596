"""Loaded before Django's settings: the tests have their own data folder and none of the developer's settings."""

import atexit
import os
import shutil
import tempfile

from tests import own_services

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
if own_services.DATABASE:
    os.environ["DATABASE_URL"] = own_services.DATABASE
if own_services.REDIS:
    os.environ["REDIS_URL"] = own_services.redis_of(0)
folder = tempfile.mkdtemp(prefix="adminara-test-")
owner = os.getpid()
os.environ.update(
    ADMINARA_DATA_DIR=folder, ENV_FILE=os.devnull, OTEL_TRACES_EXPORTER="none", DESK_JOINS_PER_MINUTE="10000"
)


def tidy() -> None:
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)


atexit.register(tidy)
