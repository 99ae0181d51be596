"""manage.py sync_schedules: the last step to a new version that took over from the one before without a pause."""

from typing import Any

from django.core.management.base import BaseCommand

from monitoring.queueing import sync_schedules


class Command(BaseCommand):
    help = "Make the schedules of jobs those of this version, while everything runs; `prepare` does it too."

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.stdout.write(f"{sync_schedules()} jobs run by a schedule.")
