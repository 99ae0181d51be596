"""The signed links and socket tokens: each is for one session and one role, and expires."""

from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.core import signing

from sessions_app.errors import LinkExpired, LinkUnknown
from sessions_app.models import Role

SALT = "sessions_app.visit"
LEAST_HOURS = 24


class Bearer(NamedTuple):
    """Whose token it is; `staff_id` says which member of staff."""

    session_id: UUID
    role: Role
    staff_id: int | None = None


def make(session_id: UUID, role: Role, staff_id: int | None = None, *, days: int = 0) -> str:
    """`days` is by how many it lives longer than that of a visit, as the link to a message does."""
    return signing.dumps([session_id.hex, role, staff_id, days], salt=SALT)


def read(token: str) -> Bearer:
    """Whose token this is. Raises LinkUnknown or LinkExpired."""
    hours = max(LEAST_HOURS, settings.DESK_SESSION_HOURS)
    try:
        session_hex, role, staff_id, *days = signing.loads(token, salt=SALT)  # before 0.2 a token had no days
        signing.loads(token, salt=SALT, max_age=(hours + 24 * sum(days)) * 3600)
    except signing.SignatureExpired as error:
        raise LinkExpired from error
    except (signing.BadSignature, UnicodeEncodeError) as error:
        raise LinkUnknown from error
    return Bearer(UUID(session_hex), Role(role), staff_id)
