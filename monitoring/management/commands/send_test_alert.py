"""Send a test through the ways in which people are told of alerts, and say what happened."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils.timezone import now

from monitoring.alert_models import Delivery
from monitoring.alerting.channels import CHANNELS, configured
from monitoring.alerting.telling import NOTIFY, ready
from monitoring.alerting.words import said
from monitoring.runs import run_job


class Command(BaseCommand):
    help = "Send a test alert through each channel that is set up; fails when one did not get through."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--channel", choices=tuple(CHANNELS), help="only this one")

    def handle(self, *_args: Any, **options: Any) -> None:
        wanted = [options["channel"]] if options["channel"] else configured()
        if not wanted:
            raise CommandError("No channel is set up. Set ALERT_EMAILS, ALERT_WEBHOOK_URL or ALERT_TELEGRAM_TOKEN.")
        if missing := [name for name in wanted if name not in configured()]:
            raise CommandError(f"The channel {missing[0]} is not set up. Set {CHANNELS[missing[0]].settings}.")
        try:
            results = {name: self._send(name) for name in wanted}
        except DatabaseError as error:
            raise CommandError(f"The database did not answer: {error}.") from error
        if failed := [name for name, sent in results.items() if not sent]:
            raise CommandError(f"Not sent by {', '.join(failed)}.")

    def _send(self, channel: str) -> bool:
        """Whether it was sent; said as it was."""
        delivery = ready(None, "test", channel, now())
        run_job(NOTIFY, str(delivery.pk))
        delivery.refresh_from_db()
        sent = delivery.state == Delivery.State.SENT
        where = f" ({CHANNELS[channel].where()})"
        self.stdout.write(f"{channel}{where}: {'sent.' if sent else said(delivery.said)}")
        return sent
