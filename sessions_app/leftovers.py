"""Looks for what a visit says of its customer wherever else it could have got to.

Looked for in every row that is kept (monitoring.texts), as whole words and as they were written: the e-mail and IP
addresses in any of a visit's fields, its contact, and a name of several words. A name of one word, as Ana or Will, says
nothing by itself, nor does an ordinary sentence: these, and the text of topic, note and message when it has three words
or more, are looked for only in rows that speak of the visit, by its id or its trace. There any e-mail or IP address is
one too many, whoever wrote it, but for the server's own and for networks, which is what is left of shortened addresses.
What also is a user's name or address proves nothing and is not looked for.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from ipaddress import ip_address
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User

from monitoring import KeptText, kept_texts
from sessions_app.limits import shortened
from sessions_app.models import SupportSession

PERSONAL = ("name", "topic", "note", "contact", "message")
WORD = re.compile(r"\w+")
EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
IPV4, IPV6 = r"\d{1,3}(?:\.\d{1,3}){3}(?!\.\d)", r"[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?!:)"
ADDRESS = re.compile(rf"(?<![\w.:])(?:{IPV4}|{IPV6})(?!\w)", re.ASCII)
ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NUMBER = re.compile(r"\d{5}")  # of a telephone
SENTENCE = 3  # words


class Place(NamedTuple):
    table: str
    column: str
    row: str


def leftovers(visits: Iterable[SupportSession]) -> dict[UUID, set[Place]]:
    """Where words of these visits are kept beside them, by visit; visits of which nothing was found are left out."""
    ours = _Words(visits)
    found = defaultdict[UUID, set[Place]](set)
    for text in kept_texts(ours.traces):
        for visit in ours.named_in(text):
            found[visit].add(Place(text.table, text.column, text.row))
    return dict(found)


class _Words:
    """What to look for. Forgotten with this object; never shown, logged or put into an error."""

    def __init__(self, visits: Iterable[SupportSession]) -> None:
        self.traces: set[str] = set()
        self._by_id: dict[str, UUID] = {}
        self._own: dict[UUID, set[str]] = {}
        self._anywhere = defaultdict[str, set[tuple[str, UUID]]](set)  # by their first word
        staff = {spaced(name) for user in User.objects.all() for name in known(user)}
        for visit in visits:
            self._by_id |= dict.fromkeys((str(visit.pk), visit.pk.hex), visit.pk)
            if visit.trace_id:
                self._by_id[visit.trace_id] = visit.pk
                self.traces.add(visit.trace_id)
            for words in {spaced(words) for words in telling(visit)} - staff:
                self._anywhere[words.split()[0]].add((words, visit.pk))
            self._own[visit.pk] = {spaced(words) for words in ordinary(visit)} - staff - {""}

    def named_in(self, text: KeptText) -> set[UUID]:
        """The visits whose words are in it."""
        said = f" {spaced(text.text)} "
        starts = self._anywhere.keys() & set(said.split())
        named = {pk for start in starts for words, pk in self._anywhere[start] if f" {words} " in said}
        about = {self._by_id[one] for one in ID.findall(text.whole) if one in self._by_id}
        if about and identifying(text.text):
            return named | about
        return named | {pk for pk in about if any(f" {words} " in said for words in self._own[pk])}


def known(user: User) -> tuple[str, str, str]:
    return user.username, user.email, user.get_full_name()


def telling(visit: SupportSession) -> set[str]:
    """What tells by itself who somebody is."""
    whole = {words for words in (visit.name, visit.contact) if " " in spaced(words) or NUMBER.search(words)}
    return whole.union(*(identifying(getattr(visit, field)) for field in PERSONAL))


def ordinary(visit: SupportSession) -> set[str]:
    """What tells who somebody is beside the visit's id."""
    texts = {text for text in (visit.topic, visit.note, visit.message) if len(WORD.findall(text)) >= SENTENCE}
    return {visit.name, visit.contact} | texts


def identifying(text: str) -> set[str]:
    """The e-mail and IP addresses in it, but for the server's own and for networks."""
    return {*EMAIL.findall(text), *(found for found in ADDRESS.findall(text) if _of_somebody(found))}


def _of_somebody(text: str) -> bool:
    try:
        address = ip_address(text)
    except ValueError:
        return False
    own = address.is_loopback or address.is_unspecified or text in settings.ALLOWED_HOSTS
    return not own and shortened(text) != str(address)


def spaced(text: str) -> str:
    """Its words, each apart by one space, so that a phrase is found as whole words whatever stands between them."""
    return " ".join(WORD.findall(text))
