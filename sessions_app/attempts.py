"""What a page may say of one attempt to connect, in which shape and range. Pure: it knows no database and no clock.

An attempt is one RTCPeerConnection; both pages name it alike, `<customer's page>-<staff's page>`. Nothing that could
tell an address is taken: of a candidate only its type and protocol (W3C webrtc-stats).
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from sessions_app.models import LONGEST_SETUP_MS, CandidateType, Failure, Protocol, Result

# How long each part took, in ms. The last two count from the beginning of the attempt, as does the first.
PARTS = ("signalling_ms", "gathering_ms", "ice_ms", "dtls_ms", "connection_time_ms", "first_frame_ms")
WORDS = {
    "result": Result.values,
    "failure": Failure.values,
    "local_candidate": CandidateType.values,
    "remote_candidate": CandidateType.values,
    "protocol": Protocol.values,
}
NAME = re.compile(r"[A-Za-z0-9-]{0,64}", re.ASCII)
ROUNDING_MS = 1  # what a browser's coarse clock may add to a sum of parts


@dataclass(frozen=True)
class Claim:
    """What was said; `reason` tells what cannot be true of it, empty when it may be.

    `age_ms`: how long before it was said the attempt began, None when it was not told or cannot be.
    """

    attempt: str = ""
    words: dict[str, str] = field(default_factory=dict)
    times: dict[str, float] = field(default_factory=dict)
    reason: str = ""
    age_ms: float | None = None

    @property
    def connection_time_ms(self) -> float | None:
        return self.times.get("connection_time_ms")


def read(said: Mapping[str, object]) -> Claim:
    """The claim in a page's message. What is not of its shape or range is left out of it and named as the reason."""
    attempt = said.get("attempt", "")
    if not isinstance(attempt, str) or not NAME.fullmatch(attempt):
        return Claim(reason="malformed")
    words = {"result": Result.CONNECTED.value} | {name: said[name] for name in WORDS if said.get(name)}
    known = {name: str(word) for name, word in words.items() if isinstance(word, str) and word in WORDS[name]}
    told = {name: measured(said[name]) for name in PARTS if said.get(name) is not None}
    times = {name: ms for name, ms in told.items() if ms is not None}
    reason = ""
    if len(times) < len(told):
        reason = "not_a_number"
    elif len(known) < len(words):
        reason = "malformed"
    else:
        reason = contradiction(known, times)
    return Claim(attempt, known, times, reason, age(said.get("age_ms"), times))


def age(claim: object, times: Mapping[str, float]) -> float | None:
    """The age that was claimed, unless the parts that count from the beginning are not over by then."""
    age_ms = measured(claim)
    parts = (times.get(name, 0.0) for name in ("signalling_ms", "connection_time_ms", "first_frame_ms"))
    return age_ms if age_ms is not None and max(parts) <= age_ms <= LONGEST_SETUP_MS else None


def measured(claim: object) -> float | None:
    """`claim` as a finite number, or None for anything else, a whole number beyond all floats included."""
    if isinstance(claim, bool) or not isinstance(claim, int | float):
        return None
    try:
        number = float(claim)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def contradiction(words: Mapping[str, str], times: Mapping[str, float]) -> str:
    """Why words and times cannot all be true, or an empty string."""
    setup = times.get("connection_time_ms")
    connected, failure = words["result"] == Result.CONNECTED, words.get("failure", "")
    if not all(0 <= ms <= LONGEST_SETUP_MS for ms in times.values()) or setup == 0:
        return "out_of_range"
    if connected and setup is None:
        return "not_a_number"
    if bool(failure) != (words["result"] == Result.FAILED):
        return "malformed"
    if setup is None:
        return "out_of_order" if {"dtls_ms", "first_frame_ms"} & times.keys() else ""
    if not connected and failure != Failure.NO_MEDIA:
        return "out_of_order"
    longest = max(times.get("signalling_ms", 0), times.get("ice_ms", 0) + times.get("dtls_ms", 0))
    if longest > setup + ROUNDING_MS or times.get("first_frame_ms", setup) < setup:
        return "out_of_order"
    return ""
