"""What is done to the cluster, one thing after the other; all of it heals without a person."""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from tests.cluster.hosts import Cluster

AWAY_S = 2.0
LONG_AWAY_S = 20.0  # longer than what customers may be silent for


@dataclass(frozen=True)
class Fault:
    what: str
    inflict: Callable[[Cluster], None]
    kills: bool = False
    """Whether a host's processes die of it without another word."""


def kill(host: int, command: str, cluster: Cluster) -> None:
    cluster.hosts[host].supervisor.kill(command)


def restart_redis(cluster: Cluster) -> None:
    cluster.redis.stop(signal.SIGKILL)
    time.sleep(AWAY_S)
    cluster.redis.start()


def restart_postgresql(away_s: float, cluster: Cluster) -> None:
    cluster.database.stop()
    time.sleep(away_s)
    cluster.database.start()


WEB_1 = Fault("web server 1 killed", partial(kill, 0, "serve"), kills=True)
WEB_2 = Fault("web server 2 killed", partial(kill, 1, "serve"), kills=True)
JOBS_1 = Fault("job workers 1 killed", partial(kill, 0, "qcluster"), kills=True)
JOBS_2 = Fault("job workers 2 killed", partial(kill, 1, "qcluster"), kills=True)
REDIS = Fault(f"Redis killed, back after {AWAY_S:.0f} s", restart_redis)
POSTGRESQL = Fault("PostgreSQL restarted", partial(restart_postgresql, 0))
POSTGRESQL_LONG = Fault(f"PostgreSQL away for {LONG_AWAY_S:.0f} s", partial(restart_postgresql, LONG_AWAY_S))
ALL = (WEB_1, WEB_2, JOBS_1, JOBS_2, REDIS, POSTGRESQL, POSTGRESQL_LONG)
