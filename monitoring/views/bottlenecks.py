"""What is slow: the ranked table."""

from dataclasses import replace
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.timezone import get_current_timezone_name, now
from django.utils.translation import gettext as _

from monitoring.panel.answers import Page, panel_page
from monitoring.panel.bottleneck_list import FIRST, ORDERS, arranged, asked
from monitoring.panel.bottlenecks import bottlenecks as rank
from monitoring.panel.overview import complete_until
from monitoring.panel.windows import local_minute, offered
from monitoring.store.living import living


@panel_page
def bottlenecks(request: HttpRequest) -> Page:
    wanted, moment = asked(request.GET), now()
    ranked = rank(wanted.window, wanted.threshold)
    report = replace(ranked, rows=arranged(ranked.rows, wanted))
    shown = {
        "report": report,
        "rows": report.rows if wanted.all else report.rows[:FIRST],
        "measured": len(ranked.rows),
        "asked": wanted,
        "all": wanted.address(rows="all"),
        "basis": urlencode(wanted.basis, safe="/:"),
        "columns": [(sort, words, wanted.address(sort=sort), sort == wanted.sort) for sort, words in _columns()],
        "windows": offered(wanted.window),
        "complete_until": complete_until(living(moment), moment),
        "zone": get_current_timezone_name(),
    }
    if "/" in wanted.window:
        shown |= {"from": local_minute(report.since), "to": local_minute(report.until + 1)}
    return Page("monitoring/bottlenecks.html", _("Bottlenecks"), shown, report.as_json())


def _columns() -> list[tuple[str, str]]:
    """What the table can be ordered by, with its words."""
    words = {
        "count": _("Count"),
        "errors": _("Failed"),
        "over": _("Too long"),
        "share": _("Share of time"),
        "mean": _("Mean"),
        "p50": _("p50"),
        "p95": _("p95"),
        "change": _("p95 since the period before"),
        "p99": _("p99"),
        "max": _("Longest"),
    }
    return [(sort, words[sort]) for sort in ORDERS]
