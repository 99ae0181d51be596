"""What the desk does by itself. Each job says in one sentence, without personal data, what it did."""

import time

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.mail import EmailMessage
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sessions_app import ageing, anonymizing, hourly_keeping, minute_keeping, outcomes, queue, selftest, sweeping, turn

MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"


def turn_rotation() -> str:
    secret = turn.rotate(timezone.now())
    return outcomes.ROTATED % {"secret": secret.pk, "time": turn.TTL + turn.SKEW}


def turn_upkeep() -> str:
    removed = turn.resume(timezone.now())
    return outcomes.KEPT_UP % {"removed": removed}


def session_cleanup() -> str:
    now = timezone.now()
    gone, expired = sweeping.abandon_gone(now), sweeping.expire_stale(now)
    forgotten = sweeping.return_forgotten(now)
    logins, _by_model = Session.objects.filter(expire_date__lt=now).delete()
    return outcomes.CLEANED_UP % {"gone": gone, "expired": expired, "forgotten": forgotten, "logins": logins}


def queue_sweep() -> str:
    now = timezone.now()
    gone, unanswered = sweeping.abandon_gone(now), sweeping.return_unanswered(now)
    return outcomes.SWEPT % {"gone": gone, "unanswered": unanswered}


def anonymize_sessions() -> str:
    """Raises LeftBehind. Ends after half of JOB_TIMEOUT at the latest; the next run, or the command, goes on."""
    return str(anonymizing.anonymize(timezone.now(), within_s=settings.JOB_TIMEOUT / 2))


def quality_ageing() -> str:
    """Stops after half of JOB_TIMEOUT, and the next run goes on."""
    fewer, enough = 0, time.monotonic() + settings.JOB_TIMEOUT / 2
    for removed in ageing.age(timezone.now()):
        fewer += removed
        if time.monotonic() > enough:
            return outcomes.AGED_IN_PART % {"count": fewer}
    return outcomes.AGED % {"count": fewer}


def desk_hours() -> str:
    """Ends after half of JOB_TIMEOUT at the latest; the next run goes on."""
    done, left = hourly_keeping.keep(timezone.now(), within_s=settings.JOB_TIMEOUT / 2)
    return outcomes.HOURS % {"done": done, "left": left}


def desk_minutes() -> str:
    """Ends after half of JOB_TIMEOUT at the latest; the next run goes on."""
    done, left = minute_keeping.keep(timezone.now(), within_s=settings.JOB_TIMEOUT / 2)
    return outcomes.MINUTES % {"done": done, "left": left}


def notify_staff() -> str:
    """Mail everybody who works at the desk how many wait and how many are to be called back, never who."""
    counts = queue.counts(timezone.now())
    waiting, messages = counts.waiting, counts.callback
    if not waiting and not messages:
        return outcomes.NOBODY_WAITS
    at_desk = User.objects.with_perm("sessions_app.work_desk", is_active=True, backend=MODEL_BACKEND)
    addresses = list(at_desk.filter(is_staff=True).exclude(email="").values_list("email", flat=True).distinct())
    if not addresses:
        return outcomes.NOBODY_TOLD % {"waiting": waiting, "messages": messages}
    news = (
        ngettext("%(count)d customer is waiting", "%(count)d customers are waiting", waiting) % {"count": waiting},
        ngettext("%(count)d message to answer", "%(count)d messages to answer", messages) % {"count": messages},
    )
    subject = ", ".join(words for words, count in zip(news, (waiting, messages), strict=True) if count)
    body = _("Open the support desk to take the next one.")
    EmailMessage(subject, body, bcc=addresses).send()
    return outcomes.TOLD % {"waiting": waiting, "messages": messages, "told": len(addresses)}


def desk_selftest() -> str:
    """Raises SelfTestError with what does not work; bounded well below the default of JOB_TIMEOUT."""
    report = selftest.Report(selftest.address(), tell=lambda _part: None)
    selftest.run(report, selftest.find())
    if report.failures:
        raise selftest.SelfTestError(" ".join(report.failures))
    return report.sentence()
