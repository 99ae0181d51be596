"""Sessions that began with a message, and those of the self-test, are counted by an index of these few."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0008_found_by_index")]

    operations = [
        migrations.AddIndex(
            model_name="supportsession",
            index=models.Index(
                models.F("state"),
                models.F("synthetic"),
                condition=models.Q(("callback", True), ("synthetic", True), _connector="OR"),
                name="session_apart",
            ),
        ),
    ]
