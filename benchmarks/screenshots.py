"""Pictures of the site, for the README and for whoever changes the design: the sample blog in, PNG files out.

python -m benchmarks.screenshots            the pictures that the documentation shows, into docs/screenshots
python -m benchmarks.screenshots FOLDER     every page, width and colour scheme, into FOLDER
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.browser import ROOT, SAMPLE, browser, index, serving

# A phone, a tablet held upright, a desktop; the height is about that of each one's screen.
SIZES = {360: 780, 820: 1100, 1440: 900}
SCHEMES = ("light", "dark")
DOCUMENTED = frozenset({"search-1440-light", "reading-1440-light", "search-360-dark"})


def _first_hit(page: Page) -> None:
    page.locator(".hits h2 a").first.click()
    page.locator("article.post").wait_for()


def _first_comment(page: Page) -> None:
    _first_hit(page)
    page.goto(page.locator("article.comment .anchor").first.evaluate("link => link.href"))


def _filters(page: Page) -> None:
    toggle = page.locator(".filters-toggle summary")
    if toggle.is_visible():
        toggle.click()


# Name of the picture: the address, and what a reader does there.
PAGES: dict[str, tuple[str, Callable[[Page], None] | None]] = {
    "browse": ("/", None),
    "search": ("/?q=bread+OR+leaven", None),
    "facets": ("/?q=the&category=Bread&category=The+Ferry&year=2012&year=2013", _filters),
    "comments": ("/?q=light+OR+tide&kind=comment", None),
    "reading": ("/?q=ferry+coefficient", _first_hit),
    "thread": ("/?q=lantern&sort=discussed", _first_comment),
    "empty": ("/?q=lighthose+keeper&category=Bread", None),
    "help": ("/help", None),
    "archive": ("/about/archive", None),
    "error": ("/nothing-here", None),
}


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description="Pictures of the site.")
    parser.add_argument("folder", nargs="?", type=Path, help="every picture goes here; without it only the documented")
    folder: Path | None = parser.parse_args().folder
    target = folder or ROOT / "docs" / "screenshots"
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        directory = Path(temporary) / "index_data"
        index(directory, SAMPLE)
        with serving(directory) as site, browser() as running:
            for width in SIZES:
                for scheme in SCHEMES:
                    _take(running, site, target, width, scheme, everything=folder is not None)


def _take(running: Browser, site: str, target: Path, width: int, scheme: str, *, everything: bool) -> None:
    """One width in one colour scheme."""
    context = running.new_context(
        viewport={"width": width, "height": SIZES[width]},
        color_scheme="dark" if scheme == "dark" else "light",
        has_touch=width < 1000,
        device_scale_factor=2 if width < 500 else 1,
    )
    page = context.new_page()
    for name, (path, act) in PAGES.items():
        picture = f"{name}-{width}-{scheme}"
        if everything or picture in DOCUMENTED:
            page.goto(site + path)
            if act:
                act(page)
            page.wait_for_load_state()
            page.screenshot(path=target / f"{picture}.png")
            print(target / f"{picture}.png")
    context.close()


if __name__ == "__main__":
    main()
