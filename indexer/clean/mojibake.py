"""UTF-8 that was once read as Windows-1252 ("cafÃ©"), back to what it was, where that is certain.

ftfy (Robyn Speer, https://ftfy.readthedocs.io) decides: it turns bytes back only where they make valid UTF-8 and what stands
there is no likely text. It is asked about stretches that could be such bytes and nothing else, so that a page in which one
comment is damaged is repaired there, and a text without such a stretch costs one search.
"""

from __future__ import annotations

import re

# The first byte of a character in UTF-8 (C2 to F4) and bytes that follow it (80 to BF), as Windows-1252 shows them; once or,
# where it happened twice, several times.
_FOLLOWING = "\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
_SUSPECT = re.compile(f"(?:[\u00c2-\u00f4][{_FOLLOWING}]+)+")
# Its beginning in UTF-8. Most texts that are not English have neither more nor less than accents: this search, which begins with
# a byte, sees that in a tenth of the time.
_SUSPECT_BYTES = re.compile(rb"\xc3[\x82-\xb4][\xc2\xc5\xc6\xcb\xe2]")


class Mender:
    """Repairs texts, and counts the stretches that it repaired in ``count``."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, text: str) -> str:
        """``text`` with its mojibake repaired. Never raises."""
        if text.isascii() or not _SUSPECT_BYTES.search(text.encode("utf-8", "surrogatepass")):
            return text
        return _SUSPECT.sub(self._mended, text)

    def _mended(self, found: re.Match[str]) -> str:
        from ftfy import fix_encoding

        mended = fix_encoding(found[0])
        self.count += mended != found[0]
        return mended
