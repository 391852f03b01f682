"""Light and dark in a real browser: by preference, by choice, remembered, and without JavaScript."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser import Open

LIGHT, DARK = "rgb(250, 247, 240)", "rgb(23, 21, 18)"


def expect_paper(page: Page, colour: str) -> None:
    expect(page.locator("body")).to_have_css("background-color", colour)


def test_the_choice_beats_the_preference_and_is_remembered(open_page: Open, sample_site: str) -> None:
    page = open_page(f"{sample_site}/help", color_scheme="dark")
    expect_paper(page, DARK)
    switch = page.get_by_role("group", name="Colours")
    expect(switch.get_by_role("button", name="Auto")).to_have_attribute("aria-pressed", "true")
    switch.get_by_role("button", name="Light").focus()
    page.keyboard.press("Enter")
    expect_paper(page, LIGHT)
    page.goto(f"{sample_site}/?q=light")
    expect_paper(page, LIGHT)
    expect(switch.get_by_role("button", name="Light")).to_have_attribute("aria-pressed", "true")
    switch.get_by_role("button", name="Auto").click()
    expect_paper(page, DARK)


def test_without_javascript_the_preference_decides_and_there_is_no_switch(open_page: Open, sample_site: str) -> None:
    page = open_page(f"{sample_site}/help", javascript=False, color_scheme="dark")
    expect_paper(page, DARK)
    expect(page.locator(".theme")).to_be_hidden()


def test_the_page_is_in_the_browsers_language(open_page: Open, sample_site: str) -> None:
    page = open_page(f"{sample_site}/?q=light", locale="fr-CH")
    expect(page.locator("h1")).to_have_text("Résultats pour light")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
