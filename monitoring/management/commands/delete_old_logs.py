"""Run the job of that name now."""

from typing import Any

from django.core.management.base import BaseCommand

from monitoring.jobs import delete_old_logs
from monitoring.runs import run_job


class Command(BaseCommand):
    help = "Delete telemetry that is too old."

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.stdout.write(run_job(delete_old_logs))
