"""What one name's page draws."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from monitoring.panel import formatting, histograms
from monitoring.panel.heat import Frame, HeatMap, heat_map, traces_link
from monitoring.panel.histograms import Bars, Range
from monitoring.panel.name_report import NameReport
from monitoring.panel.plots import Curve, Mark, Plot


@dataclass(frozen=True)
class Fact:
    """One figure in words, now and then, and how many times the one the other is; `css` where it is a bad one."""

    label: str
    now: str
    then: str
    ratio: str
    css: str


def facts(report: NameReport) -> list[Fact]:
    limit, p95 = report.threshold, report.now.p95
    named = (
        (_("Count"), "count", "", ""),
        (_("Failed"), "errors", "", "bad" if report.now.errors else ""),
        (_("Over %(limit)s") % {"limit": formatting.duration(limit)}, "over", "", "warn" if report.now.over else ""),
        (_("Share of the time of its kind"), "share", "share", ""),
        (_("Mean"), "mean", "ms", ""),
        (_("p50"), "p50", "ms", ""),
        (_("p95"), "p95", "ms", "warn" if p95 is not None and p95 > limit else ""),
        (_("p99"), "p99", "ms", ""),
        (_("Longest"), "max", "ms", ""),
    )
    return [_fact(report, *each) for each in named]


def _fact(report: NameReport, label: str, figure: str, unit: str, css: str) -> Fact:
    now, then = getattr(report.now, figure), getattr(report.before, figure)
    return Fact(
        label=label,
        now=formatting.value(now, unit),
        then=formatting.value(then if report.before.count else None, unit),
        ratio=formatting.times(now / then) if now and then else "–",
        css=css,
    )


def plots(report: NameReport) -> list[Plot]:
    """Percentiles, and how many there were."""
    marks = [Mark(deployment.at, deployment.version) for deployment in report.deployments]
    percentiles = [
        Curve(_("p50"), [step.p50 for step in report.steps], "p50"),
        Curve(_("p95"), [step.p95 for step in report.steps], "p95"),
        Curve(_("p99"), [step.p99 for step in report.steps], "p99"),
    ]
    before = [step.p95_before for step in report.steps]
    if any(point is not None for point in before):
        percentiles.append(Curve(_("p95 then"), before, "third"))
    counts = [
        Curve(_("measured"), [float(step.count) for step in report.steps], "first"),
        Curve(_("failed"), [float(step.errors) for step in report.steps], "bad"),
    ]
    first, end = report.first, report.end
    return [
        Plot(_("Percentiles"), "ms", first, end, percentiles, marks, report.threshold),
        Plot(_("Count and failures"), "", first, end, counts, marks, kind="columns"),
    ]


def heat(report: NameReport) -> HeatMap | None:
    marks = [(deployment.at, deployment.version) for deployment in report.deployments]
    frame = Frame(report.first, report.end, report.step, report.threshold, marks)
    return heat_map(report.by_step, frame)


def bars(report: NameReport) -> Bars | None:
    return histograms.bars(report.ranges, report.threshold) if report.ranges else None


@dataclass(frozen=True)
class SpreadRow:
    """A range of durations and the address of its traces, empty where there can be none."""

    range: Range
    link: str


def spread(report: NameReport) -> list[SpreadRow]:
    """The ranges that the histogram draws, as a table."""
    return [
        SpreadRow(
            one,
            traces_link(report.name, report.since, report.until + 1, one.least, one.most) if one.count else "",
        )
        for one in report.ranges
    ]
