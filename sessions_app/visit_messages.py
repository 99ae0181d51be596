"""What a participant's page may say once it has said hello, by type of message, and what is done about it.

A handler gets the visit and the message as it came, of which nothing but the type has been looked at. It returns what
is said to the page in return, or None. It raises DeskError with a sentence for the page.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from channels.db import database_sync_to_async
from django.utils import timezone

from sessions_app import call_events, calls, lifecycle, live, quality, reports, signalling
from sessions_app.call_line import CallLine
from sessions_app.models import Role
from sessions_app.tokens import Bearer

Message = dict[str, Any]


@dataclass(frozen=True)
class Visit:
    """Who speaks, as their token says, and their line to the other participant."""

    bearer: Bearer
    line: CallLine

    @property
    def by_customer(self) -> bool:
        return self.bearer.role == Role.CUSTOMER


Handler = Callable[[Visit, Message], Awaitable[Message | None]]


async def heartbeat(visit: Visit, message: Message) -> Message:
    """The line lives. A customer's also keeps their place, unless their page doubts that they are `present`."""
    if visit.by_customer and message.get("present") is not False:
        live.presence.beat(visit.bearer.session_id)
    return {"type": "heartbeat"}


async def answering(visit: Visit, _message: Message) -> None:
    await database_sync_to_async(lifecycle.answering)(visit.bearer.session_id, timezone.now())


async def connected(visit: Visit, _message: Message) -> None:
    await database_sync_to_async(lifecycle.connected)(visit.bearer.session_id, timezone.now())


async def report(visit: Visit, message: Message) -> Message:
    offered_at = visit.line.offered_at(message.get("attempt")) if visit.by_customer else None
    store = database_sync_to_async(reports.report)
    reason = await store(visit.bearer.session_id, visit.bearer.role, message, timezone.now(), offered_at)
    return {"type": "report", "accepted": not reason, "reason": reason}


async def sample(visit: Visit, message: Message) -> Message:
    reason = await database_sync_to_async(quality.keep)(visit.bearer, message, timezone.now())
    return {"type": "quality", "accepted": not reason, "reason": reason}


async def event(visit: Visit, message: Message) -> Message:
    reason = await database_sync_to_async(call_events.keep)(visit.bearer, message, timezone.now())
    return {"type": "event", "accepted": not reason, "reason": reason}


async def ice(visit: Visit, _message: Message) -> Message:
    servers = await database_sync_to_async(calls.ice_servers)(visit.bearer, timezone.now())
    return {"type": "ice", "servers": servers}


async def signal(visit: Visit, message: Message) -> None:
    passed_on = signalling.passed_on(message)
    if message["type"] == "ready" or visit.line.partner is None:
        visit.line.meet(await database_sync_to_async(calls.partner)(visit.bearer))
    if partner := visit.line.partner:
        await visit.line.pass_on(passed_on, partner)


BY_EITHER: dict[str, Handler] = {"heartbeat": heartbeat, "report": report, "ice": ice}
BY_EITHER |= {"quality": sample, "event": event}
BY_EITHER |= dict.fromkeys(signalling.KINDS, signal)
HANDLERS: dict[Role, dict[str, Handler]] = {
    Role.CUSTOMER: {**BY_EITHER, "answering": answering, "connected": connected},
    Role.STAFF: BY_EITHER,
}
