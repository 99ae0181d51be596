"""A call through a real coturn: its secret changes in the middle, it is silent for a while, it refuses."""

import os
import signal
import time

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PASSWORD, People
from tests.browser.test_attempts import DEADLINE, reports
from tests.browser.test_broken_call import until
from tests.browser.test_call import hand_back, said, sees_the_other, take
from tests.browser.test_first_day import join
from tests.browser.test_media import told_by
from tests.coturn import REALM, coturn, needs_coturn
from tests.server import serving

pytestmark = needs_coturn

# As behind firewalls that let only the relay through; and the page's connections, for the test to ask.
ONLY_RELAY = """
const Real = RTCPeerConnection;
window.connections = [];
window.RTCPeerConnection = class extends Real {
  constructor(options) { super({...options, iceTransportPolicy: 'relay'}); window.connections.push(this); }
};
"""
USERNAME = "window.connections.at(-1).getConfiguration().iceServers.at(-1).username"
WAY = """async () => {
  const stats = await window.connections.at(-1).getStats();
  const transport = [...stats.values()].find((each) => each.type === 'transport' && each.selectedCandidatePairId);
  const pair = stats.get(transport.selectedCandidatePairId);
  return {type: stats.get(pair.localCandidateId).candidateType, received: pair.bytesReceived};
}"""


@pytest.fixture(scope="module")
def relay(tmp_path_factory):
    with coturn(tmp_path_factory.mktemp("coturn")) as running:
        yield running


@pytest.fixture(scope="module")
def server(relay, tmp_path_factory):
    settings = {
        "TURN_URLS": f"turn:127.0.0.1:{relay.port}",
        "TURN_USERDB": str(relay.userdb),
        "TURN_REALM": REALM,
    }
    with serving(tmp_path_factory.mktemp("relayed"), **settings) as running:
        running.add_superuser("ana", PASSWORD)
        yield running


def behind_firewall(page):
    page.context.add_init_script(ONLY_RELAY)
    return page


def test_a_relayed_call_lives_through_a_rotation(people: People, server, relay):
    desk = behind_firewall(people.staff())
    desk.goto("/admin/desk/")
    customer = join(behind_firewall(people.person()), "Vera")
    take(desk, "Vera")
    for page in (desk, customer):
        expect(said(page)).to_have_text("The call is connected.", timeout=15_000)
        sees_the_other(page)
    (before,) = relay.secrets()
    rotated = server.manage("rotate_turn_secret")
    assert rotated.returncode == 0, rotated.stderr
    assert len(relay.secrets() - {before}) == 1
    for page in (desk, customer):
        way = page.evaluate(WAY)
        assert way["type"] == "relay"
        page.wait_for_timeout(1_000)
        assert page.evaluate(WAY)["received"] > way["received"]
    customer.reload()  # and a connection made now has credentials of the new secret
    expect(said(customer)).to_have_text("The call is connected.", timeout=15_000)
    sees_the_other(customer)
    assert customer.evaluate(WAY)["type"] == "relay"
    hand_back(desk, customer)


def test_a_relay_that_falls_silent_is_asked_anew_with_fresh_credentials(people: People, server, relay):
    desk = behind_firewall(people.staff())
    desk.goto("/admin/desk/")
    customer = join(behind_firewall(people.person()), "Vigo")
    take(desk, "Vigo")
    for page in (desk, customer):
        expect(said(page)).to_have_text("The call is connected.", timeout=15_000)
    before = customer.evaluate(USERNAME)
    coturn_id = int((relay.userdb.parent / "pid").read_text())
    os.kill(coturn_id, signal.SIGSTOP)
    try:
        expect(said(customer)).to_contain_text("interrupted", timeout=15_000)
        until(customer, f"{USERNAME} !== '{before}'", within_s=30)
    finally:
        os.kill(coturn_id, signal.SIGCONT)
    for page in (desk, customer):
        expect(said(page)).to_have_text("The call is connected.", timeout=30_000)
    way = customer.evaluate(WAY)
    until(customer, f"({WAY})().then(({{received}}) => received > {way['received']})")
    assert customer.evaluate("window.connections.length") == 1
    deadline = time.monotonic() + 10
    # The side that begins anew may be the faster one, so that the other need not.
    while not {"interrupted", "restarted"} <= {*told_by(server, "Vigo", "customer"), *told_by(server, "Vigo", "staff")}:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    hand_back(desk, customer)


def test_a_relay_that_refuses_the_credentials_is_why_no_call_came_about(chromium, relay, tmp_path):
    settings = {"TURN_URLS": f"turn:127.0.0.1:{relay.port}", "TURN_REALM": REALM}  # the relay is told of no secret
    with serving(tmp_path, **settings) as server:
        server.add_superuser("ana", PASSWORD)
        people = People(chromium, server)
        desk, customer = (behind_firewall(page) for page in (people.staff(), people.person()))
        for page in (desk, customer):
            page.add_init_script(DEADLINE)
        desk.goto("/admin/desk/")
        join(customer, "Vlad")
        take(desk, "Vlad")
        for page in (desk, customer):
            expect(said(page)).to_contain_text("did not come about", timeout=15_000)
        reports(server, "Vlad", ("failed", "turn_refused"))
        people.leave()
        assert people.complaints == []
