"""Archived HTML for the reading view: sanitised HTML in, HTML that loads nothing and marks the search's words out.

The input was sanitised when it was indexed (`Document.html`); here it is taken apart and written anew, element by element, so
nothing is ever pasted into markup. Most comments have no more than paragraphs and need no parser: a tenth of the time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from html import escape, unescape
from html.parser import HTMLParser
from pathlib import PurePosixPath
from urllib.parse import urljoin, urlsplit

from markupsafe import Markup

from indexer.engine.port import Highlighter
from webapp.i18n import gettext

# For links that left the archive years ago: no endorsement, no handle on this window, no address of this page.
REL_OUT = "nofollow noopener noreferrer"
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
# Elements without attributes alone, so that cutting at the tags is all of parsing. Possessive: linear in any text.
_SIMPLE = re.compile(r"(?:[^<]++|</?(?:p|br|b|strong|i|em|blockquote|ul|ol|li|code|pre)>)*+")
_TAG = re.compile(r"(<[^>]*>)")
# What may stand between the words of one name: white space and hyphens, the plain one and Unicode's.
_BETWEEN = re.compile(r"[\s\u00ad\u2010\u2011-]*")

# A web address to where it leads on this site, "" for nowhere (`webapp.crosslinks`).
Inward = Callable[[str], str]


def outward(address: str) -> str:
    """An `Inward` for which nothing is on this site."""
    return ""


class Marker:
    """Marks the words of a search on one page and numbers the marks (``id="match-1"``), in the order in which it is called.

    Words in a row are one mark: "Second Life" is one place to look at. ``count`` is how many it has made so far.
    """

    def __init__(self, highlighter: Highlighter | None) -> None:
        self._highlighter = highlighter
        self.count = 0

    def text(self, text: str) -> Markup:
        """Plain text, escaped and marked."""
        if not self._highlighter:
            return Markup(escape(text))
        # Strings, not Markup, which takes five times as long for the tens of thousands of pieces of a long thread.
        pieces: list[str] = []
        done = 0
        for start, end in _rows(text, self._highlighter.spans(text)):
            self.count += 1
            mark = f'<mark id="match-{self.count}">{escape(text[start:end])}</mark>'
            pieces += (escape(text[done:start]), mark)
            done = end
        pieces.append(escape(text[done:]))
        return Markup("".join(pieces))


def _rows(text: str, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans, those with nothing but `_BETWEEN` between them as one."""
    rows: list[tuple[int, int]] = []
    for start, end in spans:
        if rows and _BETWEEN.fullmatch(text, rows[-1][1], start):
            rows[-1] = (rows[-1][0], end)
        else:
            rows.append((start, end))
    return rows


def reading_html(
    html: str, base: str, images: bool, marker: Marker, written: date | None = None, inward: Inward = outward
) -> Markup:
    """``html`` ready for the page, its words marked by ``marker``.

    ``base`` is the item's own address, which relative links and pictures start from; ``written`` its date, of which the
    Wayback Machine's copies of what it links to should be; ``inward`` knows the links that stay on this site.
    """
    if "<" not in html:
        return marker.text(unescape(html))
    if _SIMPLE.fullmatch(html):
        pieces = _TAG.split(html)
        pieces[::2] = [marker.text(unescape(piece)) for piece in pieces[::2]]
        return Markup("".join(pieces))
    writer = _Writer(base, images, marker, written, inward)
    writer.feed(html)
    return writer.finish()


def web_address(address: str, base: str = "") -> str:
    """``address`` made absolute, "" unless it is http or https (an absent one is not the base's)."""
    if not address.strip():
        return ""
    try:
        absolute = urljoin(base, address.strip())
        parts = urlsplit(absolute)
    except ValueError:
        return ""
    return absolute if parts.scheme in ("http", "https") and parts.netloc else ""


def wayback(address: str, written: date | None) -> str:
    """The Wayback Machine's copy of a web address that is nearest to a day; without a day the list of its copies.

    "" for no address and for one that is a copy already. https://en.wikipedia.org/wiki/Help:Using_the_Wayback_Machine
    """
    if not address or (urlsplit(address).hostname or "").removeprefix("www.") in ("web.archive.org", "archive.org"):
        return ""
    day = f"{written.year:04}{written.month:02}{written.day:02}" if written else "*"
    return f"https://web.archive.org/web/{day}/{address}"


def wayback_link(address: str, written: date | None) -> Markup:
    """A small link to `wayback`, for the place behind a link to ``address``; "" without one."""
    copy = wayback(address, written)
    if not copy:
        return Markup("")
    name = gettext("Copy of {host} in the Wayback Machine").replace("{host}", urlsplit(address).netloc)
    # The sign is the style sheet's, so that it is not read out or copied with the text.
    said = escape(name)
    return Markup(f'<a class="wayback" href="{escape(copy)}" rel="{REL_OUT}" aria-label="{said}" title="{said}"></a>')


def absent(text: str) -> Markup:
    """``text`` in place of what the archive does not have."""
    return Markup('<p class="absent">{}</p>').format(text)


class _Writer(HTMLParser):
    """Writes what it is fed, with links and pictures changed, words marked, and every element closed."""

    def __init__(self, base: str, images: bool, marker: Marker, written: date | None, inward: Inward) -> None:
        super().__init__(convert_charrefs=True)
        self._base, self._images, self._marker, self._written, self._inward = base, images, marker, written, inward
        self._out: list[str] = []
        self._text: list[str] = []
        # The elements that are open, each with what follows its end and its place in what was written.
        self._open: list[tuple[str, Markup, int]] = []
        # How many of them are links: a link in a link is none.
        self._links = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        after = Markup("")
        self._flush()
        if tag == "img":
            self._picture(values)
            return
        if tag == "a":
            after = self._link(values)
        place = len(self._out)
        self._start(tag, values)
        if tag not in _VOID:
            self._open.append((tag, after, place))
            self._links += tag == "a"

    def handle_endtag(self, tag: str) -> None:
        self._flush()
        if any(tag == name for name, *_ in reversed(self._open)):
            while self._close() != tag:
                pass

    def handle_data(self, data: str) -> None:
        self._text.append(data)

    def finish(self) -> Markup:
        """What was written."""
        self.close()
        self._flush()
        while self._open:
            self._close()
        return Markup("".join(self._out))

    def _start(self, tag: str, values: dict[str, str]) -> None:
        said = "".join(f' {escape(name)}="{escape(value)}"' for name, value in values.items())
        self._out.append(f"<{escape(tag)}{said}>")

    def _close(self) -> str:
        tag, after, place = self._open.pop()
        self._links -= tag == "a"
        if (after or tag == "figure") and not any(self._out[n].strip() for n in range(place + 1, len(self._out))):
            if after:
                # A link around nothing, as editors leave them, cannot be seen or followed.
                del self._out[place]
                return tag
            # A gallery, or a film that is not shown.
            self._out.append(absent(gettext("Pictures or a video stood here; the archive does not have them.")))
        self._out += (f"</{escape(tag)}>", after)
        return tag

    def _flush(self) -> None:
        if self._text:
            self._out.append(self._marker.text("".join(self._text)))
            self._text.clear()

    def _link(self, values: dict[str, str]) -> Markup:
        """Changes a link's attributes; what follows it."""
        address = web_address(values.pop("href", ""), self._base)
        values.pop("target", None)
        values.pop("rel", None)
        if address and (here := self._inward(address)):
            values.update(href=here)
        elif address:
            values.update(href=address, rel=REL_OUT)
        return Markup("") if self._links else wayback_link(address, self._written)

    def _picture(self, values: dict[str, str]) -> None:
        """The picture where the owner allows it, else its description, either as a link to it.

        What reading.js needs to put the one in place of the other, where the picture does not load, stands beside it.
        """
        address = web_address(values.get("src", ""), self._base)
        description = " ".join(values.get("alt", "").split())
        words = description or PurePosixPath(urlsplit(address).path).name or gettext("without a description")
        said = gettext("image: {words}").replace("{words}", words)
        shown = self._images and bool(address)
        linked = bool(address) and not self._links
        name = "shown" if shown else "picture"
        if linked:
            self._out.append(Markup('<a class="{}" href="{}" rel="{}">').format(name, address, REL_OUT))
        if shown:
            kept = {name: value for name, value in values.items() if name in ("title", "width", "height")}
            loading = {"loading": "lazy", "decoding": "async", "referrerpolicy": "no-referrer"}
            self._start("img", {"src": address, "alt": description, **kept, **loading, "data-words": said})
        elif linked:
            self._out.append(self._marker.text(said))
        else:
            self._out.append(Markup('<span class="picture">{}</span>').format(self._marker.text(said)))
        if linked:
            self._out.append(Markup("</a>") + wayback_link(address, self._written))
