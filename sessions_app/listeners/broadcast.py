"""Wakes the live pages of this and every other process that shares the channel layer."""

from monitoring import nudge
from sessions_app.live import GROUP
from sessions_app.signals import Change


def tell_change(change: Change, **_: object) -> None:
    nudge(GROUP, about=str(change.session_id))


def tell_duty(**_: object) -> None:
    nudge(GROUP)
