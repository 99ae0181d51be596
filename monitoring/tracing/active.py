"""Which spans are open in this process now.

Putting into a dictionary and taking out of it are one step each under Python's lock: this needs none of its own.
"""

import os

from monitoring.tracing.span import LightSpan

MOST = 100_000  # a program that never ends its spans must not fill the memory


class ActiveSpans:
    def __init__(self) -> None:
        self._start_afresh()
        os.register_at_fork(after_in_child=self._start_afresh)

    def _start_afresh(self) -> None:
        self._open: dict[int, LightSpan] = {}

    @property
    def value(self) -> int:
        return len(self._open)

    def oldest(self, most: int) -> list[LightSpan]:
        """The spans that have been open longest, at most so many."""
        return list(self._open.values())[:most]

    def began(self, span: LightSpan) -> None:
        if len(self._open) < MOST:
            self._open[id(span)] = span

    def ended(self, span: LightSpan) -> None:
        self._open.pop(id(span), None)


active_spans = ActiveSpans()
