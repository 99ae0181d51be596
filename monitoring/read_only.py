"""Lists in the admin that are to be read: fast however many rows there are, and never changed by hand."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import get_fields_from_path
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import DatabaseError
from django.db.models import Field, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from monitoring.admin_dates import YEARS
from monitoring.admin_list import KeysetChangeList
from monitoring.errors import BadParameter
from monitoring.keyset import finding_fields, sorting_fields
from monitoring.panel.answers import mistake

LOOKUPS = ("exact", "startswith")


class ReadOnlyAdmin(admin.ModelAdmin[Any]):
    """To search and read; nobody adds, changes or deletes.

    Nothing is counted and no row is skipped: pages go by keyset. A list is sorted by columns that have an index of
    their own, or are in `sort_also` as their table stays small. A search is for one whole value, which is looked up in
    each of `search_fields` in turn ("name", "session__id", or "name__startswith" in a small table) until one has it.
    """

    change_list_template = "admin/read_only_list.html"
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    actions = None
    sort_also: tuple[str, ...] = ()
    note: Any = ""  # a sentence above the list
    clock = ""  # a column of seconds since the epoch, that rises with the ids, in the place of a date_hierarchy

    def within(self, rows: QuerySet[Any], since: float, until: float) -> QuerySet[Any]:
        """The rows of a stretch of `clock`."""
        raise NotImplementedError

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        try:
            return super().changelist_view(request, {"note": self.note} | (extra_context or {}))
        except (BadParameter, DatabaseError) as error:
            return mistake(request, error)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:  # noqa: ARG002
        return KeysetChangeList

    def sorting_fields(self, _request: HttpRequest) -> dict[str, Field[Any, Any]]:
        more = {name: self.model._meta.get_field(name) for name in self.sort_also}  # noqa: SLF001
        return sorting_fields(self.model) | {name: field for name, field in more.items() if isinstance(field, Field)}

    def get_sortable_by(self, request: HttpRequest) -> list[Any]:
        fields = self.sorting_fields(request)
        return [column for column in self.get_list_display(request) if _sorted_by(column).lstrip("-") in fields]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """What the list's own links ask for, and exact values of columns that have an index."""
        name, _between, how = lookup.partition("__")
        if name == self.date_hierarchy and how in ("year", "month", "day"):
            return self._is_part_of_date(request)
        try:
            self.model._meta.get_field(name)  # noqa: SLF001
        except FieldDoesNotExist:
            return True  # a filter of our own, or one that is told to be wrong later
        if name in (_filtered_by(each) for each in self.get_list_filter(request)):
            return super().lookup_allowed(lookup, value, request)
        return name in finding_fields(self.model) and how in ("", "exact", "id", "id__exact", "pk", "pk__exact")

    def _is_part_of_date(self, request: HttpRequest) -> bool:
        """A month without its year, or a day without its month, would have to look at every row."""
        parts = [request.GET.get(f"{self.date_hierarchy}__{part}", "") for part in ("year", "month", "day")]
        if not (parts[0].isdecimal() and int(parts[0]) in YEARS):
            raise BadParameter(f"{self.date_hierarchy}__year", parts[0], _("a year such as 2026"))
        return bool(parts[1] or not parts[2])

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term, fields = search_term.strip(), self.get_search_fields(request)
        if not term or not fields:
            return queryset, False
        for field in fields:
            wanted = self._wanted(str(field), term)
            if wanted and self.model._default_manager.filter(**wanted).exists():  # noqa: SLF001
                return queryset.filter(**wanted), False
        return queryset.none(), False

    def _wanted(self, path: str, term: str) -> dict[str, Any]:
        """The filter for a term in a field; nothing when no row can have it, such as letters for a number."""
        start, _between, how = path.rpartition("__")
        path, lookup = (start, how) if how in LOOKUPS else (path, "exact")
        try:
            return {f"{path}__{lookup}": get_fields_from_path(self.model, path)[-1].to_python(term)}
        except (ValidationError, ValueError, OverflowError):
            return {}

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        return False


def _sorted_by(column: Any) -> str:
    return column if isinstance(column, str) else str(getattr(column, "admin_order_field", ""))


def _filtered_by(item: Any) -> str:
    return str(item[0] if isinstance(item, tuple | list) else item)
