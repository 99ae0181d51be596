"""Who takes part in a call, and through which servers it may find its way."""

import logging
from datetime import datetime
from typing import Any

from django.conf import settings

from sessions_app import turn
from sessions_app.models import HELD, Role, SupportSession
from sessions_app.tokens import Bearer

logger = logging.getLogger(__name__)


def partner(bearer: Bearer) -> Bearer | None:
    """Whom the bearer is in a call with now; None for a member of staff who does not hold the customer."""
    held = SupportSession.objects.filter(pk=bearer.session_id, state__in=HELD).values_list("staff", flat=True)
    staff_id = held.first()
    if staff_id is None:
        return None
    if bearer.role == Role.CUSTOMER:
        return Bearer(bearer.session_id, Role.STAFF, staff_id)
    return Bearer(bearer.session_id, Role.CUSTOMER) if staff_id == bearer.staff_id else None


def takes_part(bearer: Bearer) -> bool:
    return partner(bearer) is not None


def ice_servers(bearer: Bearer, now: datetime) -> list[dict[str, Any]]:
    """The servers as RTCPeerConnection takes them, with TURN credentials that live for five minutes.

    None for those who take no part in a call: credentials are not handed out while they wait.
    """
    if not takes_part(bearer):
        return []
    servers: list[dict[str, Any]] = [{"urls": settings.STUN_URLS}] if settings.STUN_URLS else []
    if settings.TURN_URLS:
        try:
            signed = turn.credentials(bearer.session_id, now)
        except turn.NoSecret as reason:
            logger.warning("A call goes on without a relay: %s", reason)
        else:
            servers.append({"urls": settings.TURN_URLS, "username": signed.username, "credential": signed.password})
    return servers
