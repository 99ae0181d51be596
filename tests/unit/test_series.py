"""Which row stands for a name with its labels."""

import pytest

from monitoring.models import Series
from monitoring.store.series import series_ids

pytestmark = pytest.mark.django_db


def key(name, kind="histogram", labels=()):
    return (kind, name, labels)


def test_new_names_are_made_in_the_same_order_by_every_process():
    """Two that make the same rows then wait for one another in a line and never in a circle."""
    names = [f"name-{number}" for number in (3, 1, 4, 0, 5, 2)]
    series_ids([key(name) for name in names])
    assert list(Series.objects.order_by("pk").values_list("name", flat=True)) == sorted(names)


def test_a_row_that_another_process_has_made_is_found():
    labels = (("role", "müşteri"),)
    made = series_ids([key("work", labels=labels), key("work")])
    series_ids.forget()
    assert series_ids([key("work"), key("work", labels=labels)]) == made
    assert made[key("work")] != made[key("work", labels=labels)]
    assert Series.objects.count() == 2


def test_however_many_names_are_new_they_cost_three_queries(django_assert_num_queries):
    keys = [key(f"name-{number}") for number in range(50)]
    with django_assert_num_queries(3, using="telemetry"):
        ids = series_ids(keys)
    series_ids.remember(ids)
    with django_assert_num_queries(0, using="telemetry"):
        assert series_ids(keys) == ids


def test_names_above_the_cap_share_one_series_of_their_kind(monkeypatch):
    monkeypatch.setattr("monitoring.store.series.MOST_SERIES", 2)
    keys = [key("a"), key("b"), key("c"), key("d"), key("a", "span"), key("b", "span")]
    ids = series_ids(keys)
    assert len(set(ids.values())) == 4
    assert ids[key("c")] == ids[key("d")] == Series.objects.get(kind="histogram", name="__other__").pk
    assert ids[key("a", "span")] == Series.objects.get(kind="span", name="__other__").pk
    series_ids.forget()
    assert series_ids(keys) == ids
