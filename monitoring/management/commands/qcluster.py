"""Run the job workers: django-q2's own command, made to stop in time.

A process manager sends SIGTERM to the whole process group. django-q2's workers would die of it in mid-job, so they live
in a group of their own: only the main process hears the signal, and asks them to finish what they run. What is still
running after GRACE seconds is killed, is handed out again later, and shows as interrupted.
"""

import ctypes
import logging
import os
import signal
import sys
from typing import Any

import django_q.cluster
from django.core.management.base import BaseCommand
from django_q.cluster import Cluster, Sentinel
from django_q.scheduler import scheduler

from monitoring.process import identity
from monitoring.store.buffer import buffer

GRACE = 3.0  # seconds for running jobs to end


IDLE = -1  # what django-q2's timer says of a worker without a job
START_AGAIN = 75  # the sentinel's exit code: EX_TEMPFAIL of sysexits.h
PR_SET_PDEATHSIG = 1  # prctl(2)

logger = logging.getLogger(__name__)


class StoppingCluster(Cluster):  # type: ignore[misc]
    """A cluster that stops within GRACE seconds, whatever its workers do."""

    def stop(self) -> bool:
        if self.sentinel is None:
            sys.exit(0)
        self.stop_event.set()
        self.sentinel.join(GRACE)
        if self.sentinel.is_alive():
            os.killpg(self.sentinel.pid, signal.SIGKILL)
        return True


class WatchfulSentinel(Sentinel):  # type: ignore[misc]
    """Gives up when a worker was killed while it waited for work.

    Such a worker may have held the lock of the queue that all of them read from, and then none would ever get a job
    again: only a new queue, and so a new cluster, is sure to work.
    """

    def guard(self) -> None:
        buffer.start()  # a heartbeat of its own, once the workers are there
        scheduler(broker=self.broker)  # half a minute early: what was due meanwhile has waited for long enough
        super().guard()

    def reincarnate(self, process: Any) -> None:
        if process in self.pool and (process.exitcode or 0) < 0 and process.timer.value == IDLE:
            sys.exit(START_AGAIN)
        super().reincarnate(process)


class Command(BaseCommand):
    help = "Run the job workers until SIGTERM or Ctrl-C."

    def handle(self, *_args: Any, **_options: Any) -> None:
        main = os.getpid()
        identity.role = "scheduler"  # of the process that guards the workers and enqueues what is scheduled
        os.register_at_fork(after_in_child=lambda: settle_in(main))
        django_q.cluster.Sentinel = WatchfulSentinel
        while (code := run_cluster()) == START_AGAIN:
            logger.warning("A worker was killed while it waited for work: starting the workers again.")
        sys.exit(code)


def run_cluster() -> int:
    """Run one cluster to its end; its exit code, 0 when it was told to stop."""
    cluster = StoppingCluster()
    cluster.start()
    cluster.sentinel.join()
    return 0 if cluster.stop_event.is_set() else cluster.sentinel.exitcode or 1


def settle_in(main: int) -> None:
    """In each process of the cluster: the first leads a group of its own; all die with the one that started them."""
    if os.getppid() == main:
        os.setpgid(0, 0)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
