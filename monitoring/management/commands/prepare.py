"""Make everything ready for the servers to start: databases, schedules, a first user, free ports."""

import secrets
import shutil
import socket
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

from monitoring.queueing import sync_schedules


class Command(BaseCommand):
    help = "Check the ports, migrate, create the schedules and, when there is no user yet, an administrator."

    def handle(self, *_args: Any, **_options: Any) -> None:
        check_port(settings.WEB_HOST, settings.WEB_PORT, "ADMINARA_PORT")
        check_port(
            settings.OTEL_EXPORTER_PROMETHEUS_HOST,
            settings.OTEL_EXPORTER_PROMETHEUS_PORT,
            "OTEL_EXPORTER_PROMETHEUS_PORT",
        )
        try:
            for database in settings.DATABASES:
                call_command("migrate", database=database, verbosity=0, skip_checks=True)
            sync_schedules()
            self._create_admin()
        except DatabaseError as error:
            where = settings.DATA_DIR if connection.vendor == "sqlite" else "DATABASE_URL"
            raise CommandError(f"The databases ({where}) cannot be used: {error}") from error
        self._empty_metrics()
        self.stdout.write(f"AdminAra {settings.VERSION}: http://{settings.WEB_HOST}:{settings.WEB_PORT}/")

    def _create_admin(self) -> None:
        users = get_user_model().objects
        if users.exists():
            return
        password = secrets.token_urlsafe(12)
        users.create_superuser("admin", password=password)
        self.stdout.write(f"First start: log in at /admin/ as admin with the password {password} (shown only now).")

    @staticmethod
    def _empty_metrics() -> None:
        """What the processes of the last run left would be added up for ever. Only now, while none of them lives."""
        folder = settings.DATA_DIR / "metrics"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()


def check_port(host: str, port: int, variable: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"Port {port} on {host} cannot be used ({error.strerror}): stop what uses it, or set {variable}."
            ) from error
