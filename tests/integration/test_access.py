"""Who may see and do what at the desk: nobody, a customer, the wrong staff, the right staff."""

import pytest
from django.contrib.auth.models import Group
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from sessions_app.models import State, SupportSession
from tests.factories import make_customer, make_staff

pytestmark = pytest.mark.django_db
UNKNOWN = "00000000-0000-4000-8000-000000000000"
PLACES = [("console", ()), ("next", ()), ("take", (UNKNOWN,)), ("requeue", (UNKNOWN,)), ("end", (UNKNOWN,))]


def ask(client, name, args):
    address = reverse(f"desk:{name}", args=args)
    return client.get(address) if name == "console" else client.post(address)


@pytest.mark.parametrize(("name", "args"), PLACES)
def test_a_stranger_is_asked_to_log_in(client, name, args):
    answer = ask(client, name, args)
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("admin:login"))


@pytest.mark.parametrize(("name", "args"), PLACES)
@pytest.mark.parametrize(
    ("permission", "fields"),
    [("monitoring.view_panel", {}), ("sessions_app.work_desk", {"is_staff": False})],
    ids=["staff without the right", "the right without being staff"],
)
def test_others_get_a_page_that_says_whom_to_ask(client, name, args, permission, fields):
    client.force_login(make_staff("bo", permission, **fields))
    answer = ask(client, name, args)
    assert answer.status_code == 403
    assert b"Ask whoever manages AdminAra" in answer.content


def test_without_the_right_nobody_is_taken(client):
    make_customer(at=timezone.now())
    client.force_login(make_staff("bo", "monitoring.view_panel"))
    client.post(reverse("desk:next"))
    assert SupportSession.objects.get().state == State.WAITING


def rights(group):
    labels = Group.objects.get(name=group).permissions.values_list("content_type__app_label", "codename")
    return {f"{app}.{codename}" for app, codename in labels}


def test_the_groups_have_the_rights_of_their_work():
    assert rights("agent") == {"sessions_app.work_desk"}
    assert rights("lead") == {
        "sessions_app.work_desk",
        "sessions_app.view_supportsession",
        "sessions_app.view_queueentry",
        "sessions_app.view_board",
        "monitoring.view_panel",
        "monitoring.act_on_jobs",
        "monitoring.act_on_alerts",
        "monitoring.view_auditentry",
    }


def test_an_auditor_sees_everything_and_touches_nothing():
    labels = rights("auditor")
    assert {"sessions_app.view_supportsession", "monitoring.view_auditentry", "monitoring.view_panel"} <= labels
    assert all(".view_" in label for label in labels)


def test_the_desks_records_are_read_in_the_admin_and_not_changed(client):
    auditor = make_staff("bo", "sessions_app.view_supportsession", "sessions_app.view_turnsecret")
    client.force_login(auditor)
    session = make_customer("Cy", timezone.now())
    listed = reverse("admin:sessions_app_supportsession_changelist")
    assert b"Cy" in client.get(listed, {"q": "Cy"}).content
    one = reverse("admin:sessions_app_supportsession_change", args=[session.pk])
    assert client.get(one).status_code == 200
    assert client.post(one, {"state": "ended"}).status_code == 403
    assert client.get(reverse("admin:sessions_app_supportsession_add")).status_code == 403
    assert client.get(reverse("admin:sessions_app_turnsecret_changelist")).status_code == 200


@pytest.mark.parametrize(("template", "place"), [("locked.html", "admin:login"), ("403.html", "admin:index")])
def test_who_changes_the_language_of_a_page_for_staff_stays_among_those(rf, template, place):
    page = render_to_string(template, request=rf.get("/admin/"))
    assert f'name="next" value="{reverse(place)}"' in page
