"""The last runs of a job as a strip: a column each, as high as it ran long; what went wrong has a sign on it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from monitoring.panel.formatting import duration, whole
from monitoring.panel.job_runs import RETRIABLE, RunRow

MOST = 60
SLOT, COLUMN = 12, 8  # the width of a run's place, and of its column
HEIGHT = 48  # of the longest run
HEAD = 14  # the room above for signs
FULL = ("success", "failed")  # the columns of others are hollow
SIGNS = {"failed": "M{x} 2l8 8m0 -8l-8 8", "interrupted": "M{x} 10l4 -8l4 8z"}
LEAST = 2.0  # the height of a run that took next to nothing


@dataclass(frozen=True)
class Column:
    """One run: its status, its rectangle, `sign` a path above it where it went wrong, and `said` for the pointer."""

    status: str
    x: int
    y: str
    height: str
    sign: str
    said: str

    @property
    def full(self) -> bool:
        return self.status in FULL


@dataclass(frozen=True)
class Strip:
    """Columns from the oldest to the newest in a picture of `width` times `height`; `said` is it in words."""

    width: int
    height: int
    columns: list[Column]
    said: str


def strip(runs: Sequence[RunRow]) -> Strip | None:
    """Of runs with the newest first; None where there are none."""
    shown = list(reversed(runs[:MOST]))
    if not shown:
        return None
    longest = max((run.run_ms or 0.0 for run in shown), default=0.0)
    columns = [_column(run, number, longest) for number, run in enumerate(shown)]
    return Strip(len(shown) * SLOT, HEAD + HEIGHT, columns, _said(shown, longest))


def _column(run: RunRow, number: int, longest: float) -> Column:
    height = max(LEAST, (run.run_ms or 0.0) / longest * HEIGHT) if longest else LEAST
    x = number * SLOT + (SLOT - COLUMN) // 2
    said = f"{run.at:%Y-%m-%d %H:%M:%S} UTC: {duration(run.run_ms)}"
    return Column(
        run.status, x, f"{HEAD + HEIGHT - height:.1f}", f"{height:.1f}", SIGNS.get(run.status, "").format(x=x), said
    )


def _said(runs: Sequence[RunRow], longest: float) -> str:
    bad = sum(run.status in RETRIABLE for run in runs)
    text = ngettext(
        "The last %(count)s run: %(bad)s failed or was interrupted; the longest took %(longest)s.",
        "The last %(count)s runs: %(bad)s failed or were interrupted; the longest took %(longest)s.",
        len(runs),
    )
    told: str = text % {
        "count": whole(len(runs)),
        "bad": whole(bad) if bad else _("none"),
        "longest": duration(longest),
    }
    return told
