"""The bytes of a Ghost export in, its rows out, one at a time.

    {"meta": {...}, "data": {"posts": [row, row, ...], "tags": [...], ...}}      or the same as  {"db": [{...}]}

An export of a large blog does not fit into memory twice over, and its tables refer to each other: this module gives the rows as
they come, as often as somebody opens the file. The standard library's JSON decoder reads one value at a time; only the
brackets around them are read here.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

# Characters read at a time, unless a row is longer: then as many again as are there, so that all reading is linear.
CHUNK = 256 * 1024
# Characters of one row. A post holds its text up to four times (HTML, editor's format, plain text, an older format); Ghost
# itself accepts no request over 50 MB.
MAX_ROW = 64 * 1024 * 1024
# An error so close before the end of what was read may come from the cut: the longest token but strings is a number.
_EDGE = 64


_SPACE = re.compile(r"[ \t\r\n]+")


class DamagedError(ValueError):
    """The JSON cannot be read on: what is wrong, and ``offset``, about which byte."""

    def __init__(self, problem: str, offset: int) -> None:
        super().__init__(problem)
        self.offset = offset


class Tables:
    """Iterate for ``(table, row)``, once; what stands under ``meta`` is a row of the table ``meta``.

    A row is whatever JSON value the table holds. Raises `DamagedError`, and what reading the stream raises. ``invalid``
    counts bytes that are no characters; ``found``: there was an object ``data``; ``unfinished``: the table whose row is being
    read, and after an error was not read to its end.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        # Control characters inside strings are the work of hand-made converters; newlines are the usual ones.
        self._json = json.JSONDecoder(strict=False)
        self._text = ""
        self._at = 0
        self._read = 0
        self._ended = False
        self.invalid = 0
        self.found = False
        self.unfinished = ""

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        if self._peek() == "\ufeff":
            self._at += 1
        for key in self._members():
            if key == "db" and self._peek() == "[":
                for _ in self._elements():
                    for inner in self._members():
                        yield from self._part(inner)
            else:
                yield from self._part(key)
        if self._peek():
            raise self._damaged("something follows the end of the export")

    def _part(self, key: str) -> Iterator[tuple[str, Any]]:
        if key == "data" and self._peek() == "{":
            self.found = True
            for table in self._members():
                if self._peek() == "[":
                    for _ in self._elements():
                        self.unfinished = table if self._peek() else ""
                        row = self._value()
                        self.unfinished = ""
                        yield table, row
                else:
                    self._value()
        else:
            value = self._value()
            if key == "meta":
                yield key, value

    # --- brackets ---

    def _members(self) -> Iterator[str]:
        """The keys of an object; whoever iterates reads each one's value before the next."""
        self._take("{")
        if self._peek() == "}":
            self._at += 1
            return
        while True:
            key = self._value()
            if not isinstance(key, str):
                raise self._damaged("a key is no string")
            self._take(":")
            yield key
            if self._take(",}") == "}":
                return

    def _elements(self) -> Iterator[None]:
        """One turn per element of an array; whoever iterates reads it."""
        self._take("[")
        if self._peek() == "]":
            self._at += 1
            return
        while True:
            yield
            if self._take(",]") == "]":
                return

    def _take(self, expected: str) -> str:
        found = self._peek()
        if not found:
            raise self._damaged("the file breaks off")
        if found not in expected:
            raise self._damaged(f"{' or '.join(expected)} is missing")
        self._at += 1
        return found

    # --- text ---

    def _peek(self) -> str:
        """The next character that is no white space; "" at the end."""
        while True:
            if space := _SPACE.match(self._text, self._at):
                self._at = space.end()
            if self._at < len(self._text):
                return self._text[self._at]
            if self._ended:
                return ""
            self._more()

    def _value(self) -> Any:
        """The JSON value that comes next."""
        self._peek()
        while True:
            try:
                value, end = self._json.raw_decode(self._text, self._at)
                if end < len(self._text) or self._ended:
                    self._at = end
                    return value
            except json.JSONDecodeError as error:
                if error.pos + _EDGE < len(self._text) and not error.msg.startswith("Unterminated"):
                    raise self._damaged("it is no JSON there") from None
                if self._ended:
                    raise self._damaged("the file breaks off") from None
            except (RecursionError, ValueError):
                raise self._damaged("values are nested too deep, or a number is too long") from None
            if len(self._text) - self._at > MAX_ROW:
                raise self._damaged(f"a row has more than {MAX_ROW // 1024**2} MB")
            self._more()

    def _more(self) -> None:
        """Drops what was read and reads on: a chunk, or as much as is waiting."""
        rest = self._text[self._at :]
        data = self._stream.read(max(CHUNK, len(rest)))
        self._ended = not data
        self._read += len(data)
        text = self._decoder.decode(data, final=not data)
        if not data.isascii():
            self.invalid += text.count("\ufffd") - data.count(b"\xef\xbf\xbd")
        self._text, self._at = rest + text, 0

    def _damaged(self, problem: str) -> DamagedError:
        left = len(self._text[self._at :].encode("utf-8", "replace"))
        return DamagedError(problem, max(0, self._read - left))
