"""Requests through the real web server: traces that come from outside go on, and customers' links stay secret."""

import time

import pytest

from tests.server import serving
from tests.web import browser, form_token

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("web"), LOG_LEVEL="DEBUG", OTEL_TRACES_EXPORTER="console") as running:
        yield running


def spans(server, condition: str) -> list[tuple]:
    return server.telemetry(
        f"SELECT name, parent_id, local_root, CAST(attributes AS text) FROM monitoring_span WHERE {condition}"
    )


def test_a_trace_that_comes_with_a_request_goes_on(server):
    with browser(server) as client:
        client.get("/", headers={"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"})
    time.sleep(2)
    ((name, parent, local_root, attributes),) = spans(server, f"trace_id = '{TRACE}'")
    assert (name, parent, local_root) == ("GET join", "00f067aa0ba902b7", 1)
    assert '"http.response.status_code": 200' in attributes


def test_machines_questions_are_not_traced(server):
    with browser(server) as client:
        for address in ("/healthz", "/readyz", "/metrics", "/static/css/base.css"):
            client.get(address)
    time.sleep(2)
    told = [attributes for *_others, attributes in spans(server, "true")]
    assert [text for text in told if "healthz" in text or "metrics" in text or "static" in text] == []


def test_a_customers_link_is_in_no_log_and_no_span(server):
    with browser(server) as client:
        joined = client.post("/", data={"name": "Cy", "csrfmiddlewaretoken": form_token(client.get("/").text)})
        secret = joined.url.path.split("/")[2]
        assert len(secret) > 40
        assert client.get(f"/s/{secret}x/").status_code == 404  # a warning in the log
        assert client.get(f"/s/{secret}/leave/").status_code == 405
        client.post(f"/s/{secret}/leave/")
        assert client.get(f"/s/{secret}/?format=json").status_code == 410
    time.sleep(2)
    assert spans(server, "name LIKE '%<token>%'")
    written = b"".join(server.stored().values())
    assert secret.encode() not in written
    assert b"/s/[redacted]" in written
