"""Indexes for runs by their status, and for django-q2's queue by when its tasks are due."""

from typing import Any

from django.db import migrations, models
from django_q.conf import Conf
from django_q.models import OrmQ

INDEX = "adminara_queue_by_lock"


def index_queue(_apps: Any, editor: Any) -> None:
    """The workers ask for what is due twice a second: without this they read through all that pauses."""
    if editor.connection.alias == Conf.ORM:
        editor.execute(f"CREATE INDEX IF NOT EXISTS {INDEX} ON {OrmQ._meta.db_table} (lock)")  # noqa: SLF001


def drop(_apps: Any, editor: Any) -> None:
    if editor.connection.alias == Conf.ORM:
        editor.execute(f"DROP INDEX IF EXISTS {INDEX}")


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0006_attempts_at_a_task"),
        ("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more"),
    ]
    operations = [
        migrations.AddIndex("jobrun", models.Index(fields=["status", "-started_at"], name="jobrun_of_status")),
        migrations.AddIndex(
            "jobrun", models.Index(fields=["name", "status", "-started_at"], name="jobrun_of_name_and_status")
        ),
        migrations.RunPython(index_queue, drop),
    ]
