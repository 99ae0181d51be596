"""TURN secrets are sealed at rest, and each knows how far it has come."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Q

from sessions_app.sealing import seal, unseal

UNDER_WAY = ["made", "accepted", "probed"]


def seal_all(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.alias != "default":
        return
    rows = apps.get_model("sessions_app", "TurnSecret").objects
    rows.filter(retired_at=None).update(step="signing")
    rows.exclude(retired_at=None).update(step="retired")
    for row in rows.all():
        rows.filter(pk=row.pk).update(sealed=seal(row.sealed))


def unseal_all(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.alias != "default":
        return
    rows = apps.get_model("sessions_app", "TurnSecret").objects
    rows.filter(step__in=UNDER_WAY).delete()  # there was no word for these
    for row in rows.all():
        rows.filter(pk=row.pk).update(sealed=unseal(row.sealed))


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0003_unanswered_claims")]
    operations = [
        migrations.RemoveConstraint(model_name="turnsecret", name="secret_one_current"),
        migrations.RenameField(model_name="turnsecret", old_name="value", new_name="sealed"),
        migrations.AlterField(
            model_name="turnsecret", name="sealed", field=models.CharField(editable=False, max_length=255)
        ),
        migrations.AddField(
            model_name="turnsecret",
            name="step",
            field=models.CharField(
                choices=[
                    ("made", "Made"),
                    ("accepted", "Known to the server"),
                    ("probed", "Tried out"),
                    ("signing", "Signing"),
                    ("retired", "Retired"),
                ],
                default="made",
                max_length=8,
                verbose_name="step",
            ),
        ),
        migrations.RunPython(seal_all, unseal_all),
        migrations.AddConstraint(
            model_name="turnsecret",
            constraint=models.UniqueConstraint(condition=Q(step="signing"), fields=("step",), name="secret_one_signs"),
        ),
        migrations.AddConstraint(
            model_name="turnsecret",
            constraint=models.UniqueConstraint(
                models.Case(models.When(step__in=UNDER_WAY, then=1)),
                condition=Q(step__in=UNDER_WAY),
                name="secret_one_under_way",
            ),
        ),
        migrations.AddConstraint(
            model_name="turnsecret",
            constraint=models.CheckConstraint(
                condition=Q(
                    Q(("retired_at__isnull", False), ("step", "retired")),
                    Q(Q(("step", "retired"), _negated=True), ("retired_at", None)),
                    _connector="OR",
                ),
                name="secret_retired_has_a_time",
            ),
        ),
    ]
