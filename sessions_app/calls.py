"""Who takes part in a call, and through which servers it may find its way."""

import logging
from datetime import datetime
from typing import Any

from django.conf import settings

from sessions_app import turn
from sessions_app.models import HELD, Role, SupportSession
from sessions_app.tokens import Bearer

logger = logging.getLogger(__name__)


def takes_part(bearer: Bearer) -> bool:
    """Whether there is a call in this session now and the bearer is one of its two: a staff member who holds it."""
    held = SupportSession.objects.filter(pk=bearer.session_id, state__in=HELD)
    return (held if bearer.role == Role.CUSTOMER else held.filter(staff=bearer.staff_id)).exists()


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
