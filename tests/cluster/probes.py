"""What is seen from outside: each probe tries one thing again and again, and notes when it worked and when not."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count, pairwise

import httpx
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import connect

from tests.server import Server
from tests.web import form_token, log_in

PATIENCE_S = 5.0  # of who asks, for an answer
PAUSE_S = 0.3  # between two tries
SILENCE_S = 30.0  # in which a page at rest may hear nothing
RECENT_S = 2.5  # what has worked within so long works


class Refused(Exception):
    """It did not work; says why in a word or two."""


@dataclass
class Seen:
    """When something worked (seconds of the epoch), and when it did not and why."""

    what: str
    worked: list[float] = field(default_factory=list)
    refused: list[tuple[float, str]] = field(default_factory=list)

    def downtime(self, since: float, until: float) -> float:
        """The longest time within which it did not work once."""
        last = max((at for at in self.worked if at <= since), default=since)
        moments = [last, *sorted(at for at in self.worked if since < at <= until), until]
        return max(later - earlier for earlier, later in pairwise(moments))

    def is_well(self) -> bool:
        return bool(self.worked) and self.worked[-1] > time.time() - RECENT_S

    def refusals(self, since: float, until: float) -> Counter[str]:
        return Counter(why for at, why in self.refused if since < at <= until)


@dataclass
class Joins:
    """Who was told that they have joined, and of whom nobody knows: their answer was lost."""

    told: list[str] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)


class Probe:
    """A thread that tries until it is told to end."""

    def __init__(self, server: Server, *whats: str) -> None:
        self.server = server
        self.seen = {what: Seen(what) for what in whats}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"{whats[0]} of {server.data.name}", daemon=True)

    def begin(self) -> None:
        self._thread.start()

    def end(self) -> None:
        self._over.set()
        self._thread.join()

    def attempt(self) -> None:
        """One try, or one life of a line. Raises Refused or what the client raises."""
        raise NotImplementedError

    def worked(self, what: str) -> None:
        self.seen[what].worked.append(time.time())

    @property
    def over(self) -> bool:
        return self._over.is_set()

    def _run(self) -> None:
        while not self.over:
            self.trying = next(iter(self.seen))
            try:
                self.attempt()
            except (Refused, httpx.HTTPError, OSError, WebSocketException) as error:
                self.seen[self.trying].refused.append((time.time(), reason(error)))
            self._over.wait(PAUSE_S)


class Customer(Probe):
    """Joins, waits until the page is live, and leaves."""

    def __init__(self, server: Server, joins: Joins) -> None:
        super().__init__(server, "joining", "page")
        self._joins, self._numbers = joins, count(1)

    def attempt(self) -> None:
        with asking(self.server) as client:
            link = self._join(client)
            self.worked("joining")
            self.trying = "page"
            self._wait(link)
            self.worked("page")
            client.post(f"{link}leave/", headers={"X-CSRFToken": client.cookies["csrftoken"]})

    def _join(self, client: httpx.Client) -> str:
        form = answered(client.get("/"))
        name = f"Probe {self.server.data.name} {next(self._numbers)}"
        try:
            answer = client.post("/", data={"name": name, "csrfmiddlewaretoken": form_token(form.text)})
        except httpx.ConnectError:
            raise  # nothing was sent
        except httpx.TransportError:
            self._joins.unsure.append(name)
            raise
        if answer.status_code != httpx.codes.SEE_OTHER:
            self._joins.unsure.append(name)
            raise Refused(str(answer.status_code))
        self._joins.told.append(name)
        return answer.headers["Location"]

    def _wait(self, link: str) -> None:
        with line(self.server, "/ws/visit/") as socket:
            socket.send(json.dumps({"type": "hello", "token": link.split("/")[2]}))
            while json.loads(socket.recv(PATIENCE_S))["type"] != "state":
                pass


class Console(Probe):
    """Somebody of the staff who watches the desk: its figures are pushed about every second."""

    def __init__(self, server: Server, username: str, password: str) -> None:
        super().__init__(server, "console")
        with asking(server, follow_redirects=True) as client:
            log_in(client, username, password)
            self._cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())

    def attempt(self) -> None:
        with line(self.server, "/ws/desk/?language=en", Cookie=self._cookies) as socket:
            while not self.over:
                socket.recv(SILENCE_S)
                self.worked("console")


class Readiness(Probe):
    def __init__(self, server: Server) -> None:
        super().__init__(server, "readyz")

    def attempt(self) -> None:
        with asking(self.server) as client:
            answered(client.get("/readyz"))
            self.worked("readyz")


@contextmanager
def asking(server: Server, **options: bool) -> Iterator[httpx.Client]:
    # Without certificates: to read them takes longer than to ask.
    options |= {"trust_env": False, "verify": False}
    headers = {"Referer": f"{server.url}/"}
    with httpx.Client(base_url=server.url, timeout=PATIENCE_S, headers=headers, **options) as client:
        yield client


@contextmanager
def line(server: Server, path: str, **headers: str) -> Iterator[object]:
    address = server.url.replace("http", "ws") + path
    with connect(
        address,
        origin=server.url,
        proxy=None,
        open_timeout=PATIENCE_S,
        close_timeout=1,
        additional_headers=headers,
        ping_interval=None,
    ) as socket:
        yield socket


def answered(answer: httpx.Response) -> httpx.Response:
    if answer.status_code != httpx.codes.OK:
        raise Refused(str(answer.status_code))
    return answer


def reason(error: Exception) -> str:
    match error:
        case Refused():
            return str(error)
        case httpx.ConnectError() | ConnectionRefusedError():
            return "no connection"
        case httpx.TimeoutException() | TimeoutError():
            return f"no answer in {PATIENCE_S:.0f} s"
        case ConnectionClosed():
            return f"closed {error.rcvd.code}" if error.rcvd else "cut off"
        case _:
            return "cut off"


@contextmanager
def running(*probes: Probe) -> Iterator[None]:
    with ExitStack() as stack:
        for probe in probes:
            probe.begin()
            stack.callback(probe.end)
        yield


def until(true: Callable[[], bool], within_s: float) -> bool:
    """Whether it came true in time."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.05)
    return true()
