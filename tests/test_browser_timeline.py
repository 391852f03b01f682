"""The timeline in a real browser: a range dragged with the mouse, and a drag given up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser import DESKTOP, SAMPLE, browser, chromium, index, serving, watched_profiles

pytestmark = pytest.mark.skipif(chromium() is None, reason="there is no Chromium here")


@pytest.fixture(scope="module")
def blog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    directory = tmp_path_factory.mktemp("timeline") / "index_data"
    index(directory, SAMPLE)
    with serving(directory) as site:
        yield site


@pytest.mark.parametrize(("escape", "expected"), [(False, "/?q=fog&from=2013-01-01&to=2015-12-31"), (True, "/?q=fog")])
def test_a_dragged_range_becomes_the_dates_unless_escape_is_pressed(blog: str, escape: bool, expected: str) -> None:
    with browser() as running, watched_profiles(running) as open_:
        page = open_(blog + "/?q=fog", DESKTOP)
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
        assert page.url == blog + expected
