"""A database and a Redis of its own for each installation, where the tests run on these: `python -m tests.services`."""

import os
from itertools import count
from urllib.parse import urlsplit, urlunsplit

import psycopg

DATABASE, REDIS = os.environ.get("TEST_DATABASE_URL", ""), os.environ.get("TEST_REDIS_URL", "")
ON_SERVICES = bool(DATABASE and REDIS)
EACH = 100  # of Redis' databases for each process of tests, the first for the process itself; tests.redis has so many
worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
turns = count(1)


def redis_of(number: int) -> str:
    return urlunsplit(urlsplit(REDIS)._replace(path=f"/{EACH * worker + number % EACH}"))


def create(like: str = "") -> dict[str, str]:
    """The settings of who uses a database of its own, a copy of the one called so, and a part of Redis."""
    number = next(turns)
    name = f"own_{os.getpid()}_{number}"
    _tell(f"CREATE DATABASE {name} TEMPLATE {like or 'template1'}")
    return {"DATABASE_URL": urlunsplit(urlsplit(DATABASE)._replace(path=f"/{name}")), "REDIS_URL": redis_of(number)}


def drop(own: dict[str, str]) -> None:
    if own:
        _tell(f"DROP DATABASE {name_of(own)} WITH (FORCE)")


def name_of(own: dict[str, str]) -> str:
    """The database of these settings; empty when they name none."""
    return urlsplit(own.get("DATABASE_URL", "")).path[1:]


def embedded() -> dict[str, str]:
    """The environment of what is to use SQLite and memory whatever the tests run on."""
    return {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}


def _tell(statement: str) -> None:
    with psycopg.connect(DATABASE, autocommit=True) as database:
        database.execute(statement)
