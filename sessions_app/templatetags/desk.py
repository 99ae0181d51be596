from django import template
from django.utils.translation import gettext as _

from sessions_app.history_form import address
from sessions_app.service import Figure

register = template.Library()
register.filter(address)


@register.filter
def clock(seconds: int) -> str:
    """`seconds` as minutes and seconds, with hours in front when there are any: 0:07, 12:30, 1:02:03."""
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


@register.filter
def figure(shown: Figure) -> str:
    return in_unit(shown.value, shown.unit)


@register.filter
def in_unit(value: float | None, unit: str) -> str:
    """A number of `unit` "s", "share" or "" (service.Figure); a dash when there is nobody to tell it of."""
    if value is None:
        return "–"
    match unit:
        case "s":
            return clock(round(value))
        case "share":
            return _("%(number)s %%") % {"number": round(value * 100)}
    return str(value)
