"""A list in the admin costs the database the same work however long it is, whichever way one looks at it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connections

from tests.factories import make_staff
from tests.long_lists import MODELS, fill, looks

FEW = 1_000
STEP = 20  # instructions of SQLite's machine

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connections["default"].vendor != "sqlite", reason="counts the instructions of SQLite's machine"),
]


@contextmanager
def counting() -> Iterator[list[int]]:
    """How much SQLite does meanwhile, in any of its databases."""
    done = [0]

    def one_more() -> int:
        done[0] += 1
        return 0

    for connection in connections.all():
        connection.ensure_connection()
        connection.connection.set_progress_handler(one_more, STEP)
    yield done
    for connection in connections.all():
        connection.connection.set_progress_handler(None, 0)


def work(client, user) -> dict[str, int]:
    """What each look at each list takes."""
    taken = {}
    for model in MODELS:
        for what, address in list(looks(user, model)):
            with counting() as done:
                assert client.get(address).status_code == 200, address
            taken[f"{model.__name__}, {what}"] = done[0] * STEP
    return taken


def test_four_thousand_rows_cost_what_a_quarter_of_them_does(client):
    lee = make_staff("lee", is_superuser=True)
    client.force_login(lee)
    fill(FEW)
    few = work(client, lee)
    assert len(few) > 70
    for model in MODELS:
        model._base_manager.all().delete()
    fill(FEW, times=4)
    assert {model._base_manager.count() for model in MODELS} == {4 * FEW}
    many = work(client, lee)
    assert {what: (few[what], taken) for what, taken in many.items() if taken > 1.5 * few[what] + 2_000} == {}
