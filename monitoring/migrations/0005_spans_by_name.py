"""An index for the list of one name's spans."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0004_processes_and_lists")]
    operations = [migrations.AddIndex("span", models.Index(fields=["name", "-started_at"], name="span_of_name"))]
