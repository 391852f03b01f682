"""Archived HTML to plain text, for the index: a body in, a `Text` out.

lxml reads the HTML once and calls `_Reader` for every tag and text, so no tree is built: depth costs nothing, time is
linear, and nothing recurses. tests/reference_clean.py says the same rules with Beautiful Soup; the tests hold the two together.
Measured in one run, that one takes 31 times as long for a post of 450 words and 20 times as long for a comment of 30; building
its tree alone takes 8 times as long.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from typing import Any, cast

from lxml import etree

from indexer.clean.autop import uses_autop
from indexer.clean.characters import BREAK, lines
from indexer.clean.shortcodes import expand
from indexer.clean.simple import links, pieces
from indexer.permalinks import host_name

# Elements that start and end a line. An element that is not listed, known or not, is inline.
BLOCKS = frozenset(
    "address article aside blockquote body br caption center dd details dialog dir div dl dt fieldset figcaption figure "
    "footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html legend li listing main menu nav ol optgroup p pre search "
    "section summary table tbody tfoot thead tr ul xmp".split()
)
# Elements set apart from their neighbours on the same line.
CELLS = frozenset(["td", "th"])
# Elements whose content nobody wrote for a reader. ``noscript`` repeats what a script shows, or asks for scripts.
DROPPED = frozenset(
    "script style noscript template title iframe object applet svg canvas select datalist textarea button noembed "
    "noframes".split()
)
_BLOCK_TAGS = BLOCKS | {"/" + name for name in BLOCKS}
_QUOTES = {"blockquote": 1, "/blockquote": -1}

_AUTHORITY = re.compile(r"(?:[^?#\\@]*@)?([^?#\\:\s]+)")
# Pieces that the parser may make of a caption and the tags before it: text is cut at every reference.
_PIECES = 50
# libxml2 stops at these, but pasted pages carry them in the middle.
_DOCUMENT_END = re.compile(r"</(?:body|html)\b[^>]*>?", re.I)


@dataclass(frozen=True, slots=True)
class Text:
    """``own`` is the author's text and ``quoted`` what stands in block quotes, lines separated by one newline.

    ``domains`` are the hosts linked to, from both: lower case, without ``www.``, sorted, unique.
    """

    own: str = ""
    quoted: str = ""
    domains: tuple[str, ...] = ()


def extract(html: str, *, autop: bool = False) -> Text:
    """The text of a post or comment. ``autop``: newlines are line breaks, as WordPress stores them. Never raises.

    The ``alt`` of an image counts as text where the image stands: it is often the only trace of the picture, and a
    reader remembers what it showed. One that the text behind it begins with, such as a caption, is said once.
    """
    return read(expand(html, shown=False), newlines=autop and uses_autop(html))


def read(html: str, *, newlines: bool = False) -> Text:
    """`extract` without WordPress: ``newlines`` says that a newline is a line break everywhere, not only in ``pre``."""
    html = html.replace(BREAK, "")
    if "<" not in html and "&" not in html:
        return Text(lines(_broken(html) if newlines else html))
    if (simple := pieces(html)) is not None:
        return _read_simple(simple, links(html), newlines)
    if "</" in html:
        # libxml2 does not report a </p> that nothing opened, but it parts words.
        html = _DOCUMENT_END.sub("", html).replace("</p>", "</p> ").replace("</P>", "</p> ")
    _local.reader.reset(newlines)
    etree.fromstring(html.encode("utf-8", "ignore"), _local.parser)
    return _local.reader.text()


def _broken(text: str) -> str:
    return text.replace("\n", BREAK).replace("\r", BREAK)


def _read_simple(found: list[str], links: list[str], newlines: bool) -> Text:
    """`read` of what `indexer.clean.simple` found: a third of the time that the parser and its calls take."""
    own, quoted = [found[0]], list[str]()
    current, quotes = own, 0
    for name, text in zip(found[1::2], found[2::2], strict=True):
        if name in _BLOCK_TAGS:
            current.append(BREAK)
            quotes += _QUOTES.get(name, 0)
            current = quoted if quotes else own
            current.append(BREAK)
        current.append(text)
    texts = [unescape("".join(part)) for part in (own, quoted)]
    own_text, quoted_text = (lines(_broken(text) if newlines else text) for text in texts)
    return Text(own_text, quoted_text, _domains(links))


class _Reader:
    """What lxml calls, in document order; end tags that were left out are supplied."""

    __slots__ = ("alts", "current", "dropped", "links", "own", "pre", "quoted", "quotes")

    def reset(self, newlines: bool) -> None:
        self.own: list[str] = []
        self.quoted: list[str] = []
        self.current = self.own
        self.links: list[str] = []
        # The texts of images, each by the list and the place in it where it stands.
        self.alts: list[tuple[list[str], int]] = []
        self.pre = int(newlines)
        self.quotes = 0
        self.dropped = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag in DROPPED:
            self.dropped += 1
        elif self.dropped:
            return
        elif tag == "a":
            self.links.append(attributes.get("href", ""))
        elif tag in BLOCKS:
            self.current.append(BREAK)
            if tag == "blockquote":
                self.quotes += 1
                self.current = self.quoted
                self.current.append(BREAK)
            elif tag == "pre":
                self.pre += 1
        elif tag in CELLS:
            self.current.append(" ")
        elif tag == "img":
            if alt := attributes.get("alt", ""):
                self.alts.append((self.current, len(self.current)))
            self.current.append(f" {alt} ")

    def end(self, tag: str) -> None:
        if tag in DROPPED:
            self.dropped -= 1
        elif self.dropped:
            return
        elif tag in BLOCKS:
            self.current.append(BREAK)
            if tag == "blockquote":
                self.quotes -= 1
                self.current = self.quoted if self.quotes else self.own
            elif tag == "pre":
                self.pre -= 1
        elif tag in CELLS:
            self.current.append(" ")

    def data(self, text: str) -> None:
        if not self.dropped:
            self.current.append(text.replace("\n", BREAK) if self.pre else text)

    def close(self) -> None:
        """Nothing to return: the caller asks `text`."""

    def text(self) -> Text:
        """What was read."""
        for part, place in reversed(self.alts):
            if _is_repeated(part, place):
                part[place] = " "
        return Text(lines("".join(self.own)), lines("".join(self.quoted)), _domains(self.links))


def _is_repeated(part: list[str], place: int) -> bool:
    """Whether the text behind ``part[place]`` begins with the words of that."""
    words = " ".join(part[place].split())
    # So much of each piece holds the words, or more white space than anybody writes.
    most = 2 * len(part[place])
    pieces = "".join(piece[:most] for piece in part[place + 1 : place + _PIECES])
    following = " ".join(pieces.replace(BREAK, " ").split())
    return following.startswith(words) and not following[len(words) : len(words) + 1].isalnum()


def _domains(links: list[str]) -> tuple[str, ...]:
    if not links:
        return ()
    found = set()
    # "http://example.org/2008/" splits into "http:", "" and the host; most links of a post share a few hosts.
    for start in {tuple(link.split("/", 3)[:3]) for link in links}:
        if len(start) == 3 and not start[1] and start[0].strip().lower() in ("http:", "https:", ""):
            found.add(_host(start[2]))
    return tuple(sorted(host for host in found if "." in host))


@lru_cache(maxsize=4096)
def _host(authority: str) -> str:
    """The host in what stands between the slashes of an address, "" when there is none. Most links of a blog share a few."""
    host = _AUTHORITY.match(authority)
    name = host_name(host[1]) if host else ""
    return name if "." in name.removeprefix("www.") else ""


def event_parser(target: object) -> etree.HTMLParser:
    """A parser that calls ``target.start(tag, attributes)``, ``.end(tag)`` and ``.data(text)``, then ``.close()``.

    Without ``huge_tree`` libxml2 would give up at 256 levels, or at a text of 10 MB.
    """
    # The type stubs ask for a method ``comment``; lxml does not, and is faster without.
    return etree.HTMLParser(target=cast(Any, target), encoding="utf-8", huge_tree=True)


class _Local(threading.local):
    """A parser per thread: making one takes longer than reading a comment, and its target has state."""

    def __init__(self) -> None:
        self.reader = _Reader()
        self.parser = event_parser(self.reader)


_local = _Local()
