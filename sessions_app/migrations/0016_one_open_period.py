"""On PostgreSQL, 0012 lost the rule that nobody has two open periods: Django took its index for that of the field.

A person who has two by now was pressed for by two tabs at once: the older one ended when the newer one began.
"""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

RULE = "staff_period_one_open"


def one_open_period(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    connection, periods = editor.connection, apps.get_model("sessions_app", "StaffPeriod")
    options = periods._meta  # noqa: SLF001
    if connection.alias != "default":
        return
    with connection.cursor() as cursor:
        if RULE in connection.introspection.get_constraints(cursor, options.db_table):
            return
    newer = None
    for period in periods.objects.filter(ended_at=None).order_by("staff_id", "-began_at", "-pk"):
        if newer and newer.staff_id == period.staff_id:
            period.ended_at = newer.began_at
            period.save(update_fields=["ended_at"])
        newer = period
    (rule,) = (each for each in options.constraints if each.name == RULE)
    editor.add_constraint(periods, rule)


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0015_minutes")]

    operations = [migrations.RunPython(one_open_period, migrations.RunPython.noop)]
