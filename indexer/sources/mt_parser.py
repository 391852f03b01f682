"""Lines of a Movable Type export in, its entries out, as plain strings by key.

    AUTHOR: Name            the header: one ``KEY: value`` a line
    DATE: 10/03/2023 10:54:50 AM
    -----
    BODY:                   sections: BODY, EXTENDED BODY, EXCERPT, KEYWORDS, each once
    text of any length
    -----
    COMMENT:                then comments and pings, any number, each with a header of its own
    AUTHOR: Name
    DATE: 10/04/2023 08:00:00 AM
    text
    -----
    --------                the end of the entry

Nothing in a text is escaped, so a line of dashes counts only when what follows it can follow it in this grammar; else it is
text, as it is. (Movable Type's own importer, lib/MT/ImportExport.pm, takes every line of five or eight dashes for a
separator.) The format: https://movabletype.org/documentation/appendices/import-export-format.html. E-mail addresses and IP
numbers stand in fields of their own, which are passed over.
"""

from __future__ import annotations

import codecs
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

SEPARATOR, END = "-----", "--------"
# Bytes without the end of an entry; the longest real ones, a post with thousands of comments, have a few MB.
MAX_ENTRY_BYTES = 64 * 1024 * 1024
# A comment with the time that a page took, a warning or two of PHP.
MAX_JUNK_LINES = 8

SECTIONS = frozenset({"BODY", "EXTENDED BODY", "EXCERPT", "KEYWORDS"})
RESPONSES = frozenset({"COMMENT", "PING"})
# What an entry has at least one of.
HEADER_KEYS = frozenset({"AUTHOR", "TITLE", "DATE", "STATUS", "BASENAME"})
_RESPONSE_KEYS = frozenset({"AUTHOR", "URL", "DATE", "TITLE", "BLOG NAME"})
_PASSED_OVER = frozenset({"EMAIL", "IP"})
_KEY = re.compile(r"[ \t]*([A-Z][A-Z0-9_]*(?: [A-Z0-9_]+)*)[ \t]*:[ \t]*(.*)")
# A byte that is no UTF-8, as Python's surrogateescape keeps it.
_BROKEN = re.compile("[\udc80-\udcff]")
_WESTERN = {byte: bytes([byte]).decode("cp1252", "replace") for byte in range(0x80, 0x100)}


class TooLongError(ValueError):
    """An entry is longer than `MAX_ENTRY_BYTES`."""


@dataclass(slots=True)
class Response:
    """A comment or a ping (``kind`` is one of `RESPONSES`): header fields by key, and its text."""

    kind: str
    fields: dict[str, str] = field(default_factory=dict)
    text: str = ""


@dataclass(slots=True)
class Entry:
    """An entry: ``(key, value)`` of its header in order, texts by section, comments and pings in order.

    Text that stands where a section should begin has the name "". ``junk``: nothing in it is an entry's.
    """

    header: list[tuple[str, str]] = field(default_factory=list)
    sections: dict[str, str] = field(default_factory=dict)
    responses: list[Response] = field(default_factory=list)
    junk: bool = False


class EntryReader:
    """Iterates over the entries of a stream, once.

    ``read`` is how many bytes were taken, ``broken`` how many of them are no UTF-8 and were read as Windows-1252. At the
    end, ``cut`` tells that the last entry breaks off (it is not given out), ``unmarked`` that only its end line is missing.
    Iterating raises `TooLongError`, and what reading the stream raises.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._ahead: deque[str] = deque()
        self._entry_bytes = 0
        self.read = 0
        self.broken = 0
        self.cut = False
        self.unmarked = False

    def __iter__(self) -> Iterator[Entry]:
        draft = _Draft()
        while (line := self._line(0)) is not None:
            self._ahead.popleft()
            dashes = line.rstrip() if line.startswith(SEPARATOR) else ""
            if dashes == END and (not draft.in_text or self._ends(0, separated=False)):
                yield from draft.finish()
                draft, self._entry_bytes = _Draft(), 0
            elif dashes != SEPARATOR or not self._separates(draft):
                draft.add(line)
        if draft.is_closed or draft.is_junk:
            self.unmarked = draft.is_closed
            yield from draft.finish()
        else:
            self.cut = not draft.is_empty

    def _ends(self, at: int, separated: bool) -> bool:
        """Whether a line of eight dashes ends an entry, by what lies from ``at`` on.

        It does at the end of the file, and where another entry follows: behind a separator any key will do, as titles hold
        line breaks at times; alone it takes a whole header.
        """
        after = self._after_blanks(at)
        if after is None:
            return True
        if not separated:
            return self._header_follows(after)
        found = _KEY.match(self._line(after) or "")
        return (found is not None and found[1] not in SECTIONS | RESPONSES) or self._only_junk_follows(after)

    def _only_junk_follows(self, at: int) -> bool:
        """Whether the file ends within a few lines, none of them dashes: what a server may add, and no part of an export."""
        lines = [self._line(at + i) for i in range(MAX_JUNK_LINES)]
        return None in lines and not any(line and line.rstrip() in (SEPARATOR, END) for line in lines)

    def _separates(self, draft: _Draft) -> bool:
        """Whether the line of five dashes just taken ends a header or section; opens what follows, taking its keyword."""
        at = self._after_blanks(0)
        line = self._line(at) if at is not None else None
        if at is None or line is None or (line.rstrip() == END and self._ends(at + 1, separated=True)):
            draft.close()
            return True
        keyword = _keyword(line)
        opens = keyword in SECTIONS and keyword not in draft.entry.sections and not draft.entry.responses
        if keyword in RESPONSES:
            after = self._after_blanks(at + 1)
            found = _KEY.match(self._line(after) or "") if after is not None else None
            opens = found is not None and found[1] in _RESPONSE_KEYS | _PASSED_OVER
        if opens:
            for _ in range(at + 1):
                self._ahead.popleft()
            draft.open(keyword)
        elif not draft.in_text:
            draft.open("")
            opens = True
        return opens

    def _header_follows(self, at: int) -> bool:
        """Whether lines of ``KEY: value`` follow, then a separator and a section: no text looks like that by chance."""
        keys: set[str] = set()
        while (line := self._line(at)) is not None and line.rstrip() != SEPARATOR:
            found = _KEY.match(line)
            if not found and not line.isspace():
                return False
            keys |= {found[1]} if found else set()
            at += 1
        after = self._after_blanks(at + 1)
        following = self._line(after) if after is not None else None
        return bool(keys & HEADER_KEYS and following and (_keyword(following) in SECTIONS or following.rstrip() == END))

    def _after_blanks(self, at: int) -> int | None:
        """The place, from ``at`` on, of the first line ahead that is not blank; None at the end."""
        while (line := self._line(at)) is not None and line.isspace():
            at += 1
        return None if line is None else at

    def _line(self, at: int) -> str | None:
        """The line that lies ``at`` lines ahead, with its line feed; None behind the end."""
        while len(self._ahead) <= at:
            line = self._stream.readline(MAX_ENTRY_BYTES)
            if not line:
                return None
            if not self.read:
                line = line.removeprefix(codecs.BOM_UTF8)
            self.read += len(line)
            self._entry_bytes += len(line)
            if self._entry_bytes >= MAX_ENTRY_BYTES:
                raise TooLongError(f"an entry has more than {MAX_ENTRY_BYTES // 1024**2} MB")
            self._ahead.append(self._decoded(line[:-2] + b"\n" if line.endswith(b"\r\n") else line))
        return self._ahead[at]

    def _decoded(self, line: bytes) -> str:
        """Old databases held both: UTF-8, and Windows-1252 that was pasted or kept from before."""
        try:
            return line.decode("utf-8")
        except UnicodeDecodeError:
            text = line.decode("utf-8", "surrogateescape")
            text, count = _BROKEN.subn(lambda m: _WESTERN[ord(m[0]) - 0xDC00], text)
            self.broken += count
            return text


class _Draft:
    """An entry being read: in its header, in a text, or between two (closed)."""

    def __init__(self) -> None:
        self.entry = Entry()
        self.is_closed = False
        self.is_junk = False
        self._section: str | None = None
        self._response: Response | None = None
        self._in_fields = False
        self._text: list[str] = []

    @property
    def in_text(self) -> bool:
        return self._section is not None or self._response is not None

    @property
    def is_empty(self) -> bool:
        return not (self.entry.header or self.in_text or self.is_closed or self.is_junk)

    def add(self, line: str) -> None:
        if self._response is not None and self._in_fields and self._field(line, self._response):
            return
        if self.in_text:
            self._text.append(line)
        elif found := _KEY.match(line):
            self.entry.header.append((found[1], found[2].strip()))
            self.is_junk = False
        elif not self.entry.header and not line.isspace() and not self.is_closed:
            self.is_junk = True

    def open(self, keyword: str) -> None:
        self.close()
        self.is_closed = self.is_junk = False
        if keyword in RESPONSES:
            self._response, self._in_fields = Response(keyword), True
            self.entry.responses.append(self._response)
        else:
            self._section = keyword
            self.entry.sections[keyword] = ""

    def close(self) -> None:
        """Ends the text being read, if any."""
        text = "".join(self._text).strip("\n")
        if self._response is not None:
            self._response.text = text
        elif self._section is not None:
            self.entry.sections[self._section] = text
        self._section, self._response, self._text = None, None, []
        self.is_closed = True

    def finish(self) -> Iterator[Entry]:
        """The entry, unless there was nothing but blank lines."""
        if not self.is_empty:
            self.entry.junk = self.is_junk
            self.close()
            yield self.entry

    def _field(self, line: str, response: Response) -> bool:
        """Whether ``line`` belongs to the header of ``response``: a known key, and none that was there before."""
        found = _KEY.match(line)
        key = found[1] if found else ""
        if found and key in _RESPONSE_KEYS and key not in response.fields:
            response.fields[key] = found[2].strip()
        elif key not in _PASSED_OVER and not (line.isspace() and not response.fields):
            self._in_fields = False
        return self._in_fields


def _keyword(line: str) -> str:
    """``BODY`` of a line that holds ``BODY:`` and nothing else; "" for any other."""
    line = line.rstrip()
    return line[:-1] if line.endswith(":") and len(line) < 20 else ""
