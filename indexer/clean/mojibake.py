"""UTF-8 that was once read as Windows-1252 ("cafÃ©"), back to what it was, where that is certain.

ftfy (Robyn Speer, https://ftfy.readthedocs.io) decides: it turns bytes back only where they make valid UTF-8 and what stands
there is no likely text. It is asked about stretches that could be such bytes and nothing else, so that a page in which one
comment is damaged is repaired there, and a text without such a stretch costs one search. ftfy does not see what stands around a
stretch: `_certain` looks whether what it made of it can stand there.
"""

from __future__ import annotations

import re
import unicodedata

# The first byte of a character in UTF-8 (C2 to F4) and bytes that follow it (80 to BF), as Windows-1252 shows them; once or,
# where it happened twice, several times.
_FOLLOWING = "\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
_SUSPECT = re.compile(f"(?:[\u00c2-\u00f4][{_FOLLOWING}]+)+")
# Its beginning in UTF-8. Most texts that are not English have neither more nor less than accents: this search, which begins with
# a byte, sees that in a tenth of the time.
_SUSPECT_BYTES = re.compile(rb"\xc3[\x82-\xb4][\xc2\xc5\xc6\xcb\xe2]")
# No text that was read rightly holds these control characters.
_CONTROL = re.compile("[\u0080-\u009f]")
# Letters that stand in no blog, or so seldom that an accented capital before a symbol is likelier ("COMITÉ° 5", "Maß¬"): the
# phonetic alphabet and rare Latin letters (not Romanian's), old Greek and Cyrillic, what lies between Arabic and Devanagari.
_RARE = re.compile(
    "[\u0180-\u0217\u021c-\u036f\u0370-\u0385\u0387\u03cf-\u03ff\u0460-\u048f\u0492-\u052f\u0700-\u08ff]"
)
# Signs that follow a whole word ("MANHÃ»", "PÄIVÄ°"); an Â before one is no letter.
_AFTER_WORDS = re.compile("[^Â][°®™»”]")
# A repair may show that what stands beside it is to be repaired, too. Bounded, as a hostile text could make it one by one.
_PASSES = 8
_LATIN_EXTENDED_A_END = "\u017f"


class Mender:
    """Repairs texts, and counts the stretches that it repaired in ``count``."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, text: str) -> str:
        """``text`` with its mojibake repaired. Never raises."""
        if text.isascii() or not _SUSPECT_BYTES.search(text.encode("utf-8", "surrogatepass")):
            return text
        for _ in range(_PASSES):
            before, text = text, _SUSPECT.sub(self._mended, text)
            if text == before:
                break
        return text

    def _mended(self, found: re.Match[str]) -> str:
        from ftfy import fix_encoding

        mended = fix_encoding(found[0])
        if mended == found[0] or not _certain(found, mended):
            return found[0]
        self.count += 1
        return mended


def _certain(found: re.Match[str], mended: str) -> bool:
    """Whether ``mended`` is likelier than what was found: an accented letter and a symbol may be just that."""
    if _CONTROL.search(found[0]):
        return True
    before, after = found.string[max(0, found.start() - 2) : found.start()], found.string[found.end() : found.end() + 1]
    if "\u0300" <= mended[0] <= "\u036f":  # an accent by itself, as macOS writes them in names of files
        return before[-1:].islower()
    if _RARE.search(mended) or any(unicodedata.category(letter) in ("Cn", "Co") for letter in mended):
        return False
    if len(mended) > 1:
        return True
    if _AFTER_WORDS.fullmatch(found[0]) and sum(map(str.isupper, before)) == 2 and not after.isalpha():
        return False
    joined = before[-1:].isalpha() and mended.isalpha() and mended > _LATIN_EXTENDED_A_END
    return not joined or _script(before[-1]) == _script(mended)


def _script(letter: str) -> str:
    """The script of a letter, by the first word of its name."""
    return unicodedata.name(letter, "").partition(" ")[0]
