"""Every text that the panel keeps and in which somebody could be named, for those who must prove that nobody is."""

import json
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from django.contrib.admin.models import LogEntry
from django.db.models import Model, QuerySet
from django_q.models import OrmQ, Task

from monitoring.alert_models import Alert, Silence
from monitoring.models import AuditEntry, JobRun, Series, Span

CHUNK = 2_000  # rows read at once
# What spans say of the server and of browsers, whose versions look like addresses.
OF_NO_PERSON = {"server.address", "net.host.name", "net.host.ip", "http.host", "user_agent.original", "http.user_agent"}


class KeptText(NamedTuple):
    """What one column of one row says; `row` is its primary key, `whole` all of the row, with the id of its subject."""

    table: str
    column: str
    row: str
    text: str
    whole: str


def kept_texts(trace_ids: Collection[str]) -> Iterator[KeptText]:
    """The audit, notes on alerts, jobs of all kinds, the admin's log, names of series, the spans of these traces."""
    yield from _said(AuditEntry.objects.all(), "target", "detail")
    yield from _said(Alert.objects.all(), "subject", "note")
    yield from _said(Silence.objects.all(), "subject", "reason")
    yield from _said(JobRun.objects.all(), "args", "outcome", about="trace_id")
    yield from _said(Series.objects.all(), "name", "labels")
    yield from _said(LogEntry.objects.all(), "object_repr", "change_message", about="object_id")
    yield from _said(Task.objects.all(), "args", "kwargs", "result")
    for job in OrmQ.objects.iterator(CHUNK):
        package = plain(job.task)
        yield KeptText(table(OrmQ), "payload", str(job.pk), package, package)
    wanted = sorted(trace_ids)
    for begin in range(0, len(wanted), CHUNK):
        spans = Span.objects.filter(trace_id__in=wanted[begin : begin + CHUNK])
        yield from _said(spans, "name", "status_message", "attributes", "events", about="trace_id")


def _said(rows: QuerySet[Any], *columns: str, about: str = "pk") -> Iterator[KeptText]:
    """What the rows say in `columns`; the column `about` says what they speak of."""
    for pk, subject, *values in rows.order_by().values_list("pk", about, *columns).iterator(CHUNK):
        texts = [plain(value) if value else "" for value in values]
        whole = " ".join([str(subject), *texts])
        for column, text in zip(columns, texts, strict=True):
            if text:
                yield KeptText(table(rows.model), column, str(pk), text, whole)


def table(model: type[Model]) -> str:
    return model._meta.db_table  # noqa: SLF001


def plain(value: Any) -> str:
    """A column's content with its letters as people write them, also where it is JSON or was an object."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return str(value)
    if isinstance(value, dict):
        value = {key: said for key, said in value.items() if key not in OF_NO_PERSON}
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
