"""Who looks at the rules, every ALERT_LOOK_S: of all web servers and metrics exporters one at a time, in a thread.

Whoever moves the row's `looked_at` first has the turn; when that process dies, the next turn is another's. The workers
are not asked, since that they are gone is one of the things to be noticed.
"""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connections
from django.db.models import Q
from django.utils import timezone

from monitoring.alert_models import AlertWatch
from monitoring.alerting import courier, evaluation
from monitoring.guard import quiet
from monitoring.store.buffer import buffer
from monitoring.store.connection import check_the_file
from monitoring.store.times import moment


def every() -> timedelta:
    return timedelta(seconds=settings.ALERT_LOOK_S)


def take_turn(now: datetime) -> bool:
    """Whether the rules are due, and this process is the one to look at them."""
    due = Q(looked_at__lte=now - every()) | Q(looked_at__gt=now + every())  # the clock may have been set back
    watches = AlertWatch.objects.filter(pk=1)
    if not watches.exists():
        AlertWatch.objects.bulk_create([AlertWatch(pk=1, looked_at=moment(0))], ignore_conflicts=True)
    return watches.filter(due).exists() and bool(watches.filter(due).update(looked_at=now))


def take_a_look(now: datetime) -> None:
    """Evaluate the rules if it is this process' turn, and see that what people must be told is sent."""
    try:
        if take_turn(now):
            check_the_file()
            evaluation.evaluate(now)
            courier.see_to_it(now)
    except Exception:
        connections.close_all()  # this thread's: one of them may be the reason
        raise


class Watch:
    """The thread of this process; `begin` a second time does nothing."""

    def __init__(self, clock: Callable[[], datetime] = timezone.now) -> None:
        self._clock = clock
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        with quiet("beginning to watch the rules"):
            if self._thread is None and buffer.autoflush:
                self._thread = threading.Thread(target=self._go_on, name="alerts", daemon=True)
                self._thread.start()

    def end(self) -> None:
        """Ask the thread to stop; a look that has begun is not waited for, since the next process does it again."""
        self._ended.set()

    def _go_on(self) -> None:
        while not self._ended.wait(settings.ALERT_LOOK_S / 3):
            with quiet("watching the rules of the alerts"):
                take_a_look(self._clock())


watch = Watch()
