"""Sends from this process what no worker sends: all of it while no worker lives, else what has waited for too long."""

import threading
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connections

from monitoring.alerting.sending import due
from monitoring.alerting.telling import NOTIFY
from monitoring.guard import harmless
from monitoring.runs import run_job
from monitoring.store.living import living

LATE = timedelta(minutes=1)  # for workers that live, but may be busy or stuck
AT_ONCE = 20

errand = threading.Lock()  # held by the thread that is on its way


def see_to_it(now: datetime) -> None:
    """Send what is due, in a thread, so that a slow receiver keeps nobody from looking at the rules."""
    working = any(process.role == "worker" for process in living(now))
    overdue = due(now - LATE if working else now).order_by("due_at")
    waiting = [str(pk) for pk in overdue.values_list("pk", flat=True)[:AT_ONCE]]
    if waiting and errand.acquire(blocking=False):
        threading.Thread(target=_run, args=(waiting,), name="alerts-courier", daemon=True).start()


def _run(waiting: Iterable[str]) -> None:
    try:
        for delivery in waiting:
            with harmless("sending an alert"):
                run_job(NOTIFY, delivery)
    finally:
        connections.close_all()
        errand.release()
