"""What every page keeps to: the rules of accessibility in either theme, as axe knows them, and room at every width."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WIDTHS = (360, 1024, 2560)
ALL = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
# The themes differ in nothing but colours.
OF_COLOUR = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}


def keeps_all(page: Page) -> None:
    assert broken(page, ALL) == []


def keeps_all_in_either_theme(page: Page) -> None:
    for scheme, rules in (("light", ALL), ("dark", OF_COLOUR)):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(300)  # until colours that change slowly have changed
        assert broken(page, rules) == [], scheme


def fits_every_width(page: Page) -> None:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def broken(page: Page, rules: dict) -> list[tuple[str, list[str]]]:
    found = Axe().run(page, options=rules).response["violations"]
    return [(rule["id"], [node["html"][:200] for node in rule["nodes"]][:3]) for rule in found]
