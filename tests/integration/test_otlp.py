"""Spans sent over OTLP reach a collector, and a collector that is away holds nobody up."""

import gzip
import os
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.server import ROOT, free_port

CODE = """
import django; django.setup()
import time
from monitoring import start_span
print(time.monotonic())
with start_span("import.file", {"url": "/s/c2VjcmV0:abc/"}):
    pass
"""


class Collector(ThreadingHTTPServer):
    def __init__(self) -> None:
        self.requests: list[ExportTraceServiceRequest] = []
        super().__init__(("127.0.0.1", 0), Receiver)


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.server.requests.append(ExportTraceServiceRequest.FromString(body))
        self.send_response(200)
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


def run(port: int) -> float:
    """Seconds that a program took for a span and to end, its start apart."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "adminara.settings",
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}",
        "OTEL_SERVICE_NAME": "desk-7",
    }
    program = [sys.executable, "-c", CODE]
    told = subprocess.run(program, env=environment, cwd=ROOT, check=True, timeout=60, stdout=subprocess.PIPE, text=True)
    return time.monotonic() - float(told.stdout)


def test_a_span_arrives_with_its_service_and_without_secrets(collector):
    run(collector.server_port)
    (resource,) = [resource for request in collector.requests for resource in request.resource_spans]
    attributes = {pair.key: pair.value.string_value for pair in resource.resource.attributes}
    assert attributes["service.name"] == "desk-7"
    assert attributes["service.version"]
    (span,) = resource.scope_spans[0].spans
    assert span.name == "import.file"
    assert b"c2VjcmV0" not in collector.requests[0].SerializeToString()


def test_a_collector_that_is_away_holds_nobody_up():
    assert run(free_port()) < 10
