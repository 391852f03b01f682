"""The content of a web archive as one run of bytes: peek, read, take, put back."""

from __future__ import annotations

import re
from collections.abc import Iterator

from indexer.sources.webarchive.members import Chunk, Gap

# Bytes that may be put back to be read again: some, and as many as were read. It bounds the time that wrong lengths can cost.
_PUT_BACK = 64 * 1024 * 1024
_BLANK = re.compile(rb"[\r\n\0 \t]*")


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
