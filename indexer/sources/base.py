"""What a source is: a row of the format table, and the input it is given."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from indexer.archive import Item
from indexer.errors import IncompleteSourceError, SourceError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer as Buffer

# Enough of a file to tell its format: an export's namespace declarations come after a comment of a few kilobytes, and
# a saved page may hold long inline styles before its <body>.
HEAD_BYTES = 64 * 1024


class _Counted(io.RawIOBase):
    """A raw stream that tells how many bytes were read from it."""

    def __init__(self, raw: io.FileIO, path: Path, on_bytes: Callable[[int], None]) -> None:
        self._raw, self._path, self._on_bytes = raw, path, on_bytes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int | None:
        try:
            n: int | None = self._raw.readinto(buffer)
        except OSError as error:
            raise IncompleteSourceError(f"Cannot read {self._path} to its end: {error.strerror}.") from error
        self._on_bytes(n or 0)
        return n

    def close(self) -> None:
        self._raw.close()
        super().close()


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file to read. ``name`` is how locators call it: its path relative to the source that was given, with slashes.

    Sources read through `open`, never through ``path``, so that progress is counted in one place.
    ``on_bytes`` is called with the number of bytes just read.
    """

    path: Path
    name: str
    on_bytes: Callable[[int], None] = lambda n: None

    def head(self) -> bytes:
        """The first `HEAD_BYTES`, not counted as progress; raises as `open` does."""
        silent = InputFile(self.path, self.name)
        with silent.open() as stream:
            return stream.read(HEAD_BYTES)

    def open(self) -> BinaryIO:
        """A buffered binary stream from the start; raises `SourceError` when the file cannot be opened."""
        try:
            raw = self.path.open("rb", buffering=0)
        except OSError as error:
            raise SourceError(
                f"Cannot read {self.path}: {error.strerror}. Check its permissions, or leave it out."
            ) from error
        return cast(BinaryIO, io.BufferedReader(_Counted(raw, self.path, self.on_bytes), 256 * 1024))


@dataclass(frozen=True, slots=True)
class Format:
    """A row of the format table.

    ``sniff`` tells by the first `HEAD_BYTES` of content (and the path, for what content alone cannot tell) whether a
    file is of this format. ``read`` yields the items of a file, streaming.
    """

    name: str
    title: str
    sniff: Callable[[bytes, Path], bool]
    read: Callable[[InputFile], Iterator[Item]]
