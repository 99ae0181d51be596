"""Messages on the console: who sees them, who takes them, and what happens when two want the same."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sessions_app.models import State, SupportSession
from tests.factories import make_message, make_staff

pytestmark = pytest.mark.django_db
CONSOLE, JSON = "/admin/desk/", {"Accept": "application/json"}


@pytest.fixture
def left():
    return make_message("Dora", timezone.now())


def as_staff(username="ana", *permissions):
    client = Client()
    client.force_login(make_staff(username, *permissions))
    return client


def press(client, session, button="call_back", **fields):
    return client.post(reverse(f"desk:{button}", args=[session.pk]), fields, headers=JSON)


def test_the_console_lists_messages_oldest_first_with_all_it_takes_to_answer(left):
    older = make_message("Eli", timezone.now() - timedelta(hours=2))
    page = as_staff().get(CONSOLE).content.decode()
    assert page.index(str(older.pk)) < page.index(str(left.pk))
    for word in ("To be called back", "Dora", "Please call me.", 'href="mailto:dora@example.org"'):
        assert word in page
    rows = as_staff("bo").get(CONSOLE, headers=JSON).json()["callbacks"]
    assert [row["contact"] for row in rows] == ["eli@example.org", "dora@example.org"]


@pytest.mark.parametrize("username", [None, "eve"])
def test_nobody_else_sees_them_or_takes_them(left, username):
    client = as_staff(username, "monitoring.view_panel") if username else Client()
    for response in (client.get(CONSOLE), press(client, left)):
        assert response.status_code in (302, 403)
        assert b"dora@example.org" not in response.content
    assert SupportSession.objects.get().state == State.CALLBACK


def test_a_message_is_taken_and_ended_with_an_outcome(left):
    ana = as_staff()
    assert press(ana, left).json() == {"id": str(left.pk), "state": "active"}
    mine = ana.get(CONSOLE, headers=JSON).json()["mine"]
    assert (mine["id"], mine["contact"], mine["callback"]) == (str(left.pk), "dora@example.org", True)
    page = ana.get(CONSOLE).content.decode()
    assert "dora@example.org" in page
    assert "Not reached: back to the list" in page
    assert press(ana, left, "end", outcome="resolved", note="Called.").json()["state"] == "ended"


def test_the_second_who_takes_it_gets_a_409(left):
    ana, bo = as_staff(), as_staff("bo")
    press(ana, left)
    refused = press(bo, left)
    assert refused.status_code == 409
    assert "a colleague took it" in refused.json()["error"]
    assert press(bo, left, "requeue").status_code == 403
    assert press(ana, left, "requeue").json()["state"] == "callback"
    assert press(bo, left).status_code == 200


def test_the_contact_is_text(left):
    SupportSession.objects.update(contact='"><script>alert(1)</script>@x.y', message="<img src=x>")
    page = as_staff().get(CONSOLE).content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
