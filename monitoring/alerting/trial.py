"""What is wrong with the alerts' settings, found before anything starts."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from monitoring.alerting.channels.webhook import key_of
from monitoring.alerting.kinds.above import Above
from monitoring.alerting.rules import rules
from monitoring.instruments import declared


def of_rules() -> Iterator[str]:
    """A sentence for each rule that cannot be used; the first alone where the table cannot be read."""
    try:
        made = rules()
    except ImproperlyConfigured as error:
        yield str(error)
        return
    for rule in made.values():
        if isinstance(rule, Above) and rule.gauge not in declared:
            yield f"The alert rule {rule.name!r} looks at {rule.gauge!r}, a gauge that nobody declares."


def of_channels() -> Iterator[tuple[str, str]]:
    """What is wrong with each channel's settings, without their values, and what to do."""
    address = settings.ALERT_WEBHOOK_URL
    if address:
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            yield "ALERT_WEBHOOK_URL cannot be used.", "It must be an address like https://host/path."
        try:
            key_of(settings.ALERT_WEBHOOK_SECRET)
        except ValueError as error:
            hint = "Set it to whsec_ and at least 24 random bytes in base64."
            yield f"ALERT_WEBHOOK_SECRET cannot be used to sign alerts: {error}.", hint
    if bool(settings.ALERT_TELEGRAM_TOKEN) != bool(settings.ALERT_TELEGRAM_CHAT):
        hint = "Set both, or neither."
        yield "Of ALERT_TELEGRAM_TOKEN and ALERT_TELEGRAM_CHAT only one is set.", hint
