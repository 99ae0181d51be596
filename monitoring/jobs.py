"""The panel's own jobs: forgetting what is old, and telling of alerts."""

import time
from collections import Counter

from django.conf import settings
from django.utils.timezone import now

from monitoring import outcomes, retention
from monitoring.alerting import sending
from monitoring.store import growth


def delete_old_logs() -> str:
    """Delete telemetry that is too old or too much; stops after half of JOB_TIMEOUT, and the next run goes on.

    Notes first how large the databases are, so that their growth is known.
    """
    growth.note(now())
    counts: Counter[str] = Counter()
    enough = time.monotonic() + settings.JOB_TIMEOUT / 2
    for kind, deleted in retention.prune(now()):
        counts[kind] += deleted
        if time.monotonic() > enough:
            return outcomes.DELETED_IN_PART % {"what": retention.told(counts)}
    return outcomes.DELETED % {"what": retention.told(counts)}


def notify(delivery: str) -> str:
    """Send one message of an alert through one channel. Raises NotSent for what is worth another try."""
    return sending.deliver(delivery)
