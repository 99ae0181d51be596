from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0007_runs_by_status")]
    operations = [
        migrations.CreateModel(
            name="StoreSize",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(unique=True, verbose_name="noted at")),
                ("used", models.BigIntegerField(verbose_name="used (bytes)")),
            ],
            options={"verbose_name": "size of the databases", "verbose_name_plural": "sizes of the databases"},
        ),
    ]
