"""Spans sent over OTLP reach a collector; one that is away, slow or has too much to do holds nobody up."""

import gzip
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.server import ROOT, free_port

FORKED = """
import django; django.setup()
import os, time
from monitoring import start_span
with start_span("before"):
    pass
child = os.fork()
with start_span("after"):
    pass
if child:
    os.waitpid(child, 0)
print(time.monotonic())
"""
CODE = """
import django; django.setup()
import time
from monitoring import start_span
print(time.monotonic())
with start_span("import.file", {"url": "/s/c2VjcmV0:abc/"}):
    pass
"""


class Collector(ThreadingHTTPServer):
    """Takes `pause_s` for each answer, and refuses as often as `busy` says: too many requests."""

    def __init__(self) -> None:
        self.requests: list[ExportTraceServiceRequest] = []
        self.refused = 0
        self.busy = 0
        self.pause_s = 0.0
        super().__init__(("127.0.0.1", 0), Receiver)


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        time.sleep(self.server.pause_s)
        if self.server.refused < self.server.busy:
            self.server.refused += 1
            self._answer(429)
        else:
            self.server.requests.append(ExportTraceServiceRequest.FromString(body))
            self._answer(200)

    def _answer(self, status: int) -> None:
        with suppress(ConnectionError):  # whoever asked may have given up
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def collector():
    with Collector() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


GIVES_UP_S = 15  # the exporter does after ten


def run(port: int, code: str = CODE) -> float:
    """Seconds that a program took for a span and to end, its start apart."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "adminara.settings",
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}",
        "OTEL_SERVICE_NAME": "desk-7",
    }
    program = [sys.executable, "-c", code]
    told = subprocess.run(program, env=environment, cwd=ROOT, check=True, timeout=60, stdout=subprocess.PIPE, text=True)
    return time.monotonic() - float(told.stdout.split()[0])


def spans(collector: Collector) -> list[str]:
    return [
        span.name
        for request in collector.requests
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]


def test_a_span_arrives_with_its_service_host_and_process_and_without_secrets(collector):
    run(collector.server_port)
    (resource,) = [resource for request in collector.requests for resource in request.resource_spans]
    attributes = {pair.key: pair.value.string_value or pair.value.int_value for pair in resource.resource.attributes}
    assert attributes["service.name"] == "desk-7"
    assert attributes["service.version"]
    assert attributes["host.name"] == socket.gethostname()
    assert attributes["process.pid"] > 1
    assert spans(collector) == ["import.file"]
    assert b"c2VjcmV0" not in collector.requests[0].SerializeToString()


def test_a_forked_process_tells_of_itself(collector):
    run(collector.server_port, FORKED)
    processes = {
        (pair.value.int_value, span.name)
        for request in collector.requests
        for resource in request.resource_spans
        for pair in resource.resource.attributes
        if pair.key == "process.pid"
        for scope in resource.scope_spans
        for span in scope.spans
    }
    assert sorted(name for _pid, name in processes) == ["after", "after", "before"]
    assert len({pid for pid, _name in processes}) == 2


def test_a_collector_that_is_away_holds_nobody_up():
    assert run(free_port()) < GIVES_UP_S


def test_a_slow_collector_gets_its_spans_and_holds_nobody_up(collector):
    collector.pause_s = 3
    assert 3 < run(collector.server_port) < GIVES_UP_S
    assert spans(collector) == ["import.file"]


def test_a_busy_collector_is_asked_again(collector):
    collector.busy = 1
    assert run(collector.server_port) < GIVES_UP_S
    assert (collector.refused, spans(collector)) == (1, ["import.file"])


def test_a_collector_that_stays_busy_holds_nobody_up(collector):
    collector.busy = 1_000
    assert run(collector.server_port) < GIVES_UP_S
    assert 1 < collector.refused < 10
