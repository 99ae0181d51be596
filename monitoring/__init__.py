"""AdminAra's instrument panel. This is its front door: what the rest of the program may use."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from monitoring.health import register_probe
from monitoring.instruments import Instrument, Reading, declare, register_gauges
from monitoring.live import LiveHub, NewsHub
from monitoring.news import cut_off, nudge
from monitoring.profiler import PerformanceProfiler, profiler
from monitoring.recording import count
from monitoring.redaction import redact
from monitoring.tracing.operations import current_trace_id, start_span, trace_async, traced
from monitoring.tracing.past import current_traceparent, past_span
from monitoring.tracing.setup import init_observability
from monitoring.verdict import Offender, Verdict, register_verdicts

if TYPE_CHECKING:
    from monitoring.admin_filters import ByIndex
    from monitoring.auditing import audit, register_actions
    from monitoring.outcomes import register_outcomes
    from monitoring.pages import page_context, staff_page
    from monitoring.panel.bottlenecks import bottlenecks
    from monitoring.panel.plots import Curve, Mark, Plot
    from monitoring.queueing import enqueue
    from monitoring.read_only import ReadOnlyAdmin
    from monitoring.runs import run_job
    from monitoring.staff_socket import StaffSocket
    from monitoring.texts import KeptText, kept_texts

__all__ = [
    "ByIndex",
    "Curve",
    "Instrument",
    "KeptText",
    "LiveHub",
    "Mark",
    "NewsHub",
    "Offender",
    "PerformanceProfiler",
    "Plot",
    "ReadOnlyAdmin",
    "Reading",
    "StaffSocket",
    "Verdict",
    "audit",
    "bottlenecks",
    "count",
    "current_trace_id",
    "current_traceparent",
    "cut_off",
    "declare",
    "enqueue",
    "init_observability",
    "kept_texts",
    "nudge",
    "page_context",
    "past_span",
    "profiler",
    "redact",
    "register_actions",
    "register_gauges",
    "register_outcomes",
    "register_probe",
    "register_verdicts",
    "run_job",
    "staff_page",
    "start_span",
    "trace_async",
    "traced",
]

# These need models, which Django has not loaded yet when it imports this package.
LATER = {
    "ByIndex": "admin_filters",
    "Curve": "panel.plots",
    "KeptText": "texts",
    "Mark": "panel.plots",
    "Plot": "panel.plots",
    "ReadOnlyAdmin": "read_only",
    "StaffSocket": "staff_socket",
    "audit": "auditing",
    "bottlenecks": "panel.bottlenecks",
    "enqueue": "queueing",
    "kept_texts": "texts",
    "page_context": "pages",
    "register_actions": "auditing",
    "register_outcomes": "outcomes",
    "run_job": "runs",
    "staff_page": "pages",
}


def __getattr__(name: str) -> Any:
    if name not in LATER:
        raise AttributeError(f"module 'monitoring' has no attribute {name!r}")
    return getattr(import_module(f"monitoring.{LATER[name]}"), name)
