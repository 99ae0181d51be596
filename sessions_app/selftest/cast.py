"""The two who take part: a customer who is in nobody's way, and a member of staff whom nobody can log in as."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Permission, User
from django.db import transaction
from django.utils import timezone

from sessions_app import lifecycle, queue
from sessions_app.errors import DeskError
from sessions_app.models import HELD, OPEN, Outcome, SupportSession
from sessions_app.roles import SELFTEST
from sessions_app.selftest.errors import SelfTestError

BACKEND = "django.contrib.auth.backends.ModelBackend"
LOGIN_S = 300  # how long a login lasts that a kill left behind


@contextmanager
def customer(staff: User) -> Iterator[SupportSession]:
    """A synthetic customer in the queue, gone afterwards. Raises SelfTestError while another self-test runs."""
    session = _join(staff, timezone.now())
    try:
        yield session
    finally:
        _close(session, staff)


def _join(staff: User, now: datetime) -> SupportSession:
    with transaction.atomic():
        User.objects.select_for_update().get(pk=staff.pk)  # one at a time looks and joins
        for other in SupportSession.objects.filter(state__in=OPEN, synthetic=True):
            # A page that lives is seen every few seconds: without one, its self-test was killed.
            if other.last_seen_at >= queue.seen_since(now):
                begun_s = queue.seconds(other.joined_at, now)
                raise SelfTestError(
                    f"A self-test is running, begun {begun_s} s ago: wait for its end. One that was killed is given up "
                    f"after {settings.DESK_GONE_AFTER} s."
                )
            _close(other, staff)
        return lifecycle.join(SELFTEST, "", settings.LANGUAGE_CODE, now, synthetic=True)


def _close(session: SupportSession, staff: User) -> None:
    """End the visit, from whichever state. When it has moved meanwhile, the sweep has the last word."""
    session.refresh_from_db(fields=["state"])
    with suppress(DeskError):
        if session.state in HELD:
            lifecycle.end(session.pk, staff, Outcome.OTHER, "", timezone.now())
        else:
            lifecycle.leave(session.pk, timezone.now())


def member() -> User:
    """The synthetic member of staff, made at the first use: may work at the desk and nothing else, has no password.

    Raises SelfTestError when the name is somebody's.
    """
    work_desk = Permission.objects.get(content_type__app_label="sessions_app", codename="work_desk")
    with transaction.atomic():
        user, _new = User.objects.get_or_create(
            username=SELFTEST, defaults={"is_staff": True, "password": make_password(None)}
        )
        if user.has_usable_password() or user.is_superuser or not (user.is_active and user.is_staff):
            raise SelfTestError(
                f"There is a user {SELFTEST} that is not the self-test's own: rename it. The self-test makes one that "
                "is active, staff, and without a password."
            )
        user.groups.clear()
        user.user_permissions.set([work_desk])
    return user


@contextmanager
def login(staff: User) -> Iterator[str]:
    """The key of a login that ends with the context: the value of the cookie SESSION_COOKIE_NAME."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY], store[BACKEND_SESSION_KEY] = str(staff.pk), BACKEND
    store[HASH_SESSION_KEY] = staff.get_session_auth_hash()
    store.set_expiry(LOGIN_S)
    store.create()
    try:
        yield str(store.session_key)
    finally:
        store.delete()
