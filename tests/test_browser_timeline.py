"""The timeline in a real browser: a range dragged with the mouse, and a drag given up."""

from __future__ import annotations

import pytest

from tests.browser import DESKTOP, Open


@pytest.mark.parametrize(("escape", "expected"), [(False, "/?q=fog&from=2013-01-01&to=2015-12-31"), (True, "/?q=fog")])
def test_a_dragged_range_becomes_the_dates_unless_escape_is_pressed(
    sample_site: str, open_page: Open, escape: bool, expected: str
) -> None:
    page = open_page(sample_site + "/?q=fog", DESKTOP)
    box = page.locator(".timeline .bars").bounding_box()
    assert box
    y = box["y"] + box["height"] / 2
    year = page.locator(".timeline .bars [data-since] .slot")
    first, last = (year.nth(place).bounding_box() for place in (1, 3))
    assert first
    assert last
    page.mouse.move(first["x"] + first["width"] / 2, y)
    page.mouse.down()
    page.mouse.move(last["x"] + last["width"] / 2, y, steps=5)
    if escape:
        page.keyboard.press("Escape")
    page.mouse.up()
    if not escape:
        page.locator(".timeline-ways a").first.wait_for()
    assert page.url == sample_site + expected
