"""What staff do at the console, as a page and as JSON."""

import json

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from monitoring.models import AuditEntry
from sessions_app import lifecycle, tokens
from sessions_app.models import Role, State, SupportSession
from tests.factories import make_call, make_customer, make_queue, make_staff

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}


@pytest.fixture
def ana():
    return make_staff("ana")


@pytest.fixture
def desk(client, ana):
    client.force_login(ana)
    return client


def press(client, name, *args, **fields):
    return client.post(reverse(f"desk:{name}", args=args), fields, headers=JSON)


def board(client):
    return client.get(reverse("desk:console"), {"format": "json"}).json()


def test_the_console_shows_who_waits(desk):
    make_customer("Cy", timezone.now())
    page = desk.get(reverse("desk:console"))
    assert page.status_code == 200
    assert page["Cache-Control"] == "no-store"
    assert b"Cy" in page.content
    assert b"The printer is on fire" in page.content


def test_the_same_as_json(desk, ana):
    first, second = make_queue(2, timezone.now())
    lifecycle.claim(second.pk, ana, timezone.now())
    seen = board(desk)
    assert [(row["id"], row["position"]) for row in seen["waiting"]] == [(str(first.pk), 1)]
    assert seen["mine"]["id"] == str(second.pk)
    assert tokens.read(seen["mine"]["token"])[:2] == (second.pk, Role.STAFF)
    assert {"waiting": 1, "connecting": 1, "joined": 2, "abandoned": 0}.items() <= seen["counts"].items()


def test_taking_ending_and_handing_back_as_a_program(desk):
    first, second = make_queue(2, timezone.now())
    assert press(desk, "next").json() == {"id": str(first.pk), "state": "connecting"}
    assert press(desk, "requeue", first.pk).json()["state"] == "waiting"
    assert press(desk, "take", second.pk).json()["id"] == str(second.pk)
    assert press(desk, "end", second.pk, outcome="resolved", note="Done.\nAll well.").json()["state"] == "ended"
    assert SupportSession.objects.get(pk=second.pk).note == "Done.\nAll well."
    assert board(desk)["mine"] is None


def test_taking_and_ending_as_a_person(desk):
    make_customer("Cy", timezone.now())
    answer = desk.post(reverse("desk:next"), follow=True)
    assert answer.redirect_chain == [(reverse("desk:console"), 303)]
    assert b"End the session" in answer.content
    cy = SupportSession.objects.get()
    answer = desk.post(reverse("desk:end", args=[cy.pk]), {"outcome": "resolved", "note": ""}, follow=True)
    assert b"You have no customer" in answer.content


def test_every_action_on_a_customer_leaves_an_audit_entry_without_a_name(desk):
    cy = make_customer("Cy Twombly", timezone.now())
    press(desk, "next")
    press(desk, "requeue", cy.pk)
    press(desk, "take", cy.pk)
    press(desk, "end", cy.pk, outcome="other", note="Cy Twombly again")
    entries = AuditEntry.objects.order_by("at")
    assert [entry.action for entry in entries] == ["claim", "requeue", "claim", "end"]
    assert {(entry.actor_name, entry.target) for entry in entries} == {("ana", f"session {cy.pk}")}
    assert "Twombly" not in json.dumps(list(entries.values_list("target", "detail")))


def test_the_errors_of_the_desk_have_a_status_and_a_sentence(desk):
    bo = make_staff("bo")
    his = make_call(bo, timezone.now())
    unknown = "00000000-0000-4000-8000-000000000000"
    mine = make_customer(at=timezone.now())
    answers = {
        "taken": press(desk, "take", his.pk),
        "his": press(desk, "end", his.pk, outcome="resolved"),
        "unknown": press(desk, "take", unknown),
        "early": press(desk, "requeue", mine.pk),
    }
    press(desk, "take", mine.pk)
    answers["full"] = press(desk, "next")
    answers["unsaid"] = press(desk, "end", mine.pk, outcome="won")
    assert {name: answer.status_code for name, answer in answers.items()} == {
        "taken": 409,
        "his": 403,
        "unknown": 404,
        "early": 409,
        "full": 409,
        "unsaid": 422,
    }
    assert all(answer.json()["error"].endswith(".") for answer in answers.values())
    press(desk, "end", mine.pk, outcome="other")
    assert press(desk, "next").json() == {
        "error": "Nobody is waiting. New customers appear in the queue by themselves."
    }


def test_a_person_is_told_the_same_on_the_console(desk):
    answer = desk.post(reverse("desk:next"), follow=True)
    assert answer.status_code == 200
    assert b"Nobody is waiting. New customers appear" in answer.content


def test_a_button_is_no_link(desk):
    assert desk.get(reverse("desk:next")).status_code == 405
    assert desk.get(reverse("desk:next"), headers=JSON).json()["error"]


def test_another_site_presses_no_button(ana):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ana)
    make_customer(at=timezone.now())
    assert strict.post(reverse("desk:next"), headers=JSON).status_code == 403
    assert SupportSession.objects.get().state == State.WAITING


def test_a_page_without_a_socket_asks_for_the_moving_part(desk):
    part = desk.get(reverse("desk:console"), headers={"HX-Request": "true"}).content.decode()
    assert part.startswith('<div id="board">')
    assert "<html" not in part
    assert 'id="mine"' in part
    assert 'id="duty"' in part
    assert part.count("hx-swap-oob") == 2
