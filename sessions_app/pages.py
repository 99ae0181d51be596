"""How the desk answers over HTTP when it must refuse: a page, or JSON for a client that asks for it."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from sessions_app.errors import DeskError, TooMany, WrongMethod


class SeeOther(HttpResponseRedirect):
    """After a form was sent: look there, with a GET."""

    status_code = 303


View = Callable[..., HttpResponseBase]


def wants_json(request: HttpRequest) -> bool:
    preferred = request.get_preferred_type(["text/html", "application/json"])
    return request.GET.get("format") == "json" or preferred == "application/json"


def refusal(request: HttpRequest, error: DeskError) -> HttpResponseBase:
    response: HttpResponseBase
    if wants_json(request):
        response = JsonResponse({"error": str(error)}, status=error.status)
    else:
        template = "429.html" if error.status == TooMany.status else "sessions_app/refused.html"
        response = render(request, template, {"title": title(error.status), "reason": str(error)}, status=error.status)
    response["Cache-Control"] = "no-store"
    if error.retry_after is not None:
        response["Retry-After"] = str(error.retry_after)
    if isinstance(error, WrongMethod):
        response["Allow"] = ", ".join(error.allowed)
    return response


def title(status: int) -> str:
    return {
        400: _("That cannot be shown"),
        403: _("Not yours to do"),
        404: _("Not found"),
        405: _("That does not work here"),
        409: _("That is no longer possible"),
        410: _("This is over"),
        422: _("Please correct the form"),
        429: _("Too many tries"),
        503: _("Nobody can be with you now"),
    }[status]


def page(*methods: str) -> Callable[[View], View]:
    """Let a view answer `methods` only, and turn the desk's errors into pages."""

    def decorate(view: View) -> View:
        @wraps(view)
        def answered(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            try:
                if request.method not in methods:
                    raise WrongMethod(methods)
                return view(request, *args, **kwargs)
            except DeskError as error:
                return refusal(request, error)

        return answered

    return decorate
