"""The kinds of rules: what each looks at, and when that is one to alert at. The burn rate stands in burn.py."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import takewhile
from typing import Any, ClassVar, Literal

from django.db.models import Sum

from monitoring.alerting.look import Finding, Look
from monitoring.instruments import declared
from monitoring.models import JobRun, Writer

FAILED = (JobRun.Status.FAILED, JobRun.Status.INTERRUPTED)
RECENTLY = timedelta(days=1)
MOST = 50  # failures in a row that are counted


@dataclass(frozen=True, kw_only=True)
class Rule(ABC):
    """One line of settings.ALERT_RULES. All times are in seconds.

    An alert fires when it was bad for `hold_s`, and is resolved when it was fine for `keep_s`. People are told once in
    `cooldown_s` at most, until somebody acknowledges it. `what` names the thing in a message id of gettext; `link` is
    the URL name of the page that shows the offenders, `query` what that page is asked.
    """

    kind: ClassVar[str]

    name: str
    what: str = ""
    level: Literal["bad", "warn"] = "bad"
    hold_s: int = 0
    keep_s: int = 300
    cooldown_s: int = 4 * 3600
    link: str = ""
    query: str = ""

    def __post_init__(self) -> None:
        if not self.name or len(self.name) > 60:  # as the column holds it
            raise ValueError("its name must have from 1 to 60 characters.")
        if self.level not in ("bad", "warn"):
            raise ValueError(f"its level is {self.level!r}, and must be bad or warn.")
        if min(self.hold_s, self.keep_s) < 0 or self.cooldown_s < 60:
            raise ValueError("hold_s and keep_s must be 0 or more, cooldown_s 60 or more.")

    @abstractmethod
    def look(self, look: Look, memory: dict[str, Any]) -> Iterable[Finding]:
        """A finding about each subject there is, bad or not. `memory` is kept from one look to the next, as JSON."""


@dataclass(frozen=True, kw_only=True)
class Above(Rule):
    """The gauge's readings, added up, are over `limit`."""

    kind = "above"

    gauge: str
    limit: float

    def look(self, look: Look, _memory: dict[str, Any]) -> Iterable[Finding]:
        """No finding while the gauge has no reading."""
        readings = [one.value for one in look.gauges if one.name == self.gauge]
        if readings:
            value = sum(readings)
            yield Finding("", value, self.limit, value > self.limit, {"unit": declared[self.gauge].unit})


@dataclass(frozen=True, kw_only=True)
class JobFailing(Rule):
    """The last `times` attempts at a job failed or were interrupted; about each job."""

    kind = "job_failing"

    times: int = 3

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.times <= MOST:
            raise ValueError(f"its times is {self.times}, and must be from 1 to {MOST}.")

    def look(self, look: Look, _memory: dict[str, Any]) -> Iterable[Finding]:
        failed = JobRun.objects.filter(started_at__gte=look.now - RECENTLY, status__in=FAILED)
        # A job that runs once a week fails on until it runs again.
        names = {*failed.order_by().values_list("name", flat=True).distinct(), *look.open_subjects(self.name)}
        for name in sorted(names):
            in_a_row = failures_in_a_row(name)
            yield Finding(name, in_a_row, self.times, in_a_row >= self.times)


def failures_in_a_row(name: str) -> int:
    """How many of the newest attempts at a job failed, up to the last one that did not; those that run do not count."""
    ended = JobRun.objects.filter(name=name).exclude(status=JobRun.Status.RUNNING).order_by("-started_at")
    return len(list(takewhile(FAILED.__contains__, ended.values_list("status", flat=True)[:MOST])))


@dataclass(frozen=True, kw_only=True)
class ProcessGone(Rule):
    """No process with the role lives, as their heartbeats tell."""

    kind = "process_gone"

    role: str

    def look(self, look: Look, _memory: dict[str, Any]) -> Iterable[Finding]:
        living = sum(process.role == self.role for process in look.living)
        yield Finding("", living, 1, living < 1, {"role": self.role})


@dataclass(frozen=True, kw_only=True)
class TelemetryShed(Rule):
    """Records were shed within the last `within_s`, by processes living or dead."""

    kind = "telemetry_shed"

    within_s: int = 600

    def look(self, look: Look, memory: dict[str, Any]) -> Iterable[Finding]:
        """Processes count what they shed since they began: what is new is the difference to what is remembered."""
        now = look.now.timestamp()
        recent = Writer.objects.filter(seen_at__gt=look.now - RECENTLY)
        total = recent.aggregate(total=Sum("shed"))["total"] or 0
        rises = [(at, by) for at, by in memory.get("rises", []) if now - self.within_s < at <= now]
        if total > memory.get("total", total):
            rises.append((now, total - memory["total"]))
        memory.update(total=total, rises=rises)
        shed = sum(by for _at, by in rises)
        yield Finding("", shed, 0, shed > 0, {"within_s": self.within_s})
