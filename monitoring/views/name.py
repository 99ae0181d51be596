"""Everything about one measured name."""

from django.http import HttpRequest
from django.utils.timezone import get_current_timezone_name

from monitoring.panel.answers import Page, panel_page
from monitoring.panel.earlier import BEFORE, CHOICES
from monitoring.panel.name_drawing import bars, facts, heat, plots, spread
from monitoring.panel.name_report import Asked, name_report
from monitoring.panel.windows import asked_window, local_minute, milliseconds, offered


@panel_page
def name(request: HttpRequest) -> Page:
    threshold = request.GET.get("threshold", "")  # empty: the name's own
    asked = Asked(
        kind=request.GET.get("kind", ""),
        name=request.GET.get("name", ""),
        window=asked_window(request.GET),
        compare=asked_window(request.GET, "compare", BEFORE),
        threshold=milliseconds(threshold) if threshold else None,
    )
    report = name_report(asked)
    shown = {
        "asked": asked,
        "report": report,
        "facts": facts(report),
        "plots": plots(report),
        "heat": heat(report),
        "bars": bars(report),
        "spread": spread(report),
        "over_share": report.now.over / report.now.count if report.now.count else 0.0,
        "windows": offered(asked.window),
        "choices": CHOICES,
        "zone": get_current_timezone_name(),
    }
    if "/" in asked.window:
        shown |= {"from": local_minute(report.since), "to": local_minute(report.until + 1)}
    if "/" in asked.compare:
        shown |= {
            "compare_from": local_minute(report.before_since),
            "compare_to": local_minute(report.before_until + 1),
        }
    return Page("monitoring/name.html", report.name, shown, report.as_json())
