"""The XML of a feed, whatever its damage, to XML that a strict parser takes: bytes in, bytes and what was repaired out.

    bytes -> characters -> without DTD -> libxml2 (strict; else mended and recovering) -> within bounds -> bytes

Beyond this point nothing is ill-formed, declares an entity, or has more of anything than a reader in Python can take: feedparser
compares the categories of an entry, the attributes of an element and the prefixes of a feed each with each.
"""

from __future__ import annotations

import html.entities
import re
from dataclasses import dataclass

from lxml import etree

from indexer.sources.feed.entry import Damage, UnreadableFeedError
from indexer.sources.savedpage.decode import decode

# Of a feed of everything (500 posts of Blogger at 20 KB) 10 MB; feedparser takes half a second per MB.
MAX_BYTES = 20 * 1024 * 1024
# Tags, those in CDATA sections included. An element takes feedparser some 50 microseconds.
MAX_TAGS = 600_000
# Ten times what any feed has.
MAX_ATTRIBUTES, MAX_CATEGORIES, MAX_PREFIXES = 50, 500, 100
# The text of an element that names a person or a day, and a word in it: feedparser looks for an address in quadratic time.
MAX_NAME, MAX_WORD = 300, 64

ROOT = re.compile(r"<(?:[\w.-]{1,40}:)?(rss|feed|RDF|channel)(?=[\s/>])", re.I)
_WIDE = (
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
# A declaration, comment, or DTD in front of the root element. Entities are declared in the DTD, and go with it.
_PROLOG = re.compile(r"\s+|<\?[^>]*>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.S | re.I)
# Messages of PHP's, which know two tags, may stand in front of it all.
_JUNK = re.compile(r"(?:[^<]|</?b>|<br ?/?>){1,1024}(?=<\?xml)", re.I)
_ITEM = re.compile(r"<(?:[\w.-]{1,40}:)?(?:item|entry)(?=[\s/>])", re.I)
_NAMED = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[\da-fA-F]{1,6});)(\w{1,32};)?")
_PREFIX = re.compile(r"(?:</?([A-Za-z][\w.-]{0,40}):\w|\s([A-Za-z][\w.-]{0,40}):[\w.-]{1,40}\s?=)")
_DECLARED = re.compile(r"\bxmlns:([\w.-]{1,40})")
# What feeds call by a prefix that they forget to declare.
_NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "itunes": "http://www.itunes.com/DTDs/PodCast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xhtml": "http://www.w3.org/1999/xhtml",
}
_LONG_WORD = re.compile(rf"([\w.+-]{{{MAX_WORD}}})[\w.+-]+")
_SHORT = frozenset(
    "author creator name email managingeditor webmaster owner publisher contributor pubdate date published updated issued "
    "modified created lastbuilddate expirationdate".split()
)
_ENTRY_END = re.compile(r"</(?:[\w.-]+:)?(?:item|entry)\s*>", re.I)
_ENTRY = frozenset(["item", "entry"])
_CATEGORIES = frozenset(["category", "subject", "keywords", "tags"])


@dataclass(frozen=True, slots=True)
class WellFormed:
    """``xml`` in UTF-8; ``lost``: how many entries begin in what was beyond repair; ``cut``: the feed breaks off."""

    xml: bytes
    damage: tuple[Damage, ...] = ()
    lost: int = 0
    cut: bool = False


def text_of(data: bytes) -> tuple[str, list[Damage]]:
    """The characters of a feed, and what its bytes suffered from."""
    wide = next((name for mark, name in _WIDE if data.startswith(mark)), "")
    decoded = decode(data.decode(wide, "replace").encode("utf-8", "replace") if wide else data)
    damage = []
    if decoded.bad_bytes:
        detail = f"bytes that are no {decoded.encoding}, read as windows-1252"
        damage.append(Damage("encoding", detail, decoded.bad_bytes))
    if decoded.controls:
        damage.append(Damage("control-character", count=decoded.controls))
    return decoded.text, damage


def prolog_end(text: str) -> int:
    """Where the root element may begin."""
    junk = _JUNK.match(text)
    end = junk.end() if junk else 0
    while prolog := _PROLOG.match(text, end):
        end = prolog.end()
    return end


def well_formed(data: bytes) -> WellFormed:
    """The feed in ``data``; raises `UnreadableFeedError` when there is none or it is beyond the bounds."""
    if len(data) > MAX_BYTES:
        raise UnreadableFeedError("larger than any blog's feed")
    text, damage = text_of(data)
    if not (root := ROOT.search(text, prolog_end(text))):
        raise UnreadableFeedError("no element of a feed in it")
    text = text[root.start() :]
    if text.count("<") > MAX_TAGS or len(set(_DECLARED.findall(text))) > MAX_PREFIXES:
        raise UnreadableFeedError("more elements or namespaces than any blog's feed")
    lost, cut = 0, False
    try:
        tree = etree.fromstring(text.encode(), _parser(recover=False))
    except etree.XMLSyntaxError as error:
        damage.append(Damage("not-well-formed", f"line {error.lineno or 1}"))
        tree = _recovered(_mended(text))
        outside = _without_sections(text)
        lost = max(0, len(_ITEM.findall(outside)) - sum(_local(e) in _ENTRY for e in tree.iter()))
        cut = not re.search(rf"</(?:[\w.-]+:)?{root[1]}\s*(?:>|\Z)", outside, re.I)
        if cut:
            _drop_open_entry(tree, outside)
    _bound(tree)
    return WellFormed(etree.tostring(tree, encoding="utf-8"), tuple(damage), lost, cut)


def _drop_open_entry(tree: etree._Element, text: str) -> None:
    """Take out the entry in which a feed breaks off: half a post would replace a whole one that another run had read."""
    entries = [element for element in tree.iter() if _local(element) in _ENTRY]
    ends = [match.start() for match in _ENTRY_END.finditer(text)]
    starts = [match.start() for match in _ITEM.finditer(text)]
    if entries and starts and starts[-1] > max(ends, default=-1) and (parent := entries[-1].getparent()) is not None:
        parent.remove(entries[-1])


def _parser(recover: bool) -> etree.XMLParser:
    """Without network and entities. Not ``huge_tree``: libxml2 then has bounds of its own (256 levels, texts of 10 MB)."""
    return etree.XMLParser(
        encoding="utf-8",
        recover=recover,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )


def _recovered(text: str) -> etree._Element:
    try:
        tree = etree.fromstring(text.encode(), _parser(recover=True))
    except etree.XMLSyntaxError:
        tree = None
    if tree is None:
        raise UnreadableFeedError("damaged XML")
    return tree


def _mended(text: str) -> str:
    """What recovering would lose: names of HTML's characters, bare ampersands, prefixes never declared, a section without
    end; and half a tag at the end.

    A name and its character mean the same inside a CDATA section, which holds HTML.
    """
    text = _NAMED.sub(_character, text)
    if text.rfind("<![CDATA[") > text.rfind("]]>"):
        text += "]]>"
    elif text.rfind("<") > text.rfind(">"):
        text = text[: text.rfind("<")]
    used = dict.fromkeys(m[1] or m[2] for m in _PREFIX.finditer(text))
    known = {"xml", "xmlns", *_DECLARED.findall(text)}
    undeclared = [name for name in used if name not in known][:MAX_PREFIXES]
    declared = "".join(f' xmlns:{name}="{_NAMESPACES.get(name, "urn:" + name)}"' for name in undeclared)
    root = ROOT.match(text)
    return text[: root.end()] + declared + text[root.end() :] if root else text


def _character(reference: re.Match[str]) -> str:
    name = reference[1] or ""
    return html.entities.html5.get(name) or "&amp;" + name


def _without_sections(text: str) -> str:
    return re.sub(r"<!\[CDATA\[.*?(?:\]\]>|\Z)", "", text, flags=re.S)


def _bound(tree: etree._Element) -> None:
    """Takes out of ``tree`` what is beyond the bounds."""
    surplus: list[etree._Element] = []
    categories = 0
    for element in tree.iter(etree.Element):
        name = _local(element)
        if len(element.attrib) > MAX_ATTRIBUTES:
            for attribute in list(element.attrib)[MAX_ATTRIBUTES:]:
                del element.attrib[attribute]
        if name in _SHORT and element.text:
            element.text = _LONG_WORD.sub(r"\1", element.text[:MAX_NAME])
        if name in _ENTRY:
            categories = 0
        elif name in _CATEGORIES:
            categories += 1
            if categories > MAX_CATEGORIES:
                surplus.append(element)
    for element in surplus:
        if (parent := element.getparent()) is not None:
            parent.remove(element)


def _local(element: etree._Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""
