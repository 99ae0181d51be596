"""Run the web server."""

from typing import Any

import uvicorn
from django.conf import settings
from django.core.management.base import BaseCommand

GRACE = 3  # seconds for open requests and sockets to end after SIGTERM


class Command(BaseCommand):
    help = "Run the web server on ADMINARA_HOST and ADMINARA_PORT."

    def handle(self, *_args: Any, **_options: Any) -> None:
        uvicorn.run(
            settings.ASGI_APPLICATION.replace(".application", ":application"),
            host=settings.WEB_HOST,
            port=settings.WEB_PORT,
            access_log=False,  # spans tell more, and do not hold customers' links
            loop="uvloop",  # with httptools an eighth of what a customer takes is saved
            http="httptools",
            workers=settings.WEB_PROCESSES,
            proxy_headers=False,  # TRUSTED_PROXIES decides
            server_header=False,
            timeout_graceful_shutdown=GRACE,
            ws_max_size=128 * 1024,
            log_config=None,
        )
