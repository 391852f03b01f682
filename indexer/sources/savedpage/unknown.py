"""The article on a page of no known theme, as trafilatura finds it (https://trafilatura.readthedocs.io).

What goes in is the page as `tree` reads it, without comments and furniture: small, with nothing to run and nothing to fetch.
What comes out is held against the page before it is believed. A body must be running text. htmldate, which trafilatura asks
for the date, also takes a bare year, a copyright notice or the date of another article for one: its day counts only where
the page prints that same day, whole, over the title. What is printed between title and body is the byline, and read as one.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from html import escape, unescape
from typing import Any

from indexer.sources.savedpage import dates
from indexer.sources.savedpage.element import Tag
from indexer.sources.savedpage.head import Head
from indexer.sources.savedpage.names import BYLINE
from indexer.sources.savedpage.person import clean_name
from indexer.sources.savedpage.thread import Thread
from indexer.sources.savedpage.tree import Tree, line, markup, text

# trafilatura takes some 50 us for an element and, with all attributes, quadratic time for those of one: at the worst three
# seconds. The longest article seen has 2,000 elements.
MAX_ELEMENTS, MAX_LENGTH = 20_000, 500_000
ATTRIBUTES = frozenset("class id href src alt title rel datetime itemprop itemtype role".split())
# Less is a caption or a notice (trafilatura's own MIN_EXTRACTED_SIZE).
LEAST_TEXT = 250
# No byline between title and body is longer, and no date over the title.
MAX_BYLINE, MAX_OVER = 400, 60
# By how many of its first letters a body is found on the page again.
FIRST_WORDS = 30

_BODY = re.compile(r"<body>(.*)</body>", re.S)
_TAG = re.compile(r"<[^>]*>")
_HEADING = re.compile(r"\A<h[1-6]>.*?</h[1-6]>", re.S)


@dataclass(frozen=True, slots=True)
class Article:
    """What was found. ``title`` and ``html`` are HTML; ``published`` is None and ``author`` "" where the page is not sure."""

    title: str
    author: str
    published: datetime | None
    html: str
    length: int


def find_article(tree: Tree, head: Head, thread: Thread, heading: Tag | None, order: dates.DayOrder) -> Article | None:
    """The article of a page, None when there is none. ``heading``: what prints its title, if anything does.

    Never raises; time and memory are bounded.
    """
    if tree.body is None:
        return None
    comments = {id(part) for comment in thread.comments for part in comment.parts}
    bylines = {id(tag) for name in BYLINE for tag in tree.by_class.get(name, ())}
    page = markup(tree.body.contents, (tree.furniture - bylines) | comments, ATTRIBUTES)
    if page.count("<") > MAX_ELEMENTS or len(page) > MAX_LENGTH:
        return None
    found = _extracted(f"<html><head>{_head(head)}</head><body>{page}</body></html>")
    inside = _BODY.search(found.text or "") if found is not None else None
    html = inside[1].strip() if inside else ""
    length = len(_plain(html))
    if length < LEAST_TEXT:
        return None
    named = line(heading) if heading is not None else found.title or ""
    over, between = _beside(text([tree.body], comments, " "), named, _plain(_HEADING.sub("", html)))
    author = clean_name(found.author or "")
    return Article(
        title=escape(found.title or "", quote=False),
        author=author if author and author in over + between else "",
        published=_certain(found.date or "", over, between, order),
        html=html,
        length=length,
    )


def _head(head: Head) -> str:
    """The page's head with what a reader may know it by, and nothing that it does."""
    names = ((name, value) for name, values in head.meta.items() for value in values)
    metas = (f'<meta property="{escape(name)}" content="{escape(value)}">' for name, value in names)
    return f"<title>{escape(head.title)}</title>{''.join(metas)}"


def _extracted(page: str) -> Any:
    """trafilatura's result for a page, None when it finds nothing."""
    try:
        return _library().extract_with_metadata(
            page,
            # Without it, a page that has no article gives all the words that are on it.
            favor_precision=True,
            include_comments=False,
            output_format="html",
            include_formatting=True,
            include_links=True,
            include_images=True,
            date_extraction_params={"extensive_search": False, "original_date": True},
        )
    except Exception:
        # The library promises nothing about hostile pages, and one of them must not end a run.
        return None


@cache
def _library() -> Any:
    """trafilatura, imported when the first page needs it (it takes half a second), and silent."""
    import trafilatura

    for name in ("trafilatura", "htmldate", "courlan", "justext"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return trafilatura


def _plain(html: str) -> str:
    return " ".join(unescape(_TAG.sub(" ", html)).split())


def _beside(page: str, title: str, body: str) -> tuple[str, str]:
    """What the page prints right over the title, and between title and body; nothing where these are not found."""
    first = body[:FIRST_WORDS]
    end = page.find(first) if first else -1
    start = page.rfind(title, 0, end) if title and end >= 0 else -1
    if start < 0 or end - start - len(title) > MAX_BYLINE:
        return "", ""
    return page[max(0, start - MAX_OVER) : start], page[start + len(title) : end]


def _certain(day: str, over: str, between: str, order: dates.DayOrder) -> datetime | None:
    """The moment in the byline; else that over the title, if its day is the one that htmldate found."""
    if printed := dates.visible(between, order):
        return printed.moment
    found, printed = dates.machine(day), dates.visible(over, order)
    return printed.moment if found and printed and printed.moment.date() == found.moment.date() else None
