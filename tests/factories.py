"""The cast and their doings: Ana and Bo are staff, Cy is a customer."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.contrib.auth.models import Permission, User

from sessions_app import lifecycle
from sessions_app.models import ConnectionReport, Outcome, SupportSession
from tests.server import hashed

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
PASSWORD = "correct horse"


def make_staff(username: str = "ana", *permissions: str, **fields: object) -> User:
    """Somebody of the staff with `permissions` ("app.codename"), those of the desk unless told otherwise."""
    fields = {"email": f"{username}@example.com", "password": hashed(PASSWORD), "is_staff": True, **fields}
    user = User.objects.create(username=username, **fields)
    for label in permissions or ("sessions_app.work_desk",):
        app, codename = label.split(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return user


def make_customer(name: str = "Cy", at: datetime = NOON, priority: int = 0, language: str = "en") -> SupportSession:
    return lifecycle.join(name, "The printer is on fire", language, at, priority)


def make_message(name: str = "Dora", at: datetime = NOON, instead_of: UUID | None = None) -> SupportSession:
    contact = f"{name.lower()}@example.org"
    return lifecycle.leave_message(name, contact, "", "Please call me.", "en", at, instead_of)


def make_queue(length: int, at: datetime = NOON) -> list[SupportSession]:
    """`length` customers who joined a second apart, the last one at `at`."""
    return [make_customer(f"Cy {n}", at - (length - n) * SECOND) for n in range(1, length + 1)]


def make_call(staff: User, at: datetime = NOON, name: str = "Cy") -> SupportSession:
    """A customer who joined, was taken and is connected, all at `at`."""
    session = lifecycle.claim(make_customer(name, at).pk, staff, at)
    lifecycle.connected(session.pk, at)
    return SupportSession.objects.get(pk=session.pk)


def make_ended(staff: User, at: datetime = NOON, lasted: timedelta = timedelta(minutes=5)) -> SupportSession:
    """A session that began at `at` and was resolved after `lasted`."""
    return lifecycle.end(make_call(staff, at).pk, staff, Outcome.RESOLVED, "All well.", at + lasted)


def make_report(
    session: SupportSession, role: str = "customer", setup_ms: float | None = None, failure: str = "", **more: object
) -> ConnectionReport:
    """What one page said of one more attempt, believed unless `more` says otherwise."""
    attempt = f"1-{session.reports.count() + 1}"
    result = "failed" if setup_ms is None else "connected"
    more = {"attempt": attempt, "result": result, "accepted": True, "at": NOON, **more}
    return ConnectionReport.objects.create(
        session=session, role=role, connection_time_ms=setup_ms, failure=failure, **more
    )
