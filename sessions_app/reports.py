"""What participants' pages say about their connections: claims, checked before they count."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from sessions_app import attempts
from sessions_app.attempts import Claim
from sessions_app.errors import UnknownSession
from sessions_app.models import HELD, ConnectionReport, SupportSession
from sessions_app.signals import Report, announce, connection_reported

SLACK_MS = 250  # between the page's clock and ours
MOST_ATTEMPTS = 50  # of one role in one session: who tries more often is not reporting


def report(
    session_id: UUID, role: str, said: Mapping[str, object], now: datetime, offered_at: datetime | None = None
) -> str:
    """Store what `role` says of one attempt. Returns why it was refused, or an empty string.

    `offered_at`: when the server passed the offer of this attempt on to the page, where it knows.
    """
    session = SupportSession.objects.filter(pk=session_id).first()
    if session is None:
        raise UnknownSession
    claim = attempts.read(said)
    reason = claim.reason or fault(claim, session, offered_at, now)
    if ConnectionReport.objects.filter(session=session, role=role).count() >= MOST_ATTEMPTS:
        reason = "too_many"
    elif not _stored(session, role, claim, reason, now):
        reason = "duplicate"
    announce(connection_reported, report=Report(role, claim, reason, now, session.traceparent))
    return reason


def fault(claim: Claim, session: SupportSession, offered_at: datetime | None, now: datetime) -> str:
    """Why the server, by what it saw itself, does not believe a time. A failure claims none."""
    if claim.connection_time_ms is None:
        return ""
    if session.state not in HELD or session.claimed_at is None:
        return "before_claim"
    began_at = max(offered_at or session.claimed_at, session.claimed_at)
    since_ms = (now - began_at).total_seconds() * 1000
    return "over_server_clock" if claim.connection_time_ms > since_ms + SLACK_MS else ""


def _stored(session: SupportSession, role: str, claim: Claim, reason: str, now: datetime) -> bool:
    """False when this role has reported this attempt before."""
    row = ConnectionReport(
        session=session,
        role=role,
        attempt=claim.attempt,
        **claim.words,
        **claim.times,
        accepted=not reason,
        reason=reason,
        at=now,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return False
    return True
