"""How the ways to tell people fare, and since when every rule was looked at."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitoring.alert_models import Delivery
from monitoring.alerting.channels import CHANNELS
from monitoring.alerting.rules import rules
from monitoring.alerting.words import said
from monitoring.store.times import moment

State = Delivery.State


@dataclass(frozen=True)
class ChannelState:
    """A way to tell people: whether it is set up, where it leads, and how it last went well and ill.

    It is `failing` when the latest try was in vain; `told` is why the last one was that failed, in a sentence.
    """

    name: str
    title: str
    configured: bool
    where: str
    settings: str
    sent_at: datetime | None
    failed_at: datetime | None
    failing: bool
    told: str
    waiting: int


def channel_states(*, unconfigured: bool = True) -> Iterator[ChannelState]:
    """Of all channels, or without those that are `unconfigured`."""
    for name, channel in CHANNELS.items():
        mine, on = Delivery.objects.filter(channel=name), channel.configured()
        if not (on or unconfigured):
            continue
        sent = mine.filter(state=State.SENT).order_by("-tried_at").first()
        tried = mine.filter(tried_at__isnull=False).exclude(state__in=[State.SENT, State.DROPPED])
        failed = tried.order_by("-tried_at").first()
        yield ChannelState(
            name=name,
            title=channel.title,
            configured=on,
            where=channel.where() if on else "",
            settings=channel.settings,
            sent_at=sent.tried_at if sent else None,
            failed_at=failed.tried_at if failed else None,
            failing=_later(failed, sent),
            told=said(failed.said) if failed else "",
            waiting=mine.filter(state__in=[State.WAITING, State.SENDING]).count(),
        )


def _later(one: Delivery | None, other: Delivery | None) -> bool:
    """Whether `one` was tried, and not before `other`."""
    if one is None or one.tried_at is None:
        return False
    return other is None or other.tried_at is None or one.tried_at > other.tried_at


def failing_channels() -> list[str]:
    """Their titles."""
    return [one.title for one in channel_states(unconfigured=False) if one.failing]


def looked_at(found: dict[str, Any]) -> datetime:
    """When the rule was looked at that has waited longest, by AlertWatch's `found`; the epoch when one never was.

    A rule whose data cannot be read waits, while the others go on.
    """
    return moment(min((found.get("rules", {}).get(name, {}).get("at", 0.0) for name in rules()), default=0.0))
