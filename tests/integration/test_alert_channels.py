"""Messages of alerts through each channel, to real servers that answer as those of the world do."""

import base64
import hmac
import io
import json
import logging
import socket
from datetime import timedelta
from hashlib import sha256

import pytest
from django.core.management import CommandError, call_command
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from monitoring.alert_models import Alert, Delivery
from monitoring.alerting import sending, telling
from monitoring.alerting.channels import post
from monitoring.models import JobRun, Span
from monitoring.runs import run_job
from tests.factories import NOON
from tests.receivers import MailServer, Receiver, Reply, running, telegram
from tests.server import ROOT

pytestmark = pytest.mark.django_db
KEY = b"a key of twenty-four bytes"
TOKEN = "123456:a-token-of-a-bot"
State = Delivery.State


@pytest.fixture
def receiver():
    with running(Receiver()) as server:
        yield server


@pytest.fixture
def webhook(receiver, settings):
    settings.ALERT_WEBHOOK_URL = f"{receiver.url}/hooks/a-secret-path"
    settings.ALERT_WEBHOOK_SECRET = f"whsec_{base64.b64encode(KEY).decode()}"
    return receiver


@pytest.fixture
def bot(receiver, settings):
    settings.ALERT_TELEGRAM_URL, settings.ALERT_TELEGRAM_TOKEN = receiver.url, TOKEN
    settings.ALERT_TELEGRAM_CHAT = "-1001234567890"
    receiver.replies = [telegram()]
    return receiver


@pytest.fixture
def mail(settings):
    with running(MailServer()) as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 5
        settings.ALERT_EMAILS = ["ana@example.org", "bo@example.org"]
        yield server


def make_alert(**fields) -> Alert:
    fields = {"rule": "job_failing", "subject": "sweep", "kind": "job_failing", "level": "bad", **fields}
    return Alert.objects.create(
        **{"state": "firing", "value": 4, "threshold": 3, "since": NOON, "fired_at": NOON, **fields}
    )


def tell(channel: str, event: str = "firing", alert: Alert | None = None) -> Delivery:
    """Send one message of an alert, as a worker does; what became of it."""
    delivery = telling.ready(alert or make_alert(), event, channel, NOON)
    run_job(telling.NOTIFY, str(delivery.pk))
    delivery.refresh_from_db()
    return delivery


def waiting() -> list[tuple]:
    """The arguments of each job on the queue, and when it may begin."""
    return [(SignedPackage.loads(row.payload)["args"], row.lock) for row in OrmQ.objects.all()]


# The webhook.


def test_a_webhook_gets_the_alert_signed_as_standard_webhooks_says(webhook):
    delivery = tell("webhook")
    assert (delivery.state, delivery.attempts, delivery.said) == (State.SENT, 1, "")
    (taken,) = webhook.taken
    assert taken.path == "/hooks/a-secret-path"
    assert taken.said["type"] == "alert.firing"
    assert taken.said["data"]["title"] == "The job sweep failed 4 times in a row."
    assert taken.said["data"]["link"].endswith(f"/alerts/#alert-{delivery.alert_id}")
    # What a receiver does, by what the standard says and not by our code.
    identity, timestamp = taken.headers["webhook-id"], taken.headers["webhook-timestamp"]
    signed = hmac.new(KEY, f"{identity}.{timestamp}.".encode() + taken.body, sha256).digest()
    assert taken.headers["webhook-signature"] == f"v1,{base64.b64encode(signed).decode()}"
    assert identity == str(delivery.pk)
    assert abs(int(timestamp) - delivery.made_at.timestamp()) > 60  # of the sending: a receiver refuses old ones


def test_the_receiver_of_the_documentation_believes_us_and_nobody_else(webhook, settings):
    told = (ROOT / "docs" / "operating.md").read_text()
    code: dict = {}
    exec(told.partition("```python\n")[2].partition("```")[0], code)
    tell("webhook")
    (taken,), secret = webhook.taken, settings.ALERT_WEBHOOK_SECRET
    assert code["genuine"](secret, taken.headers, taken.body)
    assert not code["genuine"](secret, taken.headers, taken.body + b" ")
    assert not code["genuine"](f"whsec_{base64.b64encode(b'another').decode()}", taken.headers, taken.body)
    old = taken.headers | {"webhook-timestamp": str(int(taken.headers["webhook-timestamp"]) - 301)}
    assert not code["genuine"](secret, old, taken.body)


def test_a_message_sent_again_keeps_its_id_and_gets_a_new_signature(webhook):
    webhook.replies = [Reply(503), Reply(200)]
    delivery = tell("webhook")
    Delivery.objects.filter(pk=delivery.pk).update(due_at=NOON)
    run_job(telling.NOTIFY, str(delivery.pk))
    first, second = webhook.taken
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == (State.SENT, 2)


@pytest.mark.parametrize("status", [500, 502, 503, 408])
def test_a_webhook_that_fails_is_tried_again_after_pauses_that_double(webhook, settings, status):
    webhook.replies = [Reply(status)]
    delivery = tell("webhook")
    pauses = []
    for _attempt in range(4):
        assert (delivery.state, delivery.said) == (State.WAITING, f"status: {status}")
        pauses.append(round((delivery.due_at - delivery.tried_at).total_seconds()))
        assert waiting()[-1] == ((str(delivery.pk),), delivery.due_at)
        Delivery.objects.filter(pk=delivery.pk).update(due_at=NOON)
        run_job(telling.NOTIFY, str(delivery.pk))
        delivery.refresh_from_db()
    assert pauses == [settings.JOB_RETRY_PAUSE * factor for factor in (1, 2, 4, 8)]


def test_one_that_never_works_is_given_up_in_the_end(webhook):
    webhook.replies = [Reply(500)]
    delivery = tell("webhook")
    for _attempt in range(sending.MOST_ATTEMPTS + 2):
        Delivery.objects.filter(pk=delivery.pk).update(due_at=NOON)
        run_job(telling.NOTIFY, str(delivery.pk))
    delivery.refresh_from_db()
    assert (delivery.state, len(webhook.taken)) == (State.FAILED, sending.MOST_ATTEMPTS)


def test_a_message_before_its_time_is_left_alone(webhook):
    webhook.replies = [Reply(500)]
    delivery = tell("webhook")
    assert run_job(telling.NOTIFY, str(delivery.pk)) == "Nothing to do: the message is waiting."
    assert len(webhook.taken) == 1


@pytest.mark.parametrize("status", [301, 400, 401, 404, 410])
def test_a_webhook_that_refuses_is_not_asked_again(webhook, status):
    webhook.replies = [Reply(status, headers={"Location": "/elsewhere"})]
    delivery = tell("webhook")
    assert (delivery.state, delivery.said, waiting()) == (State.FAILED, f"status: {status}", [])


def test_a_webhook_that_asks_for_peace_gets_it(webhook):
    webhook.replies = [Reply(429, headers={"Retry-After": "120"})]
    delivery = tell("webhook")
    assert delivery.due_at - delivery.tried_at == timedelta(seconds=120)


@pytest.mark.parametrize("reply", [Reply(after_s=2), Reply(body=b"x", headers={"Content-Length": "9"}, after_s=2)])
def test_a_webhook_that_does_not_answer_in_time_is_tried_again(webhook, monkeypatch, reply):
    monkeypatch.setattr(post, "STEP_S", 0.3)
    webhook.replies = [reply]
    delivery = tell("webhook")
    assert (delivery.state, delivery.said) == (State.WAITING, "timeout")


def test_a_webhook_that_is_not_there_is_tried_again(webhook, settings):
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    settings.ALERT_WEBHOOK_URL = f"http://127.0.0.1:{port}/a-secret-path"
    delivery = tell("webhook")
    assert (delivery.state, delivery.said) == (State.WAITING, "unreachable: ConnectError")


@pytest.mark.parametrize("address", ["gopher://host/a-secret-path", "http://[::1/a-secret-path", "http://host:a-port/"])
def test_an_address_that_is_none_is_said_to_be_so(webhook, settings, address):
    settings.ALERT_WEBHOOK_URL = address
    delivery = tell("webhook")
    assert (delivery.state, delivery.said) == (State.FAILED, "address")


# Telegram.


def test_telegram_gets_a_message_for_the_chat(bot):
    assert tell("telegram").state == State.SENT
    (taken,) = bot.taken
    assert taken.path == f"/bot{TOKEN}/sendMessage"
    assert taken.said["chat_id"] == "-1001234567890"
    assert taken.said["text"].startswith("AdminAra alert: The job sweep failed 4 times in a row.\n")


def test_telegrams_retry_after_is_kept(bot):
    bot.replies = [telegram(429, "Too Many Requests: retry after 35", retry_after=35), telegram()]
    delivery = tell("telegram")
    assert (delivery.state, delivery.due_at - delivery.tried_at) == (State.WAITING, timedelta(seconds=35))
    assert waiting() == [((str(delivery.pk),), delivery.due_at)]


@pytest.mark.parametrize("after", [0, -5, 10**9])
def test_a_retry_after_that_makes_no_sense_does_no_harm(bot, after):
    bot.replies = [telegram(429, "Too Many Requests", retry_after=after)]
    delivery = tell("telegram")
    assert timedelta(0) < delivery.due_at - delivery.tried_at <= timedelta(hours=1)


@pytest.mark.parametrize(
    ("status", "description", "told"),
    [
        (401, "Unauthorized", "set ALERT_TELEGRAM_TOKEN anew"),
        (404, "Not Found", "set ALERT_TELEGRAM_TOKEN anew"),
        (400, "Bad Request: chat not found", "whether ALERT_TELEGRAM_CHAT is right"),
        (403, "Forbidden: bot was kicked", "add it to the chat"),
    ],
)
def test_what_telegram_refuses_for_good_is_said_with_what_to_do(bot, status, description, told):
    bot.replies = [telegram(status, description)]
    delivery = tell("telegram")
    assert (delivery.state, waiting()) == (State.FAILED, [])
    assert description in delivery.said
    answer = io.StringIO()
    with pytest.raises(CommandError, match="Not sent by telegram"):
        call_command("send_test_alert", channel="telegram", stdout=answer)
    assert told in answer.getvalue()


@pytest.mark.parametrize(
    ("reply", "state", "said"),
    [
        (telegram(500, "Internal Server Error"), State.WAITING, "status: 500"),
        (Reply(502, b"<html>Bad Gateway</html>"), State.WAITING, "status: 502"),
        (Reply(200, b"<html>Log in to the network</html>"), State.FAILED, "telegram_other"),
        (Reply(200, b"[1]"), State.FAILED, "telegram_other"),
    ],
)
def test_what_is_not_telegrams_word_is_no_success(bot, reply, state, said):
    bot.replies = [reply]
    delivery = tell("telegram")
    assert (delivery.state, delivery.said) == (state, said)


def test_telegram_that_does_not_answer_in_time_is_tried_again(bot, monkeypatch):
    monkeypatch.setattr(post, "STEP_S", 0.3)
    bot.replies = [Reply(after_s=2)]
    assert tell("telegram").said == "timeout"


# E-mail.


def test_a_mail_goes_to_everybody_who_is_named_and_shows_none_to_the_others(mail):
    assert tell("email").state == State.SENT
    (sent,) = mail.mails
    assert mail.recipients == ["ana@example.org", "bo@example.org"]
    assert sent["Subject"] == "AdminAra alert: The job sweep failed 4 times in a row."
    assert "ana@example.org" not in sent.as_string()
    assert "press Retry there" in sent.get_content()


def test_a_subject_with_line_breaks_stays_one_line(mail):
    assert tell("email", alert=make_alert(subject="sweep\r\nBcc: eve@example.org")).state == State.SENT
    assert mail.mails[0]["Subject"] == "AdminAra alert: The job sweep Bcc: eve@example.org failed 4 times in a row."


@pytest.mark.parametrize(
    ("verb", "answer", "state", "said"),
    [
        ("RCPT", "450 come back later", State.WAITING, "mail_refused: 450"),
        ("RCPT", "550 nobody of that name", State.FAILED, "mail_refused: 550"),
        ("DATA", "451 the disk is full", State.WAITING, "mail_refused: 451"),
        ("MAIL", "530 log in first", State.FAILED, "mail_refused: 530"),
    ],
)
def test_a_mail_servers_code_says_whether_to_try_again(mail, verb, answer, state, said):
    mail.refusals[verb] = answer
    delivery = tell("email")
    assert (delivery.state, delivery.said) == (state, said)


def test_a_login_that_is_refused_is_said_to_be_so(mail, settings):
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "adminara", "a-password-of-mail"
    mail.refusals["AUTH"] = "535 wrong: a-password-of-mail"
    delivery = tell("email")
    assert (delivery.state, delivery.said) == (State.FAILED, "mail_login: 535")


def test_a_mail_server_that_is_not_there_is_tried_again(mail, settings):
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        settings.EMAIL_PORT = nobody.getsockname()[1]
    delivery = tell("email")
    assert (delivery.state, delivery.said) == (State.WAITING, "unreachable: ConnectionRefusedError")


# All of them.


def test_what_is_over_before_it_could_be_sent_is_not_sent_and_its_end_is(webhook):
    alert = make_alert(state="resolved", resolved_at=NOON + timedelta(minutes=5))
    assert tell("webhook", "firing", alert).state == State.DROPPED
    assert tell("webhook", "resolved", alert).state == State.SENT
    assert [taken.said["type"] for taken in webhook.taken] == ["alert.resolved"]


def test_a_message_whose_sender_died_is_taken_over_and_one_in_hand_is_not(webhook):
    delivery = telling.ready(make_alert(), "firing", "webhook", NOON)
    taken = Delivery.objects.filter(pk=delivery.pk)
    taken.update(state=State.SENDING, taken_at=sending.timezone.now())
    assert run_job(telling.NOTIFY, str(delivery.pk)) == "Nothing to do: the message is sending."
    taken.update(taken_at=NOON)
    assert run_job(telling.NOTIFY, str(delivery.pk)) == "Sent by webhook."


@pytest.mark.parametrize("channel", ["webhook", "telegram"])
@pytest.mark.parametrize(
    "reply", [Reply(200), Reply(401, b'{"description": "no"}'), Reply(500), Reply(after_s=2), None]
)
def test_no_secret_shows_in_a_job_a_trace_a_log_or_a_row(
    webhook, bot, settings, telemetry, caplog, monkeypatch, channel, reply
):
    monkeypatch.setattr(post, "STEP_S", 0.3)
    caplog.set_level(logging.INFO, "monitoring")
    if reply is None:
        webhook.replies = [telegram(401, f"Unauthorized: {TOKEN}")]
    else:
        webhook.replies = [reply]
    delivery = tell(channel)
    telemetry.flush()
    kept = [str(vars(row)) for model in (JobRun, Span, Delivery) for row in model.objects.all()]
    kept += [json.dumps(str(job)) for job in waiting()]
    kept += [caplog.text, *(record.exc_text or "" for record in caplog.records)]
    assert any(str(delivery.pk) in text for text in kept)
    assert any("notify" in text for text in kept)
    for secret in (TOKEN, "a-secret-path", settings.ALERT_WEBHOOK_SECRET, "a-token-of-a-bot"):
        assert not [text for text in kept if secret in text]


# The command.


def test_the_command_tries_every_channel_and_says_how_it_went(webhook, bot, mail, settings):
    answer = io.StringIO()
    call_command("send_test_alert", stdout=answer)
    assert answer.getvalue() == ("email (127.0.0.1): sent.\nwebhook (127.0.0.1): sent.\ntelegram (127.0.0.1): sent.\n")
    assert sorted(taken.path for taken in webhook.taken) == [f"/bot{TOKEN}/sendMessage", "/hooks/a-secret-path"]
    assert mail.mails[0]["Subject"] == "AdminAra: This is a test of the alerts."


def test_the_command_fails_when_one_did_not_get_through_and_tries_it_once(webhook):
    webhook.replies = [Reply(500)]
    answer = io.StringIO()
    with pytest.raises(CommandError, match="Not sent by webhook"):
        call_command("send_test_alert", stdout=answer)
    assert answer.getvalue() == "webhook (127.0.0.1): It answered with HTTP status 500.\n"
    assert (len(webhook.taken), waiting()) == (1, [])


def test_the_command_says_what_to_set():
    with pytest.raises(CommandError, match="Set ALERT_EMAILS, ALERT_WEBHOOK_URL or ALERT_TELEGRAM_TOKEN"):
        call_command("send_test_alert")
    with pytest.raises(CommandError, match="Set ALERT_TELEGRAM_TOKEN, ALERT_TELEGRAM_CHAT"):
        call_command("send_test_alert", channel="telegram")
