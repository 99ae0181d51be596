"""What is answered when a request failed: while the database is away, that it may be asked again."""

import sys

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from monitoring.errors import AWAY


def failed(_request: HttpRequest) -> HttpResponse:
    """Django's `handler500`: called where the error is being handled. The pages need neither request nor database."""
    status = 503 if isinstance(sys.exc_info()[1], AWAY) else 500
    return HttpResponse(render_to_string(f"{status}.html"), status=status)
