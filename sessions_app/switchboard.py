"""The participants' pages that this process is connected to, and how many of them there may be."""

from typing import Generic, TypeVar

from sessions_app.tokens import Bearer

MOST_STRANGERS = 500  # pages that have not said yet who they are, for which they have ten seconds
MOST_PAGES = 4  # of one participant: tabs, devices, and a line that has died without a word

Page = TypeVar("Page")


class Switchboard(Generic[Page]):
    def __init__(self) -> None:
        self._strangers: set[Page] = set()
        self._pages: dict[Bearer, list[Page]] = {}

    def __len__(self) -> int:
        return len(self._strangers) + sum(map(len, self._pages.values()))

    def arrive(self, page: Page) -> bool:
        """Note a page of somebody unknown. False: there are too many of them."""
        if len(self._strangers) >= MOST_STRANGERS:
            return False
        self._strangers.add(page)
        return True

    def introduce(self, page: Page, bearer: Bearer) -> Page | None:
        """Note who has `page` open. Returns their oldest one when this is one too many."""
        self._strangers.discard(page)
        pages = self._pages.setdefault(bearer, [])
        pages.append(page)
        return pages.pop(0) if len(pages) > MOST_PAGES else None

    def leave(self, page: Page, bearer: Bearer | None) -> None:
        self._strangers.discard(page)
        pages = self._pages.get(bearer, []) if bearer else []
        if page in pages:
            pages.remove(page)
        if bearer and not pages:
            self._pages.pop(bearer, None)
