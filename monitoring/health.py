"""Whether this installation can do its work: each probe answers with an empty string or says what is wrong."""

from collections.abc import Callable

from django.db import DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor
from django.utils.timezone import now

Probe = Callable[[], str]

probes: dict[str, Probe] = {}


def register_probe(name: str, probe: Probe) -> None:
    """Have `probe` asked by /readyz under `name`; it returns "" or a sentence saying what is wrong and what to do."""
    probes[name] = probe


def problems() -> dict[str, str]:
    """What every probe that is not content says, by its name."""
    answers = {name: _ask(probe) for name, probe in probes.items()}
    return {name: answer for name, answer in answers.items() if answer}


def _ask(probe: Probe) -> str:
    try:
        return probe()
    except DatabaseError as error:
        return f"The database did not answer: {error}."


def database() -> str:
    for connection in connections.all():
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    return ""


def migrations() -> str:
    for connection in connections.all():
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            command = f"manage.py migrate --database {connection.alias}"
            return f"The {connection.alias} database lacks migrations: run {command}."
    return ""


def broker() -> str:
    from django_q.brokers import get_broker

    return "" if get_broker().ping() else "The job queue does not answer."


def worker() -> str:
    from monitoring.store.living import living

    if any(writer.role == "worker" for writer in living(now())):
        return ""
    return "No job worker has been seen in the last 20 seconds: start manage.py qcluster."


def register_all() -> None:
    for probe in (database, migrations, broker, worker):
        register_probe(probe.__name__, probe)
