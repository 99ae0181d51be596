"""The board's figures as people read them: each with its formula, and with what it was before."""

from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from sessions_app.service import Figure, Service

ENOUGH = 20  # customers in each of two stretches, below which a difference may well be chance
LEAST = 0.005  # of a share, or of a number relative to the one before: less than this is the same


@dataclass(frozen=True)
class Compared:
    """A figure and what it was `before`; `change` is the difference of shares, or how much more or less than before."""

    figure: Figure
    before: float | None
    enough: bool

    @property
    def change(self) -> float | None:
        now, before = self.figure.value, self.before
        if now is None or before is None:
            return None
        if self.figure.unit == "share":
            return now - before
        return now / before - 1 if before else None

    @property
    def sign(self) -> str:
        if self.change is None:
            return ""
        return "≈" if abs(self.change) < LEAST else "▲" if self.change > 0 else "▼"

    @property
    def level(self) -> str:
        """ "good" or "warn" where more or less is better, and there were enough customers to say so."""
        better = self.figure.better * (self.change or 0)
        if not self.enough or abs(better) < LEAST:
            return "muted"
        return "good" if better > 0 else "warn"

    @property
    def words(self) -> str:
        """By how much it has changed."""
        if self.change is None:
            return ""
        places = 1 if abs(self.change) < 0.1 else 0
        percent = number_format(round(abs(self.change) * 100, places), places)  # which by itself cuts what it drops
        if self.figure.unit == "share":
            return _("%(number)s points") % {"number": percent}
        return _("%(number)s %%") % {"number": percent}

    def as_json(self) -> dict[str, Any]:
        return {
            "label": self.figure.label,
            "value": self.figure.value,
            "unit": self.figure.unit,
            "formula": self.figure.formula,
            "before": self.before,
            "change": self.change,
        }


def figures(shown: Service) -> list[Figure]:
    """Those of the console, and what a board adds."""
    own = {figure.name: figure for figure in shown.figures}
    words = {"short": shown.short_abandon_s}
    longest = _("the longest wait of the offered, from joining to connected, to leaving, or until now")
    gave_up = _("left, or gone, unanswered after more than %(short)s s") % words
    more = {
        "longest_wait": Figure(_("Longest wait"), shown.longest_wait_s, "s", longest, "longest_wait", -1),
        "abandoned": Figure(_("Abandoned"), shown.abandoned, "", gave_up, "abandoned"),
    }
    return [(own | more)[name] for name in ORDER]


ORDER = (
    *("service_level", "asa", "longest_wait", "queue_wait", "offered", "answered", "abandoned", "abandon_rate"),
    *("handled", "aht", "occupancy", "quotes_kept"),
)


def levels(shown: Service) -> list[Figure]:
    """The service level as others count it: A answered, B abandoned, T the target. The first is the default."""
    found, target = shown.service_levels, shown.target_s
    early = _("Without those who gave up in time"), _("answered within T / (answered + abandoned - abandoned within T)")
    answered = _("Of the answered"), _("answered within T / answered")
    everybody = _("Of all"), _("answered within T / (answered + abandoned)")
    met = (
        _("Those who gave up in time count as served"),
        _("(answered within T + abandoned within T) / (answered + abandoned)"),
    )
    counted = (
        ("without_early_abandons", early, found.without_early_abandons),
        ("of_answered", answered, found.of_answered),
        ("of_all", everybody, found.of_all),
        ("early_abandons_met", met, found.early_abandons_met),
    )
    within = _("T = %(target)s s") % {"target": target}
    return [Figure(label, value, "share", f"{how}; {within}", key, 1) for key, (label, how), value in counted]


def compared(now: list[Figure], before: list[Figure], shown: Service, past: Service) -> list[Compared]:
    enough = min(shown.offered, past.offered) >= ENOUGH
    return [Compared(figure, was.value, enough) for figure, was in zip(now, before, strict=True)]
