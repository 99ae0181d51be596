"""What the admin calls these columns is translated; the database stays as it is."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("sessions_app", "0013_lists_by_index"),
    ]

    operations = [
        migrations.AlterField(
            model_name="staffperiod",
            name="session",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="sessions_app.supportsession",
                verbose_name="session",
            ),
        ),
    ]
