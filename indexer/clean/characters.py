"""The characters of a text: what is dropped, repaired, collapsed. Text in, text out.

While a text is put together, `BREAK` stands for a line break, because a newline in HTML is only white space.
"""

from __future__ import annotations

import unicodedata

# NUL: no text may hold it, so every input loses its own first.
BREAK = "\0"


def _c1() -> dict[int, str | None]:
    """Windows-1252 by code point: blogs that said ISO-8859-1 meant it, so their U+0092 is an apostrophe, not a control."""
    codes = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}
    return {code: character or None for code, character in codes.items()}


# Neither readable nor allowed in XML: C0 controls but for white space, lone surrogates, noncharacters.
CONTROLS: dict[int, str | None] = {
    **dict.fromkeys([*range(0x09), *range(0x0E, 0x20), 0x7F, *range(0xD800, 0xE000), *range(0xFDD0, 0xFDF0)]),
    **dict.fromkeys([0xFFFE, 0xFFFF]),
    **_c1(),
}
# Invisible inside a word, and a search for the word would miss it: soft hyphen, zero-width space, word joiner, byte
# order mark. (The zero-width joiners stay: they are spelling in Persian and Hindi, and part of many emoji.)
INVISIBLE: dict[int, str | None] = dict.fromkeys([0xAD, 0x200B, 0x2060, 0xFEFF])
# (A text is still in one piece when they go.)
_DROPPED = {code: to for code, to in {**CONTROLS, **INVISIBLE}.items() if chr(code) != BREAK}


_ASCII = bytes(range(0x20, 0x7F))


def is_printable(text: str) -> bool:
    """``text.isprintable()``, which is false for any white space but " ", in a third of the time for ASCII."""
    return not text.encode().translate(None, _ASCII) if text.isascii() else text.isprintable()


def lines(text: str) -> str:
    """``text`` as lines: `BREAK` starts one, blank ones vanish, white space inside collapses; NFC, nothing invisible."""
    if "\x85" in text:  # white space to str.split, an ellipsis to Windows
        text = text.replace("\x85", "…")
    if "  " in text or not is_printable(text.replace(BREAK, "")):  # much cheaper than splitting
        text = " ".join(text.split())
        if not is_printable(text.replace(BREAK, "")):
            text = " ".join(text.translate(_DROPPED).split())
    joined = "\n".join(filter(None, map(str.strip, text.split(BREAK))))
    return joined if joined.isascii() else unicodedata.normalize("NFC", joined)
