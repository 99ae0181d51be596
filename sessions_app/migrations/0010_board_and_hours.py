"""What hours came to, kept; and the right to see the board, for leads and auditors."""

import django.db.models.deletion
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def let_them_see(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.alias != "default":
        return
    # Django creates the permission after the last migration only.
    kind, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="sessions_app", model="supportsession"
    )
    right, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=kind, codename="view_board", defaults={"name": "Can see the board"}
    )
    for group in apps.get_model("auth", "Group").objects.filter(name__in=("lead", "auditor")):
        group.permissions.add(right)


class Migration(migrations.Migration):
    dependencies = [
        ("sessions_app", "0009_counted_apart"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="HourTally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateTimeField(unique=True, verbose_name="since")),
                ("zone", models.CharField(max_length=64, verbose_name="time zone")),
                ("target_s", models.PositiveIntegerField(verbose_name="target (s)")),
                ("short_s", models.PositiveIntegerField(verbose_name="short abandon (s)")),
                ("short_abandons", models.PositiveIntegerField()),
                ("answered", models.PositiveIntegerField()),
                ("answered_in_time", models.PositiveIntegerField()),
                ("answered_us", models.PositiveBigIntegerField()),
                ("abandoned", models.PositiveIntegerField()),
                ("abandoned_in_time", models.PositiveIntegerField()),
                ("abandoned_us", models.PositiveBigIntegerField()),
                ("others", models.PositiveIntegerField()),
                ("missed", models.PositiveIntegerField()),
                ("longest_us", models.PositiveBigIntegerField()),
                ("handled", models.PositiveIntegerField()),
                ("handling_us", models.PositiveBigIntegerField()),
                ("stays", models.PositiveIntegerField()),
                ("stays_us", models.PositiveBigIntegerField()),
                ("kept", models.PositiveIntegerField()),
                ("longer", models.PositiveIntegerField()),
                ("shorter", models.PositiveIntegerField()),
                ("available_us", models.PositiveBigIntegerField()),
                ("busy_us", models.PositiveBigIntegerField()),
                ("paused_us", models.PositiveBigIntegerField()),
            ],
            options={
                "verbose_name": "tally of an hour",
                "verbose_name_plural": "tallies of hours",
            },
        ),
        migrations.AlterModelOptions(
            name="supportsession",
            options={
                "permissions": [("work_desk", "Can work at the desk"), ("view_board", "Can see the board")],
                "verbose_name": "support session",
                "verbose_name_plural": "support sessions",
            },
        ),
        migrations.CreateModel(
            name="StaffHour",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("handled", models.PositiveIntegerField()),
                ("handling_us", models.PositiveBigIntegerField()),
                ("available_us", models.PositiveBigIntegerField()),
                ("in_call_us", models.PositiveBigIntegerField()),
                ("wrap_up_us", models.PositiveBigIntegerField()),
                ("break_us", models.PositiveBigIntegerField()),
                ("meeting_us", models.PositiveBigIntegerField()),
                ("training_us", models.PositiveBigIntegerField()),
                ("other_work_us", models.PositiveBigIntegerField()),
                (
                    "hour",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="work",
                        to="sessions_app.hourtally",
                        verbose_name="hour",
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="staff",
                    ),
                ),
            ],
            options={
                "verbose_name": "hour of a member of staff",
                "verbose_name_plural": "hours of members of staff",
            },
        ),
        migrations.RunPython(let_them_see, migrations.RunPython.noop),
    ]
