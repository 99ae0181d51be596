"""What somebody finds who comes to the desk: the form to join with what to expect, or the one for a message."""

from datetime import timedelta

import pytest
from django.core import mail, signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from sessions_app import jobs, lifecycle, tokens
from sessions_app.models import Role, StaffPeriod, State, SupportSession
from tests.factories import make_customer, make_ended, make_message, make_queue, make_staff

pytestmark = pytest.mark.django_db
LEFT = {"name": "Dora", "topic": "Paint", "contact": "dora@example.org", "message": "Please call me.\nAfter five."}
MINUTE = timedelta(minutes=1)


@pytest.fixture
def closed(settings):
    """Hours that begin in three days, for an hour."""
    day = (timezone.now().weekday() + 3) % 7 * 24 * 60
    settings.DESK_HOURS = [(day + 9 * 60, day + 10 * 60)]
    return (timezone.now() + timedelta(days=3)).strftime("%A")


@pytest.fixture
def full(settings):
    settings.DESK_QUEUE_MOST = 1
    return make_customer("Cy", timezone.now())


def start(username="ana"):
    now = timezone.now()
    return StaffPeriod.objects.create(staff=make_staff(username), state="available", began_at=now, last_seen_at=now)


def link(session, name="visit"):
    return reverse(name, args=[tokens.make(session.pk, Role.CUSTOMER)])


def said(response):
    return " ".join(response.content.decode().split())


def test_with_nobody_on_duty_one_may_join_and_is_told(client):
    page = said(client.get("/"))
    assert "Nobody is at the desk at the moment." in page
    assert "Join the queue" in page
    assert "Leave a message instead" in page
    assert client.post("/", {"name": "Cy"}).status_code == 303


def test_with_somebody_on_duty_one_reads_how_many_wait_and_how_long_it_takes(client):
    bo, now = start("bo").staff, timezone.now()
    assert "Nobody is waiting: you would be next." in said(client.get("/"))
    for number in range(10):
        make_ended(bo, now - (60 - 5 * number) * MINUTE)
    make_queue(3, now)
    page = said(client.get("/"))
    assert "Nobody is at the desk" not in page
    assert "3 people are waiting." in page
    assert "It will take about 10 to 30 minutes." in page


def test_a_closed_desk_says_when_it_opens_and_takes_a_message(client, closed):
    response = client.get("/")
    assert response.status_code == 200
    page = said(response)
    assert "The desk is closed. It opens again on <strong>" + closed in page
    assert ", 09:00</strong>" in page
    assert "Join the queue" not in page
    assert f'action="{reverse("message")}"' in page


def test_when_it_opens_is_said_in_the_language(client, closed, settings):
    page = client.get("/", headers={"Accept-Language": "tr"}).content.decode()
    assert closed not in page
    days = {"Monday": "Pazartesi", "Tuesday": "Salı", "Wednesday": "Çarşamba", "Thursday": "Perşembe",
            "Friday": "Cuma", "Saturday": "Cumartesi", "Sunday": "Pazar"}  # fmt: skip
    assert days[closed] in page


def test_joining_a_closed_desk_is_refused_with_the_page_and_what_was_typed(client, closed):
    response = client.post("/", {"name": "Zoë <3", "topic": "Paint"})
    assert response.status_code == 503
    assert 2 * 86_400 < int(response["Retry-After"]) < 4 * 86_400
    page = said(response)
    assert "The desk is closed." in page
    assert f'value="{escape("Zoë <3")}"' in page
    assert 'value="Paint"' in page
    assert not SupportSession.objects.exists()


def test_a_full_queue_is_refused_on_sight_with_when_to_come_again(client, full):
    for response in (client.get("/"), client.post("/", {"name": "Dora"})):
        assert (response.status_code, response["Retry-After"]) == (503, "60")
        assert "Too many people are waiting already" in said(response)
        assert "Send the message" in said(response)
    assert SupportSession.objects.count() == 1


@pytest.mark.parametrize("state", ["closed", "full"])
def test_a_program_gets_the_sentence_as_json(client, request, state):
    request.getfixturevalue(state)
    response = client.post("/", {"name": "Dora"}, headers={"Accept": "application/json"})
    assert response.status_code == 503
    assert response["Retry-After"]
    assert "Leave a message" in response.json()["error"]


def test_who_waits_reads_that_the_desk_has_closed_or_that_nobody_is_there(client, settings, request):
    cy, period = make_customer(at=timezone.now()), start()
    assert "at the desk" not in said(client.get(link(cy)))
    period.delete()
    assert "Nobody is at the desk at the moment. You keep your place if you stay" in said(client.get(link(cy)))
    request.getfixturevalue("closed")
    page = said(client.get(link(cy)))
    assert "The desk has closed and opens again on" in page
    assert f'action="{link(cy, "message_instead")}"' in page


@pytest.mark.parametrize("state", ["closed", "full", None])
def test_a_message_is_left_whatever_the_door(client, request, state):
    if state:
        request.getfixturevalue(state)
    response = client.post(reverse("message"), LEFT)
    assert response.status_code == 303
    session = SupportSession.objects.get(state=State.CALLBACK)
    assert {name: getattr(session, name) for name in LEFT} == LEFT
    page = said(client.get(response["Location"]))
    assert "Your message is with us." in page
    assert "We answer to: <strong>dora@example.org</strong>" in page
    assert "Withdraw the message" in page


def test_the_form_to_join_leads_to_the_message_with_what_was_typed(client):
    page = said(client.post(reverse("message"), {"name": "Zoë", "topic": "Paint", "begin": "1"}))
    assert 'value="Zoë"' in page
    assert 'value="Paint"' in page
    assert "This field is required" not in page
    assert not SupportSession.objects.exists()


@pytest.mark.parametrize("contact", ["", "Dora", "dora@", "@example.org", "dora@example", "12", "call me", "1" * 40])
def test_a_contact_that_reaches_nobody_is_refused_and_what_was_typed_stays(client, contact):
    response = client.post(reverse("message"), LEFT | {"contact": contact})
    assert response.status_code == 422
    assert 'value="Dora"' in said(response)
    assert "Please call me." in response.content.decode()
    assert not SupportSession.objects.exists()


@pytest.mark.parametrize("contact", ["zoë@müller.de", "+90 (312) 000 00 00", "030/123-45.67", "a.b+c@d.e.org"])
def test_contacts_of_the_world_are_taken(client, contact):
    assert client.post(reverse("message"), LEFT | {"contact": contact}).status_code == 303


def test_a_message_needs_words(client):
    assert client.post(reverse("message"), LEFT | {"message": "  \n "}).status_code == 422


def test_messages_are_rate_limited_as_joins_are(client, settings):
    settings.DESK_JOINS_PER_MINUTE = 2
    assert [client.post(reverse("message"), LEFT).status_code for _ in range(3)] == [303, 303, 429]
    cy = make_customer(at=timezone.now())
    assert client.post(link(cy, "message_instead"), LEFT).status_code == 429
    assert client.post("/", {"name": "Cy"}).status_code == 303


def test_a_form_of_another_site_leaves_no_message():
    assert Client(enforce_csrf_checks=True).post(reverse("message"), LEFT).status_code == 403


def test_who_waits_leaves_the_queue_with_a_message_and_types_only_what_is_not_known(client):
    cy = make_customer("Cy", timezone.now())
    answer = {"contact": "+90 312 000 0000", "message": "Later, please."}
    response = client.post(link(cy, "message_instead"), answer)
    assert response.status_code == 303
    left = SupportSession.objects.get(state=State.CALLBACK)
    assert (left.name, left.topic, left.contact) == ("Cy", cy.topic, "+90 312 000 0000")
    assert SupportSession.objects.get(pk=cy.pk).state == State.ABANDONED
    page = client.get(response["Location"])
    assert (page["Cache-Control"], page["Referrer-Policy"]) == ("no-store", "no-referrer")


def test_a_slip_in_the_message_of_who_waits_costs_no_place(client):
    cy = make_customer("Cy", timezone.now())
    response = client.post(link(cy, "message_instead"), {"contact": "x", "message": "Later."})
    assert response.status_code == 422
    assert (response["Cache-Control"], response["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert "Later." in said(response)
    assert SupportSession.objects.get().state == State.WAITING


def test_a_message_instead_of_a_visit_that_staff_took_is_refused(client):
    cy = make_customer("Cy", timezone.now())
    lifecycle.claim(cy.pk, make_staff(), timezone.now())
    assert client.post(link(cy, "message_instead"), LEFT).status_code == 409


def test_a_message_is_withdrawn(client):
    left = make_message(at=timezone.now())
    assert client.post(link(left, "leave")).status_code == 303
    assert SupportSession.objects.get().state == State.ABANDONED
    assert client.get(link(left)).status_code == 410


def test_the_link_of_a_message_lives_as_long_as_the_message(client, settings, monkeypatch):
    settings.DESK_CALLBACK_DAYS = 14
    left = client.post(reverse("message"), LEFT)["Location"]
    joined = client.post("/", {"name": "Cy"})["Location"]
    later = (timezone.now() + timedelta(days=14)).timestamp()
    monkeypatch.setattr(signing.time, "time", lambda: later)
    assert client.get(left).status_code == 200
    assert client.get(joined).status_code == 410


def test_staff_hear_of_a_message_and_not_whose():
    make_staff("ana")
    make_message(at=timezone.now())
    assert jobs.notify_staff() == "Waiting: 0, messages: 1. Staff told by mail: 1."
    make_queue(2, timezone.now())
    jobs.notify_staff()
    assert [sent.subject for sent in mail.outbox] == [
        "1 message to answer",
        "2 customers are waiting, 1 message to answer",
    ]
    assert "Dora" not in str([sent.message() for sent in mail.outbox])
