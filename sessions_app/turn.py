"""Short-lived credentials for the TURN server (coturn's `use-auth-secret`), and the secret that signs them."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from monitoring import audit, traced
from sessions_app.models import TurnSecret

TTL = timedelta(seconds=300)
SKEW = timedelta(seconds=60)  # how far the TURN server's clock may be behind ours


@dataclass(frozen=True)
class Credentials:
    username: str
    password: str


def sign(secret: str, session_id: UUID, now: datetime) -> Credentials:
    """Credentials that the TURN server accepts for TTL seconds from `now`."""
    username = f"{int((now + TTL).timestamp())}:{session_id}"
    # SHA-1 is what the TURN server expects; HMAC needs no more of it.
    digest = hmac.new(secret.encode(), username.encode(), hashlib.sha1).digest()
    return Credentials(username, base64.b64encode(digest).decode())


def credentials(session_id: UUID, now: datetime) -> Credentials:
    """Fresh credentials for one participant, signed with the current secret; the first call makes one."""
    current = TurnSecret.objects.filter(retired_at=None).first() or rotate(now)
    return sign(current.value, session_id, now)


def accepted(now: datetime) -> list[TurnSecret]:
    """The secrets that the TURN server must know: the current one, and those whose last credentials still live."""
    return list(TurnSecret.objects.exclude(retired_at__lte=spent_before(now)).order_by("-pk"))


def spent_before(now: datetime) -> datetime:
    """Nothing signed with a secret that was retired by then can be valid any more."""
    return now - TTL - SKEW


@traced("turn.rotate")
def rotate(now: datetime) -> TurnSecret:
    """Sign with a new secret from now on; the old one stays accepted until what it signed has expired."""
    with transaction.atomic():
        TurnSecret.objects.filter(retired_at__lte=spent_before(now)).delete()
        TurnSecret.objects.filter(retired_at=None).update(retired_at=now)
        secret = TurnSecret.objects.create(value=secrets.token_urlsafe(32), created_at=now)
        audit(None, "rotate", f"TURN secret {secret.pk}")
    return secret
