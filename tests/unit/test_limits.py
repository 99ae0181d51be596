import pytest
from django.test import RequestFactory

from sessions_app import limits
from sessions_app.errors import TooMany


def asking(address="203.0.113.7", forwarded=None):
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return RequestFactory().get("/", headers=headers, REMOTE_ADDR=address)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "198.51.100.1", "203.0.113.7"),
        (1, "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        (2, "6.6.6.6, 198.51.100.1, 10.0.0.1", "198.51.100.1"),
        (2, "198.51.100.1", "203.0.113.7"),
        (1, "nonsense", "203.0.113.7"),
        (1, None, "203.0.113.7"),
    ],
)
def test_the_address_is_what_trusted_proxies_saw(settings, proxies, forwarded, address):
    settings.TRUSTED_PROXIES = proxies
    assert limits.client_address(asking(forwarded=forwarded)) == address


def test_without_any_address_everybody_shares_one_limit():
    assert limits.client_address(asking("")) == "::"


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("203.0.113.77", "203.0.113.0"),
        ("203.0.113.0", "203.0.113.0"),
        ("2001:db8:1234:5678::77", "2001:db8:1234::"),
        ("2001:db8:1234::", "2001:db8:1234::"),
        ("::ffff:203.0.113.77", "203.0.113.0"),
        ("fe80::1%eth0", "fe80::"),
        ("::1", "::"),
    ],
)
def test_of_an_address_the_network_may_be_kept(address, kept):
    assert limits.shortened(address) == kept
    assert limits.network(asking(address)) == kept


def test_too_many_from_one_address_are_told_when_to_come_back():
    for _ in range(3):
        limits.allow(asking(), "join", 3)
    with pytest.raises(TooMany, match="Wait") as refused:
        limits.allow(asking(), "join", 3)
    assert 1 <= refused.value.retry_after <= 60
    limits.allow(asking("203.0.113.8"), "join", 3)
    limits.allow(asking(), "login", 3)


def test_an_ipv6_network_is_one_household():
    limits.allow(asking("2001:db8:1:1::1"), "join", 1)
    with pytest.raises(TooMany):
        limits.allow(asking("2001:db8:1:1:ffff::2"), "join", 1)
    limits.allow(asking("2001:db8:1:2::1"), "join", 1)


def test_a_bucket_allows_a_burst_and_then_its_rate():
    at = [0.0]
    bucket = limits.Bucket(burst=20, period=10, clock=lambda: at[0])
    assert [bucket.take() for _ in range(21)] == [True] * 20 + [False]
    at[0] = 0.5
    assert [bucket.take(), bucket.take()] == [True, False]
    at[0] = 1000
    assert sum(bucket.take() for _ in range(30)) == 20
