"""What the two participants of a call may say to each other, in which shape and size. Pure: it knows no socket.

A page that is `ready` names itself by an id of its own making, so that the other side knows a reload from a repetition.
Descriptions and candidates are WebRTC's (RFC 8829, RFC 8840); `bye` hangs up.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _

from sessions_app.errors import DeskError
from sessions_app.models import Role

LARGEST_SDP = 64 * 1024  # characters
LARGEST_CANDIDATE = 1024
LARGEST_ID = 64
OTHER = {Role.CUSTOMER: Role.STAFF, Role.STAFF: Role.CUSTOMER}

Signal = dict[str, Any]


class BadSignal(DeskError):
    status = 422
    sentence = _("The server does not understand what your page says about the call. Reload the page.")


def passed_on(message: Signal) -> Signal:
    """The message as the other participant gets it: what is known of its kind, and nothing else. Raises BadSignal."""
    kind = message.get("type")
    if kind not in KINDS:
        raise BadSignal
    return {"type": kind, "id": _text(message.get("id"), LARGEST_ID), **KINDS[kind](message)}


def _ready(message: Signal) -> Signal:
    return {"reply": message.get("reply") is True}


def _description(message: Signal) -> Signal:
    said = _object(message.get("description"))
    if said.get("type") not in ("offer", "answer"):
        raise BadSignal
    return {"description": {"type": said["type"], "sdp": _text(said.get("sdp"), LARGEST_SDP)}}


def _candidate(message: Signal) -> Signal:
    said = _object(message.get("candidate"))
    line = said.get("sdpMLineIndex")
    if not (line is None or (type(line) is int and 0 <= line < 64)):
        raise BadSignal
    fields = {name: _text(said.get(name) or "", LARGEST_CANDIDATE) for name in ("candidate", "sdpMid")}
    return {"candidate": fields | {"sdpMLineIndex": line}}


def _nothing_more(_message: Signal) -> Signal:
    return {}


def _object(value: object) -> Signal:
    if not isinstance(value, dict):
        raise BadSignal
    return value


def _text(value: object, longest: int) -> str:
    if not isinstance(value, str) or len(value) > longest:
        raise BadSignal
    return value


KINDS = {"ready": _ready, "description": _description, "candidate": _candidate, "bye": _nothing_more}
