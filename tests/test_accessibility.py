"""axe-core looks at every page, in light and dark, on a phone of 320 pixels and on a desktop, and finds nothing (WCAG 2.2 AA)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.browser import DESKTOP, NARROW, SAMPLE, Open, browser, chromium, index, serving, watched_profiles

pytestmark = pytest.mark.skipif(chromium() is None, reason="there is no Chromium here")

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = {
    "everything": "/",
    "results": "/?q=bread+OR+tide&category=Bread&year=2012&year=2013",
    "comments": "/?q=the&kind=comment&page=2",
    "excluded": "/?q=the&-category=Bread&kind=page&kind=post",
    "all values": "/facet/tag?q=the&tag=fog&-tag=horn",
    "nothing": "/?q=lighthose+keeper&category=Bread",
    "help": "/help",
    "about the archive": "/about/archive",
    "error": "/nothing-here",
    "reading": "",
}


@pytest.fixture(scope="module")
def blog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    directory = tmp_path_factory.mktemp("axe") / "index_data"
    index(directory, SAMPLE)
    with serving(directory) as site:
        yield site


@pytest.fixture(scope="module")
def running() -> Iterator[Browser]:
    with browser() as found:
        yield found


@pytest.fixture
def open_page(running: Browser) -> Iterator[Open]:
    # axe puts its own script into the page, which the page's policy would refuse.
    with watched_profiles(running) as open_:
        yield lambda address, width, scheme: open_(address, width, color_scheme=scheme, bypass_csp=True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [NARROW, DESKTOP])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(blog: str, open_page: Open, name: str, width: int, scheme: str) -> None:
    path = PAGES[name] or "/?q=lantern&sort=discussed"
    page = open_page(blog + path, width, scheme)
    if name == "reading":
        page.locator(".hits h2 a").first.click()
        page.locator("article.post").wait_for()
    for fold in page.locator("details:not([open]) > summary").all():
        if fold.is_visible():
            fold.click()
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
    assert [f"{rule['id']}: {rule['nodes'][0]['html'][:200]}" for rule in found.response["violations"]] == []
