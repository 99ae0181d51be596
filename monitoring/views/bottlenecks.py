"""What is slow: the ranked table."""

from django.http import HttpRequest
from django.utils.timezone import get_current_timezone_name, now
from django.utils.translation import gettext as _

from monitoring.panel.answers import Page, panel_page
from monitoring.panel.bottlenecks import bottlenecks as rank
from monitoring.panel.overview import complete_until
from monitoring.panel.windows import WINDOWS, local_minute, milliseconds, seconds
from monitoring.store.living import living


@panel_page
def bottlenecks(request: HttpRequest) -> Page:
    window = request.GET.get("window", "1h")
    if request.GET.get("from") or request.GET.get("to"):  # the form's two fields, which make one window
        window = f"{request.GET.get('from')}/{request.GET.get('to')}"
    asked = request.GET.get("threshold", "")  # empty: each name's own
    report, moment = rank(window, milliseconds(asked) if asked else None), now()
    shown = {
        "report": report,
        "windows": WINDOWS if "/" in window else sorted({*WINDOWS, window}, key=seconds),
        "complete_until": complete_until(living(moment), moment),
        "zone": get_current_timezone_name(),
    }
    if "/" in window:
        shown |= {"from": local_minute(report.since), "to": local_minute(report.until + 1)}
    return Page("monitoring/bottlenecks.html", _("Bottlenecks"), shown, report.as_json())
