"""The bytes of a page to text, whatever the page says of itself.

In: bytes. Out: text without control characters, and how much was damaged. Declarations lie in two ways that this knows: a
page declared as Latin-1 that is UTF-8, and a UTF-8 page with windows-1252 bytes pasted into it (a comment that came in by
trackback from another blog). The second is read byte by byte: what is UTF-8 stays UTF-8.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from bs4.dammit import EncodingDetector

# Single-byte encodings that stand for "Western": browsers read them all as windows-1252
# (https://encoding.spec.whatwg.org/#names-and-labels), and blogs declare them over UTF-8 text.
WESTERN = frozenset("ascii us-ascii iso-8859-1 iso8859-1 latin-1 latin1 windows-1252 cp1252 iso-8859-15".split())
# How windows-1252 fills its five unassigned bytes in browsers: with the C1 control of the same number.
_CP1252 = {byte: bytes([byte]).decode("windows-1252", "ignore") or chr(byte) for byte in range(256)}
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# Everything that XML 1.0 forbids, and DEL and the C1 controls, which no blog means.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """``text`` and what was read through: bytes that were no ``encoding``, and control characters taken out."""

    text: str
    encoding: str
    bad_bytes: int = 0
    controls: int = 0


def decode(data: bytes, charset: str = "") -> Decoded:
    """Text of a page. ``charset`` is what the server said, if anybody wrote it down. Never raises."""
    text, encoding, bad = _decode(data, charset)
    clean, controls = _CONTROLS.subn("", text)
    return Decoded(clean.replace("\r\n", "\n").replace("\r", "\n"), encoding, bad, controls)


def _decode(data: bytes, charset: str) -> tuple[str, str, int]:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            text = data[len(mark) :].decode(encoding, "replace")
            return text, encoding, text.count("\ufffd")
    declared = _known(charset) or _known(EncodingDetector.find_declared_encoding(data, is_html=True) or "")
    for encoding in ("utf-8", declared if declared not in WESTERN else ""):
        try:
            if encoding:
                return data.decode(encoding), encoding, 0
        except UnicodeError:
            continue
    if declared == "utf-8" or (not declared and _mostly_utf8(data)):
        return _mixed(data)
    return "".join(map(_CP1252.__getitem__, data)), "windows-1252", 0


def _known(name: str) -> str:
    """The lower-case name of a text encoding that Python has, else ""."""
    try:
        info = codecs.lookup(name.strip().lower())
        # Not every codec is an encoding of text ("rot13", "zlib").
        "".encode(info.name)
    except (LookupError, UnicodeError, ValueError):
        return ""
    return info.name if info.name not in ("utf-7", "punycode", "idna", "unicode_escape", "raw_unicode_escape") else ""


def _mostly_utf8(data: bytes) -> bool:
    """Whether multi-byte UTF-8 sequences outnumber the bytes that are none."""
    text = data.decode("utf-8", "replace")
    return sum(c > "\x7f" and c != "\ufffd" for c in text) > text.count("\ufffd")


def _mixed(data: bytes) -> tuple[str, str, int]:
    """UTF-8 with windows-1252 between: each byte that is no UTF-8 is read as windows-1252."""
    text = data.decode("utf-8", "surrogateescape")
    bad = [0]

    def one(match: re.Match[str]) -> str:
        bad[0] += 1
        return _CP1252[ord(match.group()) - 0xDC00]

    return re.sub("[\udc80-\udcff]", one, text), "utf-8", bad[0]
