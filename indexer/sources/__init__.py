"""Sources: one module per archive format, and the table of them.

A new format is a new module with a ``FORMAT`` and a line in `formats`; nothing else is touched. Detection is by content: the
first row whose ``sniff`` says yes reads the file.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

from indexer.archive import Capture, Item, Post, Skipped
from indexer.errors import SourceError, UsageError
from indexer.sources.base import HEAD_BYTES, ZIP_MAGIC, Format, InputFile, zip_members

# ZIP files that are opened when they lie at the top of a directory. Deeper ones are what a blog offered to download.
_ZIPS = (".zip", ".wacz")
# What a file that no format reads looks like, by its first bytes; for the message.
_LOOKS_LIKE = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"PK\x03\x04", "a ZIP file inside an archive; unpack it first"),
    (b"%PDF", "a PDF document"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x28\xb5\x2f\xfd", "a file that Zstandard compressed, and no web archive; unpack it first"),
)


@cache
def formats() -> tuple[Format, ...]:
    """The table, in the order in which rows are asked.

    Its modules are imported when it is first looked at, which takes a quarter of a second: who cleans what others have read
    does not need them.
    """
    from indexer.sources import (
        blogger,
        disqus,
        exchange,
        feed,
        ghost,
        markdown,
        movabletype,
        pagetext,
        savedpage,
        webarchive,
        wordpress,
    )

    return (
        wordpress.FORMAT,
        exchange.FORMAT,
        blogger.FORMAT,
        movabletype.FORMAT,
        ghost.FORMAT,
        disqus.FORMAT,
        disqus.IMPORT_FORMAT,
        markdown.FORMAT,
        webarchive.FORMAT,
        savedpage.FORMAT,
        feed.FORMAT,
        pagetext.FORMAT,
    )


def format_named(name: str) -> Format:
    """The format called ``name``; raises `UsageError` naming the ones there are."""
    for row in formats():
        if row.name == name:
            return row
    raise UsageError(f"There is no format {name!r}.", f"Formats: {', '.join(row.name for row in formats())}.")


def find(path: Path, on_bytes: Callable[[int], None]) -> list[InputFile]:
    """The files of one source, a file or a directory tree, in a stable order.

    A ZIP file stands for what is in it, when it is the source or lies at the top of a directory. Within a directory, files
    whose name or folder holds a ``?`` come last: mirroring tools name copies of a page so (``?replytocom=12``), and of equal
    copies of a post the first is kept. Hidden folders (``.git``) are no archive.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise SourceError(f"There is no file or directory {path}.", "A path with spaces needs quotes.") from None
    except OSError as error:
        raise SourceError(f"Cannot read {path}: {error.strerror}.", "Check its permissions.") from error
    if stat.S_ISREG(mode):
        return _unpacked(path, path.name, on_bytes, alone=True)
    if not stat.S_ISDIR(mode):
        raise SourceError(f"{path} is neither a file nor a directory.")
    files: list[Path] = []
    for folder, folders, names in os.walk(path, onerror=_unlistable):
        folders[:] = [name for name in folders if not name.startswith(".")]
        files += [Path(folder, name) for name in names]
    files.sort(key=lambda f: ("?" in str(f), f.parts))
    found: list[InputFile] = []
    for file in files:
        if file.is_file():
            flat = file.parent == path and file.suffix.lower() in _ZIPS
            name = file.relative_to(path).as_posix()
            found += _unpacked(file, name, on_bytes) if flat else [InputFile(file, name, on_bytes)]
    return found


def _unpacked(path: Path, name: str, on_bytes: Callable[[int], None], alone: bool = False) -> list[InputFile]:
    """The members of a ZIP file, else the file itself."""
    with InputFile(path, name).open_raw() as stream:
        if stream.read(len(ZIP_MAGIC)) != ZIP_MAGIC:
            return [InputFile(path, name, on_bytes)]
    prefix = "" if alone else f"{name}/"
    members = sorted(zip_members(path), key=lambda member: ("?" in member, member.split("/")))
    return [InputFile(path, prefix + member, on_bytes, member) for member in members]


def read(file: InputFile, forced: Format | None, alone: bool) -> Iterator[Item]:
    """The items of one file. A file that no format reads is one `Skipped`, or, when it was named ``alone``, a `SourceError`."""
    for item in unexpanded(file, forced, alone):
        yield from captured_page(item) if isinstance(item, Capture) else (item,)


def unexpanded(file: InputFile, forced: Format | None, alone: bool) -> Iterator[Item]:
    """As `read`, but with pages of web archives as `Capture`, to be read by `captured_page` elsewhere."""
    head = file.head()
    chosen = forced or next((row for row in formats() if row.sniff(head, file.where)), None)
    if chosen is not None and head.strip():
        try:
            yield from chosen.read(file)
        except SourceError:
            file.check_packing()  # what a damaged ZIP file gives looks like a damaged export, until its checksum is read
            raise
        return
    with file.silent().open() as stream:
        # Of what is damaged, the head was what comes before: no wonder if that looks like nothing.
        stream.read(HEAD_BYTES)
    reason, detail = _refusal(head)
    if alone:
        file.check_packing()
        known = "; ".join(row.title for row in formats())
        raise SourceError(f"{file.where} {detail}.", f"Backfile reads: {known}. See: backfile formats")
    yield Skipped(source="", locator=file.name, reason=reason, detail=detail)


def captured_page(capture: Capture) -> Iterator[Item]:
    """The items of a page or a feed out of a web archive."""
    from indexer.sources import feed, savedpage

    if capture.media_type != "text/html":
        # What a feed says of a post counts less than its page: the items keep the format, and so the rank, of a feed.
        yield from feed.feed_items(capture.body, capture.locator)
        return
    for item in savedpage.page_items(capture.body, capture.locator, address=capture.url, charset=capture.charset):
        if isinstance(item, Post):
            aliases = tuple(dict.fromkeys((*item.aliases, *capture.aliases)))
            item = replace(item, captured=capture.captured, aliases=aliases)
        yield replace(item, source=capture.source)


def _refusal(head: bytes) -> tuple[str, str]:
    """Reason code and description of a file that no format reads."""
    if not head.strip():
        return "empty", "is empty"
    for magic, name in _LOOKS_LIKE:
        if head.startswith(magic):
            return "unrecognised", f"looks like {name}"
    return "unrecognised", "is in no format that Backfile knows"


def _unlistable(error: OSError) -> None:
    raise SourceError(f"Cannot list {error.filename}: {error.strerror}.", "Check its permissions.") from error
