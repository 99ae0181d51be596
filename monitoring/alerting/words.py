"""Alerts, rules and what became of messages, in sentences of the language that is active."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from monitoring.panel import formatting


class Told(Protocol):
    """What words are made of: an alert, or a rule's finding."""

    @property
    def kind(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def value(self) -> float: ...
    @property
    def threshold(self) -> float: ...
    @property
    def detail(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Figure:
    """A rule's finding as something to be told."""

    kind: str
    subject: str
    value: float
    threshold: float
    detail: dict[str, Any] = field(default_factory=dict)


def sentence(one: Told) -> str:
    """What is wrong."""
    made = SENTENCES.get(one.kind)
    return made(one) if made else f"{one.kind} {one.subject}".strip()


def figures(one: Told) -> str:
    """How bad it is, against the limit."""
    texts = {
        "burn_rate": _("%(value)s as often as allowed now (%(bad)s of %(total)s), alert over %(limit)s."),
        "above": _("%(value)s now, alert over %(limit)s."),
        "job_failing": _("%(value)s failures in a row now, alert at %(limit)s."),
        "process_gone": _("%(value)s living now, alert below %(limit)s."),
        "telemetry_shed": _("%(value)s records shed now, alert over %(limit)s."),
    }
    shown = {"value": figure(one.kind, one.value, one.detail), "limit": figure(one.kind, one.threshold, one.detail)}
    if one.kind == "burn_rate":
        shown |= {name: formatting.whole(one.detail.get(name, 0)) for name in ("bad", "total")}
    return texts.get(one.kind, "%(value)s / %(limit)s") % shown


def figure(kind: str, value: float, detail: dict[str, Any]) -> str:
    """A rule's figure in its unit."""
    return formatting.times(value) if kind == "burn_rate" else formatting.value(value, unit(kind, detail))


def unit(kind: str, detail: dict[str, Any]) -> str:
    """As formatting.value takes it; empty for what is counted."""
    return "×" if kind == "burn_rate" else str(detail.get("unit", ""))


def remedy(one: Told) -> str:
    texts = {
        "burn_rate": _("See what failed or was slow among the bottlenecks and the traces."),
        "above": _("See who could help, and whether something holds them up."),
        "job_failing": _("Read why on the jobs page; when it is mended, press Retry there."),
        "process_gone": _("Start it, or see in its log and your service manager's why it ended."),
        "telemetry_shed": _("See on the processes page who sheds: the telemetry database is slow, away or full."),
    }
    return texts.get(one.kind, "")


def said(told: str) -> str:
    """Why a message was not sent, and what to do."""
    code, _colon, detail = told.partition(": ")
    texts = {
        "over": _("It was over before it could be sent."),
        "timeout": _("There was no answer in time."),
        "unreachable": _("It could not be reached (%(detail)s)."),
        "address": _("Its address cannot be used: correct the setting."),
        "status": _("It answered with HTTP status %(detail)s."),
        "webhook_secret": _("There is nothing to sign with: set ALERT_WEBHOOK_SECRET."),
        "telegram_token": _("Telegram does not know the bot (%(detail)s): set ALERT_TELEGRAM_TOKEN anew."),
        "telegram_chat": _("Telegram refused the message (%(detail)s): see whether ALERT_TELEGRAM_CHAT is right."),
        "telegram_forbidden": _("The bot may not write there (%(detail)s): add it to the chat, or write to it first."),
        "telegram_other": _("What answers is not Telegram's Bot API: see ALERT_TELEGRAM_URL."),
        "mail_login": _("The mail server refused the login (%(detail)s): see EMAIL_HOST_USER and EMAIL_HOST_PASSWORD."),
        "mail_refused": _("The mail server refused the mail (%(detail)s): see ALERT_EMAILS and DEFAULT_FROM_EMAIL."),
    }
    return texts[code] % {"detail": detail} if code in texts else told


def span(seconds: float) -> str:
    """A round length of time: 5 min, 1 h."""
    if seconds % 3600 == 0 and seconds:
        return _("%(number)s h") % {"number": number_format(seconds / 3600, 0)}
    if seconds % 60 == 0 and seconds:
        return _("%(number)s min") % {"number": number_format(seconds / 60, 0)}
    return _("%(number)s s") % {"number": number_format(seconds, 0)}


def _burning(one: Told) -> str:
    windows = {"long": span(one.detail.get("long_s", 0)), "short": span(one.detail.get("short_s", 0))}
    text = _(
        "%(what)s: failures and slow answers come %(times)s as often as the objective allows, over the last %(long)s "
        "and the last %(short)s alike."
    )
    return text % (windows | {"what": _what(one), "times": figure(one.kind, one.value, one.detail)})


def _above(one: Told) -> str:
    shown = {
        "what": _what(one),
        "value": figure(one.kind, one.value, one.detail),
        "limit": figure(one.kind, one.threshold, one.detail),
    }
    return _("%(what)s: %(value)s, which is over %(limit)s.") % shown


def _failing(one: Told) -> str:
    count = int(one.value)
    text = ngettext(
        "The job %(name)s failed %(count)s time.", "The job %(name)s failed %(count)s times in a row.", count
    )
    return text % {"name": one.subject, "count": formatting.whole(count)}


def _gone(one: Told) -> str:
    role = str(one.detail.get("role", ""))
    texts = {
        "worker": _("No job worker is running, so jobs wait."),
        "web": _("No web server is running."),
        "metrics": _("No metrics exporter is running."),
        "scheduler": _("Nothing puts scheduled jobs on the queue: manage.py qcluster is not running."),
    }
    return texts.get(role) or _("No process of the kind %(role)s is running.") % {"role": role}


def _shed(one: Told) -> str:
    count = int(one.value)
    text = ngettext(
        "%(count)s telemetry record was shed in the last %(time)s.",
        "%(count)s telemetry records were shed in the last %(time)s.",
        count,
    )
    return text % {"count": formatting.whole(count), "time": span(one.detail.get("within_s", 0))}


def _what(one: Told) -> str:
    what = str(one.detail.get("what", ""))
    return _(what) if what else ""


SENTENCES = {
    "burn_rate": _burning,
    "above": _above,
    "job_failing": _failing,
    "process_gone": _gone,
    "telemetry_shed": _shed,
}
