"""What the desk remembers. The constraints forbid what transitions.TRANSITIONS forbids, whoever writes."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sessions_app.call_models import CallEvent as CallEvent
from sessions_app.call_models import QualitySample as QualitySample
from sessions_app.duty_models import StaffPeriod as StaffPeriod
from sessions_app.elapsed import WAITED_MS
from sessions_app.hourly_models import HourTally as HourTally
from sessions_app.hourly_models import MinuteTally as MinuteTally
from sessions_app.report_models import LONGEST_SETUP_MS as LONGEST_SETUP_MS
from sessions_app.report_models import CandidateType as CandidateType
from sessions_app.report_models import ConnectionReport as ConnectionReport
from sessions_app.report_models import Failure as Failure
from sessions_app.report_models import Protocol as Protocol
from sessions_app.report_models import Result as Result
from sessions_app.roles import Role as Role
from sessions_app.turn_models import TurnSecret as TurnSecret

NAME_LENGTH, TOPIC_LENGTH, NOTE_LENGTH, CONTACT_LENGTH = 80, 200, 2000, 200


class State(models.TextChoices):
    CALLBACK = "callback", _("To be called back")
    WAITING = "waiting", _("Waiting")
    CONNECTING = "connecting", _("Connecting")
    ACTIVE = "active", _("Active")
    ENDED = "ended", _("Ended")
    ABANDONED = "abandoned", _("Abandoned")
    EXPIRED = "expired", _("Expired")


HELD = (State.CONNECTING, State.ACTIVE)
OPEN = (State.WAITING, *HELD)  # the customer is there: who left a message is not
CLOSED = (State.ENDED, State.ABANDONED, State.EXPIRED)


class Outcome(models.TextChoices):
    RESOLVED = "resolved", _("Resolved")
    FOLLOW_UP = "follow_up", _("Needs a follow-up")
    NO_ANSWER = "no_answer", _("Customer did not answer")
    OTHER = "other", _("Something else")


class SupportSession(models.Model):
    """A customer's whole visit, from joining to its end."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    name = models.CharField(_("name"), max_length=NAME_LENGTH, blank=True)
    topic = models.CharField(_("topic"), max_length=TOPIC_LENGTH, blank=True)
    language = models.CharField(_("language"), max_length=10)
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("staff")
    )
    joined_at = models.DateTimeField(_("joined at"))
    claimed_at = models.DateTimeField(_("claimed at"), null=True, blank=True)
    connected_at = models.DateTimeField(_("connected at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    last_seen_at = models.DateTimeField(_("last seen at"))
    answer_by = models.DateTimeField(
        _("answer by"), null=True, blank=True, help_text=_("When the last claim goes back if nobody has answered it.")
    )
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, blank=True)
    note = models.TextField(_("note"), max_length=NOTE_LENGTH, blank=True)
    contact = models.CharField(_("contact"), max_length=CONTACT_LENGTH, blank=True)
    message = models.TextField(_("message left"), max_length=NOTE_LENGTH, blank=True)
    callback = models.BooleanField(
        _("callback"), default=False, help_text=_("Began with a message left behind, not in the queue.")
    )
    synthetic = models.BooleanField(_("synthetic"), default=False, help_text=_("Made by the self-test."))
    trace_id = models.CharField(_("trace id"), max_length=32, blank=True)
    traceparent = models.CharField(_("traceparent"), max_length=55, blank=True)
    anonymized_at = models.DateTimeField(_("anonymised at"), null=True, blank=True)

    class Meta:
        verbose_name = _("support session")
        verbose_name_plural = _("support sessions")
        permissions = [("work_desk", _("Can work at the desk")), ("view_board", _("Can see the board"))]
        indexes = [
            # queue.counts() and the sweeps of lifecycle: open sessions, the longest unseen first.
            models.Index(fields=["state", "last_seen_at"], name="session_state_seen"),
            # queue.pace(): what was claimed, and what ended so, within the window.
            models.Index(fields=["claimed_at"], name="session_claimed"),
            models.Index(fields=["state", "ended_at"], name="session_state_ended"),
            # history.sessions(): the newest first, a page at a time; all, or those of one state, outcome or colleague.
            models.Index(fields=["joined_at", "id"], name="session_newest"),
            models.Index(fields=["state", "joined_at"], name="session_state_newest"),
            models.Index(fields=["outcome", "joined_at"], name="session_outcome"),
            # queue.counts(): those that are no joins.
            models.Index("state", "synthetic", condition=Q(callback=True) | Q(synthetic=True), name="session_apart"),
            models.Index(fields=["staff", "joined_at"], name="session_staff_newest"),
            models.Index(WAITED_MS, name="session_waited"),
            models.Index(fields=["name", "joined_at"], name="session_of_name"),  # the list in the admin
        ]
        # A CHECK that comes to NULL passes: whatever may be null is asked for by name.
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="session_state_known"),
            models.CheckConstraint(
                condition=~Q(state__in=(State.WAITING, State.CALLBACK))
                | Q(staff=None, claimed_at=None, connected_at=None, ended_at=None, outcome=""),
                name="session_waiting_is_untouched",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.CALLBACK) | Q(callback=True), name="session_callback_began_as_one"
            ),
            models.CheckConstraint(
                condition=Q(callback=False) | ~Q(state__in=(State.WAITING, State.CONNECTING)),
                name="session_callback_is_not_queued",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=HELD) | Q(staff__isnull=False, claimed_at__isnull=False, ended_at=None),
                name="session_held_has_staff",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.CONNECTING) | Q(connected_at=None), name="session_connecting_is_not_connected"
            ),
            models.CheckConstraint(
                condition=~Q(state=State.ACTIVE) | Q(connected_at__isnull=False), name="session_active_is_connected"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=CLOSED) | Q(ended_at__isnull=False), name="session_closed_has_end"
            ),
            models.CheckConstraint(
                condition=~Q(state=State.ENDED) | Q(staff__isnull=False), name="session_ended_was_taken"
            ),
            models.CheckConstraint(
                condition=~Q(state=State.ABANDONED) | Q(connected_at=None), name="session_abandoned_never_connected"
            ),
            models.CheckConstraint(condition=Q(state=State.ENDED) | Q(outcome=""), name="session_outcome_at_end"),
            models.CheckConstraint(
                condition=Q(staff=None, claimed_at=None, connected_at=None)
                | Q(staff__isnull=False, claimed_at__isnull=False),
                name="session_claim_names_staff",
            ),
            models.CheckConstraint(
                condition=(Q(claimed_at=None) | Q(claimed_at__gte=F("joined_at")))
                & (Q(connected_at=None) | Q(connected_at__gte=F("claimed_at")))
                & (Q(ended_at=None) | Q(ended_at__gte=F("joined_at")))
                & (Q(ended_at=None) | Q(claimed_at=None) | Q(ended_at__gte=F("claimed_at"))),
                name="session_times_in_order",
            ),
            models.UniqueConstraint(fields=["staff"], condition=Q(state__in=HELD), name="session_one_per_staff"),
        ]

    def __str__(self) -> str:
        return f"{self.id} ({self.get_state_display()})"


class Departure(models.TextChoices):
    CLAIMED = "claimed", _("Claimed")
    LEFT = "left", _("Left")
    GONE = "gone", _("Gone")
    EXPIRED = "expired", _("Expired")


class QueueEntry(models.Model):
    """One stay in the queue. A session that is handed back gets a second entry, so no wait is ever rewritten."""

    session = models.ForeignKey(SupportSession, models.CASCADE, related_name="entries", verbose_name=_("session"))
    joined_at = models.DateTimeField(_("joined at"), help_text=_("When this stay began."))
    first_joined_at = models.DateTimeField(_("first joined at"), help_text=_("When the customer joined: their place."))
    left_at = models.DateTimeField(_("left at"), null=True, blank=True)
    departure = models.CharField(_("why left"), max_length=8, choices=Departure, blank=True)
    priority = models.IntegerField(_("priority"), default=0, help_text=_("Higher is served first."))
    position_at_join = models.PositiveIntegerField(_("position at join"))
    expected_least_min = models.PositiveIntegerField(_("expected wait at join, at least (min)"), null=True, blank=True)
    expected_most_min = models.PositiveIntegerField(_("expected wait at join, at most (min)"), null=True, blank=True)
    unanswered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("unanswered claim of"),
        help_text=_("Who had taken the customer, when this stay began because their page did not answer."),
    )

    class Meta:
        verbose_name = _("queue entry")
        verbose_name_plural = _("queue entries")
        indexes = [
            # queue.waiting(): the open entries in the order in which they are served.
            models.Index(
                F("priority").desc(), "first_joined_at", "id", condition=Q(left_at=None), name="entry_serving_order"
            ),
            # queue.pace(): stays that ended within the window.
            models.Index(fields=["left_at"], name="entry_left"),
            # queue.returned(): the few that came back by themselves.
            models.Index(fields=["joined_at"], condition=Q(unanswered_by__isnull=False), name="entry_unanswered"),
            # The list in the admin: all, those that ended so, and the few that were put first.
            models.Index(fields=["joined_at"], name="entry_joined"),
            models.Index(fields=["departure", "joined_at"], name="entry_departed"),
            models.Index(fields=["joined_at"], condition=~Q(priority=0), name="entry_put_first"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["session"], condition=Q(left_at=None), name="entry_one_open_per_session"),
            models.CheckConstraint(
                condition=Q(left_at=None, departure="")
                | (Q(left_at__isnull=False, left_at__gte=F("joined_at")) & ~Q(departure="")),
                name="entry_leaves_for_a_reason",
            ),
            models.CheckConstraint(condition=Q(first_joined_at__lte=F("joined_at")), name="entry_first_join_is_first"),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} #{self.pk}"

    @property
    def lasted_ms(self) -> float | None:
        """None while it lasts."""
        return (self.left_at - self.joined_at).total_seconds() * 1000 if self.left_at else None
