"""The lists of the admin, looked at in every way that their own links offer."""

import sys
import time

from django.contrib.auth.models import User
from django.db import connections
from django.test import Client
from tqdm import tqdm

from tests.long_lists import MODELS, fill, looks

BASE = 1_000  # rows that are made one by one
client = Client(SERVER_NAME="127.0.0.1")


def make(rows: int) -> None:
    """`rows` of each kind, a multiple of BASE, and who may see them.

    PostgreSQL plans by what its autovacuum would find out soon.
    """
    with tqdm(total=len(MODELS), unit="kind", file=sys.stderr, leave=False) as bar:
        fill(BASE, rows // BASE, progress=bar.update)
    for connection in connections.all():
        if connection.vendor == "postgresql":
            connection.cursor().execute("ANALYZE")
    client.force_login(User.objects.get_or_create(username="lee", is_staff=True, is_superuser=True)[0])


def look(rounds: int) -> dict[str, float]:
    """The least time of each look in milliseconds, rendered and all."""
    return {
        f"{model.__name__}, {what}": min(_took(address) for _ in range(rounds))
        for model in MODELS
        for what, address in list(looks(User.objects.get(username="lee"), model))
    }


def _took(address: str) -> float:
    began = time.perf_counter()
    status = client.get(address).status_code
    if status != 200:
        raise AssertionError(f"{address}: {status}")
    return (time.perf_counter() - began) * 1e3
