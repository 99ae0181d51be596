"""Where the customer's time went, from the join to the first picture to the end: one trace, linked from the session."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_attempts import ROLES, reports
from tests.browser.test_call import hand_back, in_call

PARTS = ["call.dtls", "call.first_frame", "call.ice", "call.signalling"]


def spans(desk, trace):
    """The spans of the trace page's JSON, by name."""
    found = desk.request.get(f"{trace}?format=json").json()["bars"]
    return {name: [bar for bar in found if bar["name"] == name] for name in {bar["name"] for bar in found}}


def test_one_trace_tells_the_call_as_both_pages_saw_it(people, server):
    desk, customer = in_call(people, "Trace of a call")
    session = desk.locator("#mine").get_attribute("data-session")
    rows = reports(server, "Trace of a call", ("connected", ""))
    hand_back(desk, customer)
    desk.goto(f"/admin/desk/sessions/{session}/")
    link = desk.locator("a[href*='/traces/']")
    trace = link.get_attribute("href")
    desk.wait_for_timeout(2_500)  # spans are written once a second
    link.click()
    for name in ("desk.join", "session.waiting", "session.connecting", "session.active", "call.first_frame"):
        expect(desk.locator("body")).to_contain_text(name)

    told = spans(desk, trace)
    assert [len(told[name]) for name in PARTS] == [2] * len(PARTS)
    frames = {bar["parent_id"]: bar for bar in told["call.first_frame"]}
    for role in ROLES:
        row, (attempt,) = rows[role], told[f"call.attempt {role}"]
        assert attempt["attributes"]["call.attempt"] == row["attempt"]
        took = row["first_frame_ms"] - row["connection_time_ms"]
        assert frames[attempt["span_id"]]["duration_ms"] == pytest.approx(took, abs=0.01)
        # The page's time lies where the server's own stretches say that there was a call.
        assert told["session.connecting"][0]["offset_ms"] <= attempt["offset_ms"]
