"""What the desk's jobs say they did: sentences that the page of jobs shows in the reader's language."""

from django.utils.translation import gettext_noop as _

from monitoring import register_outcomes

ROTATED = _("TURN secret %(secret)s signs from now on; the one before stays accepted for %(time)s.")
KEPT_UP = _("Told the TURN server what it must know and removed %(removed)s secrets that nothing valid is signed with.")
CLEANED_UP = _(
    "Closed %(gone)s visits of customers who had gone, expired %(expired)s visits, put %(forgotten)s forgotten "
    "messages back on the list and removed %(logins)s old logins."
)
SWEPT = _("Closed %(gone)s visits of customers who had gone, put %(unanswered)s unanswered claims back into the queue.")
AGED = _("Made %(count)s samples of the calls' quality fewer.")
AGED_IN_PART = _("Made %(count)s samples of the calls' quality fewer; the next run goes on.")
HOURS = _("Counted %(done)s hours of the desk that are over; %(left)s are left for the next run.")
MINUTES = _("Counted %(done)s minutes of the desk that are over; %(left)s are left for the next run.")
NOBODY_WAITS = _("Nobody waits any more: no mail was sent.")
NOBODY_TOLD = _(
    "Waiting: %(waiting)s, messages: %(messages)s. Nobody was told: no member of staff has an e-mail address."
)
TOLD = _("Waiting: %(waiting)s, messages: %(messages)s. Staff told by mail: %(told)s.")
ANONYMIZED = _(
    "Removed name, topic, note, contact and message from %(cleared)s visits; their figures stay, and nothing is left "
    "elsewhere."
)
ANONYMIZED_IN_PART = _(
    "Removed name, topic, note, contact and message from %(cleared)s visits; their figures stay, and nothing is left "
    "elsewhere. The time was up: %(remaining)s go with the next run."
)
ALL = (
    *(ROTATED, KEPT_UP, CLEANED_UP, SWEPT, AGED_IN_PART, AGED, HOURS, MINUTES, NOBODY_WAITS, NOBODY_TOLD, TOLD),
    *(ANONYMIZED_IN_PART, ANONYMIZED),
)


def register() -> None:
    register_outcomes(*ALL)
