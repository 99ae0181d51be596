"""The panel's live pages: each has one reading, and one rendering a language, for all who watch in this process."""

from collections import Counter

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.timezone import now

from monitoring.live import LiveHub
from monitoring.panel import overview_live
from monitoring.panel.answers import PERMISSION
from monitoring.panel.job_board import jobs_now
from monitoring.staff_socket import StaffSocket

EVERY = 2.0  # seconds between two pushes of the jobs

watched_jobs: Counter[str] = Counter()


def render_jobs() -> dict[str, str]:
    """The moving part of the jobs page, in each language that is watched."""
    live, rendered = jobs_now(now()), dict[str, str]()
    for language, watchers in list(watched_jobs.items()):
        if watchers:
            with translation.override(language):
                rendered[language] = render_to_string("monitoring/_jobs_live.html", {"live": live})
    return rendered


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

    async def tell(self, value: dict[str, str]) -> None:
        if self.language in value:  # computed since we came
            await self.send(value[self.language])
