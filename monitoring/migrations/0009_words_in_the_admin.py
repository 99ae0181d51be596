"""What the admin calls these columns is translated; the database stays as it is."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0008_sizes_of_the_databases"),
    ]

    operations = [
        migrations.AlterField(
            model_name="exemplar",
            name="series",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="exemplars",
                to="monitoring.series",
                verbose_name="series",
            ),
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
                verbose_name="series",
            ),
        ),
    ]
