"""The self-test makes a real call in headless Chromium, directly and through a relay, and leaves no browser behind."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sessions_app.selftest import SelfTestError, devtools
from tests.coturn import REALM, coturn, needs_coturn
from tests.selftesting import left, reported, times
from tests.server import ROOT, free_port, serving

PARTS = {"signalling", "gathering", "ICE", "DTLS", "setup", "first frame"}
AS_JOB = "from monitoring import run_job; print(run_job('sessions_app.jobs.desk_selftest'))"

HOLD = """
import django, time
django.setup()
from sessions_app.selftest import devtools
with devtools.chromium(devtools.find()) as browser:
    browser.page()
    print(browser._complaints.parent, flush=True)
    time.sleep(60)
"""


def browsers() -> list[str]:
    """The command lines of every browser that a self-test of ours started."""
    lines = (path.read_bytes().replace(b"\0", b" ").decode() for path in processes())
    return [line for line in lines if "adminara-selftest-" in line]


def processes():
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            path.read_bytes()
        except OSError:
            continue
        yield path


def gone(profile: str, within_s: float = 5) -> bool:
    deadline = time.monotonic() + within_s
    while any(profile in line for line in browsers()):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_a_call_is_made_measured_and_scraped(server):
    code, report, said = reported(server)
    assert (code, report["failures"], said) == (0, [], "")
    for role in ("customer", "staff"):
        ms = times(report, role)
        assert ms.keys() >= PARTS | {"page and socket open", "page knows", "way", "hung up"}
        assert ms["ICE"] + ms["DTLS"] <= ms["setup"] + 1
        assert 0 < ms["setup"] <= ms["first frame"]
    before, after = next(part for part in report["parts"] if part["name"] == "scrape")["detail"].split()[-3::2]
    assert int(after) == int(before) + 2
    assert left(server)["states"][-1] == "ended"


def test_the_job_tells_every_part_in_its_result(server):
    ran = server.manage("shell", "--no-imports", "-c", AS_JOB)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("The desk works: a call in Chromium, ")
    for part in PARTS:
        assert f"; {part} customer " in ran.stdout
        assert f"; {part} staff " in ran.stdout


@needs_coturn
def test_a_call_of_its_own_goes_through_the_relay(tmp_path):
    with coturn(tmp_path) as relay:
        url = f"turn:127.0.0.1:{relay.port}"
        with serving(
            tmp_path / "desk", TURN_URLS=f"{url},{url}?transport=tcp", TURN_USERDB=str(relay.userdb), TURN_REALM=REALM
        ) as server:
            code, report, said = reported(server)
    assert (code, said) == (0, ""), report
    turn = [(part["name"], part["detail"], bool(part["ms"])) for part in report["parts"] if "TURN" in part["name"]]
    assert turn == [
        ("TURN asked", f"{url}: gives a relay", True),
        ("TURN asked", f"{url}?transport=tcp: not asked, as it is not TURN by UDP; Chromium tries it", False),
        ("TURN relayed a call", url, True),
        ("TURN relayed a call", f"{url}?transport=tcp", True),
    ]


def test_a_relay_that_does_not_answer_is_told_and_the_call_is_made(tmp_path):
    url = f"turn:127.0.0.1:{free_port()}"
    with serving(tmp_path / "desk", TURN_URLS=url) as server:
        code, report, said = reported(server)
    assert code == 1
    assert f"{url}: The TURN server cannot be asked: " in said
    assert f"{url} relayed nothing between two connections of Chromium (" in said
    assert times(report, "staff").keys() >= PARTS


def test_a_kill_leaves_no_browser():
    started = subprocess.Popen([sys.executable, "-c", HOLD], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    profile = started.stdout.readline().strip()
    assert any(profile in line for line in browsers())
    started.kill()
    assert gone(profile)
    started.communicate()
    shutil.rmtree(profile, ignore_errors=True)


def test_a_browser_that_dies_is_said_and_its_profile_is_gone(tmp_path):
    with devtools.chromium(devtools.find()) as browser:
        page = browser.page()
        page.open("data:text/html,<p>here")
        assert page.wait("document.querySelector('p').textContent", 5, "nothing") == "here"
        assert page.evaluate("Promise.resolve([1, {a: 2}])") == [1, {"a": 2}]
        with pytest.raises(devtools.RefusedError, match="ReferenceError: nothing is not defined"):
            page.evaluate("nothing")
        with pytest.raises(SelfTestError, match="gave up"):
            page.wait("false", 0.1, "gave up")
        profile = browser._complaints.parent
        os.killpg(browser._process.pid, signal.SIGKILL)
        with pytest.raises(SelfTestError, match=r"^Chromium ended by itself: "):
            page.evaluate("1")
    assert gone(str(profile))
    assert not profile.exists()


def test_a_program_that_is_no_browser_is_said(tmp_path):
    program = tmp_path / "chromium"
    program.write_text("#!/bin/sh\necho no display >&2\nexit 3\n")
    program.chmod(0o755)
    with devtools.chromium(program) as browser, pytest.raises(SelfTestError, match="ended by itself: no display"):
        browser.page()


def test_two_pages_share_no_cookie(server):
    with devtools.chromium(devtools.find()) as browser:
        one, other = browser.page(), browser.page()
        one.set_cookie(server.url, "known", "yes")
        cookies = [page.ask("Network.getCookies", urls=[server.url])["cookies"] for page in (one, other)]
    assert [[cookie["value"] for cookie in each] for each in cookies] == [["yes"], []]
