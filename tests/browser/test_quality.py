"""How good a call is, as two real pages tell it: rows, the session's page and its JSON agree."""

import time
from uuid import UUID

import httpx
from playwright.sync_api import expect

from tests.browser.test_call import hand_back, said, take
from tests.browser.test_first_day import join

# A look at the call every so many ms instead of every ten seconds.
OFTEN = """
document.addEventListener("readystatechange", () => {
  const call = document.getElementById("call");
  if (call) call.dataset.sample = 6_000;
});"""


def is_plausible(row):
    """For a call on one machine."""
    assert len(row["attempt"]) > 8
    if row["span_s"] == 6:  # the way is gone with the call
        assert 0 <= row["round_trip_ms"] < 1_000
    assert 0 <= row["jitter_ms"] < 1_000
    assert 0 <= row["loss_ratio"] <= 0.5
    assert 0 <= row["freezes"] < 10
    assert 10 < row["received_kbps"] < 20_000
    assert 10 < row["sent_kbps"] < 20_000


def rows(server, table, name):
    query = (
        f"SELECT told.* FROM sessions_app_{table} told JOIN sessions_app_supportsession session"
        " ON session.id = told.session_id WHERE session.name = ? ORDER BY told.at"
    )
    return server.rows(query, name)


def soon(look, within_s=15):
    deadline = time.monotonic() + within_s
    while not (found := look()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return found


def test_both_pages_tell_how_good_the_call_is(people, server):
    desk, customer = people.staff(), people.person()
    for page in (desk, customer):
        page.add_init_script(OFTEN)
    desk.goto("/admin/desk/")
    join(customer, "Quentin")
    take(desk, "Quentin")
    for page in (desk, customer):
        expect(said(page)).to_have_text("The call is connected.", timeout=15_000)
    for _ in range(3):
        customer.fill("#call-text", "How do I sound?")
        customer.get_by_role("button", name="Send").click()
    soon(lambda: len(rows(server, "qualitysample", "Quentin")) >= 2)
    customer.wait_for_timeout(2_400)
    customer.get_by_role("button", name="Hang up").click()
    expect(said(desk)).to_have_text("The other side has left the call.")
    told = soon(lambda: len(found := rows(server, "qualitysample", "Quentin")) >= 4 and found)
    hand_back(desk, customer)
    *whole, short, shorter = (row["span_s"] for row in told)
    assert set(whole) == {6}
    assert 2 <= short < 6 > shorter >= 2  # what was left over at the end is told, too
    assert [(row["role"], row["amount"]) for row in rows(server, "callevent", "Quentin")] == [("customer", 3)]
    assert {row["role"] for row in told} == {"customer", "staff"}
    for row in told:
        is_plausible(row)
    agrees(desk, told)
    timed = "SELECT count(*) AS number FROM sessions_app_qualitysample WHERE round_trip_ms IS NOT NULL"
    soon(lambda: scraped(server, "webrtc_round_trip_time_count") == server.rows(timed)[0]["number"])


def scraped(server, name):
    """The sum over all series called so."""
    lines = httpx.get(f"{server.url}/metrics", trust_env=False).text.splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith(f"{name}{{"))


def agrees(desk, told):
    """The session's page and its JSON with the rows."""
    desk.goto(f"/admin/desk/sessions/{UUID(str(told[0]['session_id']))}/")
    seen = desk.request.get(desk.url + "?format=json").json()
    names = ("role", "span_s", "attempt", "round_trip_ms", "loss_ratio", "received_kbps", "sent_kbps")
    assert [[row[name] for name in names] for row in seen["quality"]] == [[row[name] for name in names] for row in told]
    expect(desk.get_by_role("heading", name="How good the call was")).to_be_visible()
    expect(desk.locator(".curve svg path.customer")).to_have_count(3)
    expect(desk.locator(".curve svg path.staff")).to_have_count(3)
    desk.get_by_text("The same as a table").click()
    expect(desk.locator("details tbody tr")).to_have_count(len(told))
    expect(desk.get_by_text("3 messages, from this moment on.")).to_be_visible()


# Looks at a connection that says what the test wants, by a clock of the test's own: [seconds, stats] each.
LOOKS = """
async ([last, ...looks]) => {
  const { Quality } = await import("/static/js/quality.js");
  let [clock, stats] = [0, {}];
  performance.now = () => clock * 1000;
  const pc = { getStats: async () => new Map(Object.entries(stats).map(([id, each]) => [id, { id, ...each }])) };
  const told = [];
  const turn = ([seconds, said]) => { [clock, stats] = [seconds, said]; };
  turn(looks.shift());
  const quality = new Quality({ pc, attempt: "1-2", every: 1e9, tell: (said) => told.push(JSON.stringify(said)) });
  await quality.steps;
  for (const look of looks) {
    turn(look);
    quality.look();
    await quality.steps;
  }
  turn(last);
  quality.stop();
  await quality.steps;
  return told.map(JSON.parse);
}"""


def stats(lost=0, received=0, heard=0, sent=0, freezes=0, **more):
    """What getStats() says: `lost` and `received` of the video, `heard` packets of the audio."""
    return {
        "V": {
            "type": "inbound-rtp",
            "kind": "video",
            "packetsLost": lost,
            "packetsReceived": received,
            "bytesReceived": received * 1000,
            "jitter": 0.9,
            "freezeCount": freezes,
        },
        "A": {
            "type": "inbound-rtp",
            "kind": "audio",
            "packetsLost": 0,
            "packetsReceived": heard,
            "bytesReceived": heard * 100,
            "jitter": 0.012,
        },
        "O": {"type": "outbound-rtp", "kind": "video", "bytesSent": sent},
        "T": {"type": "transport", "selectedCandidatePairId": "P"},
        "P": {"type": "candidate-pair", "currentRoundTripTime": 0},
        **more,
    }


def looked(people, *looks):
    page = people.person()
    page.goto("/")
    first, *rest = looks
    return page.evaluate(LOOKS, [rest[-1], first, *rest[:-1]])


def test_a_sample_is_what_came_and_went_since_the_look_before(people):
    first, second, third = looked(
        people,
        (1, stats(lost=50, received=1000, heard=500, sent=10_000, freezes=3)),
        (11, stats(lost=60, received=1060, heard=530, sent=135_000, freezes=5)),
        (21, stats(lost=55, received=1100, heard=560, sent=135_000, freezes=5)),  # five came after all
        (23.5, stats(lost=55, received=1100, heard=560, sent=135_000, freezes=5)),
    )
    assert first == {
        "type": "quality",
        "attempt": "1-2",
        "span_s": 10,
        "ago_ms": 0,
        "round_trip_ms": 0,
        "jitter_ms": 12,
        "loss_ratio": 0.1,  # 10 of 100
        "freezes": 2,
        "received_kbps": (60 * 1000 + 30 * 100) * 8 / 10_000,
        "sent_kbps": 100,
    }
    assert (second["loss_ratio"], second["freezes"], second["sent_kbps"]) == (0, 0, 0)
    assert (third["span_s"], third["loss_ratio"], third["received_kbps"]) == (3, None, 0)  # 2.5 s without a packet


def test_what_is_not_known_is_told_as_such_and_a_span_that_nobody_saw_not_at_all(people):
    nothing = {"O": {"type": "outbound-rtp", "kind": "audio", "bytesSent": 0}}
    (told,) = looked(people, (0, nothing), (10, nothing), (71, nothing), (72.9, nothing))
    assert {name for name, value in told.items() if value is None} == {
        *("round_trip_ms", "jitter_ms", "loss_ratio", "freezes")
    }
