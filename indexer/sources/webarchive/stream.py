"""The bytes of a web archive, read through damage.

    raw file -> chunks: gzip undone, member by member, a `Gap` where that fails -> Stream: peek, read, take, put back

A gzipped web archive has one gzip member per record, so that a bad member costs one record: reading goes on at the next member.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain

from indexer.errors import IncompleteSourceError
from indexer.sources.base import GZIP_MAGIC

# Bytes read and decompressed at a time. What is left of it after a member is copied: larger is slower where records are small.
_PIECE = 32 * 1024
_OUTPUT = 256 * 1024
# Gzip members that may be bad: some anywhere, and one in this many bytes. Each costs a search for the next one, so that a
# file made of nothing but beginnings of members would take hours.
_BAD_MEMBERS, _BYTES_PER_BAD_MEMBER = 100, 16 * 1024
# Bytes that may be put back to be read again: some, and as many as were read. It bounds the time that wrong lengths can cost.
_PUT_BACK = 64 * 1024 * 1024
_CUT = "the file ends in the middle of its compressed data"
_STRAYS = "bytes between compressed data that are none"
_BLANK = re.compile(rb"[\r\n\0 \t]*")


@dataclass(frozen=True, slots=True)
class Gap:
    """Where bytes are missing. ``reason``: the code to report (``truncated`` at the end of a file, else ``unreadable``).

    After ``checksum`` none are, but those before are not what they were when the checksum was made.
    """

    reason: str
    detail: str


Chunk = bytes | Gap


def chunks(raw: io.BufferedReader, name: str) -> Iterator[Chunk]:
    """The content of an archive, gzip undone; no chunk is empty.

    Raises `IncompleteSourceError` when the disk fails, or when hardly anything of a file (``name`` in the message) is whole.
    """
    if raw.peek(len(GZIP_MAGIC)).startswith(GZIP_MAGIC):
        yield from _Members(raw, name).chunks()
        return
    while data := raw.read1(_OUTPUT):
        yield data


class _Members:
    """Gzip members one after the other (RFC 1952, section 2.2), bad ones left out."""

    def __init__(self, raw: io.BufferedReader, name: str) -> None:
        self._raw, self._name = raw, name
        self._data = b""
        self._read = 0
        self._bad = 0

    def chunks(self) -> Iterator[Chunk]:
        gap = False
        while True:
            member, strays = self._find_member()
            for chunk in chain(strays, self._member() if member else ()):
                # One stretch of damage is one gap, however many beginnings of members it seems to hold.
                if not (gap and isinstance(chunk, Gap)):
                    yield chunk
                gap = isinstance(chunk, Gap)
            if not member:
                return

    def _more(self) -> bool:
        piece = self._raw.read1(_PIECE)
        self._read += len(piece)
        self._data += piece
        return bool(piece)

    def _find_member(self) -> tuple[bool, list[Chunk]]:
        """Drop what comes before the next member. Whether there is one, and a gap if more than zero bytes was dropped."""
        strays = False
        while (at := self._data.find(GZIP_MAGIC)) < 0:
            tail = next((self._data[-n:] for n in (2, 1) if GZIP_MAGIC.startswith(self._data[-n:])), b"")
            strays = strays or bool(self._data[: len(self._data) - len(tail)].strip(b"\0"))
            self._data = tail
            if not self._more():
                cut = [Gap("truncated", _CUT)] if tail else []
                return False, [Gap("unreadable", _STRAYS)] if strays else [*cut]
        strays = strays or bool(self._data[:at].strip(b"\0"))
        self._data = self._data[at:]
        return True, [Gap("unreadable", _STRAYS)] if strays else []

    def _member(self) -> Iterator[Chunk]:
        """What the member at the start of `_data` holds; `_data` is then what comes after it, or after the damage."""
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
        self._bad += 1
        if self._bad > _BAD_MEMBERS + self._read // _BYTES_PER_BAD_MEMBER:
            raise IncompleteSourceError(
                f"Cannot read {self._name} to its end: too much of it is damaged.", "Fetch it again."
            )
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


class Stream:
    """Chunks as one run of bytes, which stops at each gap until `pass_gap`."""

    def __init__(self, source: Iterator[Chunk]) -> None:
        self._chunks = source
        self._data = b""
        self._at = 0
        self._may_put_back = _PUT_BACK
        self.gap: Gap | None = None
        self.ended = False

    @property
    def at_end(self) -> bool:
        """Whether nothing comes any more. (Where it is not known yet, looking for something finds out.)"""
        return self.ended and self._at == len(self._data)

    @property
    def at_gap(self) -> bool:
        return self.gap is not None and self._at == len(self._data)

    def pass_gap(self) -> None:
        """Go on behind the gap; what was not consumed before it is dropped."""
        self._data, self._at, self.gap = b"", 0, None

    def _more(self) -> bool:
        """One more chunk at the end of `_data`, whose consumed part is dropped; False at a gap and at the end."""
        if self.gap or self.ended:
            return False
        chunk = next(self._chunks, None)
        if isinstance(chunk, bytes):
            self._data = self._data[self._at :] + chunk
            self._at = 0
            self._may_put_back += len(chunk)
            return True
        self.gap, self.ended = chunk, chunk is None
        return False

    def take(self, pattern: re.Pattern[bytes], limit: int) -> re.Match[bytes] | None:
        """Consume what ``pattern`` matches here, looking at no more than ``limit`` bytes or one chunk, whichever is more."""
        while not (found := pattern.match(self._data, self._at)):
            if len(self._data) - self._at >= limit or not self._more():
                return None
        self._at = found.end()
        return found

    def looks_at(self, pattern: re.Pattern[bytes], limit: int) -> bool:
        """Whether ``pattern`` matches here; nothing is consumed."""
        while not pattern.match(self._data, self._at):
            if len(self._data) - self._at >= limit or not self._more():
                return False
        return True

    def blank(self) -> bytes:
        """Consume line ends, spaces and zero bytes; of very many the first are given back."""
        found = b""
        while True:
            blank = _BLANK.match(self._data, self._at)
            found = found or (blank[0] if blank else b"")
            self._at = blank.end() if blank else self._at
            if self._at < len(self._data) or not self._more():
                return found

    def read(self, size: int, keep: int) -> tuple[bytes, int]:
        """Consume ``size`` bytes: the first ``keep`` of them, and how many there were, fewer only at a gap or the end."""
        parts: list[bytes] = []
        count = kept = 0
        while count < size:
            if self._at == len(self._data) and not self._more():
                break
            end = min(len(self._data), self._at + size - count)
            if kept < keep:
                parts.append(self._data[self._at : min(end, self._at + keep - kept)])
                kept += len(parts[-1])
            count += end - self._at
            self._at = end
        return b"".join(parts), count

    def until(self, pattern: re.Pattern[bytes], longest: int, keep: int) -> tuple[bytes, int]:
        """Consume up to the next match of ``pattern`` (of at most ``longest`` bytes) after the first byte, a gap or the end.

        As `read`: the first ``keep`` bytes, and how many there were.
        """
        parts: list[bytes] = []
        count = kept = 0
        start = self._at + 1
        while True:
            found = pattern.search(self._data, start)
            more = found is None and not (self.gap or self.ended)
            end = found.start() if found else len(self._data) - (longest if more else 0)
            if end > self._at:
                if kept < keep:
                    parts.append(self._data[self._at : min(end, self._at + keep - kept)])
                    kept += len(parts[-1])
                count += end - self._at
                self._at = end
            if found or not more:
                return b"".join(parts), count
            self._more()
            start = self._at + (count == 0)

    def put_back(self, data: bytes) -> bool:
        """Have ``data`` read again; False when too much was."""
        if len(data) > self._may_put_back:
            return False
        self._may_put_back -= len(data)
        self._data = data + self._data[self._at :]
        self._at = 0
        return True
