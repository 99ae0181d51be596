"""Twenty claimers over five hundred customers: nobody is taken twice, nobody is skipped, and the order holds."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import chain

import pytest
from django.conf import settings
from django.db import connection, connections
from django.utils import timezone

from monitoring.models import AuditEntry
from sessions_app import queue
from sessions_app.models import QueueEntry, State, SupportSession
from tests.claimers import CLAIMERS, claim_until_empty
from tests.factories import make_staff

pytestmark = pytest.mark.django_db(transaction=True)
CUSTOMERS = 500


@pytest.fixture
def line():
    """The ids of those who wait, in serving order: three priorities, some joined in the same instant."""
    for number in range(CLAIMERS):
        make_staff(f"staff{number}")
    now = timezone.now()
    joins = [now - timedelta(seconds=20 - number // 50) for number in range(CUSTOMERS)]
    sessions = SupportSession.objects.bulk_create(
        SupportSession(name="Cy", language="en", joined_at=at, last_seen_at=now + timedelta(hours=1)) for at in joins
    )
    QueueEntry.objects.bulk_create(
        QueueEntry(session=session, joined_at=at, first_joined_at=at, priority=number % 3, position_at_join=number + 1)
        for number, (session, at) in enumerate(zip(sessions, joins, strict=True))
    )
    places = [str(pk) for pk in queue.positions()]
    connection.close()
    if connection.vendor == "postgresql":
        connection.close_pool()  # a pool has as many as there are claimers, and a test before may have left one in use
    return places


def assert_fair(taken, line):
    everybody = list(chain.from_iterable(taken))
    assert sorted(everybody) == sorted(line), "somebody was taken twice or not at all"
    claims = AuditEntry.objects.filter(action="claim").order_by("at").values_list("target", flat=True)
    served = [line.index(target.removeprefix("session ")) for target in claims]
    # Those who are taken in the same instant are written down in any order, where several may write at once.
    together = CLAIMERS if connection.features.has_select_for_update_skip_locked else 0
    out_of_turn = [(turn, place) for turn, place in enumerate(served) if abs(turn - place) > together]
    assert not out_of_turn, "somebody was served out of turn"
    assert not QueueEntry.objects.filter(left_at=None).exists()
    assert SupportSession.objects.filter(state=State.ENDED).count() == CUSTOMERS


def test_threads(line):
    with ThreadPoolExecutor(CLAIMERS) as pool:
        taken = list(pool.map(claim_until_empty, [f"staff{number}" for number in range(CLAIMERS)]))
    assert_fair(taken, line)


def test_processes(line):
    names = [str(connections[alias].settings_dict["NAME"]) for alias in ("default", "telemetry")]
    command = [sys.executable, "-m", "tests.claimers", *names]
    done = subprocess.run(
        command,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=150,
    )
    assert done.returncode == 0, done.stderr
    assert_fair(json.loads(done.stdout), line)
