"""The article on a page of no known theme, as trafilatura finds it (https://trafilatura.readthedocs.io).

What goes in is the page as `tree` reads it, without comments and furniture: small, with nothing to run and nothing to fetch.
What comes out is held against the page before it is believed. A body must be running text. htmldate, which trafilatura asks
for the date, also takes a bare year, a copyright notice or the date of another article for one: its day counts only when
the page prints that same day, whole, between title and body.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from html import escape
from typing import Any

from indexer.sources.savedpage import dates
from indexer.sources.savedpage.head import Head
from indexer.sources.savedpage.thread import Thread
from indexer.sources.savedpage.tree import Tree, markup, text

# trafilatura takes some 50 us for an element and, with all attributes, quadratic time for those of one: at the worst three
# seconds. The longest article seen has 2,000 elements.
MAX_ELEMENTS, MAX_LENGTH = 20_000, 500_000
ATTRIBUTES = frozenset("class id href src alt title rel datetime itemprop itemtype role".split())
# Less is a caption or a notice (trafilatura's own MIN_EXTRACTED_SIZE).
LEAST_TEXT = 250
# No byline between title and body is longer.
MAX_BYLINE = 400
# By how many of its first letters a body is found on the page again.
FIRST_WORDS = 30

_BODY = re.compile(r"<body>(.*)</body>", re.S)
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Article:
    """What was found. ``title`` and ``html`` are HTML; ``published`` is None and ``author`` "" where the page is not sure."""

    title: str
    author: str
    published: datetime | None
    html: str
    length: int


def find_article(tree: Tree, head: Head, thread: Thread, order: dates.DayOrder) -> Article | None:
    """The article of a page, None when there is none. Never raises; time and memory are bounded."""
    comments = {id(part) for comment in thread.comments for part in comment.parts}
    body = tree.body
    page = markup(body.contents, tree.furniture | comments, ATTRIBUTES) if body is not None else ""
    if page.count("<") > MAX_ELEMENTS or len(page) > MAX_LENGTH:
        return None
    found = _extracted(f"<html><head>{_head(head)}</head><body>{page}</body></html>")
    inside = _BODY.search(found.text or "") if found is not None else None
    html = inside[1].strip() if inside else ""
    length = len(_plain(html))
    if length < LEAST_TEXT or body is None:
        return None
    title = found.title or ""
    beside = _beside(text([body], comments), title, _plain(html))
    author = found.author or ""
    return Article(
        title=escape(title, quote=False),
        author=author if author and author in beside else "",
        published=_confirmed(found.date or "", beside, order),
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
    from html import unescape

    return " ".join(unescape(_TAG.sub(" ", html)).split())


def _beside(page: str, title: str, body: str) -> str:
    """What the page prints between the title and the body."""
    first = body.removeprefix(title).strip()[:FIRST_WORDS]
    end = page.find(first) if first else -1
    start = page.rfind(title, 0, end) if title and end >= 0 else -1
    between = page[start + len(title) : end] if start >= 0 else ""
    return between if len(between) <= MAX_BYLINE else ""


def _confirmed(day: str, beside: str, order: dates.DayOrder) -> datetime | None:
    """The moment printed beside the title, if its day is the one that htmldate found."""
    hint = dates.machine(day)
    printed = dates.visible(beside, order) if hint else None
    return printed.moment if hint and printed and printed.moment.date() == hint.moment.date() else None
