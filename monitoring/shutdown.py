"""The last write of a process, wherever it comes from: the server's shutdown, a worker's end, a command's exit."""

import atexit
from multiprocessing import util

from monitoring.guard import quiet
from monitoring.store.buffer import buffer
from monitoring.store.recorder import recorder
from monitoring.tracing.setup import export_what_waits


def end_telemetry() -> None:
    """Write and send what waits, and say that this process ends."""
    buffer.close()
    recorder.say_goodbye()
    with quiet("the last export"):
        export_what_waits()


def _finalize(_key: object) -> None:
    util.Finalize(None, end_telemetry, exitpriority=100)


atexit.register(end_telemetry)
# A child of multiprocessing, such as django-q2's workers, skips atexit but runs its finalizers.
util.register_after_fork(end_telemetry, _finalize)
