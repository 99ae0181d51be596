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


ABOUT = {
    "outcome": _("Outcome"),
    "outcome=resolved": _("Resolved"),
    "outcome=follow_up": _("Needs a follow-up"),
    "outcome=no_answer": _("Customer did not answer"),
    "outcome=other": _("Something else"),
    "reason": _("Why"),
    "reason=break": _("Break"),
    "reason=meeting": _("Meeting"),
    "reason=training": _("Training"),
    "reason=other_work": _("Other work"),
    "reason=unanswered": _("The page of the customer did not answer in time"),
    "claimed_by": _("Taken by"),
}


def session_page(pk: str) -> str:
    try:
        return reverse("desk:session", args=[UUID(pk)])
    except (ValueError, NoReverseMatch):
        return ""


def register() -> None:
    register_actions(WORDS, {"session": session_page}, ABOUT)
