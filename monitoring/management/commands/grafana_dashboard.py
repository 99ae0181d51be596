"""Print the Grafana dashboard of what this installation measures."""

import json
from typing import Any

from django.core.management.base import BaseCommand

from monitoring.grafana import dashboard
from monitoring.instruments import declared


class Command(BaseCommand):
    help = "Print a Grafana dashboard of every metric, as deploy/grafana/adminara.json has it."

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.stdout.write(json.dumps(dashboard(declared.values()), indent=1))
