"""The bytes of a WordPress export in, the bytes of an XML document that a parser can read out.

WordPress prints its export with `echo`, so what authors, plugins and PHP left in the way gets into the file as it is.
Three filters, each a generator over chunks, put right what is known to occur; clean input passes through whole slices:

    stream -> _utf8 -> _from_root -> _Markup -> chunks of UTF-8, beginning with "<rss"

Everything before the root element is dropped: the XML declaration with its encoding, comments, PHP messages, and a
document type with all its entities, which therefore are never declared, never expanded and never fetched.
What was repaired is counted by reason (`REASONS`). Memory: a few chunks, and at most `LOOK_AHEAD`.
"""

from __future__ import annotations

import codecs
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from html.entities import html5
from typing import BinaryIO

CHUNK = 64 * 1024
# How much is held back to see how a damaged passage ends: the longest posts known to us are below 1 MB of HTML.
LOOK_AHEAD = 2 * 1024 * 1024
# An opening "<" with no ">" in so many bytes is text: a tag of an export has three short attributes at most.
LONGEST_TAG = 64 * 1024

REASONS = {
    "encoding": "the declared character encoding was wrong",
    "invalid-bytes": "bytes that are no characters, replaced by U+FFFD",
    "control-character": "control characters that XML forbids, removed",
    "leading-junk": "text before the XML declaration, dropped",
    "doctype": "a document type declaration, ignored",
    "bare-ampersand": "an & that begins no entity, read as text",
    "bare-less-than": "a < that begins no tag, read as text",
    "named-entity": "HTML entities that XML does not know, decoded",
    "unescaped-markup": "HTML that was written into the XML unescaped",
    "nested-cdata": "]]> inside a CDATA section or in text, read as text",
    "undeclared-prefix": "elements with a namespace prefix that is never declared",
    "missing-end": "the end tags after the last item",
    "trailing-junk": "text after the end of the export, dropped",
}


class NoRootError(ValueError):
    """The stream has no such root element at all."""


class RepairedStream(Iterator[bytes]):
    """Gives well-formed chunks, once; ``counts`` (by reason) and ``offset`` are up to date with the last chunk.

    ``root`` is the name of the element that the document begins with, as a regular expression. ``read`` and ``given`` are
    the bytes that went in and came out so far. Iterating raises `NoRootError`, and what reading the stream raises (`OSError`).
    """

    def __init__(self, stream: BinaryIO, root: bytes = b"rss") -> None:
        self._stream = stream
        self.counts: Counter[str] = Counter()
        self.read = 0
        self.given = 0
        text = _from_root(_utf8(self._raw(), self.counts), self.counts, root)
        self._markup = _Markup(text, self.counts, wordpress=root == b"rss")
        self._chunks = iter(self._markup)

    def __next__(self) -> bytes:
        chunk = next(self._chunks)
        self.given += len(chunk)
        return chunk

    def offset(self, index: int) -> int:
        """Where in the input the byte ``index`` of the output lies: exactly so when nothing was repaired, else about."""
        return max(0, min(self.read, index + self.read - self._markup.held - self.given))

    def _raw(self) -> Iterator[bytes]:
        while chunk := self._stream.read(CHUNK):
            self.read += len(chunk)
            yield chunk


# --- characters -------------------------------------------------------------------------------------------------------

_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})")
# The encodings blogs had before UTF-8. Python knows more (idna, utf-7, unicode_escape), none of them fit for a stranger.
_LEGACY = ("iso8859", "cp", "koi8", "shift_jis", "euc", "gb", "big5", "mac", "tis", "johab")
# So few broken bytes in a file that claims to be UTF-8 are damage, and no sign of another encoding.
FEW_BYTES = 3
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f\ufffd]")
# Vertical tab and form feed stand between words; the others stand nowhere.
_TO_SPACE = bytes.maketrans(b"\x0b\x0c", b"  ")
_FORBIDDEN = bytes(b for b in range(32) if b not in b"\t\n\r\x0b\x0c")
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_NONCHARACTER = re.compile(rb"\xef\xbf[\xbe\xbf]")


def _utf8(chunks: Iterator[bytes], counts: Counter[str]) -> Iterator[bytes]:
    """The same text as valid UTF-8 in whole characters, without control characters.

    The encoding is settled at the first chunk with more than `FEW_BYTES` beyond ASCII, by what the bytes are rather
    than by what the declaration says.
    """
    decoder: codecs.IncrementalDecoder | None = None
    carry, declared, begun, settled = b"", "utf-8", False, False
    for chunk in itertools.chain(chunks, [b""]):
        if not begun:
            begun, declared = True, _declared_encoding(chunk)
            decoder = _wide_decoder(chunk)
            settled = decoder is not None
        data, carry = carry + chunk, b""
        if not settled and not data.isascii():
            broken, good = _evidence(data)
            settled = good + broken > FEW_BYTES or declared != "utf-8"
            if settled and broken > good:
                decoder = _legacy_decoder(declared)
            counts["encoding"] |= settled and (decoder is None) != (declared == "utf-8")
        if decoder is not None:
            text = decoder.decode(data, final=not chunk)
            counts["invalid-bytes"] += text.count("\ufffd")
            data = text.encode("utf-8", "replace")
        elif not data.isascii():
            data, carry = _valid(data, not chunk, counts)
        yield _allowed(data, counts)


def _wide_decoder(head: bytes) -> codecs.IncrementalDecoder | None:
    """A decoder when the text is in UTF-16, told by its byte order mark or by the zero byte beside the first "<"."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return codecs.getincrementaldecoder("utf-16")("replace")
    if head.startswith((b"<\0", b"\0<")):
        return codecs.getincrementaldecoder("utf-16-le" if head[0] else "utf-16-be")("replace")
    return None


def _declared_encoding(head: bytes) -> str:
    """The declared encoding by Python's name; "utf-8" when there is none or none that we would use."""
    found = _DECLARED.search(head[:LONGEST_TAG])
    try:
        name = codecs.lookup(found[1].decode("ascii", "replace")).name if found else "utf-8"
    except LookupError:
        return "utf-8"
    return name if name.startswith(_LEGACY) else "utf-8"


def _evidence(data: bytes) -> tuple[int, int]:
    """How many bytes speak against UTF-8, and how many characters for it."""
    text, _ = codecs.utf_8_decode(data, "replace", False)
    return text.count("\ufffd") - data.count(b"\xef\xbf\xbd"), len(_BEYOND_ASCII.findall(text))


def _legacy_decoder(declared: str) -> codecs.IncrementalDecoder:
    # As in browsers, Latin-1 and nothing at all mean Windows-1252: it has the quotation marks people typed.
    name = "cp1252" if declared in ("utf-8", "iso8859-1") else declared
    return codecs.getincrementaldecoder(name)("replace")


def _valid(data: bytes, final: bool, counts: Counter[str]) -> tuple[bytes, bytes]:
    """``data`` as valid UTF-8, and the incomplete character at its end that the next chunk completes."""
    try:
        _, used = codecs.utf_8_decode(data, "strict", final)
        return data[:used], data[used:]
    except UnicodeDecodeError:
        text, used = codecs.utf_8_decode(data, "replace", final)
        counts["invalid-bytes"] += text.count("\ufffd") - data[:used].count(b"\xef\xbf\xbd")
        return text.encode(), data[used:]


def _allowed(data: bytes, counts: Counter[str]) -> bytes:
    """``data`` without the characters outside XML's production ``Char`` (https://www.w3.org/TR/xml/#charsets)."""
    clean = data.translate(_TO_SPACE, _FORBIDDEN)
    if clean != data:
        counts["control-character"] += len(_CONTROL.findall(data))
    if not clean.isascii() and b"\xef\xbf" in clean:
        clean, n = _NONCHARACTER.subn(b"", clean)
        counts["control-character"] += n
    return clean


# --- prolog -----------------------------------------------------------------------------------------------------------

# Enough to see what a document begins with.
PROLOG_START = 256
_PROLOG = rb"<\?xml|\s*<(?:!--|!DOCTYPE|%s[\s>])"


def _from_root(chunks: Iterator[bytes], counts: Counter[str], name: bytes) -> Iterator[bytes]:
    """What follows from the root element's ``<name`` on; raises `NoRootError` when it never comes."""
    root_tag, prolog = re.compile(rb"<%s(?=[\s>])" % name), re.compile(_PROLOG % name)
    buffer, judged = b"", False
    for chunk in chunks:
        buffer += chunk
        root = root_tag.search(buffer)
        if not judged and (root or len(buffer) > PROLOG_START):
            judged = True
            counts["leading-junk"] |= not prolog.match(buffer.removeprefix(codecs.BOM_UTF8))
        counts["doctype"] |= b"<!DOCTYPE" in buffer[: root.start() if root else None]
        if root:
            yield buffer[root.start() :]
            yield from chunks
            return
        if judged:
            # Long enough for a "<!DOCTYPE" that was cut in two.
            buffer = buffer[-16:]
    raise NoRootError


# --- markup -----------------------------------------------------------------------------------------------------------

# Different tokens that `_Markup` remembers the places of; an export has some twenty elements with CDATA sections.
REMEMBERED = 64
_SPECIAL = re.compile(rb"<!\[CDATA\[|<!--|<\?")
_ENDS = {b"<!--": b"-->", b"<?": b"?>"}
_START_TAG = re.compile(rb"<([A-Za-z_][\w:.-]*)[^<>]*>\s*\Z")
_CONTAINERS = frozenset({b"rss", b"channel", b"item", b"wp:author", b"wp:comment", b"wp:postmeta", b"wp:commentmeta"})
# Elements that hold text and nothing else. WordPress 2.1 to 2.5 wrote comments and custom fields into them unescaped.
# No element is looked for inside one of the same name, so that many unclosed ones cost no more than one.
_RAW = re.compile(
    rb"<(title|link|description|content:encoded|excerpt:encoded|category|dc:creator|wp:comment_content|wp:comment_author"
    rb"|wp:comment_author_url|wp:meta_value|wp:author_display_name|wp:(?:category|tag|term)_description)(\s[^<>]*+)?>"
    rb"([^<]*+<(?!/?\1[\s>]|!\[CDATA\[)(?:[^<]++|<(?!/?\1[\s>]))*+)(?=</\1\s*>)"
)
# What needs no repair, as far as it goes: elements that hold text without markup or one CDATA section, and the tags around
# them. It ends behind an end tag. One search takes it whole; a step per section took four times as long.
_CLEAN = re.compile(
    rb"(?:\s*+(?:<(?:item|wp:(?:comment|postmeta|commentmeta|author))>\s*+)*+<(?:/[^\s<>&\]]{0,99}+>"
    rb"|([A-Za-z_][^\s<>&/\]]{0,99}+)(?:\s[^<>&\]]{0,999}+)?+>"
    rb"(?:<!\[CDATA\[[^\]]*+(?:\](?!\]>)[^\]]*+)*+\]\]>|[^<&\]]*+(?:&(?:amp|lt|gt|quot|apos);[^<&\]]*+)*+)</\1>))*+"
)
_BARE = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos);)(#\d{1,9};|#x[\da-fA-F]{1,8};|\w{1,32};)?|<(?![A-Za-z_/])|\]\]>")


class _Markup:
    """Escapes what is text though it looks like markup, inside and outside CDATA sections.

    ``wordpress``: the elements of `_RAW` are WordPress's. ``held`` bytes of what was taken are not given out yet.
    """

    def __init__(self, chunks: Iterator[bytes], counts: Counter[str], wordpress: bool) -> None:
        self._chunks = chunks
        self._wordpress = wordpress
        self._counts = counts
        # The element that an open CDATA section stands in: None outside a section, b"" when it did not begin one.
        self._section: bytes | None = None
        self._element = b""
        # Whether the open section has the beginning of another in its text.
        self._nested = False
        # Where the buffer begins in the whole, and how far `_find` has looked for what.
        self._base = 0
        self._found: dict[bytes, tuple[int, bool]] = {}
        self.held = 0

    def __iter__(self) -> Iterator[bytes]:
        buffer, final = b"", False
        while not final:
            chunk = next(self._chunks, None)
            final = chunk is None
            buffer += chunk or b""
            out: list[bytes] = []
            position, end = -1, 0
            while position < end < len(buffer):
                position = end
                step = self._outside if self._section is None else self._inside
                end = step(buffer, position, final, out)
            buffer = buffer[end:]
            self._base += end
            self.held = len(buffer)
            yield b"".join(out)

    def _outside(self, buffer: bytes, start: int, final: bool, out: list[bytes]) -> int:
        """Handles what is clean, else all up to the next CDATA section, comment or instruction; returns how far it came."""
        if (clean := _CLEAN.match(buffer, start)) and clean[0]:
            self._element = b""
            out.append(clean[0])
            return clean.end()
        special = _SPECIAL.search(buffer, start)
        if special is None and not final and (end := _unclosed(buffer, start)) > start:
            text = buffer[start:end]
            self._counts["bare-less-than"] += text.count(b"<")
            out.append(self._text(text.replace(b"<", b"&lt;")))
            return end
        if special is None:
            end = len(buffer) if final else _safe_cut(buffer, start, b"</wp:" if self._wordpress else b">")
            out.append(self._text(buffer[start:end]))
            return end
        out.append(self._text(buffer[start : special.start()]))
        if special[0] == b"<![CDATA[":
            self._section, self._nested = self._element, False
            out.append(special[0])
            return special.end()
        # Comments and instructions are dropped: a parser is strict about what is in them, and nobody reads them.
        closing = _ENDS[special[0]]
        end = self._find(buffer, closing, special.end())
        if end >= 0:
            return end + len(closing)
        if final or len(buffer) - special.start() > LONGEST_TAG:
            self._counts["bare-less-than"] += 1
            out.append(b"&lt;")
            return special.start() + 1
        return special.start()

    def _text(self, text: bytes) -> bytes:
        """Text and tags repaired; remembers the element that they leave open at their end."""
        if tag := _START_TAG.match(text, max(0, text.rfind(b"<"))):
            self._element = b"" if tag[1] in _CONTAINERS else tag[1]
        elif text and not text.isspace():
            self._element = b""
        if self._wordpress:
            text = _RAW.sub(self._escape_raw, text)
        return _BARE.sub(self._escape, text)

    def _inside(self, buffer: bytes, start: int, final: bool, out: list[bytes]) -> int:
        """Handles a CDATA section up to the next ``]]>``; returns how far it came."""
        end = buffer.find(b"]]>", start)
        if end < 0:
            # Its last two bytes may be the beginning of the end.
            end = len(buffer) if final else max(start, len(buffer) - 2)
            out.append(buffer[start:end])
            return end
        self._nested = self._nested or buffer.find(b"<![CDATA[", start, end) >= 0
        ends = self._ends_section(buffer, end + 3, final)
        out.append(buffer[start:end])
        if ends is None:
            return end
        if ends:
            self._section = None
            out.append(b"]]>")
        else:
            self._counts["nested-cdata"] += 1
            out.append(b"]]]]><![CDATA[>")
        return end + 3

    def _ends_section(self, buffer: bytes, after: int, final: bool) -> bool | None:
        """Whether the ``]]>`` before ``after`` is the end of the section; None when that is not to be seen yet.

        It is, when the element's end tag or another section follows. Otherwise it is the author's own text when another
        ``]]>`` comes before that end tag, unless a section begins in between and none began inside this one.
        """
        if not self._section:
            return True
        end_tag = b"</" + self._section
        following = buffer[after : after + 256].lstrip()
        if following.startswith((end_tag, b"<![CDATA[")):
            return True
        tag = self._find(buffer, end_tag, after)
        if tag >= 0:
            another = buffer.find(b"]]>", after, tag)
            return another < 0 or (not self._nested and buffer.find(b"<![CDATA[", after, another) >= 0)
        return True if final or len(buffer) - after > LOOK_AHEAD else None

    def _find(self, buffer: bytes, token: bytes, start: int) -> int:
        """``buffer.find(token, start)`` for ascending starts, which looks at no byte twice: floods of markup stay cheap."""
        place, found = self._found.get(token, (0, False))
        index = place - self._base
        if found and index >= start:
            return index
        index = buffer.find(token, max(start, 0 if found else index))
        if len(self._found) > REMEMBERED:
            self._found.clear()
        unseen = max(start, len(buffer) - len(token) + 1)
        self._found[token] = (self._base + (index if index >= 0 else unseen), index >= 0)
        return index

    def _escape_raw(self, element: re.Match[bytes]) -> bytes:
        self._counts["unescaped-markup"] += 1
        content = element[3].replace(b"&", b"&amp;").replace(b"<", b"&lt;")
        return b"<%s%s>%s" % (element[1], element[2] or b"", content)

    def _escape(self, bare: re.Match[bytes]) -> bytes:
        if bare[0] == b"]]>":
            self._counts["nested-cdata"] += 1
            return b"]]&gt;"
        if bare[0] == b"<":
            self._counts["bare-less-than"] += 1
            return b"&lt;"
        reference = (bare[1] or b"").decode("utf-8", "replace")
        if reference.startswith("#"):
            return self._character(bare[0], reference)
        if character := html5.get(reference):
            self._counts["named-entity"] += 1
            return "".join(f"&#{ord(c)};" for c in character).encode()
        self._counts["bare-ampersand"] += 1
        return bare[0].replace(b"&", b"&amp;", 1)

    def _character(self, as_found: bytes, reference: str) -> bytes:
        """A numeric character reference: as it is, or nothing where XML has no such character."""
        code = int(reference[2:-1], 16) if reference[1] == "x" else int(reference[1:-1])
        if code in (9, 10, 13) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000:
            return as_found
        self._counts["control-character"] += 1
        return b""


def _unclosed(buffer: bytes, start: int) -> int:
    """Up to where every "<" is text, as no ">" comes within `LONGEST_TAG`; ``start`` when none is, or none begins there."""
    if not buffer.startswith(b"<", start):
        return start
    closing = buffer.find(b">", start)
    return (closing + 1 if closing >= 0 else len(buffer)) - LONGEST_TAG


def _safe_cut(buffer: bytes, start: int, tag: bytes) -> int:
    """Where text and tags can be cut without splitting a tag, a reference or an element of `_RAW`; ``start``: nowhere yet.

    ``tag`` begins a tag that none of those elements holds, or ends any tag where no element is one of them.
    """
    end = buffer.rfind(tag, start, buffer.rfind(b">", start) + 1)
    if end >= 0:
        return buffer.index(b">", end) + 1
    if len(buffer) - start < LOOK_AHEAD:
        return start
    end = max(buffer.rfind(b">", start) + 1, buffer.rfind(b"<", start), buffer.rfind(b"&", start))
    return end if end > start else len(buffer)
