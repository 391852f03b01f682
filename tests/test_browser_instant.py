"""Results without a page load, and suggestions, in the real browser; the server is real, too."""

from __future__ import annotations

import re

from playwright.sync_api import Page, Route, expect

from tests.browser import Open, listed


def mark(page: Page) -> None:
    """A page load would lose it."""
    page.evaluate("window.kept = true")


def kept(page: Page) -> bool:
    found: bool = page.evaluate("window.kept === true")
    return found


def test_filters_sorting_and_paging_load_no_page_and_keep_the_address_in_step(
    sample_site: str, open_page: Open
) -> None:
    page = open_page(f"{sample_site}/?q=the")
    mark(page)
    everything = listed(page)
    page.get_by_role("checkbox", name="Category: Bread").check()
    expect(page).to_have_url(f"{sample_site}/?q=the&category=Bread")
    expect(page.locator("#summary")).not_to_have_attribute("data-listed", str(everything))
    expect(page.get_by_role("checkbox", name="Category: Bread")).to_be_focused()
    page.get_by_role("link", name="Oldest").click()
    expect(page).to_have_url(f"{sample_site}/?q=the&category=Bread&sort=oldest")
    expect(page.locator(".sorts [aria-current]")).to_have_text("Oldest")
    assert kept(page)
    # What was put there piece by piece is what the address gives.
    shown = page.locator("main").inner_text()
    page.reload()
    assert page.locator("main").inner_text() == shown


def test_the_browser_goes_back_to_the_same_place(sample_site: str, open_page: Open) -> None:
    page = open_page(f"{sample_site}/?q=the")
    mark(page)
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    place = page.evaluate("scrollY")
    assert place > 200
    page.get_by_role("link", name="Next").click()
    expect(page).to_have_url(f"{sample_site}/?q=the&page=2")
    expect(page.locator(".paging [aria-current=page]")).to_contain_text("2")
    expect(page.locator(".results")).to_be_focused()
    page.go_back()
    expect(page.locator(".paging [aria-current=page]")).to_contain_text("1")
    page.wait_for_function(f"Math.abs(scrollY - {place}) < 5")
    assert kept(page)
    page.go_forward()
    expect(page.locator(".paging [aria-current=page]")).to_contain_text("2")
    assert kept(page)


def test_a_request_that_was_overtaken_changes_nothing(sample_site: str, open_page: Open) -> None:
    """What answers the first of two clicks is held back until the second has its page."""
    page = open_page(f"{sample_site}/?q=the")
    mark(page)
    held: list[Route] = []
    page.route(re.compile("sort=oldest"), lambda route: held.append(route))
    page.get_by_role("link", name="Oldest").click()
    page.get_by_role("link", name="Most discussed").click()
    expect(page.locator(".sorts [aria-current]")).to_have_text("Most discussed")
    assert len(held) == 1
    held[0].continue_()
    page.wait_for_timeout(500)
    expect(page.locator(".sorts [aria-current]")).to_have_text("Most discussed")
    expect(page).to_have_url(f"{sample_site}/?q=the&sort=discussed")
    assert kept(page)


def test_the_number_found_is_announced(sample_site: str, open_page: Open) -> None:
    page = open_page(f"{sample_site}/?q=the")
    page.locator("#q").fill("ferry")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Results for ferry")
    expect(page.locator("body > [role=status]")).to_have_text(page.locator("#summary").inner_text())


def test_suggestions_follow_the_keyboard_and_never_hold_up_enter(sample_site: str, open_page: Open) -> None:
    page = open_page(sample_site)
    box = page.get_by_role("combobox", name="Search posts and comments")
    box.press_sequentially("bre")
    options = page.get_by_role("option")
    expect(options.first).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", options.first.get_attribute("id") or "")
    page.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_have_count(0)
    expect(box).to_have_value("bre")
    box.press_sequentially("ad")
    page.keyboard.press("Enter")  # at once: nothing is waited for
    expect(page.get_by_role("heading", level=1)).to_have_text("Results for bread")


def test_a_suggestion_is_followed_by_a_click(sample_site: str, open_page: Open) -> None:
    page = open_page(sample_site)
    page.locator("#q").press_sequentially("bread")
    page.get_by_role("group", name="Categories").get_by_role("option").first.click()
    expect(page).to_have_url(f"{sample_site}/?category=Bread")


def test_a_word_that_is_chosen_completes_the_one_being_typed(sample_site: str, open_page: Open) -> None:
    page = open_page(sample_site)
    page.locator("#q").press_sequentially("ferry brea")
    words = page.get_by_role("group", name="Words").get_by_role("option")
    word = words.filter(has_text=re.compile("^ferry brea")).first  # not what completed the first letters
    text = word.locator("span").first.inner_text()
    word.click()
    assert re.fullmatch("ferry brea[a-z]+", text)
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Results for {text}")


def test_a_link_opened_in_a_new_tab_is_left_to_the_browser(sample_site: str, open_page: Open) -> None:
    page = open_page(f"{sample_site}/?q=the")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Oldest").click(modifiers=["Control"])
    expect(opened.value.locator(".sorts [aria-current]")).to_have_text("Oldest")
    expect(page).to_have_url(f"{sample_site}/?q=the")
