"""The packets: the RFC's own example, and whatever else may arrive."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions_app import stun, turn_server

# RFC 5769, 2.4: a request with long-term credentials.
EXAMPLE = bytes.fromhex(
    "000100602112a44278ad3433c6ad72c029da412e"
    "00060012e3839ee38388e383aae38383e382afe382b90000"
    "0015001c662f2f3439396b39353464364f4c33346f4c394653547679363473410014000b6578616d706c652e6f726700"
    "00080014f67024656dd64a3e02b8e0712e85c9a28ca89666"
)
BINDING = 0x001
NEO = stun.Credentials("マトリックス", "TheMatrIX")
CHALLENGE = stun.Challenge(b"example.org", b"f//499k954d6OL34oL9FSTvy64sA")
TRANSACTION = bytes.fromhex("78ad3433c6ad72c029da412e")


def test_a_request_is_the_one_of_the_rfc():
    assert stun.request(BINDING, TRANSACTION, [], NEO, CHALLENGE) == EXAMPLE


def test_a_signature_is_known_from_another():
    message = stun.parse(EXAMPLE)
    assert message.challenge == CHALLENGE
    assert stun.is_signed(message, stun.key_of(NEO, b"example.org"))
    assert not stun.is_signed(message, stun.key_of(stun.Credentials(NEO.username, "other"), b"example.org"))
    assert not stun.is_signed(stun.parse(stun.allocate(TRANSACTION)), stun.key_of(NEO, b"example.org"))


def test_an_error_is_its_number():
    refused = stun.message(stun.ALLOCATE + stun.ERROR, TRANSACTION, [(stun.ERROR_CODE, b"\0\0\4\1Unauthorized")])
    assert stun.parse(refused).error == 401
    assert stun.parse(EXAMPLE).error == 0


@given(st.binary(max_size=200) | st.binary(max_size=60).map(lambda tail: EXAMPLE[:20] + tail))
def test_what_is_no_message_is_refused_and_nothing_else_happens(raw):
    try:
        message = stun.parse(raw)
    except stun.Malformed:
        return
    stun.is_signed(message, b"key")
    assert 0 <= message.error <= 955


@given(st.integers(0, len(EXAMPLE) - 1))
def test_a_message_cut_short_is_refused(length):
    with pytest.raises(stun.Malformed):
        stun.parse(EXAMPLE[:length])


@pytest.mark.parametrize(
    ("urls", "address"),
    [
        ([], None),
        (["turns:a.example:5349", "turn:b.example?transport=tcp"], None),
        (["turns:a.example:5349", "turn:b.example"], ("b.example", 3478)),
        (["turn:b.example:99?transport=udp"], ("b.example", 99)),
        (["turn:[::1]:99"], ("::1", 99)),
    ],
)
def test_the_first_address_by_udp_is_the_one_that_is_asked(urls, address):
    assert turn_server.first_udp(urls) == address
