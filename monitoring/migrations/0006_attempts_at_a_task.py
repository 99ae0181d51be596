"""Job runs may be discarded; indexes for the attempts at one task, and for the runs that did not go well."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0005_spans_by_name")]
    operations = [
        migrations.AlterField(
            "jobrun",
            "status",
            models.CharField(
                choices=[
                    ("running", "running"),
                    ("success", "succeeded"),
                    ("failed", "failed"),
                    ("interrupted", "interrupted"),
                    ("discarded", "discarded"),
                ],
                max_length=12,
                verbose_name="status",
            ),
        ),
        migrations.AddIndex("jobrun", models.Index(fields=["task_id"], name="jobrun_of_task")),
        migrations.AddIndex(
            "jobrun",
            models.Index(
                condition=models.Q(("status__in", ("failed", "interrupted", "discarded"))),
                fields=["-started_at"],
                name="jobrun_not_well",
            ),
        ),
    ]
