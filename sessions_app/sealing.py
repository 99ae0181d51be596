"""Secrets at rest: what the database holds is sealed with a key that only the environment knows."""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

PURPOSE = b"adminara.turn-secret"  # a key for this alone: nothing else derived from the same setting can open it


class CannotOpen(Exception):
    """Sealed with a key that is not configured now, or damaged."""


def seal(plain: str) -> str:
    return keys().encrypt(plain.encode()).decode()


def unseal(sealed: str) -> str:
    """Raises CannotOpen."""
    try:
        return keys().decrypt(sealed).decode()
    except InvalidToken as error:
        raise CannotOpen("sealed with another key than TURN_SECRET_KEY or SECRET_KEY") from error


def keys() -> MultiFernet:
    """The first seals, all open: so a new TURN_SECRET_KEY can be set in front of the old one."""
    return MultiFernet([fernet(key) for key in [*settings.TURN_SECRET_KEYS, settings.SECRET_KEY]])


def fernet(key: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
