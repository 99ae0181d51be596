"""What staff do about their own state at the console: by button, as a program, and pushed."""

import pytest
from channels.db import database_sync_to_async
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from monitoring.models import AuditEntry
from sessions_app import duty, lifecycle, live
from sessions_app.models import StaffPeriod, SupportSession
from tests.factories import SECOND, make_call, make_customer, make_ended, make_staff
from tests.integration.test_desk_socket import Console, login

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}
in_db = database_sync_to_async


@pytest.fixture
def ana():
    return make_staff("ana", first_name="Ana", last_name="Kaya")


@pytest.fixture
def desk(client, ana):
    client.force_login(ana)
    return client


def press(client, name, *args, **fields):
    return client.post(reverse(f"desk:{name}", args=args), fields, headers=JSON)


def page(client):
    return client.get(reverse("desk:console")).content.decode()


def told(client):
    return client.get(reverse("desk:console"), {"format": "json"}).json()["duty"]


def test_a_day_as_a_program(desk, ana):
    nobody = dict.fromkeys(("available", "paused", "in_call", "wrap_up"), 0)
    assert told(desk) == {"mine": None, "counts": nobody, "staff": []}
    assert press(desk, "start").json() == {"state": "available"}
    assert press(desk, "pause", reason="meeting").json() == {"state": "paused", "reason": "meeting"}
    mine = told(desk)["mine"]
    assert (mine["staff"], mine["state"], mine["reason"], mine["last"]) == ("Ana Kaya", "paused", "meeting", None)
    assert told(desk)["counts"] == nobody | {"paused": 1}
    assert press(desk, "ready").json() == {"state": "available"}
    cy = make_customer(at=timezone.now())
    press(desk, "next")
    assert told(desk)["mine"]["state"] == "in_call"
    lifecycle.connected(cy.pk, timezone.now())
    press(desk, "end", cy.pk, outcome="follow_up", note="Asked the printer.")
    mine = told(desk)["mine"]
    assert (mine["state"], mine["last"]["id"], mine["last"]["outcome"]) == ("wrap_up", str(cy.pk), "follow_up")
    assert "last" not in told(desk)["staff"][0], "what was noted is for the one who noted it"
    assert press(desk, "stop").json() == {"state": "off"}
    assert told(desk)["mine"] is None


def test_a_day_as_a_person(desk):
    assert "Off duty" in page(desk)
    for name, fields, words in (
        ("start", {}, "Available"),
        ("pause", {"reason": "training"}, "Paused: Training"),
        ("ready", {}, "Available"),
        ("stop", {}, "Off duty"),
    ):
        answer = desk.post(reverse(f"desk:{name}"), fields, follow=True)
        assert answer.redirect_chain == [(reverse("desk:console"), 303)]
        assert words in answer.content.decode()


@pytest.mark.parametrize("name", ["pause", "stop", "ready"])
def test_in_a_call_the_console_says_what_to_do_first(desk, ana, name):
    make_call(ana, timezone.now())
    refused = press(desk, name, reason="break")
    assert refused.status_code == 409
    assert "End the session or hand it back first" in refused.json()["error"]
    assert b"End the session or hand it back first" in desk.post(
        reverse(f"desk:{name}"), {"reason": "break"}, follow=True
    ).content  # fmt: skip
    assert 'id="stop"' not in page(desk)


def test_what_cannot_be_is_refused(desk):
    assert press(desk, "pause", reason="break").status_code == 409
    press(desk, "start")
    assert press(desk, "start").status_code == 409
    assert press(desk, "pause").status_code == 422
    assert press(desk, "pause", reason="boredom").status_code == 422
    assert press(desk, "ready", last="nonsense").status_code == 404
    assert desk.get(reverse("desk:start")).status_code == 405


def test_another_site_and_those_without_the_right_press_nothing(ana, client):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ana)
    client.force_login(make_staff("bo", "monitoring.view_panel"))
    for name in ("start", "pause", "ready", "stop"):
        assert press(strict, name, reason="break").status_code == 403
        assert press(client, name, reason="break").status_code == 403
    assert not StaffPeriod.objects.exists()


@pytest.fixture
def left(ana):
    """A customer who has just hung up, so that nobody has said what it was."""
    session = make_call(ana, timezone.now())
    lifecycle.leave(session.pk, timezone.now())
    return session


def written(session):
    return SupportSession.objects.values_list("outcome", "note").get(pk=session.pk)


def test_the_outcome_of_a_call_that_the_customer_ended_is_written_afterwards(desk, left):
    assert "What was it with Cy?" in page(desk)
    assert press(desk, "write-up", left.pk, outcome="follow_up", note="Toner.").json()["state"] == "ended"
    assert written(left) == ("follow_up", "Toner.")
    entry = AuditEntry.objects.get(action="write_up")
    assert (entry.actor_name, entry.target, entry.detail) == ("ana", f"session {left.pk}", {"outcome": "follow_up"})
    assert told(desk)["mine"]["state"] == "wrap_up"


def test_an_outcome_can_be_corrected(desk, ana):
    session = make_ended(ana, timezone.now(), lasted=SECOND)
    press(desk, "write-up", session.pk, outcome="other", note="Not so well.")
    assert written(session) == ("other", "Not so well.")


@pytest.mark.parametrize("name", ["ready", "pause", "stop", "next"])
def test_going_on_keeps_what_was_typed(desk, left, name):
    make_customer("Di", timezone.now())
    assert press(desk, name, last=left.pk, outcome="other", note="Half a sent", reason="break").status_code == 200
    assert written(left) == ("other", "Half a sent")
    assert told(desk)["mine"] is None or told(desk)["mine"]["last"] is None


def test_going_on_without_a_word_claims_no_outcome(desk, left):
    press(desk, "ready", last=left.pk, outcome="", note="")
    assert written(left) == ("", "")
    assert not AuditEntry.objects.filter(action="write_up").exists()


def test_only_ones_own_last_session_may_be_written_up(desk, ana, left):
    bo = make_staff("bo")
    his = make_ended(bo, timezone.now(), lasted=SECOND)
    assert press(desk, "write-up", his.pk, outcome="other").status_code == 403
    press(desk, "ready")
    refused = press(desk, "write-up", left.pk, outcome="other")
    assert refused.status_code == 409
    assert "can no longer be written up" in refused.json()["error"]
    assert written(left) == ("", "")


def test_of_a_call_that_expired_only_the_note_is_written(desk, ana, left):
    SupportSession.objects.filter(pk=left.pk).update(state="expired")
    assert "last-outcome" not in page(desk)
    assert press(desk, "write-up", left.pk, outcome="resolved", note="Too long.").status_code == 200
    assert written(left) == ("", "Too long.")


def test_everybody_sees_who_is_on_duty(desk, ana):
    duty.start(make_staff("bo", first_name="<Bo>"), timezone.now())
    strip = page(desk).partition("Staff on duty")[2]
    assert "&lt;Bo&gt;" in strip
    assert "Available" in strip
    assert [row["staff"] for row in told(desk)["staff"]] == ["<Bo>"]


def test_looking_at_the_console_is_a_sign_of_life(desk, ana):
    duty.start(ana, timezone.now() - 200 * SECOND)
    told(desk)
    assert StaffPeriod.objects.get().last_seen_at > timezone.now() - 10 * SECOND


@pytest.mark.django_db(transaction=True)
async def test_ones_own_state_is_pushed_and_an_open_console_keeps_on_duty(monkeypatch):
    ana, bo = await in_db(make_staff)("ana"), await in_db(make_staff)("bo")
    await in_db(duty.start)(bo, timezone.now())
    monkeypatch.setattr(live.presence, "_written_at", 0.0)
    async with Console(await in_db(login)(ana)) as console:
        assert "hx-swap-oob" in await console.hears("duty", "Off duty", "Start work")
        await in_db(duty.start)(ana, timezone.now() - 250 * SECOND)
        await console.hears("queue", "ana", "bo")
        await console.hears("duty", "Available", "Pause")
        monkeypatch.setattr(live.presence, "_written_at", 0.0)
        await console.hears("figures")
        await console.hears("figures")
        period = await in_db(StaffPeriod.objects.get)(staff=ana)
        assert period.last_seen_at > timezone.now() - 10 * SECOND
        await in_db(duty.pause)(ana, "break", timezone.now())
        await console.hears("duty", "Paused: Break", "Change reason")
        session = await in_db(make_call)(ana, timezone.now())
        await console.hears("duty", "In a call", "end the session or hand it back first")
        await in_db(lifecycle.leave)(session.pk, timezone.now())
        await console.hears("duty", "Wrap-up", "What was it with Cy?")
    assert live.consoles.here() == []
