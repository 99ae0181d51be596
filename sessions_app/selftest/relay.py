"""Whether the TURN servers relay: asked as the rotation asks them, and with Chromium also through a call of its own."""

import json
import time
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.utils import timezone

from sessions_app import turn, turn_server
from sessions_app.selftest.devtools import Page
from sessions_app.selftest.report import Report, since
from sessions_app.stun import Credentials
from sessions_app.turn_server import TurnServerError

WITHIN_MS = 5000
REMEDY = (
    "Is the relay running, can its port be reached, and has it the current secret? `manage.py turn_upkeep` tells it."
)
# Two connections in one page that may use nothing but the relay: of each server, the ms until data flows, or why not.
RELAYED = """
(pairs, within) => Promise.all(pairs.map(async (pair) => {
  const [one, other] = pair.map((server) => (
    new RTCPeerConnection({ iceServers: [server], iceTransportPolicy: "relay" })));
  const began = performance.now();
  let error = "no data came through in time";
  try {
    const flows = new Promise((resolve, reject) => {
      setTimeout(reject, within);
      one.createDataChannel("test").onopen = resolve;
    });
    for (const [from, to] of [[one, other], [other, one]]) {
      from.onicecandidate = ({ candidate }) => candidate && to.addIceCandidate(candidate);
      from.onicecandidateerror = ({ errorCode, errorText }) => { error = `${errorCode} ${errorText}`; };
    }
    await one.setLocalDescription();
    await other.setRemoteDescription(one.localDescription);
    await other.setLocalDescription();
    await one.setRemoteDescription(other.localDescription);
    await flows;
    return { ms: performance.now() - began };
  } catch {
    return { error };
  } finally {
    one.close();
    other.close();
  }
}))
"""


def check(report: Report, page: Page | None) -> None:
    """Adds a part for each of TURN_URLS and way of asking; what does not work is a failure, and nothing is raised."""
    if not settings.TURN_URLS:
        report.add("TURN", detail="not configured: calls work on one network only; set TURN_URLS for the others")
        return
    try:
        for url in settings.TURN_URLS:
            _probe(report, url)
        if page:
            _relay(report, page)
    except turn.NoSecret as error:
        report.fail(f"No TURN credentials can be signed: {error} {REMEDY}")


def _sign() -> Credentials:
    """For a participant of its own: a relay allows each only so much at once. Raises NoSecret."""
    return turn.credentials(uuid4(), timezone.now())


def _probe(report: Report, url: str) -> None:
    address = turn_server.first_udp([url])
    if address is None:
        report.add("TURN asked", detail=f"{url}: not asked, as it is not TURN by UDP; Chromium tries it")
        return
    who, began = _sign(), time.perf_counter()
    try:
        turn_server.probe(address, who)
    except TurnServerError as error:
        report.add("TURN asked", detail=f"{url}: FAILED")
        report.fail(f"{url}: {error} {REMEDY}")
    else:
        report.add("TURN asked", since(began), detail=f"{url}: gives a relay")


def _relay(report: Report, page: Page) -> None:
    pairs = [[_server(url), _server(url)] for url in settings.TURN_URLS]
    results: list[dict[str, Any]] = page.evaluate(f"({RELAYED})({json.dumps(pairs)}, {WITHIN_MS})")
    for url, result in zip(settings.TURN_URLS, results, strict=True):
        if "ms" in result:
            report.add("TURN relayed a call", result["ms"], detail=url)
        else:
            report.add("TURN relayed a call", detail=f"{url}: FAILED")
            report.fail(f"{url} relayed nothing between two connections of Chromium ({result['error']}). {REMEDY}")


def _server(url: str) -> dict[str, str]:
    who = _sign()
    return {"urls": url, "username": who.username, "credential": who.password}
