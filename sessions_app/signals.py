"""What the desk announces, once, after the change is committed. listeners/ says who hears it."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction
from django.dispatch import Signal

from sessions_app.attempts import Claim

session_changed = Signal()  # change: Change
claim_unanswered = Signal()  # session_id: UUID
duty_changed = Signal()
connection_reported = Signal()  # report: Report
quality_kept = Signal()  # sample: QualitySample
claim_refused = Signal()  # kind: str, what the page spoke of; reason: str


@dataclass(frozen=True)
class Change:
    """A session went from `before`, in which it had been `since`, to `after`; both are empty when it has just joined.

    `wait_ms` when it left the queue; `traceparent` is that of the join; `synthetic` tells that nobody real joined.
    """

    session_id: UUID
    before: str
    after: str
    at: datetime
    since: datetime | None = None
    wait_ms: float | None = None
    traceparent: str = ""
    synthetic: bool = False


@dataclass(frozen=True)
class Report:
    """A participant's claim about its connection; `reason` says why it was refused, empty when it was accepted."""

    role: str
    claim: Claim
    reason: str
    at: datetime
    traceparent: str


def announce(signal: Signal, **words: object) -> None:
    """Send `signal` when the current transaction commits, at once when there is none."""
    transaction.on_commit(partial(signal.send_robust, sender=None, **words))
