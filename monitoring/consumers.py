"""The panel's live pages: each has one reading, and one rendering a language, for all who watch in this process."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.timezone import now

from monitoring.live import LiveHub
from monitoring.panel.answers import PERMISSION
from monitoring.panel.job_board import jobs_now
from monitoring.panel.overview import snapshot
from monitoring.panel.verdicts import verdicts
from monitoring.staff_socket import StaffSocket

EVERY = 2.0  # seconds between two pushes

watched: Counter[str] = Counter()  # languages of those who watch the overview now
watched_jobs: Counter[str] = Counter()


def render() -> dict[str, str]:
    """The overview's moving part, in each language that is watched."""
    taken = snapshot(now())
    return _in_each(watched, "monitoring/_overview.html", lambda: {"snapshot": taken, "verdicts": verdicts(taken)})


def render_jobs() -> dict[str, str]:
    """The moving part of the jobs page, likewise."""
    live = jobs_now(now())
    return _in_each(watched_jobs, "monitoring/_jobs_live.html", lambda: {"live": live})


def _in_each(languages: Counter[str], template: str, context: Callable[[], dict[str, Any]]) -> dict[str, str]:
    rendered: dict[str, str] = {}
    for language in [language for language, watchers in languages.items() if watchers]:
        with translation.override(language):
            rendered[language] = render_to_string(template, context())
    return rendered


class PageConsumer(StaffSocket):
    """Sends each watcher what the hub rendered in their language."""

    permission = PERMISSION

    async def tell(self, value: dict[str, str]) -> None:
        if self.language in value:  # computed since we came
            await self.send(value[self.language])


class PanelConsumer(PageConsumer):
    hub, watched = LiveHub(render, every=EVERY), watched


class JobsConsumer(PageConsumer):
    hub, watched = LiveHub(render_jobs, every=EVERY), watched_jobs
