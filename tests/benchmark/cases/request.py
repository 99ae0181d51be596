"""One web request with two queries through Django's test client, watched in different ways, in interleaved rounds.

What a way adds is the median, over the rounds, of its mean time a request less the bare site's in the same round.
Writing in background threads is inside it only as far as it gets in the way; its CPU time is in the remarks.
"""

import os
import random
import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from tests.benchmark import peers
from tests.benchmark.child import Child, child
from tests.benchmark.result import Row

ROUNDS, REQUESTS = 60, 40
OURS, BARE, BOTH = "adminara", "bare", "otel + prometheus"
STACKS = (BARE, "otel", "prometheus", BOTH, OURS, "silk", "orbit", "observatory")


def run() -> list[Row]:
    with ExitStack() as stack:
        sites = {name: _site(stack, name) for name in STACKS}
        times: dict[str, list[float]] = {name: [] for name in STACKS}
        before = {name: site.ask("spent") for name, site in sites.items()}
        for _ in range(ROUNDS):
            for name in random.sample(STACKS, len(STACKS)):
                times[name].append(sites[name].ask("ask", REQUESTS))
        cpu = {name: (site.ask("spent") - before[name]) / ROUNDS / REQUESTS for name, site in sites.items()}
        seen, asked = sites[OURS].ask("seen"), 50 + ROUNDS * REQUESTS
    added = {name: median(a - b for a, b in zip(times[name], times[BARE], strict=True)) for name in STACKS}
    return rows(added, cpu, median(times[BARE]), f"{seen} of {asked} requests in the store")


def _site(stack: ExitStack, name: str) -> Child:
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="adminara-bench-"))
    shared = Path(folder) / "metrics"
    shared.mkdir()
    environment = os.environ | {
        "ADMINARA_DATA_DIR": folder,
        "PROMETHEUS_MULTIPROC_DIR": str(shared),  # as several processes have it
        "OTEL_SEMCONV_STABILITY_OPT_IN": "http",
    }
    python = {} if name == OURS else {"python": peers.python()}
    site = stack.enter_context(child("requests", environment, **python))
    site.ask("start", name, folder)
    return site


def rows(added: dict[str, float], cpu: dict[str, float], bare: float, seen: str) -> list[Row]:
    """What each way adds to a request of `bare`, all in microseconds."""
    ours = added[OURS]

    def against(name: str, share: float, bar: str) -> Row:
        return Row(
            f"one web request (two queries) with everything on, against {name}",
            f"+{ours:.0f} us",
            f"+{added[name]:.0f} us",
            f"{ours / added[name]:.2f}",
            bar,
            ours <= added[name] * share,
            f"with background threads +{cpu[OURS] - cpu[BARE]:.0f} us of CPU against +{cpu[name] - cpu[BARE]:.0f}",
        )

    return [
        against(BOTH, 1.0, "no more than OTel on the SDK and django-prometheus together"),
        against("silk", 0.1, "at most a tenth of django-silk"),
        against("observatory", 1.0, "no more than django-observatory"),
        *(
            Row(f"the same request with {name}", f"+{added[name]:.0f} us", f"{bare:.0f} us bare")
            for name in ("otel", "prometheus", "orbit")
        ),
        Row("the same request seen by AdminAra", seen),
    ]
