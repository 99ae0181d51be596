"""Programs that record into an installation of their own, on either database, for tests that kill or starve them."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import programs
from tests.own_services import embedded
from tests.postgresql import postgresql
from tests.server import migrated

DATABASES = ("sqlite", "postgresql")


@contextmanager
def installation(folder: Path, database: str) -> Iterator[dict[str, str]]:
    """The environment of an installation with an empty telemetry database."""
    own = {"ADMINARA_DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "adminara.settings"}
    environment = embedded() | own
    if database == "sqlite":
        shutil.copytree(migrated(), folder, dirs_exist_ok=True)
        yield environment
        return
    with postgresql() as address:
        environment["DATABASE_URL"] = address
        migrate = ["manage.py", "migrate", "--database=telemetry", "--verbosity=0", "--skip-checks"]
        programs.run(migrate, environment).check_returncode()
        yield environment


def run(module: str, environment: dict[str, str], *arguments: str) -> str:
    """Call a module's `main` in a process of its own, where Django is ready; returns what it says, checks its end."""
    code = f"import sys, django; django.setup(); from {module} import main; main(*sys.argv[1:])"
    ended = programs.run(["-c", code, *arguments], environment)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout
