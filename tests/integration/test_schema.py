"""What the models promise is in the databases: a migration may take more away than it says."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, connections, router
from django.utils.timezone import now

from sessions_app.models import StaffPeriod
from tests.factories import make_staff

ours = [each for each in apps.get_models() if each._meta.app_label in {"monitoring", "sessions_app"}]


@pytest.mark.django_db
@pytest.mark.parametrize("model", ours, ids=lambda model: model.__name__)
def test_every_rule_and_index_is_there(model):
    where = connections[router.db_for_write(model)]
    with where.cursor() as cursor:
        found = where.introspection.get_constraints(cursor, model._meta.db_table)
    promised = [*model._meta.constraints, *model._meta.indexes]
    assert {each.name for each in promised} <= found.keys()
    indexed = {tuple(each["columns"]) for each in found.values() if each["unique"] or each["index"]}
    assert {(field.column,) for field in model._meta.local_fields if field.db_index} - indexed - pk(model) == set()
    assert {(field.column,) for field in model._meta.local_fields if field.unique} - unique(found) - pk(model) == set()


def unique(found):
    return {tuple(each["columns"]) for each in found.values() if each["unique"]}


def pk(model):
    """SQLite does not list the index of the primary key."""
    return {(model._meta.pk.column,)}


@pytest.mark.django_db(transaction=True)
def test_the_rule_that_was_lost_comes_back_and_the_older_of_two_open_periods_ends():
    ana, bo = make_staff("ana"), make_staff("bo")
    (rule,) = (each for each in StaffPeriod._meta.constraints if each.name == "staff_period_one_open")
    with connection.schema_editor() as editor:
        editor.remove_constraint(StaffPeriod, rule)
    at = now()
    try:
        opened = [
            StaffPeriod.objects.create(staff=staff, state="available", began_at=at, last_seen_at=at)
            for staff in (ana, ana, bo)
        ]
    finally:
        with connection.schema_editor() as editor:
            import_module("sessions_app.migrations.0016_one_open_period").one_open_period(apps, editor)
    assert set(StaffPeriod.objects.filter(ended_at=None)) == set(opened[1:])
    with pytest.raises(IntegrityError):
        StaffPeriod.objects.create(staff=ana, state="available", began_at=at, last_seen_at=at)
