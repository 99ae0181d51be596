"""How a request reaches its view: static files are answered before Django, all else in one visit to a thread."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import IO, Any, cast

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.signals import request_started
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix
from servestatic import ServeStaticASGI

from adminara.databases import MOST_CONNECTIONS

Message = Mapping[str, Any]
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Handler(ASGIHandler):
    """Calls all middleware and the view one after the other, as they are written, in one of a few threads that stay.

    Django's own would start a thread for each request, and visit it for the signals, for each middleware and for the
    view: there and back some twenty-five times, which takes longer than a small page. Who hangs up meanwhile changes
    nothing: what has begun in a thread ends there. No response streams, so all of it is there when the thread is done.
    """

    def __init__(self) -> None:
        super().__init__()
        # More requests at once than connections to the database would only wait for one.
        self._threads = ThreadPoolExecutor(MOST_CONNECTIONS, thread_name_prefix="request")

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: FBT001, FBT002, ARG002 -- as Django has it
        super().load_middleware(is_async=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        in_context, loop = copy_context().run, asyncio.get_running_loop()
        response = await loop.run_in_executor(self._threads, in_context, self._answer, scope, body)
        await self.send_response(response, send)

    def _answer(self, scope: Scope, body: IO[bytes]) -> HttpResponseBase:
        set_script_prefix(get_script_prefix(scope))
        request_started.send(sender=self.__class__, scope=scope)
        with body:
            request, refusal = self.create_request(scope, body)
            response = refusal or self.get_response(cast("HttpRequest", request))  # it is one of the two
        response.close()  # says that the request is over, so that its connections go back, in the thread that has them
        return response


def with_static_files(application: Any) -> Any:
    """`application` behind the files that Django's finders know; of two with one name the first found, as there."""
    files = ServeStaticASGI(application, max_age=0 if settings.DEBUG else 60, autorefresh=settings.DEBUG)
    folders = dict.fromkeys(storage.location for finder in get_finders() for _name, storage in finder.list(None))
    for folder in reversed(folders):
        files.add_files(folder, prefix=settings.STATIC_URL)
    return files
