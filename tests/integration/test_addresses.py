"""Whole addresses are kept nowhere: searched for in all that was written by a real installation that was visited."""

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.server import serving
from tests.web import browser, form_token

HERE, BEYOND = "203.0.113.77", "2001:db8:1234:5678::77"  # RFC 5737, RFC 3849: nobody's
NETWORKS = ("203.0.113.0", "2001:db8:1234::")


@pytest.fixture(scope="module")
def visited(tmp_path_factory):
    """What an installation has written that answered two visitors behind a proxy, said all it can, and has stopped."""
    data = tmp_path_factory.mktemp("addresses")
    asked = {"TRUSTED_PROXIES": "1", "LOG_LEVEL": "DEBUG", "OTEL_TRACES_EXPORTER": "console"}
    asked["OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST"] = ".*"
    with serving(data, **asked) as server:
        for address in (HERE, BEYOND):
            visit(server, address)
        server.stop("serve")
        yield server.stored()


def visit(server, address):
    """Join, mistype an address and a password, say nonsense to the socket, forge a form and a host."""
    proxied = {"X-Forwarded-For": address, "X-Forwarded-Proto": "http"}
    with browser(server) as client:
        client.headers.update(proxied)
        page = client.get("/")
        form = {"name": "Cy", "topic": "The printer is on fire", "csrfmiddlewaretoken": form_token(page.text)}
        joined = client.post("/", data=form)
        assert joined.url.path.startswith("/s/"), joined.text
        assert client.get("/nowhere/").status_code == 404
        page = client.get("/admin/login/").text
        form = {"username": "admin", "password": "wrong", "csrfmiddlewaretoken": form_token(page)}
        assert client.post("/admin/login/", data=form).status_code == 200
    where = f"{server.url.replace('http', 'ws')}/ws/visit/"
    with connect(where, additional_headers=proxied, proxy=None, origin=server.url) as line:
        line.send("{}")
        with pytest.raises(ConnectionClosed):
            line.recv(timeout=5)
    assert httpx.post(f"{server.url}/", data={"name": "Cy"}, headers=proxied, trust_env=False).status_code == 403
    evil = httpx.get(f"{server.url}/", headers={**proxied, "Host": "evil.example"}, trust_env=False)
    assert evil.status_code == 400


@pytest.mark.parametrize("address", [HERE, BEYOND])
def test_no_file_holds_a_whole_address(visited, address):
    assert [name for name, content in visited.items() if address.encode() in content] == []


@pytest.mark.parametrize("network", NETWORKS)
def test_what_is_kept_is_the_network(visited, network):
    """Otherwise nothing was kept at all, and the test above could not fail."""
    assert [name for name, content in visited.items() if network.encode() in content] != []
