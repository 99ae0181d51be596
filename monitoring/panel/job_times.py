"""How long jobs waited and ran, over time: p50, p95 and the longest, from the store's figures."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from monitoring.deployments import between
from monitoring.instruments import Labels
from monitoring.metrics import JOB_PROCESSING_TIME, JOB_WAIT_TIME
from monitoring.panel.name_report import step_of
from monitoring.panel.plots import Curve, Mark, Plot
from monitoring.store import figures
from monitoring.store.histogram import Histogram

MOST_STEPS = 32
QUANTILES = (0.5, 0.95)


@dataclass(frozen=True)
class Spread:
    """Milliseconds over a whole window, of `count` runs; None when there were none."""

    count: int
    p50: float | None
    p95: float | None
    max: float | None


@dataclass(frozen=True)
class JobTimes:
    """The times of all jobs, or of one, from `since` to `until` (epoch seconds) in steps of `step` seconds."""

    since: int
    until: int
    step: int
    wait: Spread
    run: Spread
    plots: list[Plot]

    def figures(self) -> dict[str, Any]:
        whole = {name: vars(getattr(self, name)) for name in ("wait", "run")}
        curves = [
            {"title": plot.title, **{curve.css: list(curve.points) for curve in plot.curves}} for plot in self.plots
        ]
        return {"since": self.since, "until": self.until, "step": self.step, **whole, "curves": curves}


def times(since: float, until: float, now: float, name: str = "") -> JobTimes:
    """Of the jobs that began to wait, or ended, in the window; of one job if asked for."""
    step = step_of(since, until, now, MOST_STEPS)
    first, last = int(since) // step * step, int(until) // step * step
    labels = (("job_name", name),) if name else None
    spreads: list[Spread] = []
    plots: list[Plot] = []
    for instrument, title in ((JOB_WAIT_TIME, _("Waited for a worker")), (JOB_PROCESSING_TIME, _("Ran"))):
        whole, steps = _course(instrument.name, first, until, step, labels)
        histograms = [steps.get(begin) for begin in range(first, last + 1, step)]
        spreads.append(_spread(whole))
        plots.append(Plot(title, "ms", first, last + step, _curves(histograms), _marks(first, until)))
    wait, run = spreads
    return JobTimes(first, int(until), step, wait, run, plots)


def _course(
    name: str, since: int, until: float, step: int, labels: Labels | None
) -> tuple[Histogram, dict[int, Histogram]]:
    course = figures.of_name("histogram", name, since, until, step, labels)
    return (course.whole, course.steps) if course else (Histogram(), {})


def _spread(whole: Histogram) -> Spread:
    if not whole.cells:
        return Spread(0, None, None, None)
    p50, p95 = whole.quantiles(*QUANTILES)
    return Spread(whole.count, p50, p95, whole.most)


def _curves(steps: Iterable[Histogram | None]) -> list[Curve]:
    known = [(*one.quantiles(*QUANTILES), one.most) if one and one.cells else (None, None, None) for one in steps]
    names = ((_("p50"), "p50"), (_("p95"), "p95"), (_("longest"), "max"))
    return [Curve(label, [point[index] for point in known], css) for index, (label, css) in enumerate(names)]


def _marks(since: float, until: float) -> list[Mark]:
    return [Mark(deployment.at, deployment.version) for deployment in between(since, until)]
