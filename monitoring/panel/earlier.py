"""Which earlier window one is compared with."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from monitoring.errors import BadParameter
from monitoring.panel.windows import fixed, period
from monitoring.store import tiers

BEFORE = "before"
WEEK = 7 * tiers.DAY
SHIFTS = {"day": tiers.DAY, "week": WEEK}
CHOICES = {
    BEFORE: gettext_noop("the period before"),
    "day": gettext_noop("the same time a day before"),
    "week": gettext_noop("the same time a week before"),
}


def earlier(asked: str, since: int, until: int, now: int) -> tuple[int, int]:
    """The first and the last second of the window that one from `since` to `until` is compared with.

    `before` is as long and ends where the other begins; `day` and `week` go back by as many of them as it takes for
    the two not to overlap; else two times as `period` reads them. Raises BadParameter.
    """
    if asked == BEFORE:
        return tiers.begin(2 * since - until, now), since - tiers.MINUTE
    if asked in SHIFTS:
        length, shift = until + 1 - since, SHIFTS[asked]
        back = -(-length // shift) * shift
        return fixed(since - back, until + 1 - back, now)
    if "/" not in asked:
        raise BadParameter(
            "compare", asked, _("before, day, week, or two times like 2026-11-24T09:00/2026-11-24T10:30")
        )
    first, last = period(asked, now, "compare")
    if last >= since:
        raise BadParameter("compare", asked, _("a window that ends before the other one begins"))
    return first, last
