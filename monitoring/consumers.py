"""The panel's live pages: each has one reading, and one rendering a language, for all who watch in this process."""

from collections import Counter
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.timezone import now

from monitoring.keyset import Place
from monitoring.live import LiveHub
from monitoring.panel import alerts, overview_live
from monitoring.panel.answers import PERMISSION
from monitoring.panel.job_board import jobs_now
from monitoring.staff_socket import StaffSocket

EVERY = 2.0  # seconds between two pushes of the jobs, and of the alerts

watched_jobs: Counter[str] = Counter()
watched_alerts: Counter[str] = Counter()


@dataclass(frozen=True)
class JobsTick:
    """The moving part of the jobs page, in each language that is watched; `news` for the pages of one job or run."""

    pages: dict[str, str]
    news: str


def render_jobs() -> JobsTick:
    live, rendered = jobs_now(now()), dict[str, str]()
    for language in _languages(watched_jobs):
        with translation.override(language):
            rendered[language] = render_to_string("monitoring/_jobs_live.html", {"live": live})
    return JobsTick(rendered, render_to_string("monitoring/_jobs_news.html", {"live": live}))


def render_alerts() -> dict[str, tuple[str, str]]:
    """The verdicts and the rules of the alerts page, in each watched language: words are read with the numbers."""
    at, rendered = now(), dict[str, tuple[str, str]]()
    for language in _languages(watched_alerts):
        with translation.override(language):
            context = {"report": alerts.report(at, Place("", ""))}
            verdicts = render_to_string("monitoring/_alerts_verdicts.html", context)
            rendered[language] = verdicts, render_to_string("monitoring/_alerts_rules.html", context)
    return rendered


def _languages(watched: Counter[str]) -> list[str]:
    return [language for language, watchers in list(watched.items()) if watchers]


class PanelConsumer(StaffSocket):
    """Sends each watcher those parts of the overview that differ from what they were sent before."""

    permission = PERMISSION
    hub, watched = LiveHub(overview_live.tick, every=overview_live.EVERY), overview_live.watched
    sent: overview_live.Parts | None = None

    async def tell(self, value: dict[str, overview_live.Parts]) -> None:
        parts = value.get(self.language, {})  # none when it was computed before we came
        news = "".join(html for name, html in parts.items() if self.sent is None or self.sent.get(name) != html)
        if news:
            self.sent = parts
            await self.send(news)


class JobsConsumer(StaffSocket):
    """Sends each watcher what the hub rendered in their language."""

    permission = PERMISSION
    hub, watched = LiveHub(render_jobs, every=EVERY), watched_jobs

    async def tell(self, value: JobsTick) -> None:
        if self.language in value.pages:  # computed since we came
            await self.send(value.pages[self.language])


class JobNewsConsumer(StaffSocket):
    """Tells the pages of one job or run, by the reading of all jobs, whether there is news for which they then ask."""

    permission = PERMISSION
    hub, watched = JobsConsumer.hub, Counter[str]()

    async def tell(self, value: JobsTick) -> None:
        await self.send(value.news)


class AlertsConsumer(StaffSocket):
    """Sends each watcher the verdicts, and the rules when they differ from what they were sent before."""

    permission = PERMISSION
    hub, watched = LiveHub(render_alerts, every=EVERY), watched_alerts
    rules = ""

    async def tell(self, value: dict[str, tuple[str, str]]) -> None:
        if self.language in value:  # computed since we came
            verdicts, rules = value[self.language]
            await self.send(verdicts if rules == self.rules else verdicts + rules)
            self.rules = rules
