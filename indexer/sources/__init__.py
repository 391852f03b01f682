"""Sources: one module per archive format, and the table of them.

A new format is a new module with a ``FORMAT`` and a line in `FORMATS`; nothing else is touched. Detection is by content: the
first row whose ``sniff`` says yes reads the file.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from indexer.archive import Item, Skipped
from indexer.errors import SourceError, UsageError
from indexer.sources import pagetext, savedpage, wordpress
from indexer.sources.base import Format, InputFile

FORMATS: tuple[Format, ...] = (wordpress.FORMAT, savedpage.FORMAT, pagetext.FORMAT)

# What a file that no format reads looks like, by its first bytes; for the message, and for feeds the reason.
_LOOKS_LIKE = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"PK\x03\x04", "a ZIP file; unpack it first"),
    (b"\x1f\x8b", "a gzip file; unpack it first"),
    (b"%PDF", "a PDF document"),
    (b"SQLite format 3", "an SQLite database"),
)


def format_named(name: str) -> Format:
    """The format called ``name``; raises `UsageError` naming the ones there are."""
    for row in FORMATS:
        if row.name == name:
            return row
    raise UsageError(f"There is no format {name!r}. Formats: {', '.join(row.name for row in FORMATS)}.")


def find(path: Path, on_bytes: Callable[[int], None]) -> list[InputFile]:
    """The files of one source, a file or a directory tree, in a stable order.

    Within a directory, files whose name or folder holds a ``?`` come last: mirroring tools name copies of a page so
    (``?replytocom=12``), and the first copy of a post is the one that is kept. Hidden folders (``.git``) are no archive.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise SourceError(f"There is no file or directory {path}. (A path with spaces needs quotes.)") from None
    except OSError as error:
        raise SourceError(f"Cannot read {path}: {error.strerror}. Check its permissions.") from error
    if stat.S_ISREG(mode):
        return [InputFile(path, path.name, on_bytes)]
    if not stat.S_ISDIR(mode):
        raise SourceError(f"{path} is neither a file nor a directory.")
    files: list[Path] = []
    for folder, folders, names in os.walk(path, onerror=_unlistable):
        folders[:] = [name for name in folders if not name.startswith(".")]
        files += [Path(folder, name) for name in names]
    files.sort(key=lambda f: ("?" in str(f), f.parts))
    return [InputFile(f, f.relative_to(path).as_posix(), on_bytes) for f in files if f.is_file()]


def read(file: InputFile, forced: Format | None, alone: bool) -> Iterator[Item]:
    """The items of one file. A file that no format reads is one `Skipped`, or, when it was named ``alone``, a `SourceError`."""
    head = file.head()
    chosen = forced or next((row for row in FORMATS if row.sniff(head, file.path)), None)
    if chosen is not None and head.strip():
        yield from chosen.read(file)
        return
    reason, detail = _refusal(head)
    if alone:
        known = "; ".join(row.title for row in FORMATS)
        raise SourceError(f"{file.path} {detail}. Backfile reads: {known}. See: backfile formats")
    yield Skipped(source="", locator=file.name, reason=reason, detail=detail)


def _refusal(head: bytes) -> tuple[str, str]:
    """Reason code and description of a file that no format reads."""
    if not head.strip():
        return "empty", "is empty"
    for magic, name in _LOOKS_LIKE:
        if head.startswith(magic):
            return "unrecognised", f"looks like {name}"
    start = head[:2048].lower()
    if b"<rss" in start or b"<feed" in start or b"<rdf:rdf" in start:
        return "feed", "is a feed"
    return "unrecognised", "is in no format that Backfile knows"


def _unlistable(error: OSError) -> None:
    raise SourceError(f"Cannot list {error.filename}: {error.strerror}. Check its permissions.") from error
