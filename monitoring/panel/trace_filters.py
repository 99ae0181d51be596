"""What the list of traces can be narrowed down to, read from an address and written into one."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from monitoring.errors import BadParameter
from monitoring.panel.windows import milliseconds, seconds, written
from monitoring.store.times import moment

STATUSES = (gettext_noop("ok"), gettext_noop("error"), gettext_noop("interrupted"))
LONGEST_NAME, LONGEST_KEY, LONGEST_VALUE = 200, 100, 200
LATEST = 253_402_300_799  # seconds since the epoch: the last one of the year 9999


@dataclass(frozen=True)
class Filters:
    """What to list.

    `name` may begin or end with a star, which stands for anything. `least` and `most` are durations in milliseconds;
    `since` and `until` seconds since the epoch; `attribute` a key and the value it must have. `spans` says where to
    look: at "roots", where traces begin, or at "any"; empty, at the roots unless a name or an attribute is wanted.
    `before` is the cursor of the page before. `window` is what the address had, and counts in `since` already.
    """

    name: str = ""
    status: str = ""
    least: float = 0.0
    most: float | None = None
    since: float | None = None
    until: float | None = None
    attribute: tuple[str, str] | None = None
    spans: str = ""
    window: str = ""
    before: str = ""

    def __post_init__(self) -> None:
        if self.status not in ("", *STATUSES):
            raise BadParameter("status", self.status, _("ok, error or interrupted"))
        if self.spans not in ("", "roots", "any"):
            raise BadParameter("spans", self.spans, _("roots or any"))
        if self.most is not None and self.most < self.least:
            raise BadParameter("most", f"{self.most:g}", _("no less than “least”"))
        if self.since is not None and self.until is not None and self.until <= self.since:
            raise BadParameter("until", f"{self.until:.0f}", _("later than “since”"))

    @property
    def given(self) -> bool:
        """Whether anything was asked for beside the page."""
        return bool(self.narrowed or self.name or self.spans or self.since is not None or self.until is not None)

    @property
    def narrowed(self) -> bool:
        """Whether some of the spans of a name or a time are left out."""
        return bool(self.status or self.least or self.most is not None or self.attribute)

    @property
    def roots(self) -> bool:
        return self.spans == "roots" or not (self.spans or self.name or self.attribute)

    @property
    def pattern(self) -> tuple[str, str]:
        """How the name is looked up, and what for."""
        if "*" not in (self.name[:1], self.name[-1:]):
            return "exact", self.name
        first, last = self.name.startswith("*"), self.name.endswith("*")
        return "contains" if first and last else "endswith" if first else "startswith", self.name.strip("*")

    @property
    def values(self) -> list[str | float | bool]:
        """What the attribute may be stored as: its text, and the number or truth that the text stands for."""
        text = self.attribute[1] if self.attribute else ""
        try:
            read = json.loads(text)
        except ValueError:
            return [text]
        usable = isinstance(read, int | float) and math.isfinite(read) and abs(read) < 2**63
        return [text, read] if usable else [text]

    def address(self, before: str = "") -> str:
        """The query of the page that lists this, from `before` on; a window stays one that ends now."""
        moments = {} if self.window else {"since": _seconds(self.since), "until": _seconds(self.until)}
        parts = {
            "name": self.name,
            "status": self.status,
            "least": f"{self.least:.15g}" if self.least else "",
            "most": "" if self.most is None else f"{self.most:.15g}",
            "attribute": "=".join(self.attribute or ()),
            "spans": self.spans,
            "window": self.window,
            "before": before,
        }
        return urlencode({name: value for name, value in (parts | moments).items() if value})

    def field(self, name: str) -> str:
        """A moment as a form's field shows it: in TIME_ZONE; empty where the window says it."""
        at = None if self.window else getattr(self, name)
        return "" if at is None else f"{localtime(moment(int(at))):%Y-%m-%dT%H:%M:%S}"


def asked(query: Mapping[str, str], now: float) -> Filters:
    """The filters in an address. From and until win over a window, as on the other pages. Raises BadParameter."""
    since, until = (_moment(query.get(name, ""), name) for name in ("since", "until"))
    window = query.get("window", "") if since is until is None else ""
    return Filters(
        name=query.get("name", "").strip()[:LONGEST_NAME],
        status=query.get("status", ""),
        least=milliseconds(query.get("least") or "0", "least"),
        most=milliseconds(query["most"], "most") if query.get("most") else None,
        since=now - seconds(window) if window else since,
        until=until,
        attribute=_attribute(query.get("attribute", "").strip()),
        spans=query.get("spans", ""),
        window=window,
        before=query.get("before", ""),
    )


def _attribute(text: str) -> tuple[str, str] | None:
    key, equals, value = (part.strip() for part in text.partition("="))
    if text and not (key and equals and len(key) <= LONGEST_KEY and len(value) <= LONGEST_VALUE):
        raise BadParameter("attribute", text, _("a name and a value like http.response.status_code=500"))
    return (key, value) if text else None


def _moment(text: str, name: str) -> float | None:
    """Seconds since the epoch, which may also be written like 2026-11-24T09:00, in TIME_ZONE without an offset."""
    if not text:
        return None
    at = float(text) if re.fullmatch(r"\d{1,12}(\.\d{1,9})?", text, re.ASCII) else written(text)
    if at is None or not 0 <= at <= LATEST:
        raise BadParameter(name, text, _("a time like 2026-11-24T09:00, or seconds since 1970"))
    return at


def _seconds(at: float | None) -> str:
    return "" if at is None else f"{at:.6f}".rstrip("0").rstrip(".")
