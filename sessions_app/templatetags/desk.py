from django import template

register = template.Library()


@register.filter
def clock(seconds: int) -> str:
    """`seconds` as minutes and seconds, with hours in front when there are any: 0:07, 12:30, 1:02:03."""
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
