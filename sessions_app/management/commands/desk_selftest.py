"""The self-test by hand: each part as it is over, then whether the desk works."""

import json
import signal
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sessions_app.selftest import Part, Report, SelfTestError, address, find, run


class Command(BaseCommand):
    help = "Make a call through the running server, as a customer and a member of staff who are made up, and time it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--url", default=address(), help=f"the server ({address()})")
        parser.add_argument("--browser", default="", help="Chromium's program; without it the usual names are tried")
        parser.add_argument("--no-browser", action="store_true", help="everything but the media")
        parser.add_argument("--json", action="store_true", help="print one JSON object at the end")

    def run_from_argv(self, argv: list[str]) -> None:
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # it ends like Ctrl-C: nothing is left behind
        super().run_from_argv(argv)

    def handle(self, *_args: Any, **options: Any) -> None:
        report = Report(options["url"].rstrip("/"), tell=self._ignore if options["json"] else self._tell)
        try:
            program = None if options["no_browser"] else find(options["browser"])
            run(report, program)
        except SelfTestError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt as stop:
            raise CommandError("Stopped; what it had begun is taken back.", returncode=130) from stop
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json()))
        if report.failures:
            raise CommandError("\n".join(report.failures))
        if not options["json"]:
            self.stdout.write(report.verdict())

    def _tell(self, part: Part) -> None:
        self.stdout.write(str(part))
        self.stdout.flush()

    def _ignore(self, part: Part) -> None:
        pass
