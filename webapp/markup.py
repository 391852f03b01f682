"""Archived HTML for the reading view: sanitised HTML in, HTML that loads nothing and marks the search's words out. Pure.

The input was sanitised when it was indexed (`Document.html`); here it is changed as a tree and written out again, so
nothing is ever pasted into markup.
"""

from __future__ import annotations

from html import unescape
from pathlib import PurePosixPath
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup
from bs4.element import NavigableString, Tag
from markupsafe import Markup, escape

from indexer.engine.port import Highlighter
from webapp.hits import marked

# For links that left the archive years ago: no endorsement, no handle on this window, no address of this page.
REL_OUT = "nofollow noopener noreferrer"


def reading_html(html: str, base: str, images: bool, highlighter: Highlighter | None) -> Markup:
    """``html`` ready for the page. ``base`` is the item's own address, which relative links and pictures start from."""
    if "<" not in html:  # many a comment; a bare address would also draw a warning from Beautiful Soup
        return _marked_text(unescape(html), highlighter)
    soup = BeautifulSoup(html, "html.parser")
    for image in soup.find_all("img"):
        _picture(soup, image, base, images)
    for link in soup.find_all("a"):
        _link(link, base)
    if highlighter:
        for text in [node for node in soup.find_all(string=True) if type(node) is NavigableString]:
            _mark(soup, text, highlighter)
    return Markup(soup.decode(formatter="minimal"))


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


def _link(link: Tag, base: str) -> None:
    address = web_address(str(link.get("href", "")), base)
    if address:
        link["href"] = address
        link["rel"] = REL_OUT
    else:
        del link["href"]
    del link["target"]


def _picture(soup: BeautifulSoup, image: Tag, base: str, images: bool) -> None:
    """The picture where the owner allows it, else its description as a link to it (no link inside another link)."""
    address = web_address(str(image.get("src", "")), base)
    description = " ".join(str(image.get("alt", "")).split())
    if images and address:
        image.attrs.update(src=address, alt=description, loading="lazy", decoding="async", referrerpolicy="no-referrer")
        del image["srcset"]
        return
    words = description or PurePosixPath(urlsplit(address).path).name or "without a description"
    linked = address and image.find_parent("a") is None
    stand_in = soup.new_tag("a" if linked else "span", attrs={"class": "picture"})
    if linked:
        stand_in["href"] = address
    stand_in.string = f"image: {words}"
    image.replace_with(stand_in)


def _mark(soup: BeautifulSoup, node: NavigableString, highlighter: Highlighter) -> None:
    fragments = marked(str(node), highlighter)
    if not any(match for _, match in fragments):
        return
    for text, match in fragments:
        piece: Tag | NavigableString = NavigableString(text)
        if match:
            piece = soup.new_tag("mark")
            piece.string = text
        node.insert_before(piece)
    node.extract()


def _marked_text(text: str, highlighter: Highlighter | None) -> Markup:
    return Markup("").join(
        Markup("<mark>{}</mark>").format(words) if match else escape(words)
        for words, match in marked(text, highlighter)
    )
