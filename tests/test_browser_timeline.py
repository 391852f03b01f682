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
    page.mouse.move(box["x"] + box["width"] * 0.15, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.4, y, steps=5)
    if escape:
        page.keyboard.press("Escape")
    page.mouse.up()
    if not escape:
        page.locator(".timeline-ways a").first.wait_for()
    assert page.url == sample_site + expected
