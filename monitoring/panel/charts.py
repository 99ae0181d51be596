"""Small charts as SVG with presentation attributes: no script, no inline style. Colours come from `currentColor`."""

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, HEIGHT, MARGIN = 120.0, 28.0, 2.0
MARK = (
    '<path class="deployed" d="{}" stroke="currentColor" stroke-width="1" stroke-dasharray="2 2" '
    'vector-effect="non-scaling-stroke"/>'
)
NARROWEST = 0.4  # per cent of the axis, so that a short span can still be seen


def sparkline(points: Sequence[float | None], label: str, marks: Sequence[float] = ()) -> SafeString:
    """A line through the points from 0 upwards; None leaves a gap. Its text alternative is `label`.

    Each of `marks`, shares of the width from 0 to 1, becomes an upright line.
    """
    return format_html(
        '<svg class="sparkline" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<path d="M0 {}H{}" stroke="currentColor" stroke-opacity="0.25" vector-effect="non-scaling-stroke"/>'
        '<path d="{}" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linejoin="round" '
        'stroke-linecap="round" vector-effect="non-scaling-stroke"/>{}</svg>',
        f"{WIDTH:g}",
        f"{HEIGHT:g}",
        label,
        f"{HEIGHT - MARGIN:g}",
        f"{WIDTH:g}",
        line(points),
        format_html_join("", MARK, ((f"M{share * WIDTH:.1f} 0V{HEIGHT:g}",) for share in marks)),
    )


def line(points: Sequence[float | None]) -> str:
    """The path of a sparkline; a lonely point becomes a dot."""
    top = max((point for point in points if point is not None), default=0.0) or 1.0
    step = WIDTH / max(1, len(points) - 1)
    steps, previous = [], None
    for index, point in enumerate(points):
        if point is not None:
            y = HEIGHT - MARGIN - point / top * (HEIGHT - 2 * MARGIN)
            lonely = previous is None and (index + 1 == len(points) or points[index + 1] is None)
            steps.append(f"{'M' if previous is None else 'L'}{index * step:.1f} {y:.1f}{'h0.01' if lonely else ''}")
        previous = point
    return "".join(steps)


def bar(width: float, offset: float = 0.0) -> SafeString:
    """A bar from `offset` over `width`, both shares (0 to 1) of its box; the number beside it is its text."""
    left = min(max(offset * 100, 0.0), 100.0 - NARROWEST)
    wide = min(max(width * 100, NARROWEST), 100.0 - left)
    return format_html(
        '<svg class="bar" width="100%" height="10" aria-hidden="true" focusable="false">'
        '<rect class="track" width="100%" height="10" rx="2" fill="currentColor" fill-opacity="0.1"/>'
        '<rect x="{}%" width="{}%" height="10" rx="2" fill="currentColor"/></svg>',
        f"{left:.2f}",
        f"{wide:.2f}",
    )
