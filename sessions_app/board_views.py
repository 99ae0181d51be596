"""The board of those who lead the desk."""

import time
from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from monitoring import page_context, staff_page
from sessions_app import board_now
from sessions_app.board import Board, board
from sessions_app.board_now import Now
from sessions_app.board_pages import compare, past
from sessions_app.board_windows import PERMISSION, asked
from sessions_app.errors import DeskError
from sessions_app.pages import page, title, wants_json


@staff_page(PERMISSION)
@page("GET", "HEAD")
def show(request: HttpRequest) -> HttpResponse:
    started, now = time.perf_counter(), timezone.now()
    try:
        wanted = asked(request.GET)
        found, seen = board(wanted, now), board_now.read(now)
    except DeskError as error:
        if wants_json(request):
            raise
        return _mistake(request, error)
    if wants_json(request):
        return JsonResponse(as_json(found, seen))
    shown = {**past(found), "now": seen, "read_ms": (time.perf_counter() - started) * 1000}
    moving = request.headers.get("HX-Request") == "true"  # the page polls while it has no socket
    if not moving:
        shown |= {**page_context(request, _("Board")), "place": "board"}
    response = render(request, "sessions_app/_board_moving.html" if moving else "sessions_app/board.html", shown)
    response["Cache-Control"] = "no-store"
    return response


def _mistake(request: HttpRequest, error: DeskError) -> HttpResponse:
    shown = {**page_context(request, title(error.status)), "reason": str(error), "place": "board"}
    return render(request, "sessions_app/board_mistake.html", shown, status=error.status)


def as_json(found: Board, seen: Now) -> dict[str, Any]:
    shown, chosen = compare(found), found.window
    return {
        "now": asdict(seen) | {"level": seen.level},
        "window": {
            "name": chosen.name,
            "since": chosen.since,
            "until": chosen.until or found.service.at,
            "running": chosen.until is None,
            "by": chosen.by,
            "before": chosen.before,
        },
        "figures": {one.figure.name: one.as_json() for one in shown["figures"]},
        "service_levels": {one.figure.name: one.as_json() for one in shown["levels"]},
        "service": asdict(found.service),
        "before": asdict(found.before),
        "steps": [step.as_json() for step in found.steps],
        "staff": [asdict(row) for row in found.staff],
    }
