"""What people type: plain text of a limited length, without the characters that deceive a reader."""

import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sessions_app.models import CONTACT_LENGTH, NAME_LENGTH, NOTE_LENGTH, TOPIC_LENGTH, Outcome

LINE_ENDS = "\t\n\r"
JOINERS = "\u200c\u200d"  # invisible, but scripts and emoji need them
EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@.]+")
PHONE = re.compile(r"\+?(?:[\s()./-]*\d){5,15}[\s()./-]*")
REFUSED = {"Cc", "Cf", "Cs"}  # control, direction overrides and other invisible ones, halves of characters


class PlainText(forms.CharField):
    """Refuses control characters, naming itself; on one line, every run of spaces becomes one."""

    def to_python(self, value: Any) -> str:
        text: str = super().to_python(value) or ""
        if any(unicodedata.category(char) in REFUSED and char not in LINE_ENDS + JOINERS for char in text):
            raise ValidationError(
                _("%(field)s contains a character that cannot be shown. Type it again without pasting."),
                params={"field": self.label},
                code="control",
            )
        return text if isinstance(self.widget, forms.Textarea) else " ".join(text.split())


class JoinForm(forms.Form):
    name = PlainText(label=gettext_lazy("Your name"), max_length=NAME_LENGTH, required=False)
    topic = PlainText(label=gettext_lazy("What is it about?"), max_length=TOPIC_LENGTH, required=False)

    name.widget.attrs["autocomplete"] = "name"

    def clean_name(self) -> str:
        return self.cleaned_data["name"] or _("Guest")


class AnswerForm(forms.Form):
    """What it takes to answer somebody of whom everything else is known."""

    contact = PlainText(
        label=gettext_lazy("Where do we reach you?"),
        max_length=CONTACT_LENGTH,
        help_text=gettext_lazy("An e-mail address or a phone number with its area code."),
    )
    message = PlainText(label=gettext_lazy("Your message"), max_length=NOTE_LENGTH, widget=forms.Textarea({"rows": 4}))

    contact.widget.attrs["autocomplete"] = "email"

    def clean_contact(self) -> str:
        """Checked lightly: what looks like neither is a slip, what looks like one may still reach nobody."""
        contact: str = self.cleaned_data["contact"]
        if not (EMAIL.fullmatch(contact) or PHONE.fullmatch(contact)):
            raise ValidationError(
                _("Type an e-mail address such as ana@example.org, or a phone number such as +90 312 000 0000."),
                code="contact",
            )
        return contact


class MessageForm(JoinForm, AnswerForm):
    field_order = ("name", "contact", "topic", "message")


class EndForm(forms.Form):
    outcome = forms.ChoiceField(label=gettext_lazy("Outcome"), choices=Outcome.choices)
    note = PlainText(label=gettext_lazy("Note"), max_length=NOTE_LENGTH, required=False, widget=forms.Textarea)


class WriteUpForm(EndForm):
    """Of a session that is over: who ended it need not have been staff, so perhaps nobody has said an outcome."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("Outcome"), choices=[("", gettext_lazy("Not said yet")), *Outcome.choices], required=False
    )
