"""What minutes came to, kept; and who did what last before a moment is found in an index alone."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("sessions_app", "0014_words_in_the_admin"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MinuteTally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateTimeField(unique=True, verbose_name="since")),
                ("target_s", models.PositiveIntegerField(verbose_name="target (s)")),
                ("short_s", models.PositiveIntegerField(verbose_name="short abandon (s)")),
                ("tally", models.JSONField()),
                ("work", models.JSONField()),
                ("left_sessions", models.JSONField()),
                ("left_staff", models.JSONField()),
            ],
            options={
                "verbose_name": "tally of a minute",
                "verbose_name_plural": "tallies of minutes",
            },
        ),
        migrations.AddIndex(
            model_name="staffperiod",
            index=models.Index(fields=["staff", "began_at", "id"], name="staff_period_last"),
        ),
        migrations.RemoveIndex(
            model_name="staffperiod",
            name="staff_period_began",
        ),
    ]
