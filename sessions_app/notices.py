"""What the overview says of the desk's settings."""

from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext as _


def missing_servers() -> Iterator[str]:
    """Which way between networks calls lack. A TURN server tells browsers their addresses as a STUN server does."""
    if settings.TURN_URLS:
        return
    if settings.STUN_URLS:
        yield _("No TURN server is configured: calls fail where only a relay gets through. Set TURN_URLS.")
    else:
        yield _(
            "No STUN or TURN server is configured: calls work on one network only. Set STUN_URLS and TURN_URLS "
            "for calls between networks."
        )
