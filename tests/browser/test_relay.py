"""A call through a real coturn, and a rotation of its secret in the middle."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PASSWORD, People
from tests.browser.test_call import hand_back, said, take
from tests.browser.test_first_day import join
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
        "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
    }
    with serving(tmp_path_factory.mktemp("relayed"), **settings) as running:
        made = running.manage("createsuperuser", "--noinput", "--username=ana", "--email=ana@example.org")
        assert made.returncode == 0, made.stderr
        yield running


def behind_firewall(page):
    page.context.add_init_script(ONLY_RELAY)
    return page


def sees_the_other(page):
    # Not wait_for_function: its second try is an eval, which the pages' policy forbids.
    expect(page.locator("[data-part=theirs]")).not_to_have_js_property("videoWidth", 0, timeout=10_000)


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
