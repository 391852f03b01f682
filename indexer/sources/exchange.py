"""Backfile's own exchange format in, items out: a JSON object per line (docs/exchange.md, docs/exchange.schema.json).

A line that Backfile wrote (`indexer.exchange`) has the ``id`` and the ``text`` of a cleaned document, and comes back as
that. A line that somebody else wrote may have its ``html`` alone, and is cleaned as any other item.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from indexer.archive import Blog, Cleaned, Comment, Item, Post, Skipped
from indexer.errors import IncompleteSourceError, SourceError
from indexer.sources.base import EXPORT, Format, InputFile, person_name, person_url

NAME = "backfile"
VERSION = 1
# The longest body in a real archive has 3 MB. JSON of this length takes at most some 30 times as much memory.
MAX_LINE = 16 * 1024 * 1024
_HEADER = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{[^{}\n]{0,1000}"type"\s*:\s*"backfile"')
# The id of a document. Another one names an item in its file, no more.
_DOCUMENT_ID = re.compile(r"[0-9a-f]{16}")


class _BadLineError(Exception):
    """What is wrong with a line; the message quotes nothing of it."""


class _NoJsonError(_BadLineError):
    """The line is no JSON; when it is the last one, the file may break off there."""


def sniff(head: bytes, path: Path) -> bool:
    """Whether the first line says that it is this format."""
    return bool(_HEADER.match(head))


def read(file: InputFile) -> Iterator[Item]:
    """An item per line but the first, in their order. A line that cannot be read is `Skipped`.

    Raises `SourceError` for a later version of the format, `IncompleteSourceError` when the last line breaks off.
    """
    with file.open() as stream:
        for number, line in enumerate(_lines(stream), 1):
            locator = f"{file.name}#line={number}"
            try:
                yield from _items(line, locator)
            except _BadLineError as error:
                if isinstance(error, _NoJsonError) and line and not line.endswith(b"\n"):
                    raise IncompleteSourceError(
                        f"{file.name} breaks off in line {number}.",
                        "Export it again, or keep what was read with --partial.",
                    ) from None
                yield Skipped(source=NAME, locator=locator, reason="unreadable", detail=f"line {number}: {error}")


def _lines(stream: BinaryIO) -> Iterator[bytes | None]:
    """The lines of a file; None for one that is too long."""
    while line := stream.readline(MAX_LINE):
        if len(line) < MAX_LINE or line.endswith(b"\n"):
            yield line
            continue
        while (rest := stream.readline(MAX_LINE)) and not rest.endswith(b"\n"):
            pass
        yield None


def _items(line: bytes | None, locator: str) -> Iterator[Item]:
    if line is None:
        raise _BadLineError(f"longer than {MAX_LINE // 1024 // 1024} MB")
    if not line.strip():
        return
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise _NoJsonError("no JSON in UTF-8") from None
    if not isinstance(row, dict):
        raise _BadLineError("no JSON object")
    match _text(row, "type"):
        case "backfile":
            _check_version(row, locator)
            if language := _text(row, "language"):
                yield Blog(source=NAME, name="", language=language)
        case "blog":
            yield Blog(
                source=NAME, name=_text(row, "name"), description=_text(row, "description"), url=_text(row, "url")
            )
        case "post":
            yield _post(row, locator, is_page=False)
        case "page":
            yield _post(row, locator, is_page=True)
        case "comment":
            yield _comment(row, locator, is_pingback=False)
        case "pingback":
            yield _comment(row, locator, is_pingback=True)
        case _:
            raise _BadLineError("its type is none of backfile, blog, post, page, comment, pingback")


def _check_version(row: dict[str, Any], locator: str) -> None:
    version = row.get("version")
    if version != VERSION:
        name = locator.partition("#")[0]
        raise SourceError(
            f"{name} is in another version of Backfile's exchange format; this Backfile reads version {VERSION}.",
            "Read it with a newer Backfile, or leave it out.",
        )


def _post(row: dict[str, Any], locator: str, *, is_page: bool) -> Post:
    id, body = _text(row, "id"), _body(row)
    permalink, title = _text(row, "permalink"), _text(row, "title")
    if not (id or permalink or title or body):
        raise _BadLineError("it has neither id, permalink, title nor html")
    return Post(
        source=NAME,
        locator=locator,
        native_id=id,
        url=permalink,
        title=html.escape(title, quote=False),
        author=person_name(_text(row, "author")),
        published=_date(row),
        categories=_texts(row, "categories"),
        tags=_texts(row, "tags"),
        html=body,
        kind="page" if is_page else "post",
        autop=_is_text_only(row),
        aliases=_texts(row, "addresses"),
        cleaned=_cleaned(row),
    )


def _comment(row: dict[str, Any], locator: str, *, is_pingback: bool) -> Comment:
    id, permalink, post = _text(row, "id"), _text(row, "permalink"), _text(row, "post")
    if not post:
        raise _BadLineError("it names no post")
    cleaned = _cleaned(row)
    number = permalink.partition("#comment-")[2]
    return Comment(
        source=NAME,
        locator=locator,
        # A cleaned comment has its number in its permalink; where its post has one and it has not, it never had a number.
        native_id=number or ("" if cleaned and permalink else id),
        post=post,
        parent=_text(row, "parent"),
        author=person_name(_text(row, "author")),
        author_url=person_url(_text(row, "author_url")),
        published=_date(row),
        html=_body(row),
        kind="pingback" if is_pingback else "comment",
        autop=_is_text_only(row),
        cleaned=cleaned,
    )


def _cleaned(row: dict[str, Any]) -> Cleaned | None:
    """The cleaned text, where the line is one that Backfile wrote."""
    id = _text(row, "id")
    if "text" not in row or not _DOCUMENT_ID.fullmatch(id):
        return None
    return Cleaned(id=id, text=_text(row, "text"), quoted=_text(row, "quoted"), domains=_texts(row, "domains"))


def _body(row: dict[str, Any]) -> str:
    """The HTML; of a line with plain text alone, that text as HTML."""
    return html.escape(_text(row, "text"), quote=False) if _is_text_only(row) else _text(row, "html")


def _is_text_only(row: dict[str, Any]) -> bool:
    return not row.get("html") and bool(row.get("text")) and _cleaned(row) is None


def _date(row: dict[str, Any]) -> datetime | None:
    """``published``; without an offset it is the blog's local time, which the index shows as it is."""
    text = _text(row, "published")
    try:
        date = datetime.fromisoformat(text) if text else None
    except ValueError:
        raise _BadLineError("'published' is no date of ISO 8601") from None
    return date.replace(tzinfo=UTC) if date and date.tzinfo is None else date


def _text(row: dict[str, Any], name: str) -> str:
    value = row.get(name)
    if value is not None and not isinstance(value, str):
        raise _BadLineError(f"{name!r} is no string")
    return value or ""


def _texts(row: dict[str, Any], name: str) -> tuple[str, ...]:
    values = row.get(name)
    if values is not None and not (isinstance(values, list) and all(isinstance(value, str) for value in values)):
        raise _BadLineError(f"{name!r} is no list of strings")
    return tuple(values or ())


FORMAT = Format(name=NAME, title="Backfile's exchange format (JSON lines)", sniff=sniff, read=read, rank=EXPORT)
