"""Every staff page, with an address that shows something: what must hold for all of them is tried on all of them."""

PANEL, DESK = "/admin/monitoring/panel/", "/admin/desk/"
TRACE = "7" * 32
# What a server has to be told for the address of a trace: a request, and the job that it enqueued, which failed.
A_TRACE = f"""
from datetime import timedelta
from django.utils.timezone import now
from monitoring.models import Measure, Series, Span
began, ms = now() - timedelta(minutes=2), timedelta(milliseconds=1)
def span(number, parent, name, role, kind, after, took, **told):
    return Span(
        trace_id="{TRACE}", span_id=f"{{number:016x}}", parent_id=f"{{parent:016x}}" if parent else "", name=name,
        kind=kind, service="adminara", role=role, started_at=began + after * ms, duration_ms=took,
        **dict(status="unset", local_root=not parent) | told,
    )
failure = {{"exception.type": "SMTPError", "exception.message": "Nobody answers"}}
log = {{"body": "No mail server answers.", "severity_text": "ERROR"}}
Span.objects.bulk_create([
    span(1, 0, "POST s/join/", "web", "server", 0, 48),
    span(2, 1, "INSERT queueentry", "web", "client", 3, 21, attributes={{"db.query.text": "INSERT INTO queueentry"}}),
    span(3, 1, "enqueue.notify_staff", "web", "producer", 26, 2, attributes={{"code.file.path": "desk/listeners.py"}}),
    span(4, 3, "job.wait", "worker", "internal", 28, 140, local_root=True),
    span(5, 3, "job.notify_staff", "worker", "consumer", 168, 90, local_root=True, status="error",
         status_message="SMTPError: nobody answers", events=[
             {{"name": "exception", "at_ms": 80.0, "attributes": failure}},
             {{"name": "log", "at_ms": 79.0, "attributes": log}}], links=["8" * 32]),
    span(6, 5, "mail.send", "worker", "client", 172, 80, status="error"),
])
series, _new = Series.objects.get_or_create(kind="histogram", name="mail_send", labels="[]")
Measure.objects.create(
    series=series, at=began.timestamp() + 0.25, duration_ms=80, trace_id="{TRACE}", span_id=f"{{6:016x}}", ok=False
)
"""
PAGES = {
    "overview": PANEL,
    "bottlenecks": f"{PANEL}bottlenecks/",
    "name": f"{PANEL}bottlenecks/name/?kind=measure&name=report.render",
    "traces": f"{PANEL}traces/",
    "trace": f"{PANEL}traces/{TRACE}/?span={3:016x}#span-{3:016x}",
    "jobs": f"{PANEL}jobs/",
    "jobs held back": f"{PANEL}jobs/?status=later",
    "one job": f"{PANEL}jobs/queue_sweep/",
    "alerts": f"{PANEL}alerts/",
    "processes": f"{PANEL}processes/",
    "settings": f"{PANEL}settings/",
    "audit": f"{PANEL}audit/",
    "board": f"{DESK}board/?window=24h",
    "console": DESK,
    "sessions": f"{DESK}sessions/",
    "setup": f"{DESK}sessions/setup/",
    "admin": "/admin/",
    "spans in the admin": "/admin/monitoring/span/",
    "measures in the admin": "/admin/monitoring/measure/",
    "sessions in the admin": "/admin/sessions_app/supportsession/",
    "queue entries in the admin": "/admin/sessions_app/queueentry/",
    "schedules in the admin": "/admin/django_q/schedule/",
}
