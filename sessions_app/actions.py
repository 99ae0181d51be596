"""What the desk's entries in the audit are called, and where what they tell of is shown."""

from uuid import UUID

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_noop as _

from monitoring import register_actions

WORDS = {
    "claim": _("took the customer"),
    "call_back": _("called back"),
    "requeue": _("put back into the queue"),
    "end": _("ended the session"),
    "write_up": _("wrote up the session"),
    "start_work": _("started work"),
    "pause": _("paused work"),
    "ready": _("became available"),
    "stop_work": _("stopped work"),
    "rotate": _("rotated the TURN secret"),
    "set_password": _("set the password"),
}


def session_page(pk: str) -> str:
    try:
        return reverse("desk:session", args=[UUID(pk)])
    except (ValueError, NoReverseMatch):
        return ""


def register() -> None:
    register_actions(WORDS, {"session": session_page})
