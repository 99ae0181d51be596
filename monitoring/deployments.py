"""When which version went live: the marks that charts and lists carry."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from monitoring.errors import BadParameter
from monitoring.models import Deploy
from monitoring.router import TELEMETRY
from monitoring.store.times import moment

LONGEST = 100  # characters of a version
MOST = 20  # shown at once


@dataclass(frozen=True)
class Deployment:
    """A version and when it went live, in seconds since the epoch."""

    at: float
    version: str


def mark(version: str, at: datetime) -> Deploy:
    """Note that `version` went live; said twice within one second it is noted once. Raises BadParameter."""
    version = version.strip()
    if not (0 < len(version) <= LONGEST and version.isprintable()):
        raise BadParameter("version", version, _("1 to 100 characters that can be printed"))
    with transaction.atomic(using=TELEMETRY):
        return Deploy.objects.get_or_create(version=version, at=at.astimezone(UTC).replace(microsecond=0))[0]


def between(since: float, until: float) -> list[Deployment]:
    """The newest MOST deployments from `since` to `until` (seconds since the epoch), the oldest of them first."""
    found = Deploy.objects.filter(at__gte=moment(since), at__lte=moment(until)).order_by("-at", "-pk")[:MOST]
    return [Deployment(deploy.at.timestamp(), deploy.version) for deploy in reversed(found)]
