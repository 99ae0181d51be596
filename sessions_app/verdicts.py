"""What the overview says of the desk."""

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from monitoring import Verdict


def missing_servers(_now: datetime) -> Iterator[Verdict]:
    """Which way between networks calls lack. A TURN server tells browsers their addresses as a STUN server does."""
    if settings.TURN_URLS:
        return
    if settings.STUN_URLS:
        text = _("No TURN server is configured: calls fail where only a relay gets through.")
        yield Verdict("note", text, remedy=_("Set TURN_URLS."))
    else:
        text = _("No STUN or TURN server is configured: calls work on one network only.")
        yield Verdict("note", text, remedy=_("Set STUN_URLS and TURN_URLS for calls between networks."))
