"""The rules of `indexer.clean.text` a second time, in the plainest way there is: the tests hold the fast one to this.

Beautiful Soup builds the whole tree; then every string in it is looked at once, together with all its ancestors.
"""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections.abc import Iterator
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, MarkupResemblesLocatorWarning
from bs4.element import NavigableString, Tag

from indexer.clean.autop import uses_autop
from indexer.clean.shortcodes import expand
from indexer.clean.text import BLOCKS, CELLS, DROPPED, Text

# Strings that are no text: comments, declarations, processing instructions, CDATA are all subclasses.
TEXT_CLASSES = {"NavigableString", "Stylesheet", "Script", "TemplateString", "RubyTextString", "RubyParenthesisString"}


def reference_extract(html: str, *, autop: bool = False) -> Text:
    html = expand(html.replace("\0", ""), shown=False)
    html = re.sub("</[pP]>", "</p> ", html)  # it parts words even where no <p> was open
    newlines = autop and uses_autop(html)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MarkupResemblesLocatorWarning)
        soup = BeautifulSoup(html.encode("utf-8", "ignore").decode("utf-8"), "lxml")
    every = list(pieces(soup, newlines, False))
    own, quoted = (joined([text for text, is_quoted in every if is_quoted == wanted]) for wanted in (False, True))
    links = [str(a.get("href", "")) for a in soup.find_all("a") if not a.find_parent(list(DROPPED))]
    return Text(tidy(own), tidy(quoted), tuple(sorted({host for link in links if (host := host_of(link))})))


class Alt(str):
    """The text of an image."""


def joined(texts: list[str]) -> str:
    """All texts, without those of images that the text behind them begins with."""
    behind = ""
    for text in reversed(texts):
        words, following = " ".join(text.split()), " ".join(behind.replace("\0", " ").split())
        if not isinstance(text, Alt) or not re.match(rf"{re.escape(words)}([\W_]|\Z)", following):
            behind = text + behind
    return behind


def pieces(node: Tag, newlines: bool, quoted: bool) -> Iterator[tuple[str, bool]]:
    """The text in ``node`` with "\\0" for a line break, each with whether it stands in a block quote."""
    for child in node.children:
        if isinstance(child, Tag):
            edge = "\0" if child.name in BLOCKS else " " if child.name in CELLS or child.name == "img" else ""
            inner = quoted or child.name == "blockquote"
            yield edge, quoted
            yield edge, inner
            if child.name == "img":
                yield Alt(child.get("alt", "")), quoted
            if child.name not in DROPPED:
                yield from pieces(child, newlines or child.name == "pre", inner)
            yield edge, inner
            yield edge, quoted
        elif isinstance(child, NavigableString) and type(child).__name__ in TEXT_CLASSES:
            yield (child.replace("\n", "\0") if newlines else str(child)), quoted


def tidy(text: str) -> str:
    rows = []
    for row in text.split("\0"):
        kept = "".join(repaired(character) for character in row)
        rows.append(re.sub(r"\s+", " ", kept).strip())
    return unicodedata.normalize("NFC", "\n".join(row for row in rows if row))


def repaired(character: str) -> str:
    code = ord(character)
    if character in "\t\n\v\f\r\x1c\x1d\x1e\x1f":
        return " "
    if 0x80 <= code < 0xA0:
        return bytes([code]).decode("cp1252", "ignore")
    invisible = character in "\u00ad\u200b\u2060\ufeff\ufffe\uffff" or 0xFDD0 <= code < 0xFDF0
    return "" if invisible or unicodedata.category(character) in ("Cc", "Cs") else character


def host_of(link: str) -> str:
    """The host of a plain http link: the generators write no others that count."""
    link = link.strip()
    if not re.match(r"(https?:)?//[^/]", link, re.I):
        return ""
    try:
        host = (urlsplit(link).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    return host if "." in host and re.fullmatch(r"[a-z0-9_][a-z0-9_.-]*", host) else ""
