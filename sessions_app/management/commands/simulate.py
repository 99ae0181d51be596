"""A day at the desk of a running server."""

import asyncio
import json
import time
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from sessions_app.simulation import Day, SimulationError, Tally, Target, simulate, table


class Command(BaseCommand):
    help = "Fill a running server with a believable desk day, as its customers and its staff."
    # It is a client: it may run where there is no database.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        address = f"http://127.0.0.1:{settings.WEB_PORT}"
        file = settings.DATA_DIR / "demo-staff.json"
        parser.add_argument("--customers", type=at_least_one, default=200)
        parser.add_argument("--staff", type=at_least_one, default=6)
        parser.add_argument("--speed", type=at_least_one, default=60, help="simulated seconds in a real one (60)")
        parser.add_argument(
            "--url",
            action="append",
            help=f"the server ({address}); several share one desk, and people go to each in turn",
        )
        parser.add_argument("--credentials", type=Path, default=file, help=f"written by demo_staff ({file})")
        parser.add_argument("--seed", type=int, default=1, help="the same number plans the same day (1)")
        parser.add_argument("--i-own-this-server", action="store_true", help="allow a --url that is not this machine")

    def handle(self, *_args: Any, **options: Any) -> None:
        tally, began = Tally(), time.monotonic()
        urls = options["url"] or [f"http://127.0.0.1:{settings.WEB_PORT}"]
        try:
            day = Day(
                targets=[Target.parse(url, owned=options["i_own_this_server"]) for url in urls],
                customers=options["customers"],
                staff=read_credentials(options["credentials"], options["staff"]),
                speed=options["speed"],
                seed=options["seed"],
            )
            comparisons = asyncio.run(simulate(day, tally, show_progress=options["verbosity"] > 0))
        except SimulationError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt as stop:
            raise CommandError("Stopped before the end of the day: nothing was compared.", returncode=130) from stop
        self.stdout.write("\n".join(table(tally, comparisons, day.speed, time.monotonic() - began)))
        if wrong := [row.what for row in comparisons if not row.agrees]:
            raise CommandError(f"The clients and the server do not agree on: {', '.join(wrong)}.")


def at_least_one(value: str) -> int:
    if not value.isdigit() or int(value) < 1:
        raise ArgumentTypeError(f"{value!r} is not a whole number of at least 1")
    return int(value)


def read_credentials(file: Path, count: int) -> dict[str, str]:
    """The first `count` user names and passwords of a file that demo_staff wrote."""
    remedy = f"run `manage.py demo_staff --count {count}` on the server"
    try:
        people = {str(name): str(password) for name, password in json.loads(file.read_text()).items()}
    except OSError as error:
        raise SimulationError(f"The credentials in {file} cannot be read ({error.strerror}): {remedy}.") from error
    except (ValueError, AttributeError) as error:
        raise SimulationError(f"{file} does not hold user names and passwords: {remedy}.") from error
    if len(people) < count:
        raise SimulationError(f"{file} holds {len(people)} members of staff, not {count}: {remedy}.")
    return dict(list(people.items())[:count])
