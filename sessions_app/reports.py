"""What participants' pages say about their connections: claims, checked before they count."""

import math
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from sessions_app.errors import UnknownSession
from sessions_app.models import HELD, LONGEST_SETUP_MS, ConnectionReport, SupportSession
from sessions_app.signals import Report, announce, connection_reported

SLACK_MS = 250  # between the page's clock and ours


def report(session_id: UUID, role: str, claim: object, now: datetime) -> str:
    """Store how many ms `role` says its connection took. Returns why it was refused, or an empty string."""
    session = SupportSession.objects.filter(pk=session_id).first()
    if session is None:
        raise UnknownSession
    connection_time_ms = measured(claim)
    reason = fault(connection_time_ms, session, now)
    try:
        with transaction.atomic():
            ConnectionReport.objects.create(
                session=session,
                role=role,
                connection_time_ms=connection_time_ms,
                accepted=not reason,
                reason=reason,
                at=now,
            )
    except IntegrityError:
        reason = "duplicate"
    announce(connection_reported, report=Report(role, connection_time_ms, reason))
    return reason


def measured(claim: object) -> float | None:
    """`claim` as a finite number, or None for anything else, a whole number beyond all floats included."""
    if isinstance(claim, bool) or not isinstance(claim, int | float):
        return None
    try:
        number = float(claim)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def fault(connection_time_ms: float | None, session: SupportSession, now: datetime) -> str:
    if connection_time_ms is None:
        return "not_a_number"
    if not 0 < connection_time_ms <= LONGEST_SETUP_MS:
        return "out_of_range"
    if session.state not in HELD or session.claimed_at is None:
        return "before_claim"
    since_claim_ms = (now - session.claimed_at).total_seconds() * 1000
    return "over_server_clock" if connection_time_ms > since_claim_ms + SLACK_MS else ""
