"""What each member of staff did at a moment, and who was served lately, are found by an index."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("sessions_app", "0011_auditor_sees_settings"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="supportsession",
            name="session_ended",
        ),
        migrations.AlterField(
            model_name="staffperiod",
            name="staff",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="staff",
            ),
        ),
        migrations.AddIndex(
            model_name="staffperiod",
            index=models.Index(fields=["staff", "began_at"], name="staff_period_began"),
        ),
        migrations.AddIndex(
            model_name="supportsession",
            index=models.Index(fields=["state", "ended_at"], name="session_state_ended"),
        ),
    ]
