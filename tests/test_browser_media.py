"""On paper there is what was written and by whom, and nothing to operate; where motion is not wanted, nothing moves."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import DESKTOP, PHONE, Open, no_sideways_scroll, show_filters

PATHS = ("/?q=lantern", "/browse", "/trends?q=fog,harbour", "/about/archive", "/help")


def visible(page: Page, selector: str) -> int:
    """How many of these can be seen."""
    return sum(element.is_visible() for element in page.locator(selector).all())


def read(page: Page, site: str) -> None:
    """The most discussed post that holds a word, opened from its search."""
    page.goto(f"{site}/?q=lantern&sort=discussed")
    page.locator(".hits h2 a").first.click()
    page.locator("article.post").wait_for()
    page.wait_for_load_state()


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_a_post_is_printed_with_its_comments(sample_site: str, open_page: Open, width: int) -> None:
    page = open_page(sample_site, width)
    read(page, sample_site)
    comments = page.locator("#comments > ol article.comment").count()
    assert comments > 0
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert visible(page, "article.post > .prose") == 1
    assert visible(page, "#comments > ol .comment .author") == comments
    assert visible(page, "#comments > ol .comment .prose") == comments
    assert visible(page, "#comments > ol .comment time") == comments
    assert visible(page, "form, button, input, .matches, .places, .theme, .related, .neighbours, .skip") == 0
    assert no_sideways_scroll(page)


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
@pytest.mark.parametrize("javascript", [True, False])
def test_results_are_printed_without_filters(sample_site: str, open_page: Open, javascript: bool, width: int) -> None:
    """The results, whether the sheet of filters is open or not."""
    page = open_page(f"{sample_site}/?q=bread&category=Bread", width, javascript)
    show_filters(page)
    found = page.locator(".hits > li").count()
    page.emulate_media(media="print")
    assert visible(page, ".hits h2 a") == visible(page, ".hits h2 + .meta") == found > 0
    expect(page.get_by_role("heading", level=1)).to_contain_text("bread")
    expect(page.locator("#summary")).to_be_visible()
    assert visible(page, "form, button, input, .filters, .filters-toggle, .tabs, .sorts, .onwards, .skip") == 0


@pytest.mark.parametrize("path", PATHS)
def test_no_page_prints_what_is_operated(sample_site: str, open_page: Open, path: str) -> None:
    page = open_page(sample_site + path, PHONE)
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert visible(page, "form, button, input, .places") == 0


_MOVES = """() => [
    ...document.getAnimations().map((animation) => animation.animationName ?? animation.transitionProperty),
    ...[...document.querySelectorAll("*")].filter((element) => ["", "::before", "::after"].some((part) => {
        const style = getComputedStyle(element, part || null);
        return style.animationName !== "none" || style.transitionDuration.split(", ").some((time) => parseFloat(time) > 0)
            || style.scrollBehavior === "smooth";
    })).map((element) => element.outerHTML.slice(0, 100)),
]"""


def test_nothing_moves_where_motion_is_not_wanted(sample_site: str, open_page: Open) -> None:
    page = open_page(sample_site, reduced_motion="reduce")
    for path in PATHS:
        page.goto(sample_site + path)
        assert page.evaluate(_MOVES) == []
    read(page, sample_site)
    assert page.evaluate(_MOVES) == []
    # A step to a match is a jump: it is there with the next frame.
    page.keyboard.press("n")
    place = page.evaluate("new Promise((then) => requestAnimationFrame(() => then(scrollY)))")
    page.wait_for_timeout(300)
    assert page.evaluate("scrollY") == place
