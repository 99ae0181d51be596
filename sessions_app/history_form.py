"""What the address of the list of sessions may ask for."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _

from sessions_app import history
from sessions_app.errors import BadAddress
from sessions_app.models import LONGEST_SETUP_MS, Failure, Outcome, Role, State

LONGEST_S = 7 * 24 * 3600
ANY = ("", _("any"))


class Moment(forms.DateTimeField):
    """A time in TIME_ZONE, or with an offset as links have it; shown in TIME_ZONE either way."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local", "step": 1}, format="%Y-%m-%dT%H:%M:%S")

    def prepare_value(self, value: Any) -> Any:
        try:
            return super().prepare_value(self.to_python(value))
        except forms.ValidationError:
            return value


class YesOrNo(forms.TypedChoiceField):
    def __init__(self, *, label: Any, yes: Any, no: Any) -> None:
        choices = [ANY, ("yes", yes), ("no", no)]
        super().__init__(label=label, choices=choices, coerce="yes".__eq__, empty_value=None, required=False)


class FilterForm(forms.Form):
    """A name is not among it: addresses end up in logs and histories."""

    state = forms.ChoiceField(label=_("State"), choices=[ANY, *State.choices], required=False)
    outcome = forms.ChoiceField(label=_("Outcome"), choices=[ANY, *Outcome.choices], required=False)
    staff = forms.ModelChoiceField(
        label=_("Staff"), queryset=history.staff_seen(), empty_label=_("any"), required=False
    )
    waited_s = forms.IntegerField(label=_("Waited longer than (s)"), min_value=0, max_value=LONGEST_S, required=False)
    since = Moment(label=_("Joined from"), required=False)
    until = Moment(label=_("Joined before"), required=False)
    failure = forms.ChoiceField(label=_("An attempt failed"), choices=[ANY, *Failure.choices], required=False)
    relay = YesOrNo(label=_("Relay"), yes=_("relayed"), no=_("direct"))
    setup_from_ms = forms.IntegerField(
        label=_("Setup from (ms)"), min_value=0, max_value=LONGEST_SETUP_MS, required=False
    )
    setup_to_ms = forms.IntegerField(
        label=_("Setup below (ms)"), min_value=1, max_value=LONGEST_SETUP_MS + 1, required=False
    )
    role = forms.ChoiceField(
        label=_("Failure and setup of"), choices=[("", _("either side")), *Role.choices], required=False
    )
    synthetic = YesOrNo(label=_("Self-test"), yes=_("only"), no=_("without"))
    before = forms.CharField(widget=forms.HiddenInput, max_length=60, required=False)

    FIRST = ("state", "outcome", "staff", "waited_s")  # the others are folded away until one of them is used

    def clean(self) -> None:
        self._in_order("since", "until")
        self._in_order("setup_from_ms", "setup_to_ms")

    def _in_order(self, first: str, then: str) -> None:
        begin: datetime | int | None = self.cleaned_data.get(first)
        end: Any = self.cleaned_data.get(then)
        if begin is not None and end is not None and begin >= end:
            beyond = _("This must be more than “%(first)s”.") % {"first": self[first].label}
            self.add_error(then, beyond)

    def filters(self) -> history.Filters:
        if not self.is_valid():
            wrong = [f"{self[name].label}: {error}" for name, errors in self.errors.items() for error in errors]
            raise BadAddress(" ".join(wrong))
        return history.Filters(**self.cleaned_data)

    def asked(self) -> dict[str, str]:
        """What the address asks for, but for the page."""
        return {name: value for name, value in self.data.items() if value and name in self.fields and name != "before"}

    def first(self) -> list[forms.BoundField]:
        return [self[name] for name in self.FIRST]

    def others(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name not in self.FIRST]

    def opened(self) -> bool:
        return bool(self.asked().keys() - set(self.FIRST))


def address(filters: history.Filters) -> str:
    """The query with which the page of the list chooses by `filters`."""
    return urlencode({name: _word(value) for name, value in vars(filters).items() if value not in (None, "")})


def _word(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.isoformat()
        case User():
            return str(value.pk)
    return str(value)
