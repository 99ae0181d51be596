"""The two in headless Chromium: the pages that everybody uses make a real call.

Of the pages it relies on little: `data-state` of #call, the button that hangs up, and that they listen to a WebSocket.
Times of the call are those that the pages reported and the server kept.
"""

import json
import time
from collections.abc import Callable

from django.urls import reverse

from sessions_app import tokens
from sessions_app.models import ConnectionReport, Result, Role, SupportSession
from sessions_app.selftest.devtools import Chromium, Page
from sessions_app.selftest.errors import SelfTestError
from sessions_app.selftest.report import Report, since

OPEN_S = 15.0  # for a page and its socket; Chromium's first page takes longest
TOLD_S = 6.0  # for both pages to know that the customer is taken: they are told once a second at the latest
CONNECTED_S = 20.0
REPORTED_S = 12.0  # for both pages' reports, which wait for the first picture
STATE = "document.querySelector('#call').dataset.state"
HANG_UP = "(document.querySelector('#call [data-part=hangup]')?.click(), true)"
LOOK_S = 0.05
# The parts of a connection: what they are called, and where they stand in its report.
PARTS = {
    "signalling": "signalling_ms",
    "gathering": "gathering_ms",
    "ICE": "ice_ms",
    "DTLS": "dtls_ms",
    "setup": "connection_time_ms",
    "first frame": "first_frame_ms",
}
WHY = {
    "no_candidates": "no page found an address of its own: is there a network?",
    "turn_refused": "the relay refused its credentials: `manage.py turn_upkeep` tells it the secret again.",
    "ice": "no way led from one page to the other: a firewall may keep UDP away, and TURN_URLS name no relay.",
    "dtls": "the pages reached each other and could not agree on encryption: is UDP cut after the first packets?",
    "no_media": "neither picture nor sound came: is the machine overloaded?",
    "peer_left": "the other page lost its line: look into the log of the web server.",
}
Pages = dict[Role, Page]


def open_pages(browser: Chromium, url: str, session: SupportSession, cookie: tuple[str, str], report: Report) -> Pages:
    """The customer's own page and the console, each with its socket open."""
    pages = {Role.CUSTOMER: browser.page(), Role.STAFF: browser.page()}
    pages[Role.STAFF].set_cookie(url, *cookie)
    visit = reverse("visit", args=[tokens.make(session.pk, Role.CUSTOMER)])
    for role, path, first in (
        (Role.CUSTOMER, visit, lambda text: kind(text) == "state"),
        (Role.STAFF, reverse("desk:console"), lambda text: 'id="figures"' in text),
    ):
        with report.timed("page and socket open", role):
            _open(pages[role], f"{url}{path}", role, first)
    return pages


def _open(page: Page, address: str, role: Role, first: Callable[[str], bool]) -> None:
    page.open(address)
    page.wait_heard(
        first,
        OPEN_S,
        f"The page of the {role} opened, but its WebSocket said nothing: a proxy in front must pass on WebSockets "
        "of /ws/, and ALLOWED_HOSTS name the host.",
    )


def kind(text: str) -> str:
    """The `type` of a message; empty for what is no message but a fragment of a page."""
    try:
        return str(json.loads(text)["type"])
    except (ValueError, KeyError, TypeError):
        return ""


def await_known(pages: Pages, began: float, report: Report) -> None:
    """Both pages show the call. Times count from `began`, when the customer was taken."""
    for role, page in pages.items():
        page.wait(STATE, TOLD_S, f"The page of the {role} did not show the call within {TOLD_S:.0f} s of the taking.")
        report.add("page knows", since(began), role)


def await_connected(pages: Pages, session: SupportSession, report: Report) -> None:
    """Both pages are connected and have reported; adds the parts of both reports."""
    for role, page in pages.items():
        state = page.wait(
            f"['connected', 'failed'].includes({STATE}) && {STATE}",
            CONNECTED_S,
            f"The page of the {role} was not connected within {CONNECTED_S:.0f} s. {_why(session)}",
        )
        if state != "connected":
            raise SelfTestError(f"The call did not come about on the page of the {role}. {_why(session)}")
    for role in pages:
        row = _reported(pages[role], session, role)
        _tell(row, role, report)


def _reported(page: Page, session: SupportSession, role: Role) -> ConnectionReport:
    deadline = time.monotonic() + REPORTED_S
    while time.monotonic() < deadline:
        if row := session.reports.filter(role=role).order_by("-pk").first():
            return row
        page.evaluate(f"new Promise((done) => setTimeout(done, {LOOK_S * 1000}))")
    raise SelfTestError(f"The page of the {role} connected, but reported no times within {REPORTED_S:.0f} s.")


def _tell(row: ConnectionReport, role: Role, report: Report) -> None:
    for name, field in PARTS.items():
        if (ms := getattr(row, field)) is not None:
            report.add(name, ms, role)
    way = f"{row.local_candidate or '?'} to {row.remote_candidate or '?'}, {row.protocol or '?'}"
    report.add("way", None, role, way)
    if row.result != Result.CONNECTED:
        report.fail(f"The call of the {role} failed: {WHY.get(row.failure, row.failure)}")
    elif not row.accepted:
        report.fail(f"The server did not believe the times of the {role} ({row.reason}), so the scrape misses them.")


def _why(session: SupportSession) -> str:
    """What the pages reported so far of why no connection came about."""
    failures = session.reports.filter(result=Result.FAILED).values_list("failure", flat=True)
    reasons = " ".join(sorted({WHY[failure] for failure in failures if failure in WHY}))
    return f"As the pages tell it: {reasons}" if reasons else "The pages do not tell why: is the machine overloaded?"


def hang_up(pages: Pages, report: Report) -> None:
    """The customer hangs up, and both pages show it."""
    began = time.perf_counter()
    pages[Role.CUSTOMER].evaluate(HANG_UP)
    for role, page in pages.items():
        over = f"['ended', 'left'].includes({STATE})"
        page.wait(over, TOLD_S, f"The customer hung up, but the page of the {role} does not show it.")
        report.add("hung up", since(began), role)


def await_end(pages: Pages, began: float, report: Report) -> None:
    """The customer's page was told that the session is over."""
    page = pages[Role.CUSTOMER]

    def over(text: str) -> bool:
        return kind(text) == "state" and json.loads(text).get("state") == "ended"

    page.wait_heard(over, TOLD_S, "The session was ended, but the customer's page was not told.")
    report.add("end told", since(began), Role.CUSTOMER)
