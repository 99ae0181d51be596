"""Alerts, silences and what was sent of them; the right to act on alerts for those who lead a desk."""

import uuid
from datetime import UTC, datetime

import django.db.models.deletion
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def make_watch(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """There is one row to move, from the start."""
    if editor.connection.alias == "default":
        watches = apps.get_model("monitoring", "AlertWatch").objects
        watches.get_or_create(pk=1, defaults={"looked_at": datetime(1970, 1, 1, tzinfo=UTC)})


def let_leads_act(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Django creates the permissions after the last migration only: the one that is needed here is made here."""
    if editor.connection.alias != "default":
        return
    group = apps.get_model("auth", "Group").objects.filter(name="lead").first()
    if group is None:  # taken away by an administrator
        return
    kind, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(app_label="monitoring", model="alert")
    right, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=kind, codename="act_on_alerts", defaults={"name": "Can acknowledge and silence alerts"}
    )
    group.permissions.add(right)


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0002_exemplars_and_deploys"),
        ("sessions_app", "0002_groups"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AlertWatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("looked_at", models.DateTimeField(verbose_name="looked at")),
                ("found", models.JSONField(default=dict, verbose_name="found")),
            ],
            options={
                "verbose_name": "watch over the rules",
                "verbose_name_plural": "watches over the rules",
            },
        ),
        migrations.CreateModel(
            name="Alert",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rule", models.CharField(max_length=60, verbose_name="rule")),
                ("subject", models.CharField(blank=True, max_length=200, verbose_name="subject")),
                ("kind", models.CharField(max_length=20, verbose_name="kind")),
                ("level", models.CharField(max_length=4, verbose_name="level")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "not for long enough yet"),
                            ("firing", "firing"),
                            ("resolved", "resolved"),
                        ],
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("value", models.FloatField(verbose_name="value")),
                ("threshold", models.FloatField(verbose_name="threshold")),
                ("detail", models.JSONField(default=dict, verbose_name="detail")),
                ("since", models.DateTimeField(verbose_name="since")),
                ("fired_at", models.DateTimeField(null=True, verbose_name="fired at")),
                ("fine_since", models.DateTimeField(null=True, verbose_name="fine since")),
                ("resolved_at", models.DateTimeField(null=True, verbose_name="resolved at")),
                ("notified_at", models.DateTimeField(null=True, verbose_name="last told of")),
                ("acknowledged_at", models.DateTimeField(null=True, verbose_name="acknowledged at")),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="note")),
                (
                    "acknowledged_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="acknowledged by",
                    ),
                ),
            ],
            options={
                "verbose_name": "alert",
                "verbose_name_plural": "alerts",
                "permissions": [("act_on_alerts", "Can acknowledge and silence alerts")],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("event", models.CharField(max_length=8, verbose_name="event")),
                ("channel", models.CharField(max_length=8, verbose_name="channel")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("sending", "being sent"),
                            ("sent", "sent"),
                            ("failed", "failed"),
                            ("dropped", "not needed any more"),
                        ],
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("made_at", models.DateTimeField(db_index=True, verbose_name="made at")),
                ("due_at", models.DateTimeField(verbose_name="due at")),
                ("taken_at", models.DateTimeField(null=True, verbose_name="taken at")),
                ("tried_at", models.DateTimeField(null=True, verbose_name="last tried at")),
                ("attempts", models.IntegerField(default=0, verbose_name="attempts")),
                ("said", models.CharField(blank=True, max_length=500, verbose_name="what happened")),
                (
                    "alert",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="monitoring.alert",
                        verbose_name="alert",
                    ),
                ),
            ],
            options={
                "verbose_name": "delivery",
                "verbose_name_plural": "deliveries",
            },
        ),
        migrations.CreateModel(
            name="Silence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rule", models.CharField(blank=True, max_length=60, verbose_name="rule")),
                ("subject", models.CharField(blank=True, max_length=200, verbose_name="subject")),
                ("until", models.DateTimeField(db_index=True, verbose_name="until")),
                ("reason", models.CharField(max_length=500, verbose_name="reason")),
                ("made_at", models.DateTimeField(verbose_name="made at")),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="made by",
                    ),
                ),
            ],
            options={
                "verbose_name": "silence",
                "verbose_name_plural": "silences",
            },
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(fields=["-resolved_at", "-id"], name="alert_history"),
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(fields=["rule", "subject", "-notified_at"], name="alert_last_told"),
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "resolved"), _negated=True),
                fields=("rule", "subject"),
                name="alert_one_open",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("state__in", ["waiting", "sending"])), fields=["due_at"], name="delivery_due"
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["channel", "-tried_at"], name="delivery_of_channel"),
        ),
        migrations.RunPython(make_watch, migrations.RunPython.noop),
        migrations.RunPython(let_leads_act, migrations.RunPython.noop),
    ]
