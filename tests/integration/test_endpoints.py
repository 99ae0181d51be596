"""Addresses for machines: /metrics, /healthz, /readyz."""

import base64

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.utils.timezone import now

from monitoring.models import Writer

pytestmark = pytest.mark.django_db


def basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest.fixture
def closed(settings):
    settings.METRICS_TOKEN, settings.METRICS_USERNAME, settings.METRICS_PASSWORD = "tok3n", "prom", "pa:ss"


@pytest.mark.usefixtures("closed")
@pytest.mark.parametrize(
    ("credential", "status"),
    [
        ("", 401),
        ("Bearer wrong", 401),
        ("Bearer", 401),
        ("Basic !!!", 401),
        ("Basic /w==", 401),
        (basic("prom", "wrong"), 401),
        (basic("wrong", "pa:ss"), 401),
        ("Bearer tok3n", 200),
        ("bearer tok3n", 200),
        (basic("prom", "pa:ss"), 200),
    ],
)
def test_metrics_open_to_the_right_credential_only(client, credential, status):
    response = client.get("/metrics", headers={"authorization": credential} if credential else {})
    assert response.status_code == status
    if status == 401:
        assert b"METRICS_TOKEN" in response.content
        assert b"tok3n" not in response.content


def test_without_a_credential_metrics_are_closed_in_production(client, settings):
    assert client.get("/metrics").status_code == 200  # development, from this machine
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.7").status_code == 401
    settings.PRODUCTION = True
    assert client.get("/metrics").status_code == 401


@pytest.mark.usefixtures("closed")
@pytest.mark.parametrize(("group", "status"), [("agent", 401), ("lead", 200), ("auditor", 200)])
def test_staff_need_the_permission_to_read_metrics(client, group, status):
    user = get_user_model().objects.create_user("ana", password="x", is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    client.force_login(user)
    assert client.get("/metrics").status_code == status


def test_alive_needs_nothing(client):
    assert client.get("/healthz").json() == {"status": "alive"}


def test_ready_says_what_is_missing(client):
    response = client.get("/readyz")
    assert response.status_code == 503
    assert list(response.json()["problems"]) == ["worker"]
    assert "qcluster" in response.json()["problems"]["worker"]


def test_ready_when_nothing_is_missing(client):
    Writer.objects.create(id="w", host="h", pid=1, role="worker", started_at=now(), seen_at=now())
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (200, {"status": "ready", "problems": {}})


@pytest.mark.parametrize("address", ["/metrics", "/healthz", "/readyz"])
def test_machines_only_read(client, address):
    assert client.post(address).status_code == 405
