"""What a customer gets over HTTP."""

import re

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from sessions_app import lifecycle, tokens
from sessions_app.models import Role, State, SupportSession
from tests.factories import SECOND, make_call, make_customer, make_staff

pytestmark = pytest.mark.django_db


def link(session, role=Role.CUSTOMER):
    return reverse("visit", args=[tokens.make(session.pk, role)])


def test_joining_leads_to_a_page_of_ones_own(client):
    answer = client.post("/", {"name": " Cy  Twombly", "topic": "Paint"})
    assert answer.status_code == 303
    session = SupportSession.objects.get()
    assert (session.name, session.topic, session.language, session.state) == ("Cy Twombly", "Paint", "en", "waiting")
    page = client.get(answer["Location"])
    assert page.status_code == 200
    assert b"You are next." in page.content
    assert str(session.pk) not in answer["Location"]


def test_the_page_of_a_visit_is_not_kept_nor_told_to_others(client):
    page = client.get(link(make_customer(at=timezone.now())))
    assert (page["Cache-Control"], page["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert b'<noscript><meta http-equiv="refresh"' in page.content


def test_asking_for_the_page_is_a_sign_of_life(client):
    session = make_customer(at=timezone.now() - 50 * SECOND)
    client.get(link(session))
    assert timezone.now() - SupportSession.objects.get().last_seen_at < 5 * SECOND


def test_what_is_wrong_with_the_form_is_said_beside_the_field_and_nobody_joins(client):
    answer = client.post("/", {"name": "Cy\x1b[2J", "topic": "x" * 201})
    assert answer.status_code == 422
    assert b"Your name contains a character that cannot be shown" in answer.content
    assert b"at most 200 characters" in answer.content
    assert not SupportSession.objects.exists()


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7|add:7 }}"])
def test_what_a_customer_types_is_text(client, name):
    staff = make_staff()
    client.post("/", {"name": name, "topic": name})
    client.force_login(staff)
    waiting = client.get(reverse("desk:console")).content.decode()
    lifecycle.claim_next(staff, timezone.now())
    taken = client.get(reverse("desk:console")).content.decode()
    for page in (waiting, taken):
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert page.count(escape(name)) >= 2


def test_a_flood_from_one_address_is_told_when_to_come_back(client, settings):
    settings.DESK_JOINS_PER_MINUTE = 3
    answers = [client.post("/", {"name": "Cy"}) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [303, 303, 303, 429, 429]
    assert 1 <= int(answers[-1]["Retry-After"]) <= 60
    assert re.search(rb"Wait \d+ seconds and try again", answers[-1].content)
    assert client.post("/", {"name": "Bea"}, REMOTE_ADDR="203.0.113.9").status_code == 303


def test_tries_at_logging_in_are_slowed_down(client, settings):
    settings.LOGIN_ATTEMPTS_PER_MINUTE = 2
    answers = [client.post(reverse("admin:login"), {"username": f"u{n}", "password": "x"}) for n in range(3)]
    assert answers[-1].status_code == 429
    assert int(answers[-1]["Retry-After"]) >= 1
    assert client.get(reverse("admin:login")).status_code == 200


def test_leaving_needs_no_second_question_and_the_link_is_over_then():
    strict = Client(enforce_csrf_checks=True)
    session = make_customer(at=timezone.now())
    answer = strict.post(f"{link(session)}leave/", headers={"Origin": "null"})
    assert answer.status_code == 303
    over = strict.get(answer["Location"])
    assert over.status_code == 410
    assert b"If you still need help, join the queue again" in over.content
    assert strict.post(f"{link(session)}leave/").status_code == 303


def test_a_form_of_another_site_joins_nobody():
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/", {"name": "Cy"})
    assert answer.status_code == 403
    assert b"reload the page and send the form again" in answer.content


@pytest.mark.parametrize("token", ["x", "a:b:c", "%00", "ImFiYyI:1abc:xyz"])
def test_a_link_that_is_not_ours_is_not_found(client, token):
    answer = client.get(f"/s/{token}/")
    assert answer.status_code == 404
    assert b"Check that you copied all of it" in answer.content


def test_a_token_of_staff_opens_no_customers_page(client):
    session = make_customer(at=timezone.now())
    assert client.get(link(session, Role.STAFF)).status_code == 404
    assert client.post(f"{link(session, Role.STAFF)}leave/").status_code == 404
    assert SupportSession.objects.get().state == State.WAITING


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("delete", "/", "GET, HEAD, POST"), ("post", "{link}", "GET, HEAD"), ("get", "{link}leave/", "POST")],
)
def test_a_wrong_method_is_told_which_are_right(client, method, path, allowed):
    answer = getattr(client, method)(path.format(link=link(make_customer(at=timezone.now()))))
    assert (answer.status_code, answer["Allow"]) == (405, allowed)
    assert b"use the buttons on the page" in answer.content


def test_a_visit_speaks_the_language_it_began_in(client):
    session = make_customer(at=timezone.now(), language="tr")
    page = client.get(link(session), headers={"Accept-Language": "en"})
    assert b'<html lang="tr"' in page.content


def test_the_page_says_who_is_connected(client):
    session = make_call(make_staff(), timezone.now())
    assert b"You are connected" in client.get(link(session)).content


def test_the_page_of_someone_forgotten_is_not_found(client):
    session = make_customer(at=timezone.now())
    address = link(session)
    session.delete()
    assert client.get(address).status_code == 404


def test_an_error_is_tied_to_its_field_for_those_who_cannot_see_it(client):
    page = client.post("/", {"name": "x" * 81}).content.decode()
    assert 'aria-invalid="true"' in page
    assert 'aria-describedby="id_name_error"' in page
    assert 'id="id_name_error"' in page


def test_the_language_can_be_chosen(client):
    client.post(reverse("set_language"), {"language": "tr", "next": "/"})
    assert b'<html lang="tr"' in client.get("/").content


def test_an_address_that_is_not_there_says_what_to_do(client):
    answer = client.get("/nowhere/")
    assert answer.status_code == 404
    assert b"Check that you copied all of it" in answer.content


@pytest.mark.parametrize(
    "template", ["500.html", "503.html", "404.html", "403.html", "403_csrf.html", "429.html", "locked.html"]
)
def test_a_page_for_trouble_needs_nothing_to_be_shown(template):
    page = render_to_string(template)
    assert "<h1></h1>" not in page
    assert 'class="button"' in page
    assert "style=" not in page


def test_without_javascript_the_next_look_at_the_page_answers_the_claim(client):
    session = make_customer(at=timezone.now())
    lifecycle.claim(session.pk, make_staff("ana"), timezone.now())
    assert b"You are connected" in client.get(link(session)).content
    session.refresh_from_db()
    assert session.state == State.ACTIVE
