"""One POST with short limits, whose errors never say where it went: the address may hold a token."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from monitoring.alerting.channels.errors import NotSent

STEP_S = 5.0  # to connect, to write, and for each piece of the answer
ALL_S = 15.0
MOST_BYTES = 64 * 1024  # of an answer


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    retry_after: str


def post(url: str, content: bytes, headers: Mapping[str, str]) -> Answer:
    """Raises NotSent when there was no answer in time."""
    deadline = time.monotonic() + ALL_S
    told = ""
    try:
        with httpx.Client(timeout=STEP_S) as client, client.stream("POST", url, content=content, headers=headers) as it:
            body = b""
            for piece in it.iter_bytes():
                body += piece
                if time.monotonic() > deadline or len(body) > MOST_BYTES:
                    break
            return Answer(it.status_code, body, it.headers.get("retry-after", ""))
    except httpx.TimeoutException:
        told = "timeout"
    except httpx.TransportError as error:
        told = f"unreachable: {type(error).__name__}"
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise NotSent(f"address: {type(error).__name__}", lasting=True) from None
    raise NotSent(told) from None
