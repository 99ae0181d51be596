"""Draws a trace's axis of time and the bars on it, as SVG with presentation attributes; colours come from classes."""

from collections.abc import Iterator, Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from monitoring.panel.axes import numbers
from monitoring.panel.critical_path import Part
from monitoring.panel.formatting import duration
from monitoring.panel.waterfall import Bar

NARROWEST = 0.4  # per cent of the axis, so that a short span can still be seen
CLOSE = 0.25  # per cent between stretches that are drawn as one: of a loop there may be thousands
TRACK = mark_safe('<svg width="100%" height="14" aria-hidden="true">')
WORK = '<rect x="{}%" y="1" width="{}%" height="9" rx="2" fill="currentColor"/>'
WAIT = (
    '<rect x="{}%" y="2" width="{}%" height="7" rx="2" fill="none" stroke="currentColor" stroke-width="1.5" '
    'stroke-dasharray="3 2"/>'
)
CRITICAL = '<rect class="path" x="{}%" y="11" width="{}%" height="3" fill="currentColor"/>'


def drawn(bar: Bar, whole_ms: float) -> SafeString:
    """A bar at its place, hollow where nobody works, and under it what it has of the critical path."""
    left, wide = _placed(bar.offset * 100, bar.width * 100)
    return format_html(
        "{}{}{}</svg>",
        TRACK,
        format_html(WAIT if bar.waits else WORK, _short(left), _short(wide)),
        format_html_join("", CRITICAL, ((_short(x), _short(width)) for x, width in _stretches(bar.parts, whole_ms))),
    )


def axis(whole_ms: float) -> SafeString:
    """The ticks above the bars: round times since the beginning of the trace."""
    places = [(at / whole_ms * 100, duration(at) if at else "0") for at in numbers(whole_ms, "ms") if at <= whole_ms]
    return format_html(
        '<svg class="ticks" width="100%" height="20" role="img" aria-label="{}">{}</svg>',
        duration(whole_ms),
        format_html_join("", "{}", ((_tick(x, text),) for x, text in places)),
    )


def _tick(x: float, text: str) -> SafeString:
    anchor = "start" if x < 5 else "end" if x > 90 else "middle"
    return format_html(
        '<rect x="{0}%" y="15" width="1" height="5" fill="currentColor"/>'
        '<text x="{0}%" y="11" font-size="11" text-anchor="{1}" fill="currentColor">{2}</text>',
        _short(min(x, 99.8)),
        anchor,
        text,
    )


def _stretches(parts: Sequence[Part], whole_ms: float) -> Iterator[tuple[float, float]]:
    """The place and width of each stretch in per cent, those that are too close to tell apart as one."""
    since = until = None
    for part in parts:
        left, right = (moment / whole_ms * 100 for moment in part)
        if since is not None and until is not None and left - until > CLOSE:
            yield _placed(since, until - since)
            since = None
        since, until = left if since is None else since, right
    if since is not None and until is not None:
        yield _placed(since, until - since)


def _placed(left: float, wide: float) -> tuple[float, float]:
    left = min(max(left, 0.0), 100.0 - NARROWEST)
    return left, min(max(wide, NARROWEST), 100.0 - left)


def _short(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")
