"""The databases: the desk's, and one of its own for telemetry, so that neither waits for the other."""

from pathlib import Path
from typing import Any

MOST_CONNECTIONS = 20  # of one process to the desk's database; whoever wants one more waits

Database = dict[str, Any]  # as Django's DATABASES want it


def databases(address: Database, folder: Path) -> dict[str, Database]:
    """Both in the PostgreSQL database at `address`; where that is empty, SQLite files in `folder`.

    The telemetry's patience is short: what it waits for is kept in memory meanwhile.
    """
    if address:
        return {"default": postgresql(address, "default", 10), "telemetry": postgresql(address, "telemetry", 2)}
    return {"default": sqlite(folder, "adminara", 20), "telemetry": sqlite(folder, "telemetry", 2)}


def sqlite(folder: Path, name: str, patience: int) -> Database:
    """`patience` is how long, in seconds, a writer waits for another."""
    return {
        "ENGINE": "django_prometheus.db.backends.sqlite3",
        "NAME": folder / f"{name}.sqlite3",
        "OPTIONS": {
            "timeout": patience,
            # A transaction takes the write lock when it begins, so that none fails half-way with "database is locked".
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
        "TEST": {"NAME": folder / f"test_{name}.sqlite3"},
    }


def postgresql(address: Database, alias: str, patience: int) -> Database:
    """`patience` is how long, in seconds, the server has to answer a new connection.

    Telemetry has a schema of its own, and with it a record of its own of the migrations that were applied.
    """
    options = {
        "application_name": f"adminara {alias}",
        "connect_timeout": patience,
        # A server that fell silent is given up after some 20 s; TCP by itself would wait for a quarter of an hour.
        "keepalives_idle": 10,
        "tcp_user_timeout": 10_000,
        **address["OPTIONS"],
    }
    if alias == "telemetry":
        # Starting helpers takes longer than any read of figures does by itself. Whoever holds a lock for long makes
        # the writer wait no longer than SQLite would: forks and the last write of a process wait for it.
        own = f"-c search_path=telemetry -c max_parallel_workers_per_gather=0 -c lock_timeout={patience}s"
        options["options"] = f"{options.get('options', '')} {own}".strip()
    else:
        # Each process keeps connections ready for its threads: to open one takes longer than most requests. Telemetry's
        # writer keeps its own, and must hear at once that the server is away. Whoever looks for a server that is away
        # pauses for twice as long each time: so it gives up early, and whoever asks next begins anew.
        options["pool"] = {"min_size": 1, "max_size": MOST_CONNECTIONS, "max_idle": 60} | {
            "timeout": patience / 2,
            "reconnect_timeout": patience / 4,
        }
    return address | {
        "CONN_HEALTH_CHECKS": True,  # a server that was restarted costs nobody an error
        "ENGINE": "django_prometheus.db.backends.postgresql",
        "OPTIONS": options,
        "TEST": {"NAME": f"test_{address['NAME']}_{alias}"},
    }
