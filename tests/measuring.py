"""A program that measures what its test tells it to, round by round; run by tests/integration/test_agreement.py.

For each line on its input, the number of a round, it records that round and says so once all of it is written.
"""

import random
import sys
import time
from typing import NamedTuple

SERIES = (
    ("queue_wait_time", {}),
    ("webrtc_connection_time", {"role": "customer"}),
    ("webrtc_connection_time", {"role": "staff"}),
    ("job_processing_time", {"job_name": "session_cleanup"}),
    ("render", {}),
)
EACH = 200  # measures of a series by a program in a round
ROUND_S = 1.5


class Planned(NamedTuple):
    name: str
    labels: dict[str, str]
    ms: float
    ok: bool
    ago: float  # in seconds: what is of a minute that is over can be merged at once


def plan(writer: int, number: int) -> list[Planned]:
    """What a program measures in a round: the same whenever it is asked."""
    chance = random.Random(writer * 1000 + number)
    planned = [
        Planned(name, labels, chance.lognormvariate(2 + place, 0.7), chance.random() < 0.9, chance.choice((0, 70, 140)))
        for place, (name, labels) in enumerate(SERIES)
        for _ in range(EACH)
    ]
    chance.shuffle(planned)
    return planned


def main(writer: str) -> None:
    from monitoring.recording import record_duration
    from monitoring.store.buffer import buffer

    for line in sys.stdin:
        planned = plan(int(writer), int(line))
        for measure in planned:
            record_duration(measure.name, measure.labels, time.time() - measure.ago, measure.ms, ok=measure.ok)
            time.sleep(ROUND_S / len(planned))
        buffer.flush()
        sys.stdout.write("written\n")
        sys.stdout.flush()
