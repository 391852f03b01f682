"""The reading view in a real browser: stepping through matches, old places, the search within a thread, the citation."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests import corpus
from tests.browser import DESKTOP, NARROW, PHONE, Open, no_sideways_scroll, serving


@pytest.fixture(scope="module")
def blog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the served literal corpus."""
    directory = tmp_path_factory.mktemp("literal") / "index_data"
    corpus.build(directory)
    with serving(directory) as site:
        yield site


# Four marks: in the title, in the post, in a comment, in a folded pingback.
FOUR = "/post/p1?q=iran+OR+frosty+OR+zpingback"


def position(page: Page) -> str:
    return page.locator(".matches .position").inner_text()


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_a_reader_steps_through_the_matches_by_keys_and_buttons(blog: str, open_page: Open, width: int) -> None:
    page = open_page(blog + FOUR, width)
    expect(page.locator(".matches .many")).to_have_text("4 matches for “iran OR frosty OR zpingback”")
    expect(page.get_by_role("link", name="First match")).to_be_hidden()
    for n in (1, 2, 3, 4, 1):
        page.keyboard.press("n")
        expect(page.locator(".matches [role=status]")).to_have_text(f"{n} of 4")
        expect(page.locator(".matches .many")).to_be_hidden()
        expect(page.locator("mark.current")).to_have_id(f"match-{n}")
        expect(page.locator("mark.current")).to_be_in_viewport()
        expect(page.locator("mark.current")).to_be_focused()
    page.keyboard.press("p")
    assert position(page) == "4 of 4"
    page.get_by_role("button", name="Previous").click()
    assert position(page) == "3 of 4"
    page.get_by_role("button", name="Next").press("Enter")
    assert position(page) == "4 of 4"


def test_the_keys_write_in_a_box_and_can_be_turned_off(blog: str, open_page: Open) -> None:
    page = open_page(blog + FOUR)
    page.get_by_role("searchbox", name="Search within this thread").press_sequentially("np")
    expect(page.get_by_role("searchbox", name="Search within this thread")).to_have_value("np")
    assert position(page) == ""
    page.get_by_role("checkbox", name="Keys / n p").uncheck()
    page.keyboard.press("n")
    assert position(page) == ""
    page.reload()
    expect(page.get_by_role("checkbox", name="Keys / n p")).not_to_be_checked()


def test_the_first_step_starts_where_a_link_led(blog: str, open_page: Open) -> None:
    page = open_page(f"{blog}{FOUR}#comment-c1")
    page.keyboard.press("n")
    assert position(page) == "3 of 4"


def test_without_javascript_a_link_leads_to_the_first_match(blog: str, open_page: Open) -> None:
    page = open_page(f"{blog}/post/p1?q=frosty", javascript=False)
    page.get_by_role("link", name="First match").click()
    expect(page.locator("#match-1")).to_be_in_viewport()
    expect(page.get_by_role("button", name="Next")).to_be_hidden()
    page.get_by_text("Copy citation").click()
    expect(page.locator("#citation")).to_contain_text("Last efforts between US and Iran")
    expect(page.get_by_role("button", name="Copy", exact=True)).to_be_hidden()


@pytest.mark.parametrize("fragment", ["comment-1", "comment-c1"])
def test_old_and_new_names_lead_to_a_comment(blog: str, open_page: Open, fragment: str) -> None:
    page = open_page(f"{blog}/post/p1#{fragment}", PHONE)
    expect(page.locator("#comment-c1")).to_be_in_viewport()
    shadow = page.locator("#comment-c1").evaluate("comment => getComputedStyle(comment).boxShadow")
    assert shadow != "none"


@pytest.mark.parametrize("javascript", [True, False])
def test_a_reader_searches_within_the_thread_and_ends_it(blog: str, open_page: Open, javascript: bool) -> None:
    page = open_page(f"{blog}/post/p1?q=quds", PHONE, javascript=javascript)
    page.get_by_role("searchbox", name="Search within this thread").fill("miscalculates")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_role("heading", name="Found in 1 entry")).to_be_visible()
    page.locator(".found").get_by_role("link", name="danking_70").click()
    expect(page.locator("#comment-c1 mark")).to_be_in_viewport()
    page.get_by_role("link", name="Show the thread without this search").click()
    expect(page).to_have_url(f"{blog}/post/p1?q=quds")


def test_the_citation_is_copied(blog: str, open_page: Open) -> None:
    page = open_page(f"{blog}/post/p1", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_text("Copy citation").click()
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.locator(".citation [role=status]")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#citation").inner_text()
    assert copied.endswith(f"{blog}/post/p1")


@pytest.mark.parametrize("width", [NARROW, PHONE, 820])
def test_the_reading_view_fits(blog: str, open_page: Open, width: int) -> None:
    page = open_page(f"{blog}/post/p1?q=iran&within=frosty+OR+iran", width)
    assert no_sideways_scroll(page)


PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


@pytest.mark.parametrize("javascript", [True, False])
def test_pictures_that_are_gone_are_words_and_a_link(tmp_path: Path, chrome: Browser, javascript: bool) -> None:
    html = (
        '<p><img src="/gone.png" alt="The ferry"> <img src="/there.png" alt="The pier">'
        ' <a href="/large.html"><img src="/gone.gif"></a></p>'
    )
    corpus.build(tmp_path / "index", [replace(corpus.IRAN, html=html)])
    (tmp_path / "backfile.toml").write_text("images = true\n")

    def answer(route: Route) -> None:
        if route.request.url.endswith("there.png"):
            route.fulfill(body=PIXEL, content_type="image/gif")
        else:
            route.abort()

    with serving(tmp_path / "index") as site:
        context = chrome.new_context(java_script_enabled=javascript)
        context.route("http://blog.example.com/**", answer)
        page = context.new_page()
        page.goto(f"{site}/post/p1")
        post = page.locator(".post .prose")
        expect(post.get_by_role("link", name="The pier").locator("img")).to_be_visible()
        gone = post.locator("a[href$='gone.png']:not(.wayback)")
        if javascript:
            expect(gone).to_have_text("image: The ferry")
            expect(gone).to_have_class("picture")
            expect(post.locator("a[href$='gone.png'] + .wayback")).to_be_visible()
            expect(post.locator("a[href$='large.html'] > span.picture")).to_have_text("image: gone.gif")
            expect(post.locator("img")).to_have_count(1)
        else:
            expect(gone).to_have_attribute("href", "http://blog.example.com/gone.png")
        expect(post.locator("a[href$='there.png'] + .wayback")).to_be_hidden()
        context.close()
