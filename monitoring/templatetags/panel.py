"""What the staff pages' templates need to show numbers, moments and charts."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from monitoring.panel import charts, formatting, plots

# What a status is called, and whether that is good.
STATUSES = {
    "ok": (gettext_lazy("ok"), "good"),
    "success": (gettext_lazy("succeeded"), "good"),
    "error": (gettext_lazy("failed"), "bad"),
    "failed": (gettext_lazy("failed"), "bad"),
    "interrupted": (gettext_lazy("interrupted"), "warn"),
    "running": (gettext_lazy("running"), ""),
    "discarded": (gettext_lazy("discarded"), ""),
    "living": (gettext_lazy("living"), "good"),
    "ended": (gettext_lazy("ended"), ""),
    "died": (gettext_lazy("died"), "bad"),
}

register = template.Library()
register.filter(formatting.duration)
register.filter(formatting.share)
register.filter(formatting.whole)
register.filter(formatting.capped)
register.filter(formatting.times)
register.filter("spans", formatting.spans)
register.filter(formatting.brief)
register.filter(formatting.window)
register.filter("in_unit", formatting.value)
register.simple_tag(charts.bar)


@register.simple_tag
def sparkline(points: Sequence[float | None], unit: str = "", marks: Sequence[float] = ()) -> SafeString:
    """A sparkline whose text alternative says its least and greatest value; `marks` are deployments."""
    known = [point for point in points if point is not None]
    if not known:
        return charts.sparkline(points, _("Nothing in the last hour"), marks)
    least, most = formatting.value(min(known), unit), formatting.value(max(known), unit)
    label = _("Each minute of the last hour: from %(least)s to %(most)s") % {"least": least, "most": most}
    return charts.sparkline(points, label, marks)


@register.filter
def moment(at: datetime | float | None) -> SafeString | str:
    """A moment (or seconds since the epoch) in UTC; panel.js rewrites it in the viewer's own zone."""
    if at is None:
        return "–"
    when = datetime.fromtimestamp(at, UTC) if isinstance(at, int | float) else at.astimezone(UTC)
    return format_html('<time datetime="{}">{} UTC</time>', when.isoformat(), f"{when:%Y-%m-%d %H:%M:%S}")


@register.filter
def from_now(at: datetime, now: datetime) -> str:
    """How far away a moment is: `in 5 min 00 s`, or `due` when it has come."""
    left = (at - now).total_seconds()
    return _("in %(time)s") % {"time": formatting.duration(left * 1000)} if left > 0 else pgettext("job", "due now")


@register.inclusion_tag("components/status.html")
def status(value: str) -> dict[str, str]:
    """A status as a pill: a sign, a word and a colour."""
    word, level = STATUSES.get(value, (value, ""))
    return {"word": str(word), "level": level}


@register.inclusion_tag("components/plot.html")
def plot(plot: plots.Plot) -> dict[str, Any]:
    """A chart over time with its legend, and the same numbers as a table."""
    return {"plot": plot, "drawing": plots.drawn(plot)}
