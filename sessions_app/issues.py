"""What was wrong with a session's call, and what to do about it: read from the rows that both pages told. Pure.

An issue is told once for each kind and role, with when it was first seen and how often.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from sessions_app.models import (
    CallEvent,
    CandidateType,
    ConnectionReport,
    Failure,
    Protocol,
    QualitySample,
    QueueEntry,
    Result,
    Role,
)
from sessions_app.quality import LIMITS, faults

LONG_S = 30  # for so long without a break a call must be poor: three samples in a row
MANY_FREEZES = 3  # in a session: a picture that stood still once is no issue
OTHER = {Role.CUSTOMER: Role.STAFF, Role.STAFF: Role.CUSTOMER}

DENIED = _("They can allow both in the browser, beside the address, and reload the page.")
NETWORK = _("Ask them to come nearer to the wireless router, to use a cable, or to stop what else uses the line.")
FAILED = _("Ask them to reload the page; if it fails again, to try another network.")
NO_UDP = _("Nothing to do if the call is good: a firewall lets no UDP through, which would be faster.")
# In the order in which they are worth looking into: what it is, and what to do.
WORDS = {
    CallEvent.Kind.MEDIA_DENIED: (_("Camera or microphone were not allowed"), DENIED),
    CallEvent.Kind.MEDIA_MISSING: (
        _("No camera or no microphone was found"),
        _("They can plug one in and reload the page; until then they see, hear and write."),
    ),
    CallEvent.Kind.MEDIA_BUSY: (
        _("Camera or microphone were in use"),
        _("They can close the other program that uses it, and reload the page."),
    ),
    CallEvent.Kind.MEDIA_INSECURE: (
        _("The page was not opened over https"),
        _("Serve the desk over https: browsers give camera and microphone to no other page."),
    ),
    "unanswered": (
        _("The page did not answer a claim in time"),
        _("Nothing to do if it happens once: the page was closed, or its line was down."),
    ),
    Failure.NO_CANDIDATES: (
        _("Failed: no candidates"),
        _("Their browser or firewall hides every address: allow WebRTC, or configure TURN_URLS."),
    ),
    Failure.TURN_REFUSED: (
        _("Failed: TURN credential refused"),
        _("Run rotate_turn_secret --status: the relay does not know the secret that signs."),
    ),
    Failure.ICE: (
        _("Failed: no way through (ICE)"),
        _("Configure a relay that also listens on TCP and TLS (TURN_URLS); firewalls let those through."),
    ),
    Failure.DTLS: (
        _("Failed: no encryption (DTLS)"),
        _("Something on the way changes or drops packets: try another network, or a relay over TLS."),
    ),
    Failure.NO_MEDIA: (_("Failed: no sound or picture"), FAILED),
    Failure.PEER_LEFT: (_("Failed: the other side left"), _("Nothing to do: the other page was closed or reloaded.")),
    "loss": (_("Poor: packets were lost"), NETWORK),
    "delay": (
        _("Poor: long delay"),
        _("Look whether the call goes by a relay that is far away, or by a VPN; else it is their line."),
    ),
    "jitter": (_("Poor: uneven delay (jitter)"), NETWORK),
    "freezes": (_("The picture stood still"), _("Switching the camera off leaves more of the line to the sound.")),
    CallEvent.Kind.INTERRUPTED: (_("The line was interrupted"), NETWORK),
    CallEvent.Kind.RESTARTED: (
        _("The way was looked for anew (ICE restart)"),
        _("Nothing to do if the call went on: their network changed, as from wireless to mobile."),
    ),
    "reconnected": (_("Connected again"), _("Nothing to do: a page was reloaded, or somebody called again.")),
    "tls": (
        _("Connected over TLS"),
        NO_UDP,
    ),
    "tcp": (
        _("Connected over TCP"),
        NO_UDP,
    ),
    "relay": (
        _("A relay was used"),
        _("Nothing to do: so calls get through firewalls. The relay carries all of it."),
    ),
}
FOR_INFORMATION = {Failure.PEER_LEFT, "reconnected", "tls", "tcp", "relay"}


@dataclass(frozen=True)
class Issue:
    kind: str
    role: str
    role_label: str
    since: datetime
    times: int
    serious: bool
    what: str
    advice: str


class Seen(NamedTuple):
    kind: str
    role: str
    at: datetime
    times: int = 1


def issues(
    reports: Iterable[ConnectionReport],
    samples: Iterable[QualitySample],
    events: Iterable[CallEvent],
    entries: Iterable[QueueEntry],
) -> list[Issue]:
    """What was wrong, the most telling first. All rows are one session's; samples are in order of time."""
    seen = [*_of_entries(entries), *_of_reports(list(reports)), *_of_samples(list(samples)), *_of_events(events)]
    known = [each for each in seen if each.kind in WORDS]
    order = list(WORDS)
    known.sort(key=lambda each: (order.index(each.kind), each.role, each.at))
    return [_issue(list(alike)) for _key, alike in groupby(known, lambda each: (each.kind, each.role))]


def _issue(seen: list[Seen]) -> Issue:
    first = seen[0]
    what, advice = WORDS[first.kind]
    return Issue(
        kind=str(first.kind),
        role=str(first.role),
        role_label=str(Role(first.role).label),
        since=first.at,
        times=sum(each.times for each in seen),
        serious=first.kind not in FOR_INFORMATION,
        what=str(what),
        advice=str(advice),
    )


def _of_entries(entries: Iterable[QueueEntry]) -> Iterator[Seen]:
    """A stay that began with `unanswered_by` is the way back from a claim that nobody answered."""
    return (Seen("unanswered", Role.CUSTOMER, entry.joined_at) for entry in entries if entry.unanswered_by_id)


def _of_reports(reports: list[ConnectionReport]) -> Iterator[Seen]:
    """What the server did not believe is left out."""
    believed = sorted((report for report in reports if report.accepted), key=lambda report: report.at)
    connected: set[str] = set()
    relayed: set[tuple[str, str]] = set()  # both pages tell of one relay
    for report in believed:
        role = Role(report.role)
        if report.result == Result.FAILED:
            yield Seen(report.failure, role, report.at)
        elif report.result == Result.CONNECTED:
            if role in connected:
                yield Seen("reconnected", role, report.at)
            connected.add(role)
        if report.protocol in (Protocol.TCP, Protocol.TLS):
            yield Seen(report.protocol, role, report.at)
        for whose, candidate in ((role, report.local_candidate), (OTHER[role], report.remote_candidate)):
            if candidate == CandidateType.RELAY and (report.attempt, whose) not in relayed:
                relayed.add((report.attempt, whose))
                yield Seen("relay", whose, report.at)


def _of_samples(samples: list[QualitySample]) -> Iterator[Seen]:
    for role in Role:
        own = [sample for sample in samples if sample.role == role]
        for fault in LIMITS:
            for (poor, _attempt), run in groupby(own, lambda each: (fault in faults(each), each.attempt)):  # noqa: B023
                stretch = list(run)
                if poor and sum(each.span_s for each in stretch) >= LONG_S:
                    yield Seen(fault, role, stretch[0].at - timedelta(seconds=stretch[0].span_s))
        frozen = [sample for sample in own if sample.freezes]
        if (freezes := sum(sample.freezes or 0 for sample in frozen)) >= MANY_FREEZES:
            yield Seen("freezes", role, frozen[0].at, freezes)


def _of_events(events: Iterable[CallEvent]) -> Iterator[Seen]:
    return (Seen(event.kind, event.role, event.at) for event in events)
