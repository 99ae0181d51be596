"""The lists in the admin are sorted and filtered by an index each, however many rows there are."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("sessions_app", "0012_found_at_a_moment"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="connectionreport",
            index=models.Index(fields=["at"], name="report_newest"),
        ),
        migrations.AddIndex(
            model_name="connectionreport",
            index=models.Index(
                condition=models.Q(("failure", ""), _negated=True), fields=["at"], name="report_failed_newest"
            ),
        ),
        migrations.AddIndex(
            model_name="connectionreport",
            index=models.Index(
                condition=models.Q(("local_candidate", "relay"), ("remote_candidate", "relay"), _connector="OR"),
                fields=["at"],
                name="report_relayed_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="connectionreport",
            index=models.Index(condition=models.Q(("accepted", False)), fields=["at"], name="report_refused"),
        ),
        migrations.AddIndex(
            model_name="queueentry",
            index=models.Index(fields=["joined_at"], name="entry_joined"),
        ),
        migrations.AddIndex(
            model_name="queueentry",
            index=models.Index(fields=["departure", "joined_at"], name="entry_departed"),
        ),
        migrations.AddIndex(
            model_name="queueentry",
            index=models.Index(
                condition=models.Q(("priority", 0), _negated=True), fields=["joined_at"], name="entry_put_first"
            ),
        ),
        migrations.AddIndex(
            model_name="staffperiod",
            index=models.Index(fields=["began_at"], name="staff_period_newest"),
        ),
        migrations.AddIndex(
            model_name="staffperiod",
            index=models.Index(fields=["state", "began_at"], name="staff_period_of_state"),
        ),
        migrations.AddIndex(
            model_name="staffperiod",
            index=models.Index(fields=["reason", "began_at"], name="staff_period_of_reason"),
        ),
        migrations.AddIndex(
            model_name="supportsession",
            index=models.Index(fields=["name", "joined_at"], name="session_of_name"),
        ),
    ]
