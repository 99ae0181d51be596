"""The audit: who did what to what, in words, by filters that stand in the address."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from monitoring import audit
from monitoring.auditing import details
from monitoring.models import AuditEntry
from sessions_app import lifecycle
from sessions_app.duty_models import StaffPeriod
from sessions_app.models import Outcome
from tests.factories import NOON, make_call, make_customer, make_staff
from tests.web import text

pytestmark = pytest.mark.django_db
PAGE = "/admin/monitoring/panel/audit/"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def ana():
    return make_staff("ana", "monitoring.view_panel", "monitoring.view_auditentry", "sessions_app.work_desk")


@pytest.fixture
def auditor(client, ana):
    client.force_login(ana)
    return client


def made(count, **fields):
    values = {"actor_name": "bo", "action": "claim", "target": "session 1", **fields}
    return AuditEntry.objects.bulk_create(AuditEntry(at=NOON + n * MINUTE, **values) for n in range(count))


def rows(client, **asked):
    return client.get(PAGE, {"format": "json", **asked}).json()["rows"]


def test_what_somebody_did_is_told_in_words_with_a_link(auditor, ana):
    session = lifecycle.claim(make_customer("Cy").pk, ana, NOON)
    page = auditor.get(PAGE)
    assert re.search(rf"UTC ana took the customer session {session.pk} ", text(page))
    assert f'href="{reverse("desk:session", args=[session.pk])}"' in page.content.decode()
    assert "Cy" not in text(page)


def test_what_nobody_has_named_shows_its_key_and_the_system_its_name(auditor):
    audit(None, "polish", "session nowhere", cause="dust", times=2)
    audit(None, "job.run", "session_cleanup", task="1")
    page = auditor.get(PAGE)
    assert re.search(
        r"the system polish session nowhere all of it : session nowhere 2 entries cause dust times 2", text(page)
    )
    assert f'href="{reverse("panel:job", args=["session_cleanup"])}"' in page.content.decode()
    assert "ran the job" in text(page)


def test_details_are_told_in_the_readers_language_and_their_codes_in_the_json(auditor, ana):
    ended = lifecycle.end(make_call(ana).pk, ana, Outcome.FOLLOW_UP, "", NOON)
    audit(ana, "pause", "user ana", reason="break")
    english = text(auditor.get(PAGE))
    assert "Outcome Needs a follow-up" in english
    assert "Why Break" in english
    turkish = text(auditor.get(PAGE, headers={"Accept-Language": "tr"}))
    assert "Sonuç Takip gerekiyor" in turkish
    assert "Neden Dinlenme" in turkish
    assert [row["detail"] for row in rows(auditor, target=f"session {ended.pk}", action="end")] == [
        {"outcome": "follow_up"}
    ]
    assert {word for word in details if word.startswith(("outcome=", "reason="))} >= {
        f"{name}={code}"
        for name, codes in (("outcome", Outcome), ("reason", StaffPeriod.Reason))
        for code in codes.values
    }


def test_filters_are_whole_values_and_a_time(auditor, ana):
    made(3)
    made(2, actor_name="ana", action="end", target="session 2")
    assert len(rows(auditor)) == 5
    assert len(rows(auditor, actor="bo")) == 3
    assert len(rows(auditor, action="end", actor="ana")) == 2
    assert len(rows(auditor, target="session 2")) == 2
    assert rows(auditor, target="session") == []
    assert len(rows(auditor, **{"from": "2026-03-02T12:01", "to": "2026-03-02T12:02"})) == 2
    assert "Nobody did anything like that" in text(auditor.get(PAGE, {"actor": "cy"}))


def test_pages_go_down_and_up_with_their_filters(auditor):
    made(120)
    made(5, actor_name="ana")
    pages, address = [], f"{PAGE}?actor=bo"
    while address:
        answer = auditor.get(address)
        pages.append(re.findall(r'<time datetime="([^"]+)"', answer.content.decode()))
        found = re.search(r'<a rel="next" href="([^"]+)"', answer.content.decode())
        address = found and PAGE + unescape(found[1])
    assert [len(page) for page in pages] == [50, 50, 20]
    told = [moment for page in pages for moment in page]
    assert told == sorted(set(told), reverse=True)
    back = unescape(re.search(r'<a rel="prev" href="([^"]+)"', answer.content.decode())[1])
    assert re.findall(r'<time datetime="([^"]+)"', auditor.get(PAGE + back).content.decode()) == pages[1]


@pytest.mark.parametrize(
    "asked", [{"from": "soon"}, {"to": "2026-02-30T10:00"}, {"before": "x"}, {"after": "~"}], ids=str
)
def test_a_mistake_in_the_address_is_told(auditor, asked):
    answer = auditor.get(PAGE, asked)
    assert answer.status_code == 400
    assert "cannot be used" in text(answer)


@pytest.mark.parametrize("asked", [{}, {"actor": "bo"}, {"action": "claim"}, {"target": "session 1"}], ids=str)
def test_every_filter_is_served_by_an_index_in_the_lists_order(auditor, asked):
    made(60)
    with CaptureQueriesContext(connection) as asked_of:
        assert auditor.get(PAGE, asked | {"before": f"2027-01-01T00:00:00+00:00~{'f' * 32}"}).status_code == 200
    sql = next(
        query["sql"] for query in asked_of if "monitoring_auditentry" in query["sql"] and "ORDER BY" in query["sql"]
    )
    assert "COUNT(" not in sql
    assert "OFFSET" not in sql
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql.replace('%', '%%')}")
            plan = " ".join(row[3] for row in cursor.fetchall())
        assert re.search(r"SEARCH monitoring_auditentry USING INDEX", plan), plan


@pytest.mark.parametrize("right", ["monitoring.view_panel", "monitoring.view_auditentry"])
def test_one_right_alone_does_not_open_it(client, right):
    client.force_login(make_staff("bo", right))
    assert client.get(PAGE).status_code == 403
    client.logout()
    assert client.get(PAGE).status_code == 302
