"""Documents to lines of Backfile's own exchange format; docs/exchange.md describes it, docs/exchange.schema.json defines it.

`indexer.sources.exchange` reads them back to equal documents (but for where they came from).
"""

from __future__ import annotations

import errno
import gzip
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO, cast

from indexer.engine.port import About, Document
from indexer.errors import StorageError

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
    about_post = {
        "title": document.title,
        "categories": document.categories,
        "tags": document.tags,
        "addresses": document.addresses,
    }
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


def write(lines: Iterable[str], output: Path) -> None:
    """Write these into a file, gzipped if its name ends in ``.gz``: all of it, or the one that was there stays.

    Raises `StorageError`.
    """
    if os.path.isdir(output):  # noqa: PTH112 - Path.is_dir raises where a name is too long
        raise StorageError(f"Cannot write {output}: it is a directory.", "Name a file in it with --output.")
    try:
        if output.exists() and not os.access(output, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        path = Path(os.path.realpath(output))
        whole = not output.exists() or output.is_file()  # a pipe or a device is written to, and not replaced
        new = path.with_name(path.name + ".new") if whole else output
        try:
            with _opened(new, compressed=output.suffix == ".gz") as stream:
                stream.writelines(lines)
            if whole:
                new.replace(path)
        finally:
            if whole:
                new.unlink(missing_ok=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise StorageError(f"Cannot write {output}: {reason}.", "Name another file with --output.") from error


def _opened(path: Path, *, compressed: bool) -> TextIO:
    return cast(TextIO, gzip.open(path, "wt", encoding="utf-8") if compressed else path.open("w", encoding="utf-8"))
