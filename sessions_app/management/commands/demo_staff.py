"""Logins for the staff of a simulated day."""

import json
import os
import secrets
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from monitoring import audit


class Command(BaseCommand):
    help = "Make the users demo1, demo2, ... with random passwords, or give them new ones."

    def add_arguments(self, parser: ArgumentParser) -> None:
        file = settings.DATA_DIR / "demo-staff.json"
        parser.add_argument("--count", type=int, default=6, choices=range(1, 101), metavar="1..100")
        parser.add_argument("--file", type=Path, default=file, help=f"where to write them ({file})")

    def handle(self, *_args: Any, **options: Any) -> None:
        names = [f"demo{number}" for number in range(1, options["count"] + 1)]
        passwords = {name: secrets.token_urlsafe(18) for name in names}
        try:
            with transaction.atomic():
                hire(passwords)
                write_secret(options["file"], json.dumps(passwords, indent=1))
        except Group.DoesNotExist as error:
            raise CommandError("There is no group `agent` yet: run `manage.py migrate` first.") from error
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be written ({error.strerror}).") from error
        self.stdout.write(f"The logins of {names[0]} to {names[-1]} are in {options['file']}.")


def hire(passwords: dict[str, str]) -> None:
    agents = Group.objects.get(name="agent")
    for name, password in passwords.items():
        user, _ = User.objects.get_or_create(username=name)
        user.is_staff = user.is_active = True
        user.set_password(password)
        user.save()
        user.groups.add(agents)
        audit(None, "set_password", f"user {name}")


def write_secret(file: Path, text: str) -> None:
    """Only the owner may read it, also when the file was there before."""
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:  # noqa: PTH123
        os.fchmod(out.fileno(), 0o600)
        out.write(text)
