"""axe-core looks at every page, in light and dark, on a phone of 320 pixels and on a desktop, and finds nothing (WCAG 2.2 AA)."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser import DESKTOP, NARROW, Open

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = {
    "everything": "/",
    "results": "/?q=bread+OR+tide&category=Bread&year=2012&year=2013",
    "comments": "/?q=the&kind=comment&page=2",
    "excluded": "/?q=the&-category=Bread&kind=page&kind=post",
    "all values": "/facet/tag?q=the&tag=fog&-tag=horn",
    "nothing": "/?q=lighthose+keeper&category=Bread",
    "help": "/help",
    "days of a timeline": "/?from=2013-05-01&to=2013-06-30",
    "trends": "/trends?q=fog,harbour",
    "browse": "/browse",
    "commenters": "/facet/comment_author",
    "about the archive": "/about/archive",
    "error": "/nothing-here",
    "reading": "",
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [NARROW, DESKTOP])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(sample_site: str, open_page: Open, name: str, width: int, scheme: str) -> None:
    path = PAGES[name] or "/?q=lantern&sort=discussed"
    # axe puts its own script into the page, which the page's policy would refuse.
    page = open_page(sample_site + path, width, color_scheme=scheme, bypass_csp=True)
    if name == "reading":
        page.locator(".hits h2 a").first.click()
        page.locator("article.post").wait_for()
    # What is off the screen is laid out when it comes near; until then its places mean nothing.
    page.add_style_tag(content=".comments > li { content-visibility: visible !important; }")
    page.evaluate("document.querySelectorAll('details:not(.filters-toggle)').forEach(fold => fold.open = true)")
    assert _violations(page) == []
    sheet = page.locator(".filters-toggle > summary")
    if sheet.is_visible():
        sheet.click()
        assert _violations(page) == []


def _violations(page: Page) -> list[str]:
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
    return [f"{rule['id']}: {rule['nodes'][0]['html'][:200]}" for rule in found.response["violations"]]
