"""How good a call was, as its two pages say every ten seconds: what they may say, what of it is kept, what is poor.

Names are those of W3C webrtc-stats. What a page says is a claim: it is taken only from the two who are in the call,
only within its range, and only as often as time allows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from django.db.models import Count, Q, Sum

from sessions_app import attempts, calls
from sessions_app.models import QualitySample, SupportSession
from sessions_app.signals import announce, claim_refused, quality_kept
from sessions_app.tokens import Bearer

# What may be said, and from where to where.
RANGES = {
    "round_trip_ms": (0, 60_000),
    "jitter_ms": (0, 60_000),
    "loss_ratio": (0, 1),
    "freezes": (0, 10_000),
    "received_kbps": (0, 1_000_000),
    "sent_kbps": (0, 1_000_000),
}
LEAST_SPAN_S, LONGEST_SPAN_S = 1, 60
LONGEST_AGO_MS = 15 * 60_000  # for which a page keeps what it could not say: 40 messages
SPACING_S = 2  # of one role's samples, on average
WINDOW = timedelta(seconds=10)  # on either side, over which that is looked at
MOST_SAMPLES = 5_000  # of one role in one session: nearly 14 hours
SLACK_S = 5  # spans are rounded, and a page's clock is not ours

# Beyond these people are disturbed. Loss: ITU-T G.1010, conversational voice. Delay: ITU-T G.114 has up to 150 ms one
# way as good for nearly everybody, and a round trip is two of them. Jitter: ITU-T Y.1541, classes 0 and 1.
LIMITS = {"loss": ("loss_ratio", 0.03), "delay": ("round_trip_ms", 300), "jitter": ("jitter_ms", 50)}


class Measured(Protocol):
    """What of a sample says whether it is poor."""

    @property
    def loss_ratio(self) -> float | None: ...
    @property
    def round_trip_ms(self) -> float | None: ...
    @property
    def jitter_ms(self) -> float | None: ...


def faults(sample: Measured) -> tuple[str, ...]:
    """What is beyond its limit in `sample`, in the order of LIMITS; what is not known is not poor."""
    return tuple(fault for fault, (name, limit) in LIMITS.items() if (getattr(sample, name) or 0) > limit)


@dataclass(frozen=True)
class Claim:
    """What was said; `reason` tells what cannot be true of it, empty when it may be."""

    attempt: str = ""
    span_s: int = 0
    ago: timedelta = timedelta()
    values: dict[str, float] = field(default_factory=dict)
    reason: str = ""


def read(said: Mapping[str, object]) -> Claim:
    """The claim in a page's message; of one that is refused nothing is taken but the reason."""
    attempt = said.get("attempt", "")
    if not isinstance(attempt, str) or not attempts.NAME.fullmatch(attempt):
        return Claim(reason="malformed")
    told = {name: attempts.measured(said[name]) for name in RANGES if said.get(name) is not None}
    values = {name: value for name, value in told.items() if value is not None}
    span_s, ago_ms = attempts.measured(said.get("span_s")), attempts.measured(said.get("ago_ms", 0))
    if span_s is None or ago_ms is None or len(values) < len(told):
        return Claim(reason="not_a_number")
    if not values or not values.get("freezes", 0.0).is_integer():
        return Claim(reason="malformed")
    fits = all(least <= values[name] <= most for name, (least, most) in RANGES.items() if name in values)
    if not fits or not LEAST_SPAN_S <= span_s <= LONGEST_SPAN_S or not 0 <= ago_ms <= LONGEST_AGO_MS:
        return Claim(reason="out_of_range")
    return Claim(attempt, round(span_s), timedelta(milliseconds=ago_ms), values)


def keep(bearer: Bearer, said: Mapping[str, object], now: datetime) -> str:
    """Store what the bearer says of some seconds. Returns why it was refused, or an empty string.

    They ended `ago_ms` before now: longer ago where the line was down since, and the page kept it.
    """
    claim = read(said)
    at = now - claim.ago
    reason = claim.reason or _fault(bearer, claim, at)
    if reason:
        announce(claim_refused, kind="quality", reason=reason)
        return reason
    sample = QualitySample.objects.create(
        session_id=bearer.session_id,
        role=bearer.role,
        attempt=claim.attempt,
        at=at,
        span_s=claim.span_s,
        **claim.values,
    )
    announce(quality_kept, sample=sample)
    return ""


def _fault(bearer: Bearer, claim: Claim, at: datetime) -> str:
    """Why the server, by what it saw itself, does not take the claim."""
    claimed_at = SupportSession.objects.values_list("claimed_at", flat=True).filter(pk=bearer.session_id).first()
    if claimed_at is None or not calls.takes_part(bearer):
        return "before_claim"
    told = QualitySample.objects.filter(session=bearer.session_id, role=bearer.role).aggregate(
        count=Count("pk"),
        near=Count("pk", filter=Q(at__gt=at - WINDOW, at__lt=at + WINDOW)),
        span_s=Sum("span_s", filter=Q(at__gte=claimed_at, at__lte=at), default=0),
    )
    if told["count"] >= MOST_SAMPLES:
        return "too_many"
    if told["near"] >= 2 * WINDOW / timedelta(seconds=SPACING_S):
        return "too_soon"
    since_s = (at - claimed_at) / timedelta(seconds=1)
    return "over_server_clock" if told["span_s"] + claim.span_s > since_s + SLACK_S else ""
