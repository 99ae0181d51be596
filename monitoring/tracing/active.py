"""How many spans are open in this process now."""

import os
import threading


class ActiveSpans:
    def __init__(self) -> None:
        self._start_afresh()
        os.register_at_fork(after_in_child=self._start_afresh)

    def _start_afresh(self) -> None:
        self.value = 0
        self._lock = threading.Lock()

    def add(self, change: int) -> None:
        with self._lock:
            self.value = max(0, self.value + change)


active_spans = ActiveSpans()
