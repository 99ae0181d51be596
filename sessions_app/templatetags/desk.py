from django import template

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
    """A figure's value in its unit; a dash when there is nobody to tell it of."""
    if shown.value is None:
        return "–"
    match shown.unit:
        case "s":
            return clock(round(shown.value))
        case "share":
            return f"{shown.value:.0%}"
    return str(shown.value)
