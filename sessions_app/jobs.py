"""What the desk does by itself. Each job says in one sentence, without personal data, what it did."""

import time

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.mail import EmailMessage
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sessions_app import ageing, anonymizing, hourly_keeping, minute_keeping, queue, selftest, sweeping, turn

MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"


def turn_rotation() -> str:
    secret = turn.rotate(timezone.now())
    return f"TURN secret {secret.pk} signs from now on; the one before stays accepted for {turn.TTL + turn.SKEW}."


def turn_upkeep() -> str:
    removed = turn.resume(timezone.now())
    return f"Told the TURN server what it must know and removed {removed} secrets that nothing valid is signed with."


def session_cleanup() -> str:
    now = timezone.now()
    gone, expired = sweeping.abandon_gone(now), sweeping.expire_stale(now)
    forgotten = sweeping.return_forgotten(now)
    logins, _by_model = Session.objects.filter(expire_date__lt=now).delete()
    return (
        f"Closed {gone} visits of customers who had gone, expired {expired} visits, put {forgotten} forgotten messages "
        f"back on the list and removed {logins} old logins."
    )


def queue_sweep() -> str:
    now = timezone.now()
    gone, unanswered = sweeping.abandon_gone(now), sweeping.return_unanswered(now)
    return f"Closed {gone} visits of customers who had gone, put {unanswered} unanswered claims back into the queue."


def anonymize_sessions() -> str:
    """Raises LeftBehind. Ends after half of JOB_TIMEOUT at the latest; the next run, or the command, goes on."""
    return str(anonymizing.anonymize(timezone.now(), within_s=settings.JOB_TIMEOUT / 2))


def quality_ageing() -> str:
    """Stops after half of JOB_TIMEOUT, and the next run goes on."""
    fewer, enough = 0, time.monotonic() + settings.JOB_TIMEOUT / 2
    for removed in ageing.age(timezone.now()):
        fewer += removed
        if time.monotonic() > enough:
            return f"Made {fewer} samples of the calls' quality fewer; the next run goes on."
    return f"Made {fewer} samples of the calls' quality fewer."


def desk_hours() -> str:
    """Ends after half of JOB_TIMEOUT at the latest; the next run goes on."""
    done, left = hourly_keeping.keep(timezone.now(), within_s=settings.JOB_TIMEOUT / 2)
    return f"Counted {done} hours of the desk that are over; {left} are left for the next run."


def desk_minutes() -> str:
    """Ends after half of JOB_TIMEOUT at the latest; the next run goes on."""
    done, left = minute_keeping.keep(timezone.now(), within_s=settings.JOB_TIMEOUT / 2)
    return f"Counted {done} minutes of the desk that are over; {left} are left for the next run."


def notify_staff() -> str:
    """Mail everybody who works at the desk how many wait and how many are to be called back, never who."""
    counts = queue.counts(timezone.now())
    waiting, messages = counts.waiting, counts.callback
    if not waiting and not messages:
        return "Nobody waits any more: no mail was sent."
    at_desk = User.objects.with_perm("sessions_app.work_desk", is_active=True, backend=MODEL_BACKEND)
    addresses = list(at_desk.filter(is_staff=True).exclude(email="").values_list("email", flat=True).distinct())
    if not addresses:
        return f"Waiting: {waiting}, messages: {messages}. Nobody was told: no member of staff has an e-mail address."
    news = (
        ngettext("%(count)d customer is waiting", "%(count)d customers are waiting", waiting) % {"count": waiting},
        ngettext("%(count)d message to answer", "%(count)d messages to answer", messages) % {"count": messages},
    )
    subject = ", ".join(words for words, count in zip(news, (waiting, messages), strict=True) if count)
    body = _("Open the support desk to take the next one.")
    EmailMessage(subject, body, bcc=addresses).send()
    return f"Waiting: {waiting}, messages: {messages}. Staff told by mail: {len(addresses)}."


def desk_selftest() -> str:
    """Raises SelfTestError with what does not work; bounded well below the default of JOB_TIMEOUT."""
    report = selftest.Report(selftest.address(), tell=lambda _part: None)
    selftest.run(report, selftest.find())
    if report.failures:
        raise selftest.SelfTestError(" ".join(report.failures))
    return report.sentence()
