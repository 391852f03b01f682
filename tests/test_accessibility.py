"""axe-core looks at every page, in light and dark, on a phone of 320 pixels and on a desktop, and finds nothing (WCAG 2.2 AA)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser import DESKTOP, NARROW, Open, addresses, serving

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = {
    "everything": "/",
    "results": "/?q=bread+OR+tide&category=Bread&year=2012&year=2013&-tag=horn",
    "comments": "/?q=the&kind=comment&page=2",
    "commenter": "/?author=Odell&sort=newest",
    "all values": "/facet/tag?q=the&tag=fog&-tag=horn",
    "nothing": "/?q=lighthose+keeper&category=Bread",
    "help": "/help",
    "days of a timeline": "/?from=2013-05-01&to=2013-06-30",
    "trends": "/trends?q=fog,harbour&share=1",
    "browse": "/browse",
    "about the archive": "/about/archive",
    "error": "/nothing-here",
    "reading": "?q=lantern",
    "within a thread": "?q=lantern&within=the",
}
# What depends on how a page looks; the other rules see the same in each of them.
VISUAL = ["color-contrast", "target-size", "scrollable-region-focusable", "link-in-text-block"]
# Colours go with the scheme and the places of things with the width: two looks have all four, but where places have colours.
CROSSED = ((NARROW, "light"), (DESKTOP, "dark"))
CROSSED_PAGES = ("results", "reading", "trends")
FRENCH_PAGES = ("results", "nothing", "browse", "about the archive", "within a thread")


def address(site: str, name: str, page: Page) -> str:
    """Of one of `PAGES`; those that are queries alone are of the thread that has most to read."""
    path = PAGES[name]
    if path.startswith("?"):
        page.goto(f"{site}/?q=lantern&sort=discussed")
        return addresses(page)[0].partition("?")[0] + path
    return site + path


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(sample_site: str, open_page: Open, name: str) -> None:
    """On a dark phone by all rules, then on a light desktop by those that see a difference."""
    # axe puts its own script into the page, which the page's policy would refuse.
    page = open_page(f"{sample_site}/help", NARROW, color_scheme="dark", bypass_csp=True)
    page.goto(address(sample_site, name, page))
    inspect(page)
    page.set_viewport_size({"width": DESKTOP, "height": 800})
    page.emulate_media(color_scheme="light")
    assert _violations(page, {"type": "rule", "values": VISUAL}) == []


@pytest.mark.parametrize(("width", "scheme"), CROSSED)
@pytest.mark.parametrize("name", CROSSED_PAGES)
def test_axe_finds_nothing_the_other_way_round(
    sample_site: str, open_page: Open, name: str, width: int, scheme: str
) -> None:
    page = open_page(f"{sample_site}/help", width, color_scheme=scheme, bypass_csp=True)
    page.goto(address(sample_site, name, page))
    inspect(page)


@pytest.mark.parametrize("name", FRENCH_PAGES)
def test_axe_finds_nothing_in_french(sample_site: str, open_page: Open, name: str) -> None:
    page = open_page(f"{sample_site}/help", NARROW, bypass_csp=True, locale="fr-FR")
    page.goto(address(sample_site, name, page))
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    inspect(page)


@pytest.fixture(scope="module")
def no_index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that has no index."""
    with serving(tmp_path_factory.mktemp("nothing") / "index_data", wait_for="/healthz") as site:
        yield site


@pytest.mark.parametrize("locale", ["en-GB", "fr-FR"])
def test_axe_finds_nothing_where_there_is_no_index(no_index: str, open_page: Open, locale: str) -> None:
    page = open_page(no_index, NARROW, bypass_csp=True, locale=locale)
    expect(page.locator(".status")).to_have_text("503")
    inspect(page)


def inspect(page: Page) -> None:
    """What is folded is looked at too, and a phone's sheet of filters both closed and open."""
    page.wait_for_load_state()
    # What is off the screen is laid out when it comes near; until then its places mean nothing.
    page.add_style_tag(content=".comments > li { content-visibility: visible !important; }")
    page.evaluate("document.querySelectorAll('details:not(.filters-toggle)').forEach(fold => fold.open = true)")
    assert _violations(page) == []
    sheet = page.locator(".filters-toggle > summary")
    if sheet.is_visible():
        sheet.click()
        assert _violations(page) == []


def _violations(page: Page, rules: dict[str, object] | None = None) -> list[str]:
    found = Axe().run(page, options={"runOnly": rules or {"type": "tag", "values": RULES}})
    return [f"{rule['id']}: {rule['nodes'][0]['html'][:200]}" for rule in found.response["violations"]]
