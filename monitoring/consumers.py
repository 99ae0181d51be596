"""The overview's live numbers: one reading and one rendering a language for everybody who watches in this process."""

from collections import Counter

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.timezone import now

from monitoring.live import LiveHub
from monitoring.panel.answers import PERMISSION
from monitoring.panel.overview import snapshot
from monitoring.panel.verdicts import verdicts
from monitoring.staff_socket import StaffSocket

EVERY = 2.0  # seconds between two pushes

watched: Counter[str] = Counter()  # languages of those who watch now


def render() -> dict[str, str]:
    """The overview's moving part, in each language that is watched."""
    taken = snapshot(now())
    rendered: dict[str, str] = {}
    for language in [language for language, watchers in watched.items() if watchers]:
        with translation.override(language):
            context = {"snapshot": taken, "verdicts": verdicts(taken)}
            rendered[language] = render_to_string("monitoring/_overview.html", context)
    return rendered


hub = LiveHub(render, every=EVERY)


class PanelConsumer(StaffSocket):
    permission, hub, watched = PERMISSION, hub, watched

    async def tell(self, value: dict[str, str]) -> None:
        if self.language in value:  # computed since we came
            await self.send(value[self.language])
