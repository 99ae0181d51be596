"""The signed links and socket tokens: each is for one session and one role, and expires."""

from uuid import UUID

from django.conf import settings
from django.core import signing

from sessions_app.errors import LinkExpired, LinkUnknown
from sessions_app.models import Role

SALT = "sessions_app.visit"
LEAST_HOURS = 24


def make(session_id: UUID, role: Role) -> str:
    return signing.dumps([session_id.hex, role], salt=SALT)


def read(token: str) -> tuple[UUID, Role]:
    """Whose token this is. Raises LinkUnknown or LinkExpired."""
    hours = max(LEAST_HOURS, settings.DESK_SESSION_HOURS)
    try:
        session_hex, role = signing.loads(token, salt=SALT, max_age=hours * 3600)
    except signing.SignatureExpired as error:
        raise LinkExpired from error
    except (signing.BadSignature, UnicodeEncodeError) as error:
        raise LinkUnknown from error
    return UUID(session_hex), Role(role)
