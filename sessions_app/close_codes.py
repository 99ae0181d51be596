"""Why the server hangs up on a page, each with a sentence that travels with the code and that the page shows.

Codes are of the range that RFC 6455 leaves to applications, with the numbers of the HTTP statuses they resemble.
"""

from enum import IntEnum

from django.utils import translation
from django.utils.translation import gettext_lazy as _

LONGEST_REASON = 123  # bytes that a close frame has room for (RFC 6455, 5.5)


class CloseCode(IntEnum):
    """After those GONE_FOR_GOOD trying again is useless; after the others a page comes back by itself."""

    GARBAGE = 4400
    NOT_SIGNED = 4401
    SILENT = 4408
    ELSEWHERE = 4409
    OVER = 4410
    TOO_LARGE = 4413
    TOO_FAST = 4429
    ADDRESS_FULL = 4430
    FULL = 4503
    CUT_OFF = 4504


GONE_FOR_GOOD = frozenset(
    {CloseCode.GARBAGE, CloseCode.NOT_SIGNED, CloseCode.ELSEWHERE, CloseCode.OVER, CloseCode.TOO_LARGE}
)
SENTENCES = {
    CloseCode.GARBAGE: _("The server did not understand this page. Reload it."),
    CloseCode.NOT_SIGNED: _("This link is not valid any more. Join the queue again."),
    CloseCode.SILENT: _("Nothing was heard of this page for a while. It tries again."),
    CloseCode.ELSEWHERE: _("This page is open too many times. Go on in the newest one."),
    CloseCode.OVER: _("This session is over."),
    CloseCode.TOO_LARGE: _("This page said more than the server takes. Reload it."),
    CloseCode.TOO_FAST: _("This page said too much at once. It tries again."),
    CloseCode.ADDRESS_FULL: _("Too many pages are open on your network. Close some of them."),
    CloseCode.FULL: _("The server has no room for more pages now. This one tries again."),
    CloseCode.CUT_OFF: _("Parts of the server cannot reach each other now. This page tries again."),
}


def reason(code: CloseCode, language: str | None) -> str:
    """The sentence of `code` in `language`, in the installation's own where that is not known."""
    with translation.override(language):
        return str(SENTENCES[code])
