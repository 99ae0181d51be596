"""What pages say of their call over the socket is on the session's page, in its JSON and among the figures."""

import re
from datetime import timedelta

import pytest
from channels.db import database_sync_to_async
from django.urls import reverse
from django.utils import timezone, translation

from sessions_app.models import CallEvent, QualitySample, Role
from tests.factories import SECOND, make_call, make_customer, make_report, make_staff
from tests.integration.test_call_socket import Participant, taken

SAMPLE = {"type": "quality", "attempt": "1-2", "span_s": 2, "ago_ms": 0.5, "round_trip_ms": 21, "loss_ratio": 0.5}


@pytest.fixture
def desk(client):
    client.force_login(make_staff("bo"))
    return client


def page(client, session, **headers):
    answer = client.get(reverse("desk:session", args=[session.pk]), headers=headers)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def figures(client, session):
    return client.get(reverse("desk:session", args=[session.pk]), {"format": "json"}).json()


def store(session, count, ends_at, role="customer", **values):
    """`count` samples of ten seconds each, the last of which ended at `ends_at`."""
    for n in range(count):
        at = ends_at - (count - 1 - n) * 10 * SECOND
        QualitySample.objects.create(session=session, attempt="1-2", role=role, span_s=10, at=at, **values)


@pytest.mark.django_db(transaction=True)
async def test_each_page_is_heard_and_told_what_was_not_kept():
    ana = await database_sync_to_async(make_staff)()
    session = await database_sync_to_async(taken)(ana)
    async with Participant(session, Role.CUSTOMER) as customer, Participant(session, Role.STAFF, ana) as staff:
        for page_of, role in ((customer, "customer"), (staff, "staff")):
            await page_of.says(SAMPLE)
            assert await page_of.hears("quality") == {"type": "quality", "accepted": True, "reason": ""}
            stored = await QualitySample.objects.aget(role=role)
            assert (stored.session_id, stored.round_trip_ms, stored.loss_ratio) == (session.pk, 21, 0.5)
            await page_of.says({"type": "event", "kind": "chat", "amount": 1})
            assert await page_of.hears("event") == {"type": "event", "accepted": True, "reason": ""}
        await customer.says(SAMPLE | {"loss_ratio": 1.5})
        assert (await customer.hears("quality"))["reason"] == "out_of_range"
        await customer.says({"type": "event", "kind": "fire"})
        assert (await customer.hears("event"))["reason"] == "malformed"
    assert await QualitySample.objects.acount() == await CallEvent.objects.acount() == 2


@pytest.mark.django_db(transaction=True)
async def test_a_customer_who_waits_has_no_call_to_tell_of():
    session = await database_sync_to_async(make_customer)(at=timezone.now())
    async with Participant(session, Role.CUSTOMER) as customer:
        await customer.says(SAMPLE)
        assert (await customer.hears("quality"))["reason"] == "before_claim"


@pytest.mark.django_db
def test_the_page_says_what_to_look_into_and_so_does_its_json(desk):
    now = timezone.now()
    session = make_call(make_staff(), now - timedelta(minutes=5))
    store(session, 4, now, round_trip_ms=350, loss_ratio=0.2, freezes=1)
    make_report(session, "customer", 80, at=now, local_candidate="relay", protocol="tcp")
    CallEvent.objects.create(session=session, role="customer", kind="media_denied", at=now)
    CallEvent.objects.create(session=session, role="staff", kind="chat", amount=2, at=now)
    seen = figures(desk, session)
    kinds = ["media_denied", "loss", "delay", "freezes", "tcp", "relay"]
    assert [issue["kind"] for issue in seen["issues"]] == kinds
    shown = page(desk, session)
    for issue in seen["issues"]:
        assert issue["what"] in shown
        assert issue["advice"] in shown
    assert [issue["times"] for issue in seen["issues"] if issue["kind"] == "freezes"] == [4]
    assert "Messages written: Staff" in shown
    assert "2 messages, from this moment on." in shown
    assert [event["happening"]["amount"] for event in seen["events"] if event["kind"] == "happening"] == [None, 2]


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "tr"])
def test_the_curves_are_drawn_in_any_language_from_what_the_json_tells(desk, language):
    now = timezone.now()
    session = make_call(make_staff(), now - timedelta(minutes=5))
    store(session, 3, now, round_trip_ms=410, loss_ratio=0.0625, received_kbps=512.5, sent_kbps=100)
    store(session, 3, now, role="staff", round_trip_ms=0, loss_ratio=0, received_kbps=100, sent_kbps=512.5)
    told = figures(desk, session)["quality"]
    assert [(row["role"], row["round_trip_ms"], row["faults"]) for row in told if row["role"] == "customer"] == [
        ("customer", 410, ["loss", "delay"])
    ] * 3
    with translation.override(language):  # which puts the language back that the request changes
        shown = page(desk, session, **{"Accept-Language": language})
    paths = re.findall(r'<path class="(customer|staff)" d="(M[\d. MVH]+)" fill', shown)
    assert [role for role, _path in paths] == ["customer", "staff"] * 4  # the legend, and three curves
    assert paths[2][1].startswith("M0.0 18.0H333.3V18.0H")  # 410 of 500 ms
    assert 'class="limit" d="M0 40.0H1000"' in shown
    assert shown.count("<tr>") == 2 + 6 + len(figures(desk, session)["events"])
    assert shown.count("%6,2" if language == "tr" else "6.2 %") == 2 + 3, "from and to in words, and the table"
    assert 'style="' not in shown


@pytest.mark.django_db
def test_a_session_without_a_call_has_neither_curves_nor_issues(desk):
    session = make_customer("Cy", timezone.now())
    shown = page(desk, session)
    assert "How good the call was" not in shown
    assert "What to look into" not in shown
    assert (figures(desk, session)["issues"], figures(desk, session)["quality"]) == ([], [])
