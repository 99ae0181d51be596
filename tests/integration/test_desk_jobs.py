"""The desk's jobs do what they say, and say what they did, as commands too."""

from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.management import call_command
from django.utils import timezone

from sessions_app import jobs
from sessions_app.models import State, SupportSession, TurnSecret
from sessions_app.sealing import unseal
from tests.factories import make_customer, make_ended, make_queue, make_staff

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def run(command):
    out = StringIO()
    call_command(command, stdout=out)
    return out.getvalue().strip()


def test_the_rotation_changes_the_secret_and_does_not_say_it():
    first = run("turn_rotation")
    old = TurnSecret.objects.get(retired_at=None)
    second = run("turn_rotation")
    new = TurnSecret.objects.get(retired_at=None)
    assert unseal(old.sealed) != unseal(new.sealed)
    assert str(new.pk) in second
    for secret in (old, new):
        assert unseal(secret.sealed) not in first + second


def test_the_sweep_closes_the_visits_of_those_who_are_gone():
    make_queue(2, timezone.now() - HOUR)
    make_customer(at=timezone.now())
    said = "Closed 2 visits of customers who had gone, put 0 unanswered claims back into the queue."
    assert run("queue_sweep") == said
    assert SupportSession.objects.filter(state=State.WAITING).count() == 1


def test_the_cleanup_expires_old_visits_and_removes_old_logins(settings):
    now = timezone.now()
    old = make_customer(at=now - (settings.DESK_SESSION_HOURS + 1) * HOUR)
    SupportSession.objects.filter(pk=old.pk).update(last_seen_at=now)
    Session.objects.create(session_key="old", session_data="", expire_date=now - HOUR)
    Session.objects.create(session_key="new", session_data="", expire_date=now + HOUR)
    assert "expired 1 visits, put 0 forgotten messages back on the list and removed 1 old logins" in run(
        "session_cleanup"
    )
    assert SupportSession.objects.get().state == State.EXPIRED
    assert Session.objects.get().session_key == "new"


def test_anonymising_does_what_it_says(settings):
    make_ended(make_staff(), timezone.now() - timedelta(days=settings.ANONYMIZE_AFTER_DAYS + 1))
    assert "from 1 visits" in run("anonymize_sessions")
    session = SupportSession.objects.get()
    assert (session.name, session.topic, session.note) == ("", "", "")
    assert session.anonymized_at


def test_staff_hear_that_somebody_waits_and_not_who():
    make_staff("ana")
    make_staff("bo", email="")
    make_staff("eve", "monitoring.view_panel")
    make_staff("gone", is_active=False)
    make_queue(2, timezone.now())
    assert run("notify_staff") == "Waiting: 2, messages: 0. Staff told by mail: 1."
    (sent,) = mail.outbox
    assert sent.recipients() == ["ana@example.com"]
    assert sent.subject == "2 customers are waiting"
    assert "Cy" not in sent.subject + sent.body


def test_with_nobody_to_tell_it_says_so():
    make_staff("bo", email="")
    assert jobs.notify_staff() == "Nobody waits any more: no mail was sent."
    make_customer(at=timezone.now())
    assert jobs.notify_staff() == "Waiting: 1, messages: 0. Nobody was told: no member of staff has an e-mail address."
    assert mail.outbox == []
