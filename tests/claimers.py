"""Twenty members of staff who take customers as fast as they can: threads of a test, or processes of their own."""

import json
import multiprocessing
import os
import sys

CLAIMERS = 20


def claim_until_empty(username: str) -> list[str]:
    """Take, end, take again, until nobody waits; returns whom, in order."""
    from django.contrib.auth.models import User
    from django.db import connections
    from django.utils import timezone

    from sessions_app import lifecycle
    from sessions_app.errors import NobodyWaiting

    staff, taken = User.objects.get(username=username), []
    try:
        while True:
            session = lifecycle.claim_next(staff, timezone.now())
            taken.append(str(session.pk))
            lifecycle.end(session.pk, staff, "resolved", "", timezone.now())
    except NobodyWaiting:
        return taken
    finally:
        connections.close_all()


def main(database: str, telemetry: str) -> None:
    import django
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = database
    settings.DATABASES["telemetry"]["NAME"] = telemetry
    django.setup()
    with multiprocessing.get_context("fork").Pool(CLAIMERS) as pool:
        taken = pool.map(claim_until_empty, [f"staff{n}" for n in range(CLAIMERS)], chunksize=1)
    json.dump(taken, sys.stdout)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adminara.settings")
    main(*sys.argv[1:])
