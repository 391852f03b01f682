"""JSON Feed 1 and 1.1 (https://www.jsonfeed.org/version/1.1/): bytes in, `FeedData` out."""

from __future__ import annotations

import html
import json
from typing import Any

from indexer.sources.feed.entry import Entry, FeedData, UnreadableFeedError, moment

# Attachments that are looked at, of an entry.
MAX_LINKS = 100
VERSION = "jsonfeed.org/version/"


def parse(data: bytes) -> FeedData:
    """The feed; raises `UnreadableFeedError` when the bytes are no JSON object."""
    try:
        feed = json.loads(data.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        feed = None
    if not isinstance(feed, dict):
        raise UnreadableFeedError("damaged JSON")
    return FeedData(
        title=html.escape(_text(feed, "title"), quote=False),
        description=html.escape(_text(feed, "description"), quote=False),
        link=_text(feed, "home_page_url"),
        address=_text(feed, "feed_url"),
        authors=_authors(feed),
        language=_text(feed, "language"),
        entries=[_entry(item) if isinstance(item, dict) else Entry() for item in _list(feed, "items")],
    )


def _entry(item: dict[str, Any]) -> Entry:
    content = _text(item, "content_html")
    plain = "" if content else html.escape(_text(item, "content_text") or _text(item, "summary"), quote=False)
    attached = [_text(row, "url") for row in _list(item, "attachments")[:MAX_LINKS] if isinstance(row, dict)]
    authors = [row for row in [*_list(item, "authors"), item.get("author")] if isinstance(row, dict)]
    return Entry(
        id=_text(item, "id"),
        link=_text(item, "url"),
        title=html.escape(_text(item, "title"), quote=False),
        html=content or plain,
        plain=not content,
        authors=_authors(item),
        author_url=_text(authors[0], "url") if authors else "",
        published=moment(_text(item, "date_published")) or moment(_text(item, "date_modified")),
        modified=moment(_text(item, "date_modified")),
        tags=tuple(tag for tag in _list(item, "tags") if isinstance(tag, str)),
        enclosures=tuple(url for url in [_text(item, "external_url"), *attached] if url),
    )


def _authors(row: dict[str, Any]) -> tuple[str, ...]:
    """Version 1 has one ``author``, version 1.1 a list of ``authors``; many feeds write both."""
    people = _list(row, "authors") or [row.get("author")]
    return tuple(name for person in people if isinstance(person, dict) and (name := _text(person, "name")))


def _text(row: dict[str, Any], key: str) -> str:
    """A string; a number as one, as some write the ``id``."""
    value = row.get(key)
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _list(row: dict[str, Any], key: str) -> list[Any]:
    value = row.get(key)
    return value if isinstance(value, list) else []
