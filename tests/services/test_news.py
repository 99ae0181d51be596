"""What is said on one web server is heard on the other, by Redis; and what happens while Redis is away."""

import json
import signal
import time
from contextlib import contextmanager, suppress
from html import unescape

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from sessions_app.close_codes import CloseCode
from tests.web import browser, form_token, log_in

READY = {"type": "ready", "id": "page-1", "reply": False}
LATE_S = 10


class Page:
    """A page's line to its server."""

    def __init__(self, socket):
        self.socket = socket

    def says(self, message):
        self.socket.send(json.dumps(message))

    def hears(self, kind):
        deadline = time.monotonic() + LATE_S
        while True:
            message = json.loads(self.socket.recv(max(0.0, deadline - time.monotonic())))
            if message["type"] == kind:
                return message

    def is_closed(self):
        with suppress(ConnectionClosed):
            while True:
                self.socket.recv(LATE_S)
        return self.socket.protocol.close_rcvd


@contextmanager
def page(server, token):
    with connect(f"{server.url.replace('http', 'ws')}/ws/visit/", origin=server.url, proxy=None) as socket:
        opened = Page(socket)
        opened.says({"type": "hello", "token": token})
        yield opened


@contextmanager
def back(server, token):
    """The page of one who waits, as it comes back by itself, until it has heard of its place."""
    deadline = time.monotonic() + LATE_S
    while True:
        with page(server, token) as opened:
            try:
                state = opened.hears("state")["state"]
            except ConnectionClosed:
                assert time.monotonic() < deadline
            else:
                assert state == "waiting"
                yield opened
                return
        time.sleep(0.2)


def joined(server, name):
    """The token of a customer who joins there."""
    with browser(server) as client:
        answer = client.post("/", data={"name": name, "csrfmiddlewaretoken": form_token(client.get("/").text)})
        assert answer.status_code == 200
        return token_in(answer.text)


def token_in(page):
    return unescape(page.partition('data-token="')[2].partition('"')[0])


@pytest.fixture
def staff(hosts):
    with browser(hosts[1]) as client:
        log_in(client, "ana", "pw")
        yield client
        press(client, f"{in_hand(client)['id']}/end/", outcome="resolved")


def taken(staff):
    """The token of the member of staff who takes the next customer."""
    press(staff, "next/")
    return in_hand(staff)["token"]


def in_hand(staff):
    return staff.get("/admin/desk/", params={"format": "json"}).json()["mine"]


def press(staff, button, **fields):
    token = form_token(staff.get("/admin/desk/").text)
    assert staff.post(f"/admin/desk/{button}", data=fields | {"csrfmiddlewaretoken": token}).status_code == 200


def test_signals_pass_between_people_on_different_hosts(hosts, staff):
    one, two = hosts
    with page(one, joined(one, "Cy")) as customer:
        customer.hears("state")
        with page(two, taken(staff)) as ana:
            ana.hears("state")  # from then on a page hears what is said to it
            customer.says(READY)
            assert ana.hears("ready") == READY
            ana.says(READY | {"id": "page-2"})
            assert customer.hears("ready")["id"] == "page-2"


@pytest.mark.parametrize("there", [0, 1])
def test_of_a_customers_pages_the_newest_has_the_line(hosts, staff, there):
    token = joined(hosts[0], "Gus")
    with page(hosts[0], token) as first:
        first.hears("state")
        with page(hosts[1], taken(staff)) as ana, page(hosts[there], token) as second:
            second.hears("state")
            first.hears("elsewhere")
            ana.says(READY)
            assert second.hears("ready") == READY


def test_a_change_on_one_host_shows_on_the_other(hosts, staff):
    one, two = hosts
    with page(two, joined(one, "Di")) as customer:
        assert customer.hears("state")["state"] == "waiting"
        taken(staff)
        assert customer.hears("state")["state"] == "connecting"


def test_while_redis_is_away_people_join_and_pages_come_back_with_it(hosts, staff, shared_redis):
    one, two = hosts
    with page(one, joined(one, "Ed")) as customer:
        customer.hears("hello")
        token = taken(staff)
        customer.hears("state")
        shared_redis.stop(signal.SIGKILL)
        try:
            customer.says(READY)
            assert customer.is_closed().code == CloseCode.CUT_OFF
            with page(two, token) as ana:
                closed = ana.is_closed()
            assert (closed.code, closed.reason[:5]) == (CloseCode.CUT_OFF, "Parts")
            start = time.monotonic()
            waiting = joined(two, "Flo")
            assert time.monotonic() - start < 3
            assert staff.get("/admin/desk/").status_code == 200
        finally:
            shared_redis.start()
    with back(one, waiting) as flo:
        with browser(one) as client:  # or the next test would take her
            link = f"/s/{waiting}/"
            client.post(f"{link}leave/", data={"csrfmiddlewaretoken": form_token(client.get(link).text)})
        assert flo.hears("state")["state"] == "abandoned"
    for server in hosts:
        assert "Traceback" not in server.log("serve").read_text()
