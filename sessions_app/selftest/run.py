"""The whole way: a customer and a member of staff who are made up make a call through the running server.

What is not tested thereby: the form that joins is got and its CSRF check tried, but it is not sent, as the session it
made would be a real customer's; the command makes the session itself, with the database. So neither the limit of joins
nor opening hours are met, nor does the customer stand in the queue that staff see: they are taken by their address and
not by a button of the list. The password of staff is not asked for: the login is made with the database as well.
"""

import time
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError
from django.urls import reverse
from django.utils import timezone

from sessions_app.door import Way, door
from sessions_app.errors import QueueFull
from sessions_app.models import NAME_LENGTH, Outcome, Result, Role, SupportSession
from sessions_app.selftest import call, cast, devtools, line, relay, scrape
from sessions_app.selftest.errors import SelfTestError
from sessions_app.selftest.report import Report, since
from sessions_app.selftest.visitor import Visitor


def run(report: Report, program: Path | None) -> None:
    """Fills `report`; `program` is the browser, None for everything but the media. Raises nothing of its own."""
    report.browser = str(program or "")
    try:
        _run(report, program)
    except SelfTestError as error:
        report.fail(str(error))
    except DatabaseError as error:
        report.fail(
            f"The desk's database refused the self-test ({error}): is it the one of this server, prepared by "
            "`manage.py prepare`? Where it is locked, another program stands still in the middle of a write."
        )
    report.finish()


def _run(report: Report, program: Path | None) -> None:
    until = time.monotonic() + bound_s()
    with Visitor(report.url, "customer", until) as guest:
        look_at_form(guest, report)
        counted = scrape.count(guest)
        staff = cast.member()
        with cast.login(staff) as key, Visitor(report.url, "member of staff", until, key) as member:
            began = time.perf_counter()
            with cast.customer(staff) as session:
                # From here on only the server writes: whoever stops us while we wait holds up nobody's database.
                report.add("joined", since(began), Role.CUSTOMER)
                with report.timed("console", Role.STAFF):
                    member.expect(member.get(reverse("desk:console")), "The console")
                if program:
                    with devtools.chromium(program) as browser:
                        browser.until = until
                        cookie = (settings.SESSION_COOKIE_NAME, key)
                        _call(call.open_pages(browser, report.url, session, cookie, report), session, member, report)
                else:
                    _talk(guest, session, member, report)
        _scraped(guest, counted, session, report)


def look_at_form(guest: Visitor, report: Report) -> None:
    """The form to join is there, and is not taken without its token: a name that is too long is never taken at all."""
    forged = guest.press(reverse("join"), name="x" * (NAME_LENGTH + 1))
    guest.expect(forged, "A form to join that was sent without its CSRF token", 403)
    began = time.perf_counter()
    full = door(timezone.now()).way == Way.FULL
    guest.expect(guest.get(reverse("join")), "The start page", QueueFull.status if full else 200)
    report.add("form to join", since(began), Role.CUSTOMER, "and refused without its token")


def _call(pages: call.Pages, session: SupportSession, member: Visitor, report: Report) -> None:
    relay.check(report, pages[Role.CUSTOMER])  # first: it may be why the call fails
    call.await_known(pages, _take(member, session, report), report)
    call.await_connected(pages, session, report)
    call.hang_up(pages, report)
    call.await_end(pages, _end(member, session, report), report)


def _talk(guest: Visitor, session: SupportSession, member: Visitor, report: Report) -> None:
    relay.check(report, None)
    began = time.perf_counter()
    with guest.socket(line.visit_token(session)) as customer:
        customer.hear("state")
        report.add("socket open", since(began), Role.CUSTOMER)
        line.await_known(customer, _take(member, session, report), report)
        began = time.perf_counter()
        with member.socket(line.staff_token(member)) as staff:
            report.add("socket open", since(began), Role.STAFF)
            line.signal(customer, staff, report)
            line.ice_servers({Role.CUSTOMER: customer, Role.STAFF: staff}, report)
            customer.say("connected")
            customer.hear("state", state="active")
            line.hang_up(customer, staff, report)
        line.await_end(customer, _end(member, session, report), report)


def _take(member: Visitor, session: SupportSession, report: Report) -> float:
    """Returns when the customer was being taken, by time.perf_counter()."""
    began = time.perf_counter()
    member.expect(member.press(reverse("desk:take", args=[session.pk])), "Taking the customer")
    report.add("taken", since(began), Role.STAFF)
    return began


def _end(member: Visitor, session: SupportSession, report: Report) -> float:
    """Returns when the session was being ended, by time.perf_counter()."""
    began = time.perf_counter()
    member.expect(member.press(reverse("desk:end", args=[session.pk]), outcome=Outcome.OTHER), "Ending the session")
    report.add("ended", since(began), Role.STAFF)
    return began


def _scraped(guest: Visitor, counted: int, session: SupportSession, report: Report) -> None:
    measured = session.reports.filter(accepted=True, result=Result.CONNECTED).count()
    if not report.browser:
        report.add("scrape", detail=f"{scrape.NAME} can be read; without media there is nothing new to be counted")
        return
    began = time.perf_counter()
    found = scrape.await_count(guest, counted + measured)
    report.add("scrape", since(began), detail=f"{scrape.NAME} went from {counted} to {found}")


def bound_s() -> float:
    """After which nothing is waited for: a worker kills the job after JOB_TIMEOUT, and clearing up takes time, too."""
    return min(45.0, settings.JOB_TIMEOUT * 0.75)


def address() -> str:
    """Where the desk is, as seen from this machine: DESK_SELFTEST_URL, else what the web server listens on."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.WEB_HOST, settings.WEB_HOST)  # noqa: S104 -- not bound
    return settings.DESK_SELFTEST_URL or f"http://{f'[{host}]' if ':' in host else host}:{settings.WEB_PORT}"
