"""What has the focus is never entirely covered by what is fixed or sticks (WCAG 2.2, 2.4.11 Focus Not Obscured)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser import DESKTOP, NARROW, Open, show_filters

# Of the box of what has the focus, five times five points: one that the reader can see is enough. Null: nothing has it.
_FOCUSED = """() => {
    const focused = document.activeElement;
    if (!focused || focused === document.body) return null;
    const seen = (box) => [...Array(25).keys()].some((n) => {
        const x = box.left + box.width * (n % 5 + 0.5) / 5, y = box.top + box.height * (Math.floor(n / 5) + 0.5) / 5;
        return focused.contains(document.elementFromPoint(x, y));
    });
    focused.dataset.tabbed = Number(focused.dataset.tabbed ?? 0) + 1;
    return {
        name: focused.outerHTML.slice(0, 160),
        seen: [...focused.getClientRects()].some(seen),
        again: Number(focused.dataset.tabbed) > 4,  // a date has several stops
    };
}"""


def covered(page: Page, key: str) -> list[str]:
    """Press the key until the focus leaves the page; what had it and could not be seen. There must be a few stops."""
    page.wait_for_load_state()
    page.keyboard.press(key)
    stops, hidden = 0, []
    while focused := page.evaluate(_FOCUSED):
        assert not focused["again"], f"the focus goes in circles: {focused['name']}"
        hidden += [] if focused["seen"] else [focused["name"]]
        stops += 1
        page.keyboard.press(key)
    assert stops > 5
    return hidden


def from_the_end(page: Page) -> None:
    """The next Shift+Tab is the first of the way back."""
    page.evaluate(
        """() => {
            const end = document.body.appendChild(document.createElement("p"));
            end.tabIndex = -1;
            end.focus();
            end.addEventListener("blur", () => end.remove(), { once: true });
        }"""
    )


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize("key", ["Tab", "Shift+Tab"])
def test_the_open_sheet_of_a_phone_covers_no_focus(
    sample_site: str, open_page: Open, key: str, javascript: bool
) -> None:
    page = open_page(f"{sample_site}/?q=the&category=Bread&-tag=horn", NARROW, javascript)
    page.set_viewport_size({"width": NARROW, "height": 400})
    show_filters(page)
    if key == "Shift+Tab":
        from_the_end(page)
    assert covered(page, key) == []


@pytest.mark.parametrize("size", [(NARROW, 400), (NARROW, 640), (DESKTOP, 600)])
@pytest.mark.parametrize("key", ["Tab", "Shift+Tab"])
def test_the_bar_of_matches_covers_no_focus(sample_site: str, open_page: Open, key: str, size: tuple[int, int]) -> None:
    page = open_page(f"{sample_site}/?q=the&sort=discussed", size[0])
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.locator(".hits h2 a").first.click()
    page.locator("#matches .steps").wait_for()
    if key == "Shift+Tab":
        from_the_end(page)
    assert covered(page, key) == []


@pytest.mark.parametrize("path", ["/?q=bread", "/browse", "/trends?q=fog,harbour", "/facet/tag"])
def test_no_other_page_covers_the_focus(sample_site: str, open_page: Open, path: str) -> None:
    page = open_page(sample_site + path, NARROW)
    page.set_viewport_size({"width": NARROW, "height": 400})
    assert covered(page, "Tab") == []
