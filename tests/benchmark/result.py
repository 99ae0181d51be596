"""One line of the table."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """`met` is None for a line that has no bar and stands there to be compared with."""

    what: str
    measured: str
    baseline: str = ""
    ratio: str = ""
    bar: str = ""
    met: bool | None = None
    note: str = ""

    @property
    def verdict(self) -> str:
        return {True: "met", False: "**missed**", None: ""}[self.met]
