"""What two real pages tell of their attempts to connect: parts, pair, and why it failed where it did."""

import time
from uuid import UUID

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.test_call import hand_back, in_call, said, take
from tests.browser.test_first_day import join

ROLES = ("customer", "staff")
CONNECTED = ("connected", "")
CALLS = 20
SOON = 2_000  # ms: a deadline that a test can wait for
DEADLINE = f"""
document.addEventListener("readystatechange", () => {{
  const call = document.getElementById("call");
  if (call) call.dataset.deadline = {SOON};
}});"""
# How the other side's candidates are lost, or lead nowhere: nobody listens at port 1025.
DROPPED = "RTCPeerConnection.prototype.addIceCandidate = async () => { document.body.dataset.dropped = ''; };"
ASTRAY = """
const add = RTCPeerConnection.prototype.addIceCandidate;
RTCPeerConnection.prototype.addIceCandidate = function ({ candidate, ...rest }) {
  const words = candidate.split(" ");
  words[5] = "1025";
  return add.call(this, { ...rest, candidate: words.join(" ") });
};"""
# A certificate that is not the one that was named.
FORGED = """
const set = RTCPeerConnection.prototype.setRemoteDescription;
RTCPeerConnection.prototype.setRemoteDescription = function ({ type, sdp }) {
  const other = (_, name, byte) => name + (byte === "00" ? "01" : "00");
  return set.call(this, { type, sdp: sdp.replace(/(a=fingerprint:sha-256 )(..)/g, other) });
};"""
# Tracks from which nothing comes, and nothing else in their place.
SILENT = """
RTCRtpSender.prototype.replaceTrack = async () => {};
const add = RTCPeerConnection.prototype.addTrack;
RTCPeerConnection.prototype.addTrack = function (track, ...streams) {
  const still = track.clone();
  still.stop();
  return add.call(this, still, ...streams);
};"""
# A browser that was allowed to use the camera shows it to this page only, so the refusal is made here.
REFUSED = """
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wanted) => {
  for (const track of (await ask(wanted)).getTracks()) track.stop();
  throw new DOMException("No.", "NotAllowedError");
};"""


def reports(server, name, *results):
    """The rows of the customer `name`'s session by role: one each, once there are two.

    They end as `results` says, in the roles' order: a pair of result and failure each, or one for both.
    """
    deadline = time.monotonic() + 10
    while len(told := read(server, name)) < len(ROLES) and time.monotonic() < deadline:
        time.sleep(0.1)
    rows = {row["role"]: row for row in told}
    assert len(told) == len(rows) == len(ROLES), told
    assert tuple((rows[role]["result"], rows[role]["failure"]) for role in ROLES) == (results * 2)[:2]
    assert rows["customer"]["attempt"] == rows["staff"]["attempt"] != ""
    return rows


def timed(server, names):
    """How many accepted rows have a connection time, by role."""
    rows = [row for name in names for row in read(server, name) if row["accepted"] and row["connection_time_ms"]]
    return {role: sum(row["role"] == role for row in rows) for role in ROLES}


def read(server, name):
    return server.rows(
        "SELECT report.* FROM sessions_app_connectionreport report JOIN sessions_app_supportsession session"
        " ON session.id = report.session_id WHERE session.name = ?",
        name,
    )


def counted(server):
    """How many connection times /metrics counts, by role."""
    text = httpx.get(f"{server.url}/metrics", trust_env=False).text
    lines = [line for line in text.splitlines() if line.startswith("webrtc_connection_time_count{")]
    return {role: sum(float(line.split()[-1]) for line in lines if f'"{role}"' in line) for role in ROLES}


def settled(server):
    """The counts when all that was measured before is written: once a second."""
    time.sleep(2.5)
    return counted(server)


def attempted(people, name, script, deadline=DEADLINE):
    """A desk and a customer whose pages have run `script` first, taken, with a deadline that comes soon."""
    desk, customer = people.staff(), people.person()
    for page in (desk, customer):
        page.add_init_script(script + deadline)
    desk.goto("/admin/desk/")
    join(customer, name)
    with desk.expect_navigation():
        take(desk, name)
    return desk, customer


def is_plausible(row):
    assert (row["result"], row["failure"], row["accepted"], row["reason"]) == ("connected", "", 1, "")
    assert (row["local_candidate"], row["protocol"]) == ("host", "udp")
    assert row["remote_candidate"] in ("host", "prflx")
    assert 0 < row["signalling_ms"] <= row["connection_time_ms"] < row["first_frame_ms"] < 15_000
    assert row["ice_ms"] >= 0  # on one machine it may take less than a clock tick
    assert row["dtls_ms"] >= 0
    assert row["ice_ms"] + row["dtls_ms"] <= row["connection_time_ms"] + 1


def test_both_pages_tell_each_part_of_the_way(people, server):
    before = settled(server)
    desk, customer = in_call(people, "Vera 0.")
    told = reports(server, "Vera 0.", CONNECTED)
    hand_back(desk, customer)
    for role in ROLES:
        is_plausible(told[role])
    after = settled(server)
    assert {role: after[role] - before[role] for role in ROLES} == timed(server, ["Vera 0."])


def asked(desk, address):
    return desk.request.get(f"{address}?format=json").json()


def on_pages(desk, row):
    """What the session's page and its trace tell of the attempt that `row` is of."""
    session = asked(desk, f"/admin/desk/sessions/{UUID(str(row['session_id']))}/")
    (shown,) = [
        event["connection"]
        for event in session["events"]
        if event["connection"] and event["connection"]["role"] == row["role"]
    ]
    bars = asked(desk, f"/admin/monitoring/panel/traces/{session['trace_id']}/")["bars"]
    (attempt,) = [bar["attributes"] for bar in bars if bar["name"] == f"call.attempt {row['role']}"]
    return [
        (told["connection_time_ms"], told["first_frame_ms"])
        for told in ({**shown, "connection_time_ms": shown["took_ms"]}, attempt)
    ]


def setups(desk):
    """How many sessions the page of setup times has in its bars, by role."""
    sides = asked(desk, "/admin/desk/sessions/setup/")["sides"]
    return {side["role"]: sum(bar["sessions"] for bar in side["setups"]) for side in sides}


def test_twenty_calls_all_connect_and_rows_histogram_trace_and_pages_agree(people, server):
    before = settled(server)
    desk, customer = people.staff(), people.person()
    desk.goto("/admin/desk/")
    in_bars, rows = setups(desk), []
    names = [f"Zoe {number}." for number in range(CALLS)]
    for name in names:
        join(customer, name)
        take(desk, name)
        for page in (desk, customer):
            expect(said(page)).to_have_text("The call is connected.", timeout=15_000)
        told = reports(server, name, CONNECTED)
        hand_back(desk, customer)
        rows += told.values()
        for role in ROLES:
            is_plausible(told[role])
    after = settled(server)
    assert {role: after[role] - before[role] for role in ROLES} == timed(server, names)
    assert {role: number - in_bars[role] for role, number in setups(desk).items()} == dict.fromkeys(ROLES, CALLS)
    for row in rows:
        assert on_pages(desk, row) == [(row["connection_time_ms"], row["first_frame_ms"])] * 2


def test_without_camera_and_microphone_they_still_write_to_each_other(people, server):
    desk, customer = attempted(people, "Wim", REFUSED)
    for page in (desk, customer):
        expect(said(page)).to_have_text("The call is connected.", timeout=15_000)
        expect(page.locator("#call [data-part=trouble]")).to_contain_text("not allowed")
    customer.fill("#call-text", "No camera here")
    customer.get_by_role("button", name="Send").click()
    expect(desk.locator("#call .log")).to_contain_text("No camera here")
    for row in reports(server, "Wim", CONNECTED).values():
        assert (row["result"], row["first_frame_ms"], row["accepted"]) == ("connected", None, 1)
    hand_back(desk, customer)


@pytest.mark.parametrize(
    ("script", "failure"),
    [(DROPPED, "no_candidates"), (ASTRAY, "ice"), (FORGED, "dtls")],
    ids=["no_candidates", "ice", "dtls"],
)
def test_what_cannot_connect_says_why_when_its_time_is_up(people, server, script, failure):
    name = f"Xan {failure}"
    desk, customer = attempted(people, name, script)
    for page in (desk, customer):
        expect(said(page)).to_contain_text("did not come about", timeout=15_000)
    for row in reports(server, name, ("failed", failure)).values():
        assert (row["connection_time_ms"], row["accepted"]) == (None, 1)
    hand_back(desk, customer)


def test_who_connects_and_shows_nothing_sends_no_media(people, server):
    desk, customer = attempted(people, "Xia", SILENT)
    for row in reports(server, "Xia", ("failed", "no_media")).values():
        assert row["connection_time_ms"] > 0
        assert (row["first_frame_ms"], row["accepted"]) == (None, 1)
    for page in (desk, customer):
        expect(said(page)).to_have_text("The call is connected.")
    hand_back(desk, customer)


def test_who_leaves_the_page_while_it_connects_says_so_and_has_left(people, server):
    desk, customer = attempted(people, "Yves", DROPPED)
    for page in (desk, customer):
        expect(said(page)).to_have_text("Connecting the call.")
        expect(page.locator("body[data-dropped]")).to_be_attached()  # the words are there before the attempt is
    customer.goto("about:blank")
    expect(said(desk)).to_contain_text("did not come about", timeout=15_000)
    reports(server, "Yves", ("stopped", ""), ("failed", "peer_left"))
    desk.click("#end")
    expect(desk.locator("#mine")).to_contain_text("You have no customer")


def test_a_call_that_staff_end_before_it_connects_was_stopped(people, server):
    desk, customer = attempted(people, "Yoko", DROPPED, deadline="")
    for page in (desk, customer):
        expect(said(page)).to_have_text("Connecting the call.")
        expect(page.locator("body[data-dropped]")).to_be_attached()  # the words are there before the attempt is
    desk.click("#end")
    expect(desk.locator("#mine")).to_contain_text("You have no customer")
    reports(server, "Yoko", ("stopped", ""))
