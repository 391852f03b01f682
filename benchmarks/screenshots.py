"""Pictures of the site, for the README and for whoever changes the design: every page, width and colour scheme as PNG files.

make screenshots                                                       of the sample blog, into docs/screenshots
make screenshots ARGS="--of export.xml --query 'iran OR surge' --into FOLDER"      of another archive
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Browser, Page

from tests.browser import ROOT, SAMPLE, browser, index, serving

# A phone, a tablet held upright, a desktop; the height is about that of each one's screen.
SIZES = {360: 780, 820: 1100, 1440: 900}
SCHEMES = ("light", "dark")
# An address, and what a reader does there.
View = tuple[str, Callable[[Page], None] | None]


def views(query: str) -> dict[str, View]:
    """Every page by the name of its picture; ``query`` is two words with an OR between them that posts and comments hold."""
    first, last = query.split(" OR ")
    return {
        "front": ("/", None),
        "search": (_search(q=query), None),
        "filtered": (_search(q=query), _two_categories_but_one),
        "sheet": (_search(q=query), _filters),
        "comments": (_search(q=query, kind="comment", sort="newest"), _why),
        "suggestions": ("/", lambda page: _type(page, first[:-1])),
        "nothing": (_search(q=f"{first} {last} {last}xq", kind="post"), None),
        "reading": (_search(q=query), _first_hit),
        "comment": (_search(q=query, sort="discussed"), _first_comment),
        "values": (f"/facet/comment_author?{urlencode({'q': query})}", None),
        "browse": ("/browse", None),
        "trends": (f"/trends?{urlencode({'q': f'{first}, {last}'})}", None),
        "archive": ("/about/archive", None),
        "help": ("/help", None),
        "error": ("/nothing-here", None),
    }


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description="Pictures of every page.")
    parser.add_argument("--of", type=Path, nargs="+", default=[SAMPLE], metavar="ARCHIVE", help="(the sample blog)")
    parser.add_argument("--query", default="bread OR leaven", help="two words with an OR between them (%(default)s)")
    parser.add_argument(
        "--into", type=Path, default=ROOT / "docs" / "screenshots", metavar="FOLDER", help="(%(default)s)"
    )
    given = parser.parse_args()
    given.into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        directory = Path(temporary) / "index_data"
        index(directory, *(archive.resolve() for archive in given.of))
        with serving(directory) as site, browser() as running:
            for width in SIZES:
                for scheme in SCHEMES:
                    _take(running, site, given.into, width, scheme, views(given.query))


def _take(running: Browser, site: str, target: Path, width: int, scheme: str, pages: dict[str, View]) -> None:
    """One width in one colour scheme."""
    context = running.new_context(
        viewport={"width": width, "height": SIZES[width]},
        color_scheme="dark" if scheme == "dark" else "light",
        has_touch=width < 1000,
        device_scale_factor=2 if width < 500 else 1,
    )
    page = context.new_page()
    for name, (path, act) in pages.items():
        page.goto(site + path)
        if act:
            act(page)
        page.wait_for_load_state()
        picture = target / f"{name}-{width}-{scheme}.png"
        page.screenshot(path=picture)
        print(picture)
    context.close()


def _search(**parameters: str) -> str:
    return f"/?{urlencode(parameters)}"


def _type(page: Page, text: str) -> None:
    page.locator("#q").press_sequentially(text)
    page.locator("[role=option]").first.wait_for()


def _why(page: Page) -> None:
    page.locator(".why summary").first.click()


def _filters(page: Page) -> None:
    toggle = page.locator(".filters-toggle summary")
    if toggle.is_visible():
        toggle.click()


def _two_categories_but_one(page: Page) -> None:
    """Two categories ticked, one excluded: by address, as a phone folds the boxes away."""
    values = page.locator(".facet-category input[name=category]").evaluate_all("boxes => boxes.map(box => box.value)")
    chosen = [("category", value) for value in values[:2]] + [("-category", value) for value in values[2:3]]
    page.goto(f"{page.url}&{urlencode(chosen)}")


def _first_hit(page: Page) -> None:
    page.locator(".hits h2 a").first.click()
    page.locator("article.post").wait_for()


def _first_comment(page: Page) -> None:
    _first_hit(page)
    page.goto(page.locator("article.comment .anchor").first.evaluate("link => link.href"))


if __name__ == "__main__":
    main()
