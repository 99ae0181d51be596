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
LEAST = 2.0  # the height of a run that took next to nothing


@dataclass(frozen=True)
class Column:
    """One run: its rectangle, its status, and the left edge of its sign. Numbers as SVG has them."""

    run: RunRow
    x: int
    y: str
    height: str


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
    return Column(run, number * SLOT + (SLOT - COLUMN) // 2, f"{HEAD + HEIGHT - height:.1f}", f"{height:.1f}")


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
