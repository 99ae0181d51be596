"""Each way to choose sessions finds the few that fit by an index, the newest first."""

from django.db import migrations, models
from django.db.models.functions import Coalesce

from sessions_app.elapsed import ElapsedMs


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0007_calls_and_duty")]

    operations = [
        migrations.RemoveIndex(model_name="connectionreport", name="report_setup_time"),
        migrations.AddIndex(
            model_name="connectionreport",
            index=models.Index(
                fields=["connection_time_ms", "role", "session"],
                condition=models.Q(("accepted", True)),
                name="report_setup_time",
            ),
        ),
        migrations.AddIndex(
            model_name="supportsession",
            index=models.Index(fields=["state", "joined_at"], name="session_state_newest"),
        ),
        migrations.AddIndex(
            model_name="supportsession",
            index=models.Index(fields=["staff", "joined_at"], name="session_staff_newest"),
        ),
        migrations.AddIndex(
            model_name="supportsession",
            index=models.Index(ElapsedMs(Coalesce("claimed_at", "ended_at"), "joined_at"), name="session_waited"),
        ),
    ]
