"""The groups that people of the desk belong to, and what each may do."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

DESK = [("sessions_app", "supportsession", "work_desk")]
PANEL = [("monitoring", "measure", "view_panel")]
JOBS = [("monitoring", "jobrun", "act_on_jobs")]
OWN_APPS = ("sessions_app", "monitoring")


def views(apps: Apps, *models: str) -> list[tuple[str, str, str]]:
    """The right to see `models` ("app.model"), or everything of ours when none is named."""
    ours = (model for app in OWN_APPS for model in apps.get_app_config(app).get_models())
    wanted = models or [model._meta.label_lower for model in ours]  # noqa: SLF001
    return [(*label.split("."), f"view_{label.split('.')[1]}") for label in wanted]


def make_groups(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.alias != "default":
        return
    # Django creates the permissions after the last migration only: those that are needed here are made here.
    content_type, permission = (
        apps.get_model(*name) for name in (("contenttypes", "ContentType"), ("auth", "Permission"))
    )
    group = apps.get_model("auth", "Group")
    lead = views(apps, "monitoring.auditentry", "sessions_app.supportsession", "sessions_app.queueentry")
    rights = {"agent": DESK, "lead": DESK + PANEL + JOBS + lead, "auditor": PANEL + views(apps)}
    for name, wanted in rights.items():
        made, _ = group.objects.get_or_create(name=name)
        for app, model, codename in wanted:
            kind, _ = content_type.objects.get_or_create(app_label=app, model=model)
            options = apps.get_model(app, model)._meta  # noqa: SLF001
            names = {f"view_{model}": f"Can view {options.verbose_name}", **dict(options.permissions)}
            right, _ = permission.objects.get_or_create(
                content_type=kind, codename=codename, defaults={"name": names[codename]}
            )
            made.permissions.add(right)


class Migration(migrations.Migration):
    dependencies = [
        ("sessions_app", "0001_initial"),
        ("monitoring", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
