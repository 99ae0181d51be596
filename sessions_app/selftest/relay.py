"""Whether the TURN servers relay: asked as the rotation asks them, and with Chromium also through a call of its own."""

import json
import time
from typing import Any

from django.conf import settings
from django.utils import timezone

from sessions_app import turn, turn_server
from sessions_app.models import SupportSession
from sessions_app.selftest.devtools import Page
from sessions_app.selftest.report import Report, since
from sessions_app.stun import Credentials
from sessions_app.turn_server import TurnServerError

WITHIN_MS = 8000
REMEDY = (
    "Is the relay running, can its port be reached, and has it the current secret? `manage.py turn_upkeep` tells it."
)
# Two connections in one page that may use nothing but the relay: of each server, the ms until data flows, or why not.
RELAYED = """
(servers, within) => Promise.all(servers.map(async (server) => {
  const [one, other] = [0, 1].map(() => new RTCPeerConnection({ iceServers: [server], iceTransportPolicy: "relay" }));
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


def check(report: Report, session: SupportSession, page: Page | None) -> None:
    """Adds a part for each of TURN_URLS and way of asking; what does not work is a failure, and nothing is raised."""
    if not settings.TURN_URLS:
        report.add("TURN", detail="not configured: calls work on one network only; set TURN_URLS for the others")
        return
    try:
        who = turn.credentials(session.pk, timezone.now())
    except turn.NoSecret as error:
        report.fail(f"No TURN credentials can be signed: {error} {REMEDY}")
        return
    for url in settings.TURN_URLS:
        _probe(report, url, who)
    if page:
        _relay(report, page, who)


def _probe(report: Report, url: str, who: Credentials) -> None:
    address = turn_server.first_udp([url])
    if address is None:
        report.add("TURN asked", detail=f"{url}: not asked, as it is not TURN by UDP; Chromium tries it")
        return
    began = time.perf_counter()
    try:
        turn_server.probe(address, who)
    except TurnServerError as error:
        report.add("TURN asked", detail=f"{url}: FAILED")
        report.fail(f"{url}: {error} {REMEDY}")
    else:
        report.add("TURN asked", since(began), detail=f"{url}: gives a relay")


def _relay(report: Report, page: Page, who: Credentials) -> None:
    servers = [{"urls": url, "username": who.username, "credential": who.password} for url in settings.TURN_URLS]
    results: list[dict[str, Any]] = page.evaluate(f"({RELAYED})({json.dumps(servers)}, {WITHIN_MS})")
    for url, result in zip(settings.TURN_URLS, results, strict=True):
        if "ms" in result:
            report.add("TURN relayed a call", result["ms"], detail=url)
        else:
            report.add("TURN relayed a call", detail=f"{url}: FAILED")
            report.fail(f"{url} relayed nothing between two connections of Chromium ({result['error']}). {REMEDY}")
