"""The two without a browser: everything but the media, over the same pages and sockets."""

import time

from django.conf import settings
from django.urls import reverse

from sessions_app import tokens
from sessions_app.models import Role, SupportSession
from sessions_app.selftest.errors import SelfTestError
from sessions_app.selftest.report import Report, since
from sessions_app.selftest.visitor import Line, Visitor

PAGE = "selftest"  # what a page calls itself


def staff_token(member: Visitor) -> str:
    """By which the console takes part in the session of the customer in hand."""
    answer = member.get(reverse("desk:console"), Accept="application/json")
    if not (mine := member.expect(answer, "The console as JSON").json()["mine"]):
        raise SelfTestError("The customer was taken, but the console does not show them.")
    return str(mine["token"])


def visit_token(session: SupportSession) -> str:
    return tokens.make(session.pk, Role.CUSTOMER)


def await_known(customer: Line, began: float, report: Report) -> None:
    customer.hear("state", state="connecting")
    report.add("page knows", since(began), Role.CUSTOMER)


def signal(customer: Line, staff: Line, report: Report) -> None:
    """What pages say to each other when they begin, in both directions; the staff's line must be open to hear."""
    for speaker, listener, role in ((staff, customer, Role.STAFF), (customer, staff, Role.CUSTOMER)):
        began = time.perf_counter()
        speaker.say("ready", id=PAGE, reply=role == Role.CUSTOMER)
        listener.hear("ready", id=PAGE)
        report.add("signalling", since(began), role)


def ice_servers(lines: dict[Role, Line], report: Report) -> None:
    """What both get to find their way with. A failure when TURN is configured and there is none among it."""
    for role, line in lines.items():
        began = time.perf_counter()
        line.say("ice")
        servers = line.hear("ice")["servers"]
        relays = sum("credential" in server for server in servers)
        report.add("ICE servers", since(began), role, f"{len(servers) - relays} STUN, {relays} TURN")
        if settings.TURN_URLS and not relays:
            report.fail(f"The server gave the {role} no TURN credentials: its log says why.")


def hang_up(customer: Line, staff: Line, report: Report) -> None:
    began = time.perf_counter()
    customer.say("bye", id=PAGE)
    staff.hear("bye")
    report.add("hung up", since(began), Role.STAFF)


def await_end(customer: Line, began: float, report: Report) -> None:
    customer.hear("state", state="ended")
    report.add("end told", since(began), Role.CUSTOMER)
