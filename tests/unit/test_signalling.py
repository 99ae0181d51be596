"""What passes from one participant to the other: the known fields of known kinds, within their sizes."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions_app.signalling import LARGEST_CANDIDATE, LARGEST_SDP, BadSignal, passed_on

CANDIDATE = {"candidate": "candidate:1 1 udp 1 127.0.0.1 9 typ host", "sdpMid": "0", "sdpMLineIndex": 0}
GOOD = [
    {"type": "ready", "id": "a", "reply": True},
    {"type": "description", "id": "a", "description": {"type": "offer", "sdp": "v=0"}},
    {"type": "candidate", "id": "a", "candidate": CANDIDATE},
    {"type": "bye", "id": "a"},
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)
FIELDS = st.sampled_from(["id", "reply", "description", "candidate", "sdp", "type"])


@pytest.mark.parametrize("message", GOOD, ids=lambda message: message["type"])
def test_what_is_known_passes_and_nothing_else_does(message):
    assert passed_on(message | {"role": "staff", "to": "everybody"}) == message


@pytest.mark.parametrize(
    "message",
    [
        {"type": "state", "id": "a"},
        {"type": "bye"},
        {"type": "bye", "id": "x" * 65},
        {"type": "description", "id": "a", "description": {"type": "offer", "sdp": "x" * (LARGEST_SDP + 1)}},
        {"type": "description", "id": "a", "description": {"type": "rollback", "sdp": ""}},
        {"type": "description", "id": "a", "description": "v=0"},
        {"type": "candidate", "id": "a", "candidate": {"candidate": "x" * (LARGEST_CANDIDATE + 1)}},
        {"type": "candidate", "id": "a", "candidate": CANDIDATE | {"sdpMLineIndex": -1}},
        {"type": "candidate", "id": "a", "candidate": CANDIDATE | {"sdpMLineIndex": True}},
    ],
)
def test_what_is_malformed_or_too_large_is_refused(message):
    with pytest.raises(BadSignal, match="Reload the page"):
        passed_on(message)


@given(st.sampled_from(["ready", "description", "candidate", "bye"]), st.dictionaries(FIELDS, JSON, max_size=5))
def test_whatever_comes_is_passed_on_or_refused(kind, fields):
    with suppress(BadSignal):
        assert passed_on({**fields, "type": kind}).keys() <= {"type", "id", "reply", "description", "candidate"}
