"""The pages of the sessions: who sees them, what they say, and what they keep to themselves."""

import html
import json
import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone, translation

from sessions_app import anonymizing, history, lifecycle, sweeping
from sessions_app.models import ConnectionReport, SupportSession
from tests.factories import SECOND, make_call, make_customer, make_ended, make_report, make_staff

pytestmark = pytest.mark.django_db
UNKNOWN = "00000000-0000-4000-8000-000000000000"
LIST = ("sessions", ())
ONE = ("session", (UNKNOWN,))
SETUP = ("setup", ())
NAME = "Cymbeline"  # two letters would now and then be in a form's token


@pytest.fixture
def ana():
    return make_staff("ana")


@pytest.fixture
def desk(client, ana):
    client.force_login(ana)
    return client


def address(name, *args):
    return reverse(f"desk:{name}", args=args)


def text(client, place, *args, **query):
    answer = client.get(address(place, *args), query)
    assert answer.status_code == 200
    return answer.content.decode()


def figures(client, place, *args, **query):
    return client.get(address(place, *args), {**query, "format": "json"}).json()


@pytest.mark.parametrize(("name", "args"), [LIST, ONE, SETUP])
def test_a_stranger_is_asked_to_log_in(client, name, args):
    answer = client.get(address(name, *args))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("admin:login"))


@pytest.mark.parametrize(("name", "args"), [LIST, ONE, SETUP])
@pytest.mark.parametrize("form", ["", "json"])
@pytest.mark.parametrize(
    ("permission", "fields"),
    [("monitoring.view_panel", {}), ("sessions_app.work_desk", {"is_staff": False})],
    ids=["staff without the right", "the right without being staff"],
)
def test_others_see_nothing(client, name, args, form, permission, fields):
    client.force_login(make_staff("bo", permission, **fields))
    assert client.get(address(name, *args), {"format": form}).status_code == 403


@pytest.mark.parametrize("permission", ["sessions_app.work_desk", "sessions_app.view_supportsession"])
def test_either_right_opens_both(client, permission):
    session = make_customer("Cy", timezone.now())
    client.force_login(make_staff("bo", permission))
    assert str(session.pk) in text(client, "sessions")
    assert "Cy" in text(client, "session", session.pk)


@pytest.mark.parametrize("group", ["agent", "lead", "auditor"])
def test_each_group_of_the_desk_finds_the_list_from_every_page(client, group):
    bo = make_staff("bo", "monitoring.view_measure")
    bo.groups.add(Group.objects.get(name=group))
    client.force_login(bo)
    assert f'href="{address("sessions")}"' in client.get(reverse("admin:index")).content.decode()


def test_the_console_leads_to_the_list(desk):
    assert f'href="{address("sessions")}"' in text(desk, "console")


def test_the_admin_leads_to_a_sessions_page(client):
    session = make_customer("Cy", timezone.now())
    client.force_login(make_staff("bo", "sessions_app.view_supportsession"))
    record = client.get(reverse("admin:sessions_app_supportsession_change", args=[session.pk]))
    assert f'href="{address("session", session.pk)}"' in record.content.decode()


def test_the_list_names_no_customer(desk, ana):
    make_ended(ana, timezone.now() - timedelta(hours=1))
    SupportSession.objects.update(name=NAME)
    page = text(desk, "sessions")
    assert "Resolved" in page
    assert "ana" in page
    assert NAME not in page
    assert NAME not in json.dumps(figures(desk, "sessions"))
    assert "printer" not in page


def test_a_name_cannot_be_searched(desk):
    make_customer("Cy", timezone.now())
    assert len(figures(desk, "sessions", name="Nobody")["rows"]) == 1
    assert "Nobody" not in text(desk, "sessions", name="Nobody").split('class="foot"')[0]


def test_the_links_to_older_ones_keep_the_filters_and_miss_nobody(desk, monkeypatch):
    monkeypatch.setattr(history, "PAGE", 2)
    now = timezone.now()
    made = [str(make_customer(at=now - n * SECOND).pk) for n in range(5)]
    seen, link = [], "?state=waiting&format=json"
    while link:
        page = desk.get(address("sessions") + link).json()
        seen += [row["id"] for row in page["rows"]]
        link = page["older"] and f"?state=waiting&before={page['older']}&format=json"
    assert seen == made
    assert 'rel="next"' in text(desk, "sessions", state="waiting")
    assert "state=waiting&amp;before=" in text(desk, "sessions", state="waiting")


def test_the_list_when_there_is_nothing(desk):
    assert "There has been no session yet." in text(desk, "sessions")
    assert "Clear the filters" in text(desk, "sessions", state="ended")


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"state": "lost"}, "State"),
        ({"staff": "x"}, "Staff"),
        ({"waited_s": "-1"}, "Waited longer than (s)"),
        ({"before": "yesterday"}, "before"),
        ({"failure": "bad luck"}, "An attempt failed"),
        ({"relay": "perhaps"}, "Relay"),
        ({"role": "judge"}, "Failure and setup of"),
        ({"setup_from_ms": "1e3"}, "Setup from (ms)"),
        ({"setup_to_ms": "120002"}, "Setup below (ms)"),
        ({"setup_from_ms": "100", "setup_to_ms": "100"}, "Setup below (ms)"),
        ({"since": "yesterday"}, "Joined from"),
        ({"since": "2026-11-24T10:00", "until": "2026-11-24T09:00+00:00"}, "Joined before"),
        ({"synthetic": "1"}, "Self-test"),
    ],
)
def test_a_filter_that_cannot_be_used_is_named(desk, query, named):
    answer = desk.get(address("sessions"), query)
    assert answer.status_code == 400
    assert f"{named}: " in html.unescape(answer.content.decode())
    assert b"To the sessions" in answer.content
    assert desk.get(address("sessions"), {**query, "format": "json"}).json()["error"].startswith(f"{named}: ")


def test_the_other_filters_are_folded_away_until_one_is_used(desk):
    make_customer("Cy", timezone.now())
    assert "<details>" in text(desk, "sessions", state="waiting")
    opened = text(desk, "sessions", since="2026-01-02T03:04:05+03:00")
    assert "<details open>" in opened
    assert 'value="2026-01-02T00:04:05"' in opened  # in TIME_ZONE, as the field wants it


def test_a_row_tells_of_its_connection(desk, ana):
    call = make_call(ana, timezone.now())
    make_report(call, "customer", 640, local_candidate="relay")
    make_report(call, "staff", failure="dtls")
    page = text(desk, "sessions", relay="yes", setup_from_ms="600", setup_to_ms="700", failure="dtls")
    for said in ("640 ms", "relayed", "No encryption (DTLS)"):
        assert said in page.split("<tbody>")[1]
    (row,) = figures(desk, "sessions", relay="yes")["rows"]
    assert (row["setup_ms"], row["relayed"], row["failures"]) == (640, True, ["dtls"])


def test_each_bar_of_the_setup_times_opens_its_sessions(desk, ana):
    call = make_call(ana, timezone.now())
    make_report(call, "customer", 640, local_candidate="relay")
    make_report(call, "staff", failure="dtls")
    page = text(desk, "setup")
    links = [html.unescape(link) for link in re.findall(r'href="(/[^"]*/sessions/\?[^"]*)"', page)]
    assert len(links) == 3  # the relayed, one bar of setup times, one of failures
    for link in links:
        (row,) = desk.get(f"{link}&format=json").json()["rows"]
        assert row["id"] == str(call.pk)
    assert page.count("<table>") == page.count("<caption") == 4
    assert 'style="' not in page


def test_the_setup_times_as_json(desk, ana):
    call = make_call(ana, timezone.now())
    make_report(call, "customer", 640, attempt="1-1")
    make_report(call, "staff", failure="ice", attempt="1-2")
    seen = figures(desk, "setup", window="24h")
    assert (seen["connected"], seen["relay_share"], seen["ice_failed_share"]) == (1, 0, 0.5)
    customer, staff = seen["sides"]
    assert [bar["sessions"] for bar in customer["setups"]] == [0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    assert {bar["filters"]["failure"]: bar["sessions"] for bar in staff["failures"] if bar["sessions"]} == {"ice": 1}


def test_without_setup_times_the_page_says_why_and_what_to_do(desk):
    assert "No page has told" in text(desk, "setup")
    assert 'href="?window=30d"' in text(desk, "setup")
    assert f'href="{address("console")}"' in text(desk, "setup", window="30d").split("No page has told")[1]


def test_a_window_of_setup_times_that_there_is_not(desk):
    answer = desk.get(address("setup"), {"window": "1y"})
    assert answer.status_code == 400
    assert b"window: choose one of 24h, 7d, 30d" in answer.content


def test_an_unknown_session_has_a_page_that_says_what_to_do(desk):
    answer = desk.get(address("session", UNKNOWN))
    assert answer.status_code == 404
    assert b"choose one from the list" in answer.content
    assert address("sessions").encode() in answer.content
    assert desk.get(address("session", UNKNOWN), {"format": "json"}).status_code == 404


def test_only_reading_is_possible(desk):
    assert desk.post(address("sessions")).status_code == 405


def test_a_session_tells_its_times_as_its_row_does(desk, ana):
    began = timezone.now() - timedelta(hours=1)
    session = make_customer("Cy", began)
    lifecycle.claim(session.pk, ana, began + 20 * SECOND)
    lifecycle.connected(session.pk, began + 22.5 * SECOND)
    report = {"role": "customer", "connection_time_ms": 800, "accepted": True, "at": began + 23 * SECOND}
    ConnectionReport.objects.create(session=session, **report)
    lifecycle.end(session.pk, ana, "resolved", "All\nwell.", began + 100 * SECOND)
    seen = figures(desk, "session", session.pk)
    assert seen["session"] == figures(desk, "sessions")["rows"][0]
    assert {name: seen["session"][name] for name in ("waited_s", "connected_after_ms", "talked_s")} == {
        "waited_s": 20,
        "connected_after_ms": 2500.0,
        "talked_s": 77,
    }
    page = text(desk, "session", session.pk)
    for said in ("Taken by ana", "2.50 s", "1:17", "Connection report: Customer", "800 ms", "Resolved", "All<br>well."):
        assert said in page
    assert page.count("<rect class=") == 3 + 3  # the parts, and the legend
    assert 'style="' not in page


def test_what_each_page_said_of_an_attempt_to_connect(desk, ana):
    session = make_call(ana, timezone.now())
    told = {"session": session, "accepted": True, "at": timezone.now()}
    ConnectionReport.objects.create(**told, attempt="1-1", role="customer", result="failed", failure="turn_refused")
    way = {"local_candidate": "relay", "remote_candidate": "host", "protocol": "udp"}
    times = {"connection_time_ms": 640, "first_frame_ms": 900}
    ConnectionReport.objects.create(**told, **way, **times, attempt="1-2", role="customer", result="connected")
    page = " ".join(text(desk, "session", session.pk).split())
    for said in ("TURN credential refused", "Connected, UDP, relayed.", "640 ms", "First picture after 900 ms."):
        assert said in page
    first, second = (event["connection"] for event in figures(desk, "session", session.pk)["events"][-2:])
    assert (first["failure"], first["took_ms"], first["relayed"]) == ("turn_refused", None, False)
    assert (second["failure"], second["took_ms"], second["relayed"]) == ("", 640.0, True)


def test_the_bar_of_a_language_with_decimal_commas_is_drawn(desk, ana):
    began = timezone.now() - timedelta(hours=1)
    session = make_customer("Cy", began)
    lifecycle.claim(session.pk, ana, began + SECOND)
    lifecycle.end(session.pk, ana, "other", "", began + 3 * SECOND)
    with translation.override("tr"):  # which puts the language back that the request changes
        page = desk.get(address("session", session.pk), headers={"Accept-Language": "tr"}).content.decode()
    assert 'lang="tr"' in page
    assert 'x="33.333%"' in page


def test_an_end_dated_back_says_so(desk):
    session = make_customer("Cy", timezone.now() - timedelta(hours=1))
    sweeping.abandon_gone(timezone.now())
    page = text(desk, "session", session.pk)
    assert "Abandoned" in page
    assert "Dated back" in page


def test_an_anonymised_session_shows_no_name(desk, ana, settings):
    settings.ANONYMIZE_AFTER_DAYS = 1
    session = make_ended(ana, timezone.now() - timedelta(days=3))
    SupportSession.objects.update(name=NAME)
    assert NAME in text(desk, "session", session.pk)
    assert anonymizing.anonymize(timezone.now()).cleared == 1
    page = text(desk, "session", session.pk) + json.dumps(figures(desk, "session", session.pk))
    assert "were removed" in page
    for gone in (NAME, "printer", "All well."):
        assert gone not in page


def test_the_trace_is_for_those_who_may_see_the_panel(client, ana):
    session = make_call(ana, timezone.now())
    SupportSession.objects.update(trace_id="ab" * 16)
    link = reverse("panel:trace", args=["ab" * 16])
    client.force_login(ana)
    assert link not in text(client, "session", session.pk)
    assert figures(client, "session", session.pk)["trace_id"] == ""
    client.force_login(make_staff("bo", "sessions_app.work_desk", "monitoring.view_panel"))
    assert link in text(client, "session", session.pk)
    assert figures(client, "session", session.pk)["trace_id"] == "ab" * 16


def test_the_pages_are_not_kept_by_a_browser(desk):
    assert desk.get(address("sessions"))["Cache-Control"] == "no-store"
