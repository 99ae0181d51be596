"""The alerts page: what it shows, who may act on it, and what a second click gets."""

import json
import re
from datetime import timedelta
from urllib.parse import unquote

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from monitoring.alert_models import NOTE_LENGTH, Alert, Delivery, Silence
from monitoring.alerting import evaluation, watch
from monitoring.alerting.kinds import JobFailing
from monitoring.guard import guard
from monitoring.models import AuditEntry
from monitoring.panel.alerts import PAGE
from tests.factories import make_staff
from tests.integration.test_alert_channels import make_alert
from tests.telemetry import make_process

pytestmark = pytest.mark.django_db
SEE, ACT = "monitoring.view_panel", "monitoring.act_on_alerts"
HOUR = timedelta(hours=1)


@pytest.fixture
def lead(client):
    client.force_login(make_staff("ana", SEE, ACT))
    return client


def show(client, **asked):
    return client.get(reverse("panel:alerts"), asked)


def text(answer) -> str:
    assert answer.status_code == 200, answer
    return answer.content.decode()


def figures(client, **asked) -> dict:
    return json.loads(text(show(client, format="json", **asked)))


def acknowledge(client, alert, note="", **more):
    return client.post(reverse("panel:acknowledge_alert", args=[alert.pk]), {"note": note}, follow=True, **more)


def silence(client, **form):
    form = {"length": "1h", "reason": "a rebuild", **form}
    return client.post(reverse("panel:silence_alerts"), form, follow=True)


def lift(client, pk):
    return client.post(reverse("panel:lift_silence", args=[pk]), follow=True)


# What it shows.


def test_what_moves_is_answered_alone_and_says_when_the_lists_have_changed(lead):
    def moving():
        part = lead.get(reverse("panel:alerts"), headers={"HX-Request": "true"}).content.decode()
        assert ("<html" in part, "<form" in part, 'hx-swap-oob="true"' in part) == (False, False, True)
        return part

    first, again = moving(), moving()
    assert first == again
    assert re.search(r'data-news="\w+"', first)[0] in text(show(lead))
    make_alert(subject="mail")
    assert re.search(r'data-news="\w+"', first)[0] not in moving()


def test_an_installation_of_which_nothing_is_known_says_why_and_what_next(lead):
    page = text(show(lead))
    assert "Not every rule has been looked at yet." in page
    assert "try it with manage.py send_test_alert" in page
    assert "Nothing is silenced: people are told of every alert." in page
    assert "No alert has fired and ended yet" in page
    assert "set ALERT_WEBHOOK_URL, ALERT_WEBHOOK_SECRET" in page
    assert page.count("not looked at yet") == len(figures(lead)["rules"]) == 6


def test_a_healthy_one_says_so(lead, settings):
    settings.ALERT_EMAILS = ["ana@example.org"]
    make_process(at=now())
    make_process("web", at=now())
    watch.take_turn(now())
    evaluation.evaluate(now())
    page = text(show(lead))
    assert "No alert fires." in page
    assert "Each minute of the last hour: from 1 to 1" in page
    assert "ana@example.org" not in page
    assert figures(lead)["late"] is False


def test_a_rule_that_nobody_can_look_at_is_not_passed_over(lead, monkeypatch):
    guard.strict = False
    evaluation.evaluate(now() - HOUR)
    monkeypatch.setattr(JobFailing, "look", lambda *_args: 1 / 0)
    evaluation.evaluate(now())
    assert "Not every rule has been looked at since" in text(show(lead))
    assert figures(lead)["late"] is True


def test_an_alert_shows_with_its_figures_and_leads_to_the_offender(lead):
    alert = make_alert(since=now() - HOUR, detail={"link": "panel:jobs"}, notified_at=now())
    page = text(show(lead))
    assert f'id="alert-{alert.pk}"' in page
    assert "The job sweep failed 4 times in a row." in page
    assert "4 failures in a row now, alert at 3." in page
    assert f'href="{reverse("panel:job", args=["sweep"])}"' in page
    (row,) = figures(lead)["firing"]
    assert (row["value"], row["threshold"], row["level"]) == (4, 3, "bad")


def test_what_somebody_has_seen_to_comes_after_what_nobody_has(lead):
    make_alert(subject="seen", acknowledged_at=now())
    make_alert(subject="new", level="warn")
    assert [row["subject"] for row in figures(lead)["firing"]] == ["new", "seen"]


def test_a_channel_that_fails_says_why_and_one_that_works_when(lead, settings):
    settings.ALERT_TELEGRAM_TOKEN, settings.ALERT_TELEGRAM_CHAT = "123456:a-token-of-a-bot", "@desk"
    sent = {"event": "firing", "channel": "telegram", "made_at": now(), "due_at": now()}
    Delivery.objects.create(state="sent", tried_at=now() - HOUR, **sent)
    assert {row["name"]: row["failing"] for row in figures(lead)["channels"]}["telegram"] is False
    Delivery.objects.create(state="failed", tried_at=now(), said="telegram_token: Unauthorized", **sent)
    page = text(show(lead))
    assert "Telegram does not know the bot (Unauthorized): set ALERT_TELEGRAM_TOKEN anew." in page
    assert "a-token-of-a-bot" not in page + json.dumps(figures(lead))
    assert "Alerts do not get through by Telegram." in text(lead.get(reverse("panel:overview")))


def test_what_was_is_paged_by_keyset_and_can_be_walked_both_ways(lead):
    ended = now() - timedelta(days=1)
    for number in range(PAGE + 5):
        over = {"state": "resolved", "resolved_at": ended - number // 2 * HOUR}  # two end at once
        make_alert(subject=f"job {number}", since=ended - 200 * HOUR, **over)
    first = figures(lead)
    second = figures(lead, before=first["older"])
    subjects = [row["subject"] for row in first["history"] + second["history"]]
    assert len(set(subjects)) == len(subjects) == PAGE + 5
    assert (len(first["history"]), first["newer"], second["older"]) == (PAGE, "", "")
    assert figures(lead, after=second["newer"])["history"] == first["history"]
    assert "?before=" in text(show(lead))
    assert "There are no more alerts on this side." in text(show(lead, before="2000-01-01T00:00:00+00:00~1"))


@pytest.mark.parametrize("asked", [{"before": "x"}, {"after": "2026-01-01~x"}, {"before": "\0"}, {"format": "xml"}])
def test_bad_input_in_the_address_is_named(lead, asked):
    answer = show(lead, **asked)
    assert answer.status_code == 400
    assert "cannot be used" in answer.content.decode()


def test_hostile_text_stays_text(lead):
    make_alert(subject="<script>alert(1)</script>", note="<b>bold</b>", acknowledged_at=now())
    page = text(show(lead))
    assert "<script>alert" not in page
    assert "<b>bold" not in page


# Who may do what.


def test_who_may_see_may_not_act(client):
    client.force_login(make_staff("bo", SEE))
    alert, kept = make_alert(), Silence.objects.create(until=now() + HOUR, reason="x", made_at=now())
    assert "<form" not in text(show(client)).partition('id="firing"')[2].partition('id="history"')[0]
    for answer in (acknowledge(client, alert), silence(client), lift(client, kept.pk)):
        assert answer.status_code == 403
    assert not AuditEntry.objects.exists()


def test_others_are_turned_away(client):
    assert show(client).status_code == 302
    client.force_login(make_staff("bo", ACT))
    assert show(client).status_code == 403
    assert acknowledge(client, make_alert()).status_code == 403


@pytest.mark.parametrize(("name", "args"), [("acknowledge_alert", [1]), ("silence_alerts", []), ("lift_silence", [1])])
def test_nothing_is_done_by_a_link_or_by_a_page_of_others(lead, name, args):
    address = reverse(f"panel:{name}", args=args)
    assert lead.get(address).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = lead.cookies
    assert strict.post(address).status_code == 403
    assert not AuditEntry.objects.exists()


# What a person does.


def test_an_alert_is_acknowledged_once_with_a_note_and_the_audit_knows(lead):
    alert = make_alert()
    page = text(acknowledge(lead, alert, " on \n it "))
    assert "Acknowledged: nobody is reminded" in page
    assert "Acknowledged by ana" in page
    assert "on it" in page
    entry = AuditEntry.objects.get()
    assert (entry.actor_name, entry.action, entry.target) == ("ana", "alert.acknowledge", f"alert {alert.pk}")
    assert "on it" not in str(entry.detail)
    lead.force_login(make_staff("bo", SEE, ACT))
    assert "It was acknowledged already, by ana." in text(acknowledge(lead, alert, "me too"))
    alert.refresh_from_db()
    assert (alert.note, AuditEntry.objects.count()) == ("on it", 1)


@pytest.mark.parametrize(("state", "said"), [("resolved", "the alert is over"), ("pending", "it does not fire")])
def test_what_does_not_fire_cannot_be_acknowledged(lead, state, said):
    alert = make_alert(state=state, resolved_at=now() if state == "resolved" else None)
    assert said in text(acknowledge(lead, alert))
    assert Alert.objects.get().acknowledged_at is None


def test_a_silence_is_made_once_however_often_the_button_is_pressed(lead):
    form = {"rule": "job_failing", "subject": "sw*", "length": "4h"}
    assert "Silenced: such alerts still show here" in text(silence(lead, **form))
    assert "silenced already, and for at least as long" in text(silence(lead, **form))
    made = Silence.objects.get()
    assert (made.rule, made.subject, made.reason, made.made_by.username) == ("job_failing", "sw*", "a rebuild", "ana")
    assert made.until - made.made_at == 4 * HOUR
    assert AuditEntry.objects.get().action == "alert.silence"
    make_alert()
    assert "Nobody was told: it is silenced" in text(show(lead))
    silence(lead, **form | {"length": "24h"})  # for longer is another wish
    assert Silence.objects.count() == 2


def test_a_silence_until_a_time_ends_then_and_can_be_ended_before(lead):
    until = (now() + 2 * HOUR).replace(second=0, microsecond=0)
    silence(lead, length="until", until=f"{until:%Y-%m-%dT%H:%M}")
    made = Silence.objects.get()
    assert made.until == until
    assert "The silence has ended" in text(lift(lead, made.pk))
    assert "The silence has ended already." in text(lift(lead, made.pk))
    assert "Nothing is silenced" in text(show(lead))
    assert [entry.action for entry in AuditEntry.objects.order_by("at")] == ["alert.silence", "alert.unsilence"]


@pytest.mark.parametrize(
    "form",
    [
        {"reason": "  "},
        {"reason": "x" * (NOTE_LENGTH + 1)},
        {"length": "8h"},
        {"length": "until", "until": ""},
        {"length": "until", "until": "2020-01-01T00:00"},
        {"length": "until", "until": "9999-12-31T23:59"},
        {"length": "until", "until": "yesterday"},
        {"rule": "no_such_rule"},
        {"subject": "x" * 201},
    ],
)
def test_a_silence_that_makes_no_sense_is_refused_by_name(lead, form):
    answer = silence(lead, **form)
    assert answer.status_code == 400
    assert f"{next(name for name in ('until', *form) if name in form)}=" in answer.content.decode()
    assert not Silence.objects.exists()


def test_what_is_not_there_is_a_page_of_404(lead):
    assert lead.post(reverse("panel:acknowledge_alert", args=[404])).status_code == 404
    assert lift(lead, 404).status_code == 404
    assert lead.post("/admin/monitoring/panel/alerts/x/acknowledge/").status_code == 404


def test_the_audit_leads_back_to_the_alert(lead):
    alert = make_alert()
    acknowledge(lead, alert)
    lead.force_login(make_staff("cem", SEE, "monitoring.view_auditentry"))
    page = unquote(text(lead.get(reverse("panel:audit"))))
    assert "acknowledged the alert" in page
    assert f'href="{reverse("panel:alerts")}#alert-{alert.pk}"' in page


def test_many_alerts_cost_no_more_queries_than_few(lead, django_assert_max_num_queries):
    for number in range(30):
        make_alert(subject=f"job {number}")
    with django_assert_max_num_queries(30):
        show(lead)
