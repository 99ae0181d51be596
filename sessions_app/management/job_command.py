"""A command that runs one job now, recorded like one that the worker runs, and prints what it did."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.core.management.base import BaseCommand

from monitoring import run_job


class JobCommand(BaseCommand):
    job: ClassVar[Callable[[], str]]

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.stdout.write(run_job(type(self).job))
