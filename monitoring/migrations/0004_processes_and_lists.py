"""What a process takes, the right to see settings, and an index for each list of the admin."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0003_alerts")]
    operations = [
        migrations.AddField("writer", "memory_bytes", models.BigIntegerField(default=0, verbose_name="memory (bytes)")),
        migrations.AddField(
            "writer", "memory_by_minute", models.JSONField(default=list, verbose_name="memory by the minute (bytes)")
        ),
        migrations.AddField("writer", "cpu_share", models.FloatField(default=0.0, verbose_name="share of a processor")),
        migrations.AddField("writer", "buffered", models.IntegerField(default=0, verbose_name="records that wait")),
        migrations.AddIndex("writer", models.Index(fields=["started_at"], name="writer_started")),
        migrations.AlterModelOptions(
            "measure",
            options={
                "permissions": [
                    ("view_panel", "Can see the monitoring panel"),
                    ("view_settings", "Can see the settings in force"),
                ],
                "verbose_name": "measure",
                "verbose_name_plural": "measures",
            },
        ),
        migrations.AddIndex(
            "measure", models.Index(condition=models.Q(("ok", False)), fields=["id"], name="measure_failed")
        ),
        migrations.AddIndex(
            "span",
            models.Index(
                condition=models.Q(("status__in", ("error", "interrupted"))), fields=["started_at"], name="span_failed"
            ),
        ),
        migrations.AddIndex("auditentry", models.Index(fields=["actor_name", "at"], name="audit_of_actor")),
        migrations.AddIndex("auditentry", models.Index(fields=["action", "at"], name="audit_of_action")),
        migrations.AddIndex("auditentry", models.Index(fields=["target", "at"], name="audit_of_target")),
    ]
