"""What the desk measures: names and descriptions are those of the old system."""

from django.utils.translation import gettext_noop as _

from monitoring import Instrument
from sessions_app.models import Role, StaffPeriod, State
from sessions_app.quality import LIMITS

QUEUE_WAIT = Instrument(
    "histogram", "queue_wait_time", _("Customer queue wait time"), "ms", headline={"": _("Queue wait")}
)
CONNECTION_TIME = Instrument(
    "histogram",
    "webrtc_connection_time",
    _("WebRTC connection establishment time"),
    "ms",
    {"role": tuple(Role.values)},
    {"": _("Connection time")},
)
JOINED = Instrument(
    "counter", "customers_joined_total", _("Customers who joined the queue"), headline={"": _("Customers who joined")}
)
ABANDONED = Instrument(
    "counter",
    "customers_abandoned_total",
    _("Customers who left or were gone before being served"),
    headline={"": _("Customers who gave up")},
)
MESSAGES = Instrument("counter", "messages_left_total", _("Messages left to be called back"))
UNANSWERED = Instrument("counter", "claims_unanswered_total", _("Claims that no customer's page answered in time"))
REASONS = (
    *("not_a_number", "malformed", "out_of_range", "out_of_order"),
    *("before_claim", "over_server_clock", "duplicate", "too_many"),
)
REPORTS_REFUSED = Instrument(
    "counter",
    "connection_reports_refused_total",
    _("Connection reports kept out of webrtc_connection_time"),
    "",
    {"reason": REASONS},
)
ROUND_TRIP = Instrument(
    "histogram",
    "webrtc_round_trip_time",
    _("Round-trip time of connected calls"),
    "ms",
    {"role": tuple(Role.values)},
    {"": _("Round trip of calls")},
)
QUALITY_SAMPLES = Instrument(
    "counter",
    "webrtc_quality_samples_total",
    _("Looks at how good a call was, every ten seconds, by the first thing that was poor"),
    "",
    {"role": tuple(Role.values), "fault": ("none", *LIMITS)},
)
CLAIMS_REFUSED = Instrument(
    "counter",
    "webrtc_claims_refused_total",
    _("What pages said of their calls and was not kept"),
    "",
    {
        "kind": ("quality", "event"),
        "reason": (
            *("not_a_number", "malformed", "out_of_range"),
            *("before_claim", "over_server_clock", "too_soon", "too_many"),
        ),
    },
)
QUEUE_LENGTH = Instrument("gauge", "queue_length", _("Customers waiting"), headline={"": _("Waiting")})
LONGEST_WAIT = Instrument(
    "gauge", "queue_longest_wait_seconds", _("Longest wait of those waiting"), "s", headline={"": _("Longest wait")}
)
SESSIONS = Instrument(
    "gauge",
    "support_sessions",
    _("Sessions by state"),
    labels={"state": tuple(State.values)},
    headline={"active": _("In calls")},
)
SERVICE_LEVEL = Instrument("gauge", "service_level_ratio", _("Share answered in time today"), "share")
ABANDON_RATE = Instrument("gauge", "abandon_rate_ratio", _("Share that gave up today"), "share")
SPEED_OF_ANSWER = Instrument("gauge", "average_speed_of_answer_seconds", _("Average speed of answer today"), "s")
STAFF = Instrument(
    "gauge",
    "support_staff",
    _("Staff on duty by state"),
    labels={"state": tuple(StaffPeriod.State.values)},
    headline={"": _("Staff on duty"), "available": _("Staff free")},
)
OCCUPANCY = Instrument("gauge", "occupancy_ratio", _("Share of their time on duty that staff were busy today"), "share")
QUOTES_KEPT = Instrument(
    "gauge", "expected_wait_kept_ratio", _("Share of the waits today that were as long as told"), "share"
)
# The values of `state` as the overview shows them.
STATE_WORDS = (_("callback"), _("waiting"), _("connecting"), _("active"), _("ended"), _("abandoned"), _("expired"))
STAFF_WORDS = (_("available"), _("paused"), _("in call"), _("wrap up"))
ALL = (
    *(QUEUE_WAIT, CONNECTION_TIME, JOINED, MESSAGES, ABANDONED, UNANSWERED, REPORTS_REFUSED),
    *(ROUND_TRIP, QUALITY_SAMPLES, CLAIMS_REFUSED),
    *(QUEUE_LENGTH, LONGEST_WAIT, SESSIONS, SERVICE_LEVEL, ABANDON_RATE, SPEED_OF_ANSWER),
    *(STAFF, OCCUPANCY, QUOTES_KEPT),
)
