"""Numbers as people read them: each with its unit, in the language of the page."""

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

MOST_COUNTED = 10_000


def duration(ms: float | None) -> str:
    """Milliseconds in the unit that suits them; a dash for none."""
    if ms is None:
        return "–"
    if ms < 1000:
        places = 2 if ms < 10 else 1 if ms < 100 else 0
        return _("%(number)s ms") % {"number": number_format(ms, places)}
    if ms < 60_000:
        return _("%(number)s s") % {"number": number_format(ms / 1000, 2 if ms < 10_000 else 1)}
    minutes, seconds = divmod(round(ms / 1000), 60)
    if minutes < 60:
        return _("%(minutes)d min %(seconds)02d s") % {"minutes": minutes, "seconds": seconds}
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return _("%(hours)d h %(minutes)02d min") % {"hours": hours, "minutes": minutes}
    if hours % 24 == 0 and minutes == seconds == 0:
        return _("%(number)s d") % {"number": hours // 24}
    return _("%(days)d d %(hours)02d h") % {"days": hours // 24, "hours": hours % 24}


def share(part: float) -> str:
    """A part of one as a percentage."""
    percent = part * 100
    return _("%(number)s %%") % {"number": number_format(percent, 1 if percent < 10 else 0)}


def whole(number: float) -> str:
    """A count, or a gauge's value, with groups of thousands."""
    return number_format(number, 0 if number == int(number) else 1, force_grouping=True)


def capped(count: int) -> str:
    """A count that was not counted beyond MOST_COUNTED."""
    return f"{whole(MOST_COUNTED)}+" if count > MOST_COUNTED else whole(count)


def value(number: float | None, unit: str) -> str:
    """A number in its unit: `ms` and `s` are durations, `share` is a part of one, no unit is a count.

    Whole seconds stay whole.
    """
    if number is None:
        return "–"
    if unit == "share":
        return share(number)
    if not number and unit in ("ms", "s"):
        return (_("%(number)s ms") if unit == "ms" else _("%(number)s s")) % {"number": 0}
    if unit == "s" and number < 60 and number == int(number):
        return _("%(number)s s") % {"number": whole(number)}
    if unit in ("ms", "s"):
        return duration(number if unit == "ms" else number * 1000)
    return f"{whole(number)} {unit}".strip()


def brief(number: float, unit: str) -> str:
    """A round number for an axis, in as few characters as it needs: 2.5 s, 5 min, 40 %; units as `value` has them."""
    if unit == "share":
        return _("%(number)s %%") % {"number": _shortest(number * 100)}
    if unit not in ("ms", "s"):
        return f"{whole(number)} {unit}".strip()
    ms = number * 1000 if unit == "s" else number
    if ms < 1000 and (number or unit == "ms"):
        return _("%(number)s ms") % {"number": _shortest(ms)}
    if ms < 60_000:
        return _("%(number)s s") % {"number": _shortest(ms / 1000)}
    if ms < 3_600_000:
        return _("%(number)s min") % {"number": _shortest(ms / 60_000)}
    if ms < 86_400_000:
        return _("%(number)s h") % {"number": _shortest(ms / 3_600_000)}
    return _("%(number)s d") % {"number": _shortest(ms / 86_400_000)}


def _shortest(number: float) -> str:
    text = f"{number:.4g}"
    return number_format(float(text), len(text.partition(".")[2]) if "e" not in text else 0)


def window(text: str) -> str:
    """A window as an address has it, 15m, 24h or 7d, in words; the address' own words for two times."""
    words = {"m": _("%(number)s min"), "h": _("%(number)s h"), "d": _("%(number)s d")}.get(text[-1:])
    return words % {"number": text[:-1]} if words else text


def times(factor: float) -> str:
    return _("%(number)s times") % {"number": number_format(round(factor, 1), 1)}  # which cuts off what is too long


def spans(count: int) -> str:
    return ngettext("%(count)s span", "%(count)s spans", count) % {"count": whole(count)}
