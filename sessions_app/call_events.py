"""What happens in a call, as its two pages say: refused cameras, interruptions, messages. Claims, checked first."""

from collections.abc import Mapping
from datetime import datetime

from django.db.models import F

from sessions_app import calls
from sessions_app.models import CallEvent
from sessions_app.signals import announce, claim_refused
from sessions_app.tokens import Bearer

MOST_EVENTS = 100  # of one role in one session
LARGEST_AMOUNT = 10_000


def read(said: Mapping[str, object]) -> tuple[str, int | None, str]:
    """Kind and amount in a page's message, and what is wrong with them: empty when nothing is.

    Of messages written there is always an amount: one, when nothing else was said.
    """
    kind, amount = said.get("kind"), said.get("amount")
    if not isinstance(kind, str) or kind not in CallEvent.Kind.values:
        return "", None, "malformed"
    if amount is not None and (isinstance(amount, bool) or not isinstance(amount, int)):
        return "", None, "not_a_number"
    if amount is not None and not 0 <= amount <= LARGEST_AMOUNT:
        return "", None, "out_of_range"
    return kind, 1 if amount is None and kind == CallEvent.Kind.CHAT else amount, ""


def keep(bearer: Bearer, said: Mapping[str, object], now: datetime) -> str:
    """Store what the bearer says happened. Returns why it was refused, or an empty string."""
    kind, amount, reason = read(said)
    if not reason and not calls.takes_part(bearer):
        reason = "before_claim"
    if not reason and CallEvent.objects.filter(session=bearer.session_id, role=bearer.role).count() >= MOST_EVENTS:
        reason = "too_many"
    if reason:
        announce(claim_refused, kind="event", reason=reason)
    elif not (kind == CallEvent.Kind.CHAT and amount is not None and _added(bearer, amount)):
        CallEvent.objects.create(session_id=bearer.session_id, role=bearer.role, kind=kind, amount=amount, at=now)
    return reason


def _added(bearer: Bearer, messages: int) -> bool:
    """Messages are counted in the row of the first one: a page says each at once, and there may be many."""
    chat = CallEvent.objects.filter(session=bearer.session_id, role=bearer.role, kind=CallEvent.Kind.CHAT)
    return chat.filter(amount__lte=LARGEST_AMOUNT).update(amount=F("amount") + messages) > 0
