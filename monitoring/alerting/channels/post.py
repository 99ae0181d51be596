"""One POST with short limits, whose errors never say where it went: the address may hold a token."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from monitoring.alerting.channels.errors import NotSent

STEP_S = 5.0  # to connect, to write, and for each piece of the answer
ALL_S = 15.0
MOST_BYTES = 64 * 1024  # of an answer


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    retry_after: str


def usable(url: str) -> bool:
    """Whether it is an address that can be posted to."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number
        return False


def host(url: str) -> str:
    """What may be shown of an address: the rest may be a secret."""
    return (urlsplit(url).hostname or "") if usable(url) else ""


def post(url: str, content: bytes, headers: Mapping[str, str]) -> Answer:
    """Raises NotSent when there was no answer in time."""
    import httpx  # slow to load, and most processes never post

    told = ""
    try:
        return _posted(url, content, headers)
    except httpx.TimeoutException:
        told = "timeout"
    except (httpx.UnsupportedProtocol, httpx.InvalidURL, ValueError):
        told = "address"
    except httpx.RequestError as error:
        told = f"unreachable: {type(error).__name__}"
    # Out here it has no other error behind it, whose text would name the address.
    raise NotSent(told, lasting=told == "address")


def _posted(url: str, content: bytes, headers: Mapping[str, str]) -> Answer:
    import httpx

    deadline = time.monotonic() + ALL_S
    with httpx.Client(timeout=STEP_S) as client, client.stream("POST", url, content=content, headers=headers) as answer:
        body = b""
        for piece in answer.iter_bytes():
            body += piece
            if time.monotonic() > deadline or len(body) > MOST_BYTES:
                break
        return Answer(answer.status_code, body, answer.headers.get("retry-after", ""))
