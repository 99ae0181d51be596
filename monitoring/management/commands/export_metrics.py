"""Serve /metrics for Prometheus on a port of its own."""

import signal
import sys
from collections.abc import Callable, Iterable
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from monitoring import exposition
from monitoring.alerting.watch import watch
from monitoring.process import identity
from monitoring.store.buffer import buffer


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Handler(WSGIRequestHandler):
    timeout = 10  # seconds for a client to say what it wants

    def log_message(self, *_args: Any) -> None:
        """A scrape every few seconds is not worth a line."""


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    if environ["PATH_INFO"] not in {"/", "/metrics"}:
        start_response("404 Not Found", [("Content-Type", "text/plain")])
        return [b"The metrics are at /metrics.\n"]
    try:
        body, content_type = exposition.render(environ.get("HTTP_ACCEPT", ""))
    finally:
        connections.close_all()  # this thread ends with its answer
    start_response("200 OK", [("Content-Type", content_type)])
    return [body]


class Command(BaseCommand):
    help = "Serve /metrics on OTEL_EXPORTER_PROMETHEUS_HOST and OTEL_EXPORTER_PROMETHEUS_PORT."

    def handle(self, *_args: Any, **_options: Any) -> None:
        host, port = settings.OTEL_EXPORTER_PROMETHEUS_HOST, settings.OTEL_EXPORTER_PROMETHEUS_PORT
        try:
            server = make_server(host, port, application, Server, Handler)
        except OSError as error:
            raise CommandError(f"Port {port} on {host} cannot be used for metrics: {error.strerror}.") from error
        identity.role = "metrics"
        buffer.start()
        watch.begin()
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        self.stdout.write(f"Metrics on http://{host}:{port}/metrics")
        server.serve_forever()
