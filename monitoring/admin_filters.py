"""Filters of the admin's lists that an index serves."""

import time
from typing import Any

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.db import connections
from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from monitoring.retention import first_measure_since
from monitoring.store.tiers import DAY, HOUR

Rows = QuerySet[Any]
Choices = list[tuple[str, Any]]


class Recently(SimpleListFilter):
    """The last hour, day or week of rows whose moment is a number: seconds since the epoch."""

    title = _("when")
    parameter_name = "last"
    lengths = {"hour": HOUR, "day": DAY, "week": 7 * DAY}

    def lookups(self, _request: HttpRequest, _model_admin: ModelAdmin[Any]) -> Choices:
        return [("hour", _("the last hour")), ("day", _("the last day")), ("week", _("the last week"))]

    def queryset(self, _request: HttpRequest, queryset: Rows) -> Rows:
        length = self.lengths.get(self.value() or "")
        return self.since(queryset, time.time() - length) if length else queryset

    def since(self, rows: Rows, at: float) -> Rows:
        return rows.filter(bucket__gte=at)


class RecentMeasures(Recently):
    """Measures have no index by time alone: the id from which on they are of that time is looked for."""

    def since(self, rows: Rows, at: float) -> Rows:
        return rows.filter(pk__gte=first_measure_since(at), at__gte=at)


class ByIndex(SimpleListFilter):
    """The rows that an index holds: each choice is the name of an index with a condition."""

    title = _("result")
    parameter_name = "result"
    choices_of: dict[str, Any] = {}

    def lookups(self, _request: HttpRequest, _model_admin: ModelAdmin[Any]) -> Choices:
        return list(self.choices_of.items())

    def queryset(self, _request: HttpRequest, queryset: Rows) -> Rows:
        indexes = queryset.model._meta.indexes  # noqa: SLF001
        wanted = [index for index in indexes if index.name == self.value() and index.name in self.choices_of]
        return queryset.filter(*(literally(index, queryset) for index in wanted))


def literally(index: Any, rows: Rows) -> RawSQL:
    """An index's condition as its definition has it: with parameters in a list, SQLite does not know it again."""
    editor = connections[rows.db].schema_editor()
    return RawSQL(index._get_condition_sql(rows.model, editor), [], output_field=BooleanField())  # noqa: S611, SLF001


class FailedMeasures(ByIndex):
    choices_of = {"measure_failed": _("failed")}


class FailedSpans(ByIndex):
    choices_of = {"span_failed": _("failed or interrupted")}


class EndsOfRuns(ByIndex):
    choices_of = {"jobrun_not_well": _("failed, interrupted or discarded"), "jobrun_open": _("running")}
