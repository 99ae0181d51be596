"""What jobs say they did: kept in English, as logs and commands have it, and read in the reader's language.

A job fills one of the sentences that were registered, and whoever shows it knows the sentence again by its shape. What
fits none, such as an error, is shown as it was kept.
"""

import re

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from monitoring.store.interrupted import EXPLANATION

PLACE = re.compile(r"%\((\w+)\)s")  # where a sentence is filled in
DELETED = _("Deleted %(what)s.")
DELETED_NOTHING = _("Deleted nothing.")
DELETED_IN_PART = _("Deleted %(what)s; then the time was up, and the next run goes on.")
NEVER_RAN = _("Taken off the queue before it ran.")
# What is deleted, each kind of retention.KINDS.
KINDS = (
    _("%(count)s measures"),
    _("%(count)s exemplars"),
    _("%(count)s spans"),
    _("%(count)s figures"),
    _("%(count)s job runs"),
    _("%(count)s queue results"),
    _("%(count)s processes"),
    _("%(count)s messages of alerts"),
    _("%(count)s alerts"),
    _("%(count)s silences"),
    _("%(count)s deployments"),
)
# Of the messages that tell of alerts.
SENT = _("Sent by %(channel)s.")
NOT_SENT = _("Not sent: %(why)s")
NOT_SENT_YET = _("Not sent yet: %(why)s It goes on at %(time)s.")
OVER = _("Not sent: it was over before it could be sent.")
NOTHING_TO_SEND = _("Nothing to do: the message is %(state)s.")

shapes: dict[str, re.Pattern[str]] = {}


def register_outcomes(*sentences: str) -> None:
    """Have what jobs say translated: sentences marked by gettext_noop, filled at places such as %(count)s."""
    for sentence in sentences:
        text, *rest = PLACE.split(sentence)  # by turns a place's name and the text after it
        filled = (f"(?P<{name}>.+?){re.escape(after)}" for name, after in zip(rest[::2], rest[1::2], strict=True))
        shapes[sentence] = re.compile(re.escape(text) + "".join(filled))


def register() -> None:
    """What the panel's own jobs say. The more exact sentence comes first."""
    register_outcomes(EXPLANATION, NEVER_RAN, DELETED_NOTHING, DELETED_IN_PART, DELETED, *KINDS)
    register_outcomes(SENT, OVER, NOT_SENT_YET, NOT_SENT, NOTHING_TO_SEND)


def in_words(outcome: str) -> str:
    """`outcome` in the active language, and so what fills it, be it a list."""
    for sentence, shape in shapes.items():
        if found := shape.fullmatch(outcome):
            filled = {name: ", ".join(map(in_words, text.split(", "))) for name, text in found.groupdict().items()}
            return gettext(sentence) % filled
    return outcome
