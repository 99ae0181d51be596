"""How a request reaches its view: static files are answered before Django, all else in one visit to a thread."""

from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from servestatic import ServeStaticASGI


class Handler(ASGIHandler):
    """Calls all middleware and the view one after the other, as they are written.

    Django's own would send each middleware's part to the thread by itself, there and back some twenty-five times: half
    of what a small request costs.
    """

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: FBT001, FBT002, ARG002 -- as Django has it
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        return await sync_to_async(self.get_response, thread_sensitive=True)(request)


def with_static_files(application: Any) -> Any:
    """`application` behind the files that Django's finders know; of two with one name the first found, as there."""
    files = ServeStaticASGI(application, max_age=0 if settings.DEBUG else 60, autorefresh=settings.DEBUG)
    folders = dict.fromkeys(storage.location for finder in get_finders() for _name, storage in finder.list(None))
    for folder in reversed(folders):
        files.add_files(folder, prefix=settings.STATIC_URL)
    return files
