"""Whether what the call measured arrives where Prometheus reads it."""

import base64
import re
import time

from django.conf import settings

from sessions_app.instruments import CONNECTION_TIME
from sessions_app.selftest.errors import SelfTestError
from sessions_app.selftest.visitor import Visitor

NAME = f"{CONNECTION_TIME.name}_count"
COUNT = re.compile(rf"^{NAME}(?:{{[^}}]*}})? (\S+)", re.M)
WITHIN_S = 6.0  # processes write once a second, on a busy machine later
LOOK_S = 0.25


def count(visitor: Visitor) -> int:
    """How many connection times /metrics has counted, of both roles."""
    answer = visitor.expect(visitor.get("/metrics", **credential()), "/metrics")
    found = COUNT.findall(answer.text)
    if not found:
        raise SelfTestError(f"/metrics has no series {NAME}: is the telemetry database there?")
    return int(sum(map(float, found)))


def await_count(visitor: Visitor, least: int) -> int:
    """The count once it is at least that. Raises SelfTestError when it is not in time."""
    deadline = time.monotonic() + WITHIN_S
    while (found := count(visitor)) < least:
        if time.monotonic() > deadline:
            raise SelfTestError(
                f"{NAME} on /metrics is {found}, not {least}: the call was measured, but its "
                "times did not arrive. `manage.py telemetry_doctor` says why."
            )
        time.sleep(LOOK_S)
    return found


def credential() -> dict[str, str]:
    if settings.METRICS_TOKEN:
        return {"Authorization": f"Bearer {settings.METRICS_TOKEN}"}
    if settings.METRICS_PASSWORD:
        pair = f"{settings.METRICS_USERNAME}:{settings.METRICS_PASSWORD}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
    return {}
