"""What the self-test is made of: its cast, its report, where it goes."""

import time
from contextlib import suppress

import pytest
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from sessions_app import jobs, lifecycle, queue
from sessions_app.models import State, SupportSession
from sessions_app.selftest import Report, SelfTestError, address, cast
from sessions_app.selftest.run import bound_s, look_at_form
from sessions_app.selftest.visitor import Visitor
from tests.factories import PASSWORD, SECOND, hashed, make_customer, make_staff
from tests.server import free_port


@pytest.mark.django_db
def test_the_member_of_staff_may_work_at_the_desk_and_nothing_else_and_has_no_password():
    user = cast.member()
    assert cast.member() == user
    assert user.get_all_permissions() == {"sessions_app.work_desk"}
    assert (user.is_staff, user.is_superuser, user.email) == (True, False, "")
    for password in ("", "!", user.password):
        assert not user.check_password(password)
        assert ModelBackend().authenticate(None, user.username, password) is None


@pytest.mark.django_db
def test_what_somebody_gave_it_is_taken_away_again():
    cast.member().user_permissions.set(make_staff("bo", "monitoring.view_panel").user_permissions.all())
    assert cast.member().get_all_permissions() == {"sessions_app.work_desk"}


@pytest.mark.django_db
@pytest.mark.parametrize("fields", [{"password": hashed(PASSWORD)}, {"is_superuser": True}, {"is_staff": False}])
def test_somebody_who_has_the_name_is_left_alone(fields):
    User.objects.create(username="selftest", **{"password": "!", "is_staff": True, **fields})
    with pytest.raises(SelfTestError, match="There is a user selftest that is not the self-test's own: rename it"):
        cast.member()
    assert not User.objects.get().user_permissions.exists()


@pytest.mark.django_db
def test_a_login_is_good_while_it_lasts_and_gone_afterwards_also_after_an_error(settings):
    client = Client()
    with suppress(ZeroDivisionError), cast.login(cast.member()) as key:
        client.cookies[settings.SESSION_COOKIE_NAME] = key
        assert client.get("/admin/desk/").status_code == 200
        raise ZeroDivisionError
    assert client.get("/admin/desk/").status_code == 302
    assert not Session.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("taken", [False, True])
@pytest.mark.parametrize("connected", [False, True])
def test_the_customer_is_gone_afterwards_from_whichever_state(taken, connected):
    staff = cast.member()
    with suppress(ZeroDivisionError), cast.customer(staff) as session:
        if taken:
            lifecycle.claim(session.pk, staff, timezone.now())
        if connected:
            lifecycle.connected(session.pk, timezone.now())
        raise ZeroDivisionError
    assert SupportSession.objects.get().state == (State.ENDED if taken else State.ABANDONED)


@pytest.mark.django_db
def test_two_at_once_are_refused_until_the_first_is_over_or_as_good_as_dead():
    staff = cast.member()
    with cast.customer(staff) as session:
        with pytest.raises(SelfTestError, match="A self-test is running, begun"), cast.customer(staff):
            pass
        lifecycle.claim(session.pk, staff, timezone.now())
        dead = queue.seen_since(timezone.now()) - SECOND
        SupportSession.objects.filter(pk=session.pk).update(last_seen_at=dead)
        with cast.customer(staff) as next_one:
            assert lifecycle.claim(next_one.pk, staff, timezone.now()).state == State.CONNECTING
    assert set(SupportSession.objects.values_list("state", flat=True)) == {State.ENDED}


@pytest.mark.parametrize(
    ("host", "named", "url"),
    [
        ("127.0.0.1", "", "http://127.0.0.1:8000"),
        ("0.0.0.0", "", "http://127.0.0.1:8000"),
        ("::", "", "http://[::1]:8000"),
        ("10.1.2.3", "", "http://10.1.2.3:8000"),
        ("127.0.0.1", "https://desk.example.org", "https://desk.example.org"),
    ],
)
def test_it_goes_where_the_web_server_listens_unless_told_otherwise(settings, host, named, url):
    settings.WEB_HOST, settings.WEB_PORT, settings.DESK_SELFTEST_URL = host, 8000, named
    assert address() == url


def test_it_gives_up_well_before_a_worker_would_kill_it(settings):
    for settings.JOB_TIMEOUT in (10, 60, 3600):
        assert bound_s() <= min(45, settings.JOB_TIMEOUT * 0.75)


def test_a_report_tells_each_part_as_it_is_over_and_all_of_them_at_the_end():
    told = []
    report = Report("http://127.0.0.1:1", told.append)
    with report.timed("page", "customer"):
        time.sleep(0.001)
    report.add("TURN", detail="not configured")
    report.finish()
    assert [part.name for part in told] == ["page", "TURN"]
    assert str(told[1]).split() == ["TURN", "not", "configured"]
    figures = report.as_json()
    assert (figures["ok"], figures["parts"][1]["ms"]) == (True, None)
    assert 0 < figures["parts"][0]["ms"] <= figures["took_ms"]
    assert report.sentence().startswith("The desk works: everything but the media, without Chromium, 0.0 s. page ")
    assert report.sentence().endswith("; TURN not configured.")
    report.fail("It does not.")
    assert report.as_json()["failures"] == ["It does not."]


@pytest.mark.parametrize("url", ["desk.example.org", "ftp://127.0.0.1", "http://"])
def test_an_address_that_is_none_is_said(url):
    with pytest.raises(CommandError, match=r"is not an address like .*: correct --url"):
        call_command("desk_selftest", url=url, no_browser=True)


def test_a_browser_that_is_none_is_said():
    with pytest.raises(CommandError, match=r"^/no/browser is no program that can be run: correct --browser, or leave"):
        call_command("desk_selftest", browser="/no/browser")


def test_the_job_fails_with_what_does_not_work(settings):
    settings.DESK_SELFTEST_URL = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(SelfTestError, match=r"^No server answers at http://127"):
        jobs.desk_selftest()


@pytest.mark.django_db(transaction=True)
def test_a_queue_that_is_full_is_no_failure(live_server, settings):
    report = Report(live_server.url, tell=lambda _part: None)
    for settings.DESK_QUEUE_MOST in (5, 2):
        make_customer(at=timezone.now())
        with Visitor(live_server.url, "customer", until=time.monotonic() + 10) as guest:
            look_at_form(guest, report)
    assert [part.name for part in report.parts] == ["form to join"] * 2
