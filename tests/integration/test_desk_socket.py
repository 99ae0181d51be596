"""The console's socket: staff only, one rendering for everybody, and only what is new."""

import pytest
from channels.db import database_sync_to_async
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from monitoring.staff_socket import NOT_ALLOWED
from sessions_app import lifecycle, live, sweeping
from sessions_app.routing import websocket_urlpatterns
from tests.factories import SECOND, make_customer, make_staff
from tests.sockets import Socket

pytestmark = [pytest.mark.django_db(transaction=True)]
in_db = database_sync_to_async


def login(user):
    session = SessionStore()
    if user:
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return session


class Console(Socket):
    def __init__(self, session, language="en"):
        super().__init__(websocket_urlpatterns, f"/ws/desk/?language={language}", session=session)

    async def hears(self, part, *words):
        """The next fragment for the element `part` that contains `words`."""
        while True:
            text = await self.receives()
            if f'id="{part}"' in text and all(word in text for word in words):
                return text


async def test_a_customer_appears_without_a_reload():
    ana = await in_db(make_staff)()
    async with Console(await in_db(login)(ana)) as console:
        assert "hx-swap-oob" in await console.hears("queue", "Nobody is waiting")
        await in_db(make_customer)("Cy <b>", timezone.now())
        assert "Cy <b>" not in await console.hears("queue", "Cy &lt;b&gt;")
        await console.hears("figures")


async def test_ones_own_customer_appears_changes_and_goes():
    ana = await in_db(make_staff)()
    async with Console(await in_db(login)(ana)) as console:
        await console.hears("mine", "You have no customer")
        cy = await in_db(make_customer)("Cy", timezone.now())
        await in_db(lifecycle.claim_next)(ana, timezone.now())
        await console.hears("mine", "Cy", "has not answered yet")
        await in_db(lifecycle.connected)(cy.pk, timezone.now())
        await console.hears("mine", "Cy", "Connected")
        await in_db(lifecycle.leave)(cy.pk, timezone.now())
        await console.hears("mine", "You have no customer")


async def test_a_claim_that_was_not_answered_is_told_in_a_sentence():
    ana = await in_db(make_staff)()
    async with Console(await in_db(login)(ana)) as console:
        await in_db(make_customer)("Cy <b>", timezone.now())
        await in_db(lifecycle.claim_next)(ana, timezone.now())
        await console.hears("mine", "has not answered yet")
        await in_db(sweeping.return_unanswered)(timezone.now() + 31 * SECOND)
        await console.hears("mine", "The page of Cy &lt;b&gt; did not answer in time", "You have no customer")
        await in_db(lifecycle.claim_next)(ana, timezone.now() + 31 * SECOND)
        assert "did not answer in time" not in await console.hears("mine", "Cy &lt;b&gt;")


async def test_another_ones_customer_is_not_ones_own():
    ana, bo = await in_db(make_staff)("ana"), await in_db(make_staff)("bo")
    await in_db(make_customer)("Cy", timezone.now())
    await in_db(lifecycle.claim_next)(bo, timezone.now())
    async with Console(await in_db(login)(ana)) as console:
        assert "data-token" not in await console.hears("mine")


async def test_the_rows_are_sent_when_they_change_only():
    ana = await in_db(make_staff)()
    await in_db(make_customer)("Cy", timezone.now())
    async with Console(await in_db(login)(ana)) as console:
        await console.hears("queue", "Cy")
        await console.hears("duty")
        await console.hears("mine")
        parts = [await console.receives() for _ in range(2)]
        assert all('id="figures"' in part for part in parts)


@pytest.mark.parametrize("who", ["nobody", "without the right", "not staff", "inactive"])
async def test_others_are_turned_away(who):
    user = None
    if who != "nobody":
        permission = "monitoring.view_panel" if who == "without the right" else "sessions_app.work_desk"
        fields = {"is_staff": who != "not staff", "is_active": who != "inactive"}
        user = await in_db(make_staff)("bo", permission, **fields)
    async with Console(await in_db(login)(user)) as console:
        await console.is_closed_with(NOT_ALLOWED)


async def test_who_logs_out_stops_seeing(monkeypatch):
    monkeypatch.setattr("monitoring.staff_socket.CHECK_AGAIN", 0.1)
    session = await in_db(login)(await in_db(make_staff)())
    async with Console(session) as console:
        await console.hears("figures")
        await in_db(session.flush)()
        await console.is_closed_with(NOT_ALLOWED)


async def test_one_rendering_a_tick_serves_everybody(monkeypatch):
    rendered, render = [], live._render
    monkeypatch.setattr(live, "_render", lambda board, language: rendered.append(language) or render(board, language))
    ana, bo = await in_db(make_staff)("ana"), await in_db(make_staff)("bo")
    async with Console(await in_db(login)(ana)) as one, Console(await in_db(login)(bo)) as two:
        await one.hears("figures")
        await two.hears("figures")
        rendered.clear()
        await one.hears("figures")
        await two.hears("figures")
        assert 1 <= len(rendered) <= 2
    assert not +live.watched


async def test_an_unknown_language_is_the_default():
    async with Console(await in_db(login)(await in_db(make_staff)()), language="xx") as console:
        await console.hears("figures", "Waiting")
