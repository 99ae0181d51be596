"""The customer's browser is killed, or stands still, or their network is gone: the desk learns of it, and in time."""

import os
import signal
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Error, expect

from tests.benchmark.processor import family
from tests.browser.conftest import CHROMIUM, FLAGS, PASSWORD, People
from tests.browser.test_call import said, take
from tests.browser.test_first_day import join
from tests.network import network
from tests.server import serving

GONE_AFTER_S = 7  # so pages beat every second, a line may be silent for three, and four are left to come back
SILENT_S = 3
BEAT_S = 1
TOLERANCE_S = 2.5  # beats are written once in a while, by a machine that others keep busy


@pytest.fixture(scope="module")
def impatient(tmp_path_factory):
    settings = {"DESK_GONE_AFTER": str(GONE_AFTER_S)}
    with serving(tmp_path_factory.mktemp("impatient"), **settings) as server:
        server.add_superuser("ana", PASSWORD)
        yield server


@pytest.fixture
def cable(impatient):
    with network(impatient.port) as carrying:
        yield carrying


@pytest.fixture
def people(chromium, impatient, cable):
    everybody = People(chromium, impatient)
    yield everybody
    cable.heals()
    everybody.leave()


@pytest.fixture
def desk(people):
    page = people.staff()
    page.goto("/admin/desk/")
    return page


class Machine:
    """A customer's computer, with one browser on it, which can be stopped and killed."""

    def __init__(self, chromium, server, mark):
        self.browser = chromium.browser_type.launch(executable_path=CHROMIUM, args=[*FLAGS, f"--mark={mark}"])
        found = [path for path in Path("/proc").glob("[0-9]*") if f"--mark={mark}".encode() in command_of(path)]
        self.pid = min(int(path.name) for path in found)
        self.people = People(self.browser, server)

    def sent(self, what):
        """To the browser and all that it has started."""
        with suppress(OSError):  # it has been killed before
            for pid in family(self.pid):
                os.kill(pid, what)


def command_of(process):
    with suppress(OSError):
        return (process / "cmdline").read_bytes()
    return b""


@pytest.fixture
def machine(chromium, impatient, tmp_path):
    computer = Machine(chromium, impatient, tmp_path.name)
    yield computer
    computer.sent(signal.SIGKILL)
    with suppress(Error):
        computer.browser.close()


def queued(desk, name):
    return desk.locator("#queue tr", has_text=name)


def newest(desk):
    """What the list of sessions tells of who joined last."""
    rows = desk.request.get("/admin/desk/sessions/?format=json").json()["rows"]
    return max(rows, key=lambda row: row["joined_at"])


def seconds_between(moment, at):
    return abs(datetime.fromisoformat(moment).timestamp() - at)


def test_a_browser_that_is_killed_leaves_the_queue_and_its_wait_ends_with_its_last_beat(desk, machine):
    customer = join(machine.people.person(), "Kaya")
    expect(queued(desk, "Kaya")).to_be_visible()
    expect(customer.locator("#mark")).to_have_text("live")
    machine.sent(signal.SIGKILL)
    killed_at = time.time()
    expect(queued(desk, "Kaya")).to_have_count(0, timeout=(GONE_AFTER_S + 5) * 1000)
    assert time.time() - killed_at > GONE_AFTER_S - 2 * BEAT_S  # the place was kept for a reload
    session = newest(desk)
    assert session["state"] == "abandoned"
    assert seconds_between(session["ended_at"], killed_at) < TOLERANCE_S


def test_a_browser_that_stands_still_in_a_call_is_missed_by_the_desk_and_is_back_when_it_goes_on(desk, machine):
    customer = join(machine.people.person(), "Lale")
    take(desk, "Lale")
    for page in (desk, customer):
        expect(said(page)).to_have_text("The call is connected.", timeout=15_000)
    machine.sent(signal.SIGSTOP)
    expect(said(desk)).not_to_have_text("The call is connected.", timeout=15_000)
    machine.sent(signal.SIGCONT)
    for page in (desk, customer):
        expect(said(page)).to_have_text("The call is connected.", timeout=30_000)
    expect(customer.locator("#mark")).to_have_text("live")


def test_a_browser_that_stands_still_for_too_long_gives_its_place_up(desk, machine):
    customer = join(machine.people.person(), "Mert")
    expect(customer.locator("#mark")).to_have_text("live")
    machine.sent(signal.SIGSTOP)
    stopped_at = time.time()
    expect(queued(desk, "Mert")).to_have_count(0, timeout=(GONE_AFTER_S + 5) * 1000)
    assert seconds_between(newest(desk)["ended_at"], stopped_at) < TOLERANCE_S
    machine.sent(signal.SIGCONT)
    expect(customer.locator("#status .place")).to_contain_text("over", timeout=15_000)


def far_away(people, cable):
    """Somebody whose network a test can break."""
    return people.person(base_url=f"http://127.0.0.1:{cable.port}")


def test_a_network_that_is_gone_tells_nobody_and_yet_the_desk_learns_of_it(desk, people, cable):
    customer = join(far_away(people, cable), "Nil")
    expect(customer.locator("#mark")).to_have_text("live")
    desk.wait_for_timeout(2 * BEAT_S * 1000)  # the page beats
    cable.breaks()
    broken_at = time.time()
    expect(customer.locator("#mark")).not_to_have_text("live", timeout=(SILENT_S + 5) * 1000)
    expect(queued(desk, "Nil")).to_have_count(0, timeout=(GONE_AFTER_S + 5) * 1000)
    assert seconds_between(newest(desk)["ended_at"], broken_at) < TOLERANCE_S


@pytest.mark.parametrize("reloaded", [True, False])
def test_who_comes_back_within_the_grace_has_the_same_place(desk, people, cable, reloaded):
    first, second = ("Oya", "Pars") if reloaded else ("Rana", "Sema")
    customer, behind = join(far_away(people, cable), first), join(people.person(), second)
    expect(behind.locator("#status .place")).to_contain_text("2")
    cable.breaks()
    desk.wait_for_timeout((SILENT_S + 1) * 1000)  # the server has hung up
    cable.heals()
    if reloaded:
        customer.reload()
    expect(customer.locator("#mark")).to_have_text("live", timeout=15_000)
    desk.wait_for_timeout(GONE_AFTER_S * 1000)
    expect(customer.locator("#status .place")).to_contain_text("You are next")
    expect(behind.locator("#status .place")).to_contain_text("2")
