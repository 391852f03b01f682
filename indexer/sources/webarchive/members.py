"""The bytes of a web archive file, read through damage.

    raw file -> chunks: gzip or Zstandard undone, part by part, a `Gap` where that fails -> `stream`

A compressed web archive has one gzip member, or Zstandard frame, per record, so that a bad one costs one record: reading goes on
at the next. Zstandard: https://iipc.github.io/warc-specifications/specifications/warc-zstd/, which is how ArchiveTeam compresses.
"""

from __future__ import annotations

import io
import re
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain

from indexer.errors import IncompleteSourceError
from indexer.sources.base import GZIP_MAGIC
from indexer.sources.webarchive.compression import ZSTD_MAGIC, unzstd, zstd

# A file begins with it whose frames need a dictionary, which stands in the skippable frame that begins so.
DICTIONARY_MAGIC = b"\x5d\x2a\x4d\x18"
# As large as the specification asks readers to bear, compressed and not.
_LONGEST_DICTIONARY = 8 * 1024 * 1024
# Frames in which Zstandard holds nothing of the content: their magic number, then their length.
_SKIPPABLE = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18")
# Bytes read and decompressed at a time. What is left of it after a member is copied: larger is slower where records are small.
_PIECE = 32 * 1024
_OUTPUT = 256 * 1024
# Parts that may be bad: some anywhere, and one in this many bytes. Each costs a search for the next one, so that a file made of
# nothing but beginnings of parts would take hours.
_BAD_PARTS, _BYTES_PER_BAD_PART = 100, 16 * 1024
_CUT = "the file ends in the middle of its compressed data"
_STRAYS = "bytes between compressed data that are none"


@dataclass(frozen=True, slots=True)
class Gap:
    """Where bytes are missing. ``reason``: the code to report (``truncated`` at the end of a file, else ``unreadable``).

    After ``checksum`` none are, but those before are not what they were when the checksum was made.
    """

    reason: str
    detail: str


Chunk = bytes | Gap


def chunks(raw: io.BufferedReader, name: str) -> Iterator[Chunk]:
    """The content of an archive, gzip and Zstandard undone; no chunk is empty.

    Raises `IncompleteSourceError` when the disk fails, when hardly anything of a file (``name`` in the message) is whole, and
    when its dictionary cannot be read.
    """
    head = raw.peek(4)
    if head.startswith(GZIP_MAGIC):
        yield from _Members(raw, name).chunks()
    elif head.startswith((ZSTD_MAGIC, DICTIONARY_MAGIC)):
        yield from _Frames(raw, name).chunks()
    else:
        while data := raw.read1(_OUTPUT):
            yield data


class _Parts(ABC):
    """Parts that were compressed one by one, one after the other, bad ones left out. ``MAGIC``: how each begins."""

    MAGIC: bytes

    def __init__(self, raw: io.BufferedReader, name: str) -> None:
        self._raw, self._name = raw, name
        self._data = b""
        self._read = 0
        self._bad = 0

    def chunks(self) -> Iterator[Chunk]:
        """What the parts hold, and where something is missing."""
        gap = False
        while True:
            found, before = self._find()
            for chunk in chain(before, self._part() if found else ()):
                # One stretch of damage is one gap, however many beginnings of parts it seems to hold.
                if not (gap and isinstance(chunk, Gap)):
                    yield chunk
                gap = isinstance(chunk, Gap)
            if not found:
                return

    @abstractmethod
    def _part(self) -> Iterator[Chunk]:
        """What the part at the start of `_data` holds; `_data` is then what comes after it, or after the damage."""

    def _more(self) -> bool:
        piece = self._raw.read1(_PIECE)
        self._read += len(piece)
        self._data += piece
        return bool(piece)

    def _find(self) -> tuple[bool, list[Chunk]]:
        """Drop what comes before the next part. Whether there is one, and a gap if more than zero bytes was dropped."""
        strays = False
        while (at := self._data.find(self.MAGIC)) < 0:
            lengths = range(len(self.MAGIC) - 1, 0, -1)
            tail = next((self._data[-n:] for n in lengths if self.MAGIC.startswith(self._data[-n:])), b"")
            strays = strays or bool(self._data[: len(self._data) - len(tail)].strip(b"\0"))
            self._data = tail
            if not self._more():
                cut = [Gap("truncated", _CUT)] if tail else []
                return False, [Gap("unreadable", _STRAYS)] if strays else [*cut]
        strays = strays or bool(self._data[:at].strip(b"\0"))
        self._data = self._data[at:]
        return True, [Gap("unreadable", _STRAYS)] if strays else []

    def _count_bad(self) -> None:
        """Count one more bad part; raises when there are too many."""
        self._bad += 1
        if self._bad > _BAD_PARTS + self._read // _BYTES_PER_BAD_PART:
            raise IncompleteSourceError(
                f"Cannot read {self._name} to its end: too much of it is damaged.", "Fetch it again."
            )


class _Members(_Parts):
    """Gzip members (RFC 1952, section 2.2)."""

    MAGIC = GZIP_MAGIC

    def _part(self) -> Iterator[Chunk]:
        inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)
        fresh = True
        while not inflate.eof:
            if not self._data and not self._more():
                yield Gap("truncated", _CUT)
                return
            before = None if fresh else inflate.copy()
            try:
                output = inflate.decompress(self._data, _OUTPUT)
            except zlib.error as error:
                yield from self._salvage(before or zlib.decompressobj(16 + zlib.MAX_WBITS), str(error), fresh)
                return
            fresh = False
            self._data = inflate.unused_data if inflate.eof else inflate.unconsumed_tail
            if output:
                yield output

    def _salvage(self, inflate: zlib._Decompress, error: str, fresh: bool) -> Iterator[Chunk]:
        """What comes out of `_data` byte by byte until it fails, which it is known to do."""
        self._count_bad()
        parts: list[bytes] = []
        with suppress(zlib.error):
            for at in range(len(self._data)):
                parts.append(inflate.decompress(self._data[at : at + 1]))
        if output := b"".join(parts):
            yield output
        # The next member may begin anywhere behind the beginning of this one: damage can hide where this one ends.
        self._data = self._data[int(fresh) :]
        detail = error.rpartition(": ")[2]
        wrong_sum = detail in ("incorrect data check", "incorrect length check")
        yield Gap("checksum" if wrong_sum else "unreadable", f"damaged compressed data ({detail})")


class _Frames(_Parts):
    """Zstandard frames (RFC 8878, section 3.1). Of a bad one nothing is kept, or whole steps of `_OUTPUT` bytes."""

    MAGIC = ZSTD_MAGIC

    def chunks(self) -> Iterator[Chunk]:
        self._dictionary = self._read_dictionary()
        yield from super().chunks()

    def _read_dictionary(self) -> zstd.ZstdDict | None:
        if not self._raw.peek(4).startswith(DICTIONARY_MAGIC):
            return None
        length = int.from_bytes(self._raw.read(8)[4:], "little")
        content = self._raw.read(length) if length <= _LONGEST_DICTIONARY else b""
        whole = len(content) == length
        if content.startswith(ZSTD_MAGIC):
            content, whole = unzstd(content, _LONGEST_DICTIONARY)
        try:
            if not whole:
                raise ValueError("it is longer than 8 MB, or cut off")
            dictionary = zstd.ZstdDict(content)
            # Looks into it.
            zstd.ZstdDecompressor(dictionary)
        except (ValueError, zstd.ZstdError) as error:
            raise IncompleteSourceError(
                f"Cannot read {self._name}: the Zstandard dictionary that it begins with is damaged or too long ({error}).",
                "Fetch it again, or unpack it (zstd -d) with the dictionary.",
            ) from error
        return dictionary

    def _find(self) -> tuple[bool, list[Chunk]]:
        while True:
            while len(self._data) < 8 and self._more():
                pass
            if not _SKIPPABLE.match(self._data):
                return super()._find()
            left = 8 + int.from_bytes(self._data[4:8], "little")
            while left > len(self._data):
                left -= len(self._data)
                self._data = b""
                if not self._more():
                    return False, [Gap("truncated", _CUT)]
            self._data = self._data[left:]

    def _part(self) -> Iterator[Chunk]:
        frame = zstd.ZstdDecompressor(self._dictionary)
        fresh = True
        while not frame.eof:
            # What it was given stays in `_data` until it is read: damage may be followed by the next frame.
            given = b""
            if frame.needs_input:
                self._data = self._data if fresh else b""
                if not self._data and not self._more():
                    yield Gap("truncated", _CUT)
                    return
                given = self._data
            try:
                output = frame.decompress(given, _OUTPUT)
            except zstd.ZstdError as error:
                self._count_bad()
                self._data = self._data[int(fresh) :]
                yield Gap("unreadable", f"damaged compressed data ({str(error).rpartition(': ')[2]})")
                return
            fresh = False
            if output:
                yield output
        self._data = frame.unused_data
