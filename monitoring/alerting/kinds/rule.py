"""What every kind of rule has."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from monitoring.alerting.look import Finding, Look


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One line of settings.ALERT_RULES. All times are in seconds.

    An alert fires when it was bad for `hold_s`, and is resolved when it was fine for `keep_s`. People are told once in
    `cooldown_s` at most, until somebody acknowledges it. `what` names the thing in a message id of gettext; `link` is
    the URL name of the page that shows the offenders, `query` what that page is asked.
    """

    kind: ClassVar[str]

    name: str
    what: str = ""
    level: Literal["bad", "warn"] = "bad"
    hold_s: int = 0
    keep_s: int = 300
    cooldown_s: int = 4 * 3600
    link: str = ""
    query: str = ""

    def __post_init__(self) -> None:
        if not self.name or len(self.name) > 60:  # as the column holds it
            raise ValueError("its name must have from 1 to 60 characters.")
        if self.level not in ("bad", "warn"):
            raise ValueError(f"its level is {self.level!r}, and must be bad or warn.")
        if min(self.hold_s, self.keep_s) < 0 or self.cooldown_s < 60:
            raise ValueError("hold_s and keep_s must be 0 or more, cooldown_s 60 or more.")

    def look(self, look: Look, memory: dict[str, Any]) -> Iterable[Finding]:
        """A finding about each subject there is, bad or not. `memory` is kept from one look to the next, as JSON."""
        raise NotImplementedError
