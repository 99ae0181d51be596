"""Short-lived credentials for the TURN server (coturn's `use-auth-secret`), and the secrets that sign them.

A rotation goes step by step, each kept in the row of its secret, so that whoever comes next goes on where it stopped:
made -> known to the server -> tried out -> signing -> retired -> gone, when nothing it signed can be valid any more.
"""

import base64
import hashlib
import hmac
import logging
import secrets
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from monitoring import audit, traced
from sessions_app import turn_server
from sessions_app.sealing import CannotOpen, seal, unseal
from sessions_app.stun import Credentials
from sessions_app.turn_models import UNDER_WAY, TurnSecret, TurnStep
from sessions_app.turn_server import Server, TurnServerError

logger = logging.getLogger(__name__)
TTL = timedelta(seconds=300)
SKEW = timedelta(seconds=60)  # how far the TURN server's clock may be behind ours
PROBE = "probe"  # in the place of a session's id, in the TURN server's log


class NoSecret(Exception):
    """No TURN credentials can be signed now; calls have to do without a relay."""


def sign(secret: str, session_id: UUID | str, now: datetime) -> Credentials:
    """Credentials that the TURN server accepts for TTL seconds from `now`."""
    username = f"{int((now + TTL).timestamp())}:{session_id}"
    # SHA-1 is what the TURN server expects; HMAC needs no more of it.
    digest = hmac.new(secret.encode(), username.encode(), hashlib.sha1).digest()
    return Credentials(username, base64.b64encode(digest).decode())


def credentials(session_id: UUID, now: datetime) -> Credentials:
    """Fresh credentials for one participant, signed with the current secret; the first call makes one.

    Raises NoSecret when that fails; turn_upkeep tries again.
    """
    current = signing()
    if not current and TurnSecret.objects.filter(step__in=UNDER_WAY).exists():
        raise NoSecret("The first TURN secret is not ready yet.")
    try:
        return sign(unseal((current or rotate(now)).sealed), session_id, now)
    except (CannotOpen, TurnServerError) as error:
        raise NoSecret(str(error)) from error


def signing() -> TurnSecret | None:
    return TurnSecret.objects.filter(step=TurnStep.SIGNING).first()


def accepted(now: datetime) -> list[TurnSecret]:
    """The secrets that the TURN server must know: from before they sign until their last credentials have expired."""
    spent = Q(retired_at__lte=spent_before(now))
    return list(TurnSecret.objects.exclude(spent).exclude(step=TurnStep.MADE).order_by("-pk"))


def spent_before(now: datetime) -> datetime:
    """Nothing signed with a secret that was retired by then can be valid any more."""
    return now - TTL - SKEW


@traced("turn.rotate")
def rotate(now: datetime) -> TurnSecret:
    """Sign with a new secret from now on, going on with a rotation that was interrupted rather than beginning another.

    The old one stays accepted until what it signed has expired. Raises TurnServerError, with the old one still signing.
    """
    clock = running_from(now)
    drop_unreadable()
    begin(clock())
    resume(clock())
    return TurnSecret.objects.get(step=TurnStep.SIGNING)


@traced("turn.resume")
def resume(now: datetime) -> int:
    """Finish what was begun, tell the server again what it must know, and remove what is spent: how many secrets."""
    server, clock = turn_server.configured(), running_from(now)
    drop_unreadable()
    for secret in accepted(now):
        server.learn(unseal(secret.sealed))
    while under_way := TurnSecret.objects.filter(step__in=UNDER_WAY).first():
        STEPS[TurnStep(under_way.step)](under_way, server, clock)
    return remove_spent(server, clock())


def running_from(now: datetime) -> Callable[[], datetime]:
    """A clock that shows `now` and goes on: steps take time, and a secret retires when it does, not when all began."""
    began = time.monotonic()
    return lambda: now + timedelta(seconds=time.monotonic() - began)


def begin(now: datetime) -> None:
    try:
        with transaction.atomic():
            TurnSecret.objects.create(sealed=seal(secrets.token_urlsafe(32)), created_at=now)
    except IntegrityError:
        logger.info("A rotation of the TURN secret is under way already: going on with it.")


def tell(secret: TurnSecret, server: Server, _clock: Callable[[], datetime]) -> None:
    server.learn(unseal(secret.sealed))
    move(secret, TurnStep.ACCEPTED)


def try_out(secret: TurnSecret, server: Server, clock: Callable[[], datetime]) -> None:
    server.probe(sign(unseal(secret.sealed), PROBE, clock()))
    move(secret, TurnStep.PROBED)


def switch(secret: TurnSecret, _server: Server, clock: Callable[[], datetime]) -> None:
    with transaction.atomic():
        # Another process may have switched meanwhile; then this one must not retire what signs now.
        if not TurnSecret.objects.select_for_update().filter(pk=secret.pk, step=TurnStep.PROBED).exists():
            return
        TurnSecret.objects.filter(step=TurnStep.SIGNING).update(step=TurnStep.RETIRED, retired_at=clock())
        move(secret, TurnStep.SIGNING)
        audit(None, "rotate", f"TURN secret {secret.pk}")


STEPS = {TurnStep.MADE: tell, TurnStep.ACCEPTED: try_out, TurnStep.PROBED: switch}


def move(secret: TurnSecret, step: TurnStep) -> None:
    """From the step that was read, so that of two processes the second changes nothing."""
    TurnSecret.objects.filter(pk=secret.pk, step=secret.step).update(step=step)


def remove_spent(server: Server, now: datetime) -> int:
    """Let the server forget first: a row that is left behind is found again, a forgotten row's secret never."""
    spent = list(TurnSecret.objects.filter(retired_at__lte=spent_before(now)))
    for secret in spent:
        server.forget(unseal(secret.sealed))
        secret.delete()
    return len(spent)


def drop_unreadable() -> None:
    """Secrets whose key is lost sign nothing any more, nor can the server be told to forget them."""
    for secret in TurnSecret.objects.all():
        try:
            unseal(secret.sealed)
        except CannotOpen as error:
            logger.warning("TURN secret %s is dropped (%s). The TURN server may still know it.", secret.pk, error)
            secret.delete()


def status(now: datetime) -> Iterator[str]:
    """A line for each secret, never with the secret."""
    yield f"{TurnSecret.objects.count()} TURN secrets; {turn_server.describe()}"
    for secret in TurnSecret.objects.order_by("-pk"):
        line = f"{secret.pk}: {TurnStep(secret.step).label}, made {secret.created_at:%Y-%m-%d %H:%M:%S}"
        if secret.retired_at:
            until = secret.retired_at + TTL + SKEW
            line += f", to be removed {'since' if until <= now else 'after'} {until:%Y-%m-%d %H:%M:%S}"
        yield line
