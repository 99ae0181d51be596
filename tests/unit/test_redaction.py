"""What is taken out of spans and logs before anybody keeps or sends it."""

import pytest

from monitoring.redaction import PERSONAL, public

ADDRESS = "203.0.113.77"  # RFC 5737: nobody's


@pytest.mark.parametrize("name", sorted(PERSONAL))
def test_a_span_says_nothing_of_who_the_client_was(name):
    assert public({name: ADDRESS, "http.route": "join"}) == {"http.route": "join"}


@pytest.mark.parametrize("name", ["client.address", "net.peer.ip", "network.peer.address"])
def test_the_names_of_both_conventions_are_known(name):
    assert name in PERSONAL
