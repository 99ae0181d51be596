"""The list of an admin that is to be read: pages by keyset, sorted and filtered only where an index serves it."""

from typing import TYPE_CHECKING, Any

from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpRequest
from django.utils.translation import gettext as _

from monitoring.admin_dates import PARTS, asked_stretch, date_links
from monitoring.keyset import SIDES, KeysetPage, Order, Place, read_page, sorting_fields

if TYPE_CHECKING:
    from monitoring.read_only import ReadOnlyAdmin

Link = tuple[str, str]  # a text and an address


class KeysetChangeList(ChangeList):
    """Knows a page of rows and the links to the pages beside it, but not how many rows there are."""

    model_admin: "ReadOnlyAdmin"

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        self.place = Place()
        for side in SIDES:  # they are no filters
            if side in self.params:
                self.place = Place(side, self.params.pop(side))
                del self.filter_params[side]
        if not (clock := self.model_admin.clock):
            return super().get_queryset(request, exclude_parameters)
        dates = {name: self.filter_params.pop(name) for part in PARTS if (name := f"{clock}__{part}") in self.params}
        stretch, rows = asked_stretch(self.params, clock), super().get_queryset(request, exclude_parameters)
        self.filter_params |= dates  # which a search keeps
        return self.model_admin.within(rows, *stretch) if stretch else rows

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[str | Combinable]:
        self.order = self._order(request, [str(name) for name in super().get_ordering(request, queryset)])
        return list(self.order.names(descending=self.order.descending))

    def _order(self, request: HttpRequest, names: list[str]) -> Order:
        """By the first column that may be sorted by; by the primary key where there is none."""
        fields = self.model_admin.sorting_fields(request)
        wanted = next((name for name in names if name.lstrip("-") in fields), "-pk")
        field = fields.get(wanted.lstrip("-")) or sorting_fields(self.model)[_pk(self.model)]
        return Order(field, descending=wanted.startswith("-"))

    def get_results(self, request: HttpRequest) -> None:  # noqa: ARG002
        page = read_page(self.queryset, self.order, self.list_per_page, self.place)
        self.result_list = page.rows
        self.result_count = self.full_result_count = len(page.rows)
        self.show_full_result_count = self.show_admin_actions = self.can_show_all = self.multi_page = False
        self.earlier, self.later = self._links(page)
        self.whole = self.place == Place() and not self.later
        hierarchy = self.date_hierarchy or self.model_admin.clock
        self.dates = date_links(self, hierarchy, self.date_hierarchy or "pk") if hierarchy else None

    def _links(self, page: KeysetPage) -> tuple[list[Link], list[Link]]:
        """To the pages above this one in the list, and to those below it."""
        up, down = ("after", "before") if self.order.descending else ("before", "after")
        texts = (_("First page"), _("Previous page"), _("Next page"), _("Last page"))
        if self.order.by_time:
            texts = (_("Newest"), _("Newer"), _("Older"), _("Oldest"))
            texts = texts if self.order.descending else (texts[3], texts[2], texts[1], texts[0])
        above, below = getattr(page, up), getattr(page, down)
        earlier = [(texts[0], self.get_query_string()), (texts[1], self.get_query_string({up: above}))]
        later = [(texts[2], self.get_query_string({down: below})), (texts[3], self.get_query_string({up: ""}))]
        return (earlier if above else earlier[:1] if self.place != Place() else []), (later if below else [])


def _pk(model: type[Model]) -> str:
    return model._meta.pk.name if model._meta.pk else "id"  # noqa: SLF001
