"""How many spans are open in this process now.

Adding to a set and taking from it are one step each under Python's lock: this needs none of its own.
"""

import os

MOST = 100_000  # a program that never ends its spans must not fill the memory


class ActiveSpans:
    def __init__(self) -> None:
        self._start_afresh()
        os.register_at_fork(after_in_child=self._start_afresh)

    def _start_afresh(self) -> None:
        self._open: set[int] = set()

    @property
    def value(self) -> int:
        return len(self._open)

    def began(self, span_id: int) -> None:
        if len(self._open) < MOST:
            self._open.add(span_id)

    def ended(self, span_id: int) -> None:
        self._open.discard(span_id)


active_spans = ActiveSpans()
