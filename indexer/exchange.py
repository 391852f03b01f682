"""Documents to lines of Backfile's own exchange format; docs/exchange.md describes it, docs/exchange.schema.json defines it.

`indexer.sources.exchange` reads them back to equal documents (but for where they came from).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from indexer.engine.port import About, Document

# Raised when a reader of the version before would misread a line; new optional fields do not count.
VERSION = 1


def lines(about: About, documents: Iterable[Document]) -> Iterator[str]:
    """The format as lines without line breaks: what the file is, the blog, then the documents in their order.

    Any order will do. What a document does not have is left out of its line, but ``text``, which says that it was cleaned.
    """
    created = about.created.isoformat(timespec="seconds")
    yield _line({"type": "backfile", "version": VERSION, "created": created, "language": about.language})
    if about.blog_name:
        blog = {"name": about.blog_name, "description": about.blog_description, "url": about.blog_url}
        yield _line({"type": "blog", **_without_empty(blog)})
    for document in documents:
        yield _line(_fields(document))


def _fields(document: Document) -> dict[str, Any]:
    is_post = document.kind in ("post", "page")
    about_post = {"title": document.title, "categories": document.categories, "tags": document.tags}
    about_comment = {"post": document.thread, "parent": document.parent, "author_url": document.author_url}
    rest = {
        "permalink": document.permalink,
        **(about_post if is_post else about_comment),
        "author": document.author,
        "published": document.published.isoformat() if document.published else "",
        "quoted": document.quoted,
        "domains": document.domains,
        "html": document.html,
        "source": document.source,
        "locator": document.locator,
    }
    return {"type": document.kind, "id": document.id, "text": document.text, **_without_empty(rest)}


def _without_empty(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}


def _line(fields: dict[str, Any]) -> str:
    line = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    try:
        line.encode()
    except UnicodeEncodeError:  # half a surrogate pair, in an address that an archive spelt so
        return json.dumps(fields, separators=(",", ":"))
    return line
