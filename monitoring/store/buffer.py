"""Where telemetry waits for the database: a bounded queue a process, emptied by one thread about every second.

Putting costs an append. The thread starts with the first record, again after a fork, and holds `busy` while it writes,
so that no fork happens in the middle of a write. A full buffer refuses and counts; it never blocks and never grows.
"""

import os
import threading
import time
from collections import deque
from collections.abc import Callable

from monitoring.guard import quiet
from monitoring.store.records import Record

CAPACITY = 50_000
FULL_ENOUGH = 2_000
EVERY = 1.0  # seconds between two writes


class Buffer:
    def __init__(self) -> None:
        self.sink: Callable[[list[Record]], None] | None = None
        self.autoflush = True
        self._start_afresh()
        os.register_at_fork(
            before=self._before_fork, after_in_parent=self._after_fork, after_in_child=self._start_afresh
        )

    def _start_afresh(self) -> None:
        self.shed = 0
        self.found = 0  # records that waited when they were last written
        self._closed = False
        self._records: deque[Record] = deque()
        self._busy = threading.Lock()
        self._starting = threading.Lock()
        self._shedding = threading.Lock()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None

    def _before_fork(self) -> None:
        self._busy.acquire()

    def _after_fork(self) -> None:
        self._busy.release()

    def put(self, record: Record) -> None:
        waiting = len(self._records)
        if waiting >= CAPACITY:
            with self._shedding:
                self.shed += 1
            return
        self._records.append(record)
        if waiting % FULL_ENOUGH == 0:  # looked after with the first and then with each so many
            self._attend(waiting)

    def _attend(self, waiting: int) -> None:
        if self._thread is None:
            self.start()
        if waiting:
            self._wake.set()

    def start(self) -> None:
        """Start the writing thread of this process, which also keeps its heartbeat; a second call does nothing."""
        with self._starting, quiet("starting to write telemetry"):  # there may be no thread to be had
            if self._thread is None and self.autoflush and self.sink is not None:
                thread = threading.Thread(target=self._write_for_ever, name="telemetry", daemon=True)
                thread.start()
                self._thread = thread

    def wake(self) -> None:
        """Ask for a write soon, without waiting for it."""
        self._wake.set()

    def flush(self) -> None:
        """Write what waits now, in this thread."""
        with self._busy, quiet("writing telemetry"):
            records = [self._records.popleft() for _ in range(len(self._records))]
            self.found = len(records)
            if self.sink is not None:
                self.sink(records)

    def close(self) -> None:
        """The last write before the process ends; the thread stops."""
        self._closed = True
        if self._thread is not None or self._records:
            self.flush()

    def _write_for_ever(self) -> None:
        while not self._closed:
            self._wake.wait(EVERY)
            self._wake.clear()
            self.flush()
            time.sleep(0.05)  # however fast records come, at most twenty writes a second


buffer = Buffer()
