"""Auditors see everything, and so the settings in force."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def let_them_see(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.alias != "default":
        return
    # Django creates the permission after the last migration only.
    kind, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="monitoring", model="measure"
    )
    right, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=kind, codename="view_settings", defaults={"name": "Can see the settings in force"}
    )
    for group in apps.get_model("auth", "Group").objects.filter(name="auditor"):
        group.permissions.add(right)


class Migration(migrations.Migration):
    dependencies = [
        ("sessions_app", "0010_board_and_hours"),
        ("monitoring", "0004_processes_and_lists"),
    ]
    operations = [migrations.RunPython(let_them_see, migrations.RunPython.noop)]
