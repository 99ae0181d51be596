"""What the bottlenecks page shows of the ranked names: those that fit, in the order asked for, the first at first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from monitoring.errors import BadParameter
from monitoring.panel.bottlenecks import Bottleneck
from monitoring.panel.windows import asked_window, milliseconds

FIRST = 25  # rows, unless all of them are asked for
RANKED = "share"
ORDERS: dict[str, Callable[[Bottleneck], float]] = {
    "count": lambda row: row.count,
    "errors": lambda row: row.errors,
    "over": lambda row: row.over,
    RANKED: lambda row: row.share,
    "mean": lambda row: row.mean,
    "p50": lambda row: row.p50,
    "p95": lambda row: row.p95,
    "change": lambda row: row.change.ratio or 0.0,
    "p99": lambda row: row.p99,
    "max": lambda row: row.max,
}


@dataclass(frozen=True)
class Asked:
    """What the address asks for: `q` stands somewhere in the name, `threshold` (ms) for each name's own."""

    window: str = "1h"
    threshold: float | None = None
    sort: str = RANKED
    q: str = ""
    all: bool = False

    def __post_init__(self) -> None:
        if self.sort not in ORDERS:
            raise BadParameter("sort", self.sort, _("one of %(orders)s") % {"orders": ", ".join(ORDERS)})

    @property
    def basis(self) -> dict[str, str]:
        """What the page of a name is asked for as well."""
        return {"window": self.window} | ({} if self.threshold is None else {"threshold": f"{self.threshold:g}"})

    def address(self, **changed: str) -> str:
        sort = {} if self.sort == RANKED else {"sort": self.sort}
        told = self.basis | sort | {"q": self.q, "rows": "all" if self.all else ""} | changed
        return "?" + urlencode({name: value for name, value in told.items() if value}, safe="/:")


def asked(query: Mapping[str, str]) -> Asked:
    """Read an address. Raises BadParameter."""
    threshold, rows = query.get("threshold", ""), query.get("rows", "")
    if rows not in ("", "all"):
        raise BadParameter("rows", rows, _("all, or nothing"))
    return Asked(
        window=asked_window(query),
        threshold=milliseconds(threshold) if threshold else None,
        sort=query.get("sort") or RANKED,
        q=query.get("q", "").strip()[:200],
        all=rows == "all",
    )


def arranged(rows: list[Bottleneck], wanted: Asked) -> list[Bottleneck]:
    """The rows that fit, the greatest first; equal ones stay as they were ranked."""
    fitting = [row for row in rows if wanted.q.casefold() in row.name.casefold()]
    return sorted(fitting, key=ORDERS[wanted.sort], reverse=True)
