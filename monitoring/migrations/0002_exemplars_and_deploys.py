"""Exemplars, deployments, what a process refused and how far it is behind; measures keep their time as a number."""

from datetime import UTC, datetime

import django.db.models.deletion
from django.db import migrations, models

ROUND = 10_000


def copy_times(apps, schema_editor):
    if schema_editor.connection.alias != "telemetry":
        return
    measures = apps.get_model("monitoring", "Measure").objects.using("telemetry")
    last = 0
    while rows := list(measures.filter(pk__gt=last).order_by("pk").only("pk", "at")[:ROUND]):
        for row in rows:
            row.at_s = row.at.timestamp()
        measures.bulk_update(rows, ["at_s"], batch_size=500)
        last = rows[-1].pk


def make_leader(apps, schema_editor):
    """There is one row to lock, from the start."""
    alias = schema_editor.connection.alias
    if alias == "telemetry":
        leaders = apps.get_model("monitoring", "Leader").objects.using(alias)
        leaders.get_or_create(pk=1, defaults={"compacted_at": datetime(1970, 1, 1, tzinfo=UTC)})


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0001_initial")]

    operations = [
        migrations.AddField(model_name="measure", name="at_s", field=models.FloatField(default=0.0)),
        migrations.RunPython(copy_times, migrations.RunPython.noop),
        migrations.RemoveIndex(model_name="measure", name="measure_of_series"),
        migrations.RemoveIndex(model_name="measure", name="measure_age"),
        migrations.RemoveField(model_name="measure", name="at"),
        migrations.RenameField(model_name="measure", old_name="at_s", new_name="at"),
        migrations.AlterField(
            model_name="measure",
            name="at",
            field=models.FloatField(help_text="In seconds since the epoch", verbose_name="measured at"),
        ),
        migrations.AddIndex(
            model_name="measure", index=models.Index(fields=["series", "at"], name="measure_of_series")
        ),
        migrations.AlterField(
            model_name="measure",
            name="series",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="measures",
                to="monitoring.series",
            ),
        ),
        migrations.RunPython(make_leader, migrations.RunPython.noop),
        migrations.CreateModel(
            name="Deploy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(db_index=True, verbose_name="at")),
                ("version", models.CharField(max_length=100, verbose_name="version")),
            ],
            options={
                "verbose_name": "deployment",
                "verbose_name_plural": "deployments",
            },
        ),
        migrations.AddField(
            model_name="writer",
            name="open_spans",
            field=models.JSONField(default=list, verbose_name="open spans"),
        ),
        migrations.AddField(
            model_name="writer",
            name="behind_s",
            field=models.FloatField(default=0.0, verbose_name="behind (s)"),
        ),
        migrations.AddField(
            model_name="writer",
            name="refused",
            field=models.JSONField(default=dict, verbose_name="refused"),
        ),
        migrations.CreateModel(
            name="Exemplar",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("bucket", models.BigIntegerField(help_text="Its first second since the epoch", verbose_name="minute")),
                ("at", models.FloatField(help_text="In seconds since the epoch", verbose_name="measured at")),
                ("duration_ms", models.FloatField(verbose_name="duration (ms)")),
                ("ok", models.BooleanField(default=True, verbose_name="succeeded")),
                ("trace_id", models.CharField(max_length=32, verbose_name="trace")),
                ("span_id", models.CharField(max_length=16, verbose_name="span")),
                (
                    "series",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="exemplars",
                        to="monitoring.series",
                    ),
                ),
            ],
            options={
                "verbose_name": "exemplar",
                "verbose_name_plural": "exemplars",
                "indexes": [
                    models.Index(fields=["bucket", "series"], name="exemplar_of_window"),
                    models.Index(fields=["trace_id"], name="exemplar_keeps_trace"),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="exemplar",
            index=models.Index(fields=["series", "duration_ms", "bucket"], name="exemplar_slowest"),
        ),
        migrations.AddIndex(
            model_name="exemplar",
            index=models.Index(condition=models.Q(("ok", False)), fields=["series", "bucket"], name="exemplar_failed"),
        ),
        migrations.AddConstraint(
            model_name="deploy",
            constraint=models.UniqueConstraint(fields=("at", "version"), name="deploy_once"),
        ),
    ]
