"""Chunks of XML in, the items of a WordPress export out, as plain strings by element name.

    <rss> <channel>  title, link, ...        -> WxrParser.channel
          <wp:author>                        -> WxrParser.authors
          <item>     title, wp:post_id, ...  -> RawItem.fields, .terms
                     <wp:comment>            -> RawItem.comments

Expat runs here without its namespace processing: WordPress has always written these prefixes, its own importer goes by
them, and an undeclared or a broken declaration of another prefix then is no error. Elements that are not named in
`_FIELDS` are passed over unread, e-mail addresses and IP numbers among them.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from xml.parsers import expat

# Deepest real element: rss/channel/item/wp:comment/wp:commentmeta/wp:meta_key.
MAX_DEPTH = 100
# Bytes of XML without the end of an item; the longest real ones, a post with thousands of comments, are a few MB.
MAX_ITEM_BYTES = 64 * 1024 * 1024

_COMMENT_FIELDS = (
    "wp:comment_id wp:comment_author wp:comment_author_url wp:comment_date wp:comment_date_gmt wp:comment_content "
    "wp:comment_approved wp:comment_type wp:comment_parent"
).split()
_ITEM_FIELDS = (
    "title link guid pubDate dc:creator content:encoded wp:post_id wp:post_date wp:post_date_gmt wp:post_modified "
    "wp:post_modified_gmt wp:status wp:post_type wp:post_password category dsq:thread_identifier"
).split()
_FIELDS = {
    "": frozenset[str](),
    "rss": frozenset[str](),
    "channel": frozenset({"title", "link", "description", "language", "wp:base_blog_url"}),
    "author": frozenset({"wp:author_login", "wp:author_display_name"}),
    "item": frozenset(_ITEM_FIELDS),
    "comment": frozenset(_COMMENT_FIELDS),
}
# (where, element): what it opens. WordPress calls the author's element wp:author, WordPress.com wp:wp_author.
_OPENS = {
    ("", "rss"): "rss",
    ("rss", "channel"): "channel",
    ("channel", "wp:author"): "author",
    ("channel", "wp:wp_author"): "author",
    ("channel", "item"): "item",
    ("item", "wp:comment"): "comment",
}
_OUTER = {"rss": "", "channel": "rss", "author": "channel", "item": "channel", "comment": "item"}
# The namespaces by their usual prefix, for exports that another program wrote anew with prefixes of its own (ns0:).
_NAMESPACES = (
    (re.compile(r"https?://wordpress\.org/export/\d+\.\d+/?"), "wp"),
    (re.compile(r"https?://wordpress\.org/export/\d+\.\d+/excerpt/?"), "excerpt"),
    (re.compile(r"http://purl\.org/rss/1\.0/modules/content/"), "content"),
    (re.compile(r"http://purl\.org/dc/elements/1\.1/"), "dc"),
)


class WxrError(ValueError):
    """The XML cannot be read on: what is wrong, and ``index``, the byte of what was fed where it is."""

    def __init__(self, problem: str, index: int) -> None:
        super().__init__(problem)
        self.index = index


@dataclass(slots=True)
class RawItem:
    """One <item>: text by element name, ``(domain, name)`` of its categories, and its comments likewise as text."""

    fields: dict[str, str] = field(default_factory=dict)
    terms: list[tuple[str, str]] = field(default_factory=list)
    comments: list[dict[str, str]] = field(default_factory=list)


class WxrParser:
    """Feed it chunks, and take the items that are complete after each. ``ended``: the channel's end tag was seen.

    ``authors`` maps a login to the name shown. ``undeclared`` counts elements by a prefix that nothing declares.
    """

    def __init__(self) -> None:
        self.channel: dict[str, str] = {}
        self.authors: dict[str, str] = {}
        self.undeclared: Counter[str] = Counter()
        self.ended = False
        self._where = ""
        self._target: dict[str, str] = {}
        self._item = RawItem()
        self._ready: list[RawItem] = []
        self._field = ""
        self._domain = ""
        self._text: list[str] = []
        # How many elements are open in the field being read, or in the element passed over.
        self._inner = 0
        self._since_item = 0
        self._prefixes = {"xml"}
        self._renamed: dict[str, str] = {}
        # Per place, what to do with the elements met there that open nothing: the field that they are, "" to pass over. An
        # undeclared name is never among them, so that each is counted.
        self._known: dict[str, dict[str, str]] = {where: {} for where in _FIELDS}
        self._here = self._known[""]
        self._expat = expat.ParserCreate("utf-8")
        self._expat.buffer_text = True
        self._expat.buffer_size = 64 * 1024
        self._expat.StartElementHandler = self._start
        self._expat.EndElementHandler = self._end
        # Always on: to turn it on and off for each field costs more than the white space between them.
        self._expat.CharacterDataHandler = self._text.append

    def feed(self, data: bytes, final: bool = False) -> list[RawItem]:
        """The items that ended in ``data``. Raises `WxrError`; the items before the damage are given out by `take`."""
        self._since_item += len(data)
        if self._since_item > MAX_ITEM_BYTES:
            raise WxrError(f"an item has more than {MAX_ITEM_BYTES // 1024**2} MB", self._expat.CurrentByteIndex)
        try:
            self._expat.Parse(data, final)
        except expat.ExpatError as error:
            raise WxrError(expat.ErrorString(error.code), self._expat.ErrorByteIndex) from None
        if self._where == "channel" and not self._inner:
            self._since_item = 0
        return self.take()

    def take(self) -> list[RawItem]:
        """The items that are complete and were not taken yet."""
        ready, self._ready = self._ready, []
        return ready

    @property
    def unfinished(self) -> RawItem | None:
        """The item that has begun and not ended."""
        return self._item if self._where in ("item", "comment") else None

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._inner or attributes or (field := self._here.get(name)) is None:
            self._start_slowly(name, attributes)
            return
        self._inner, self._field = 1, field
        self._text.clear()

    def _start_slowly(self, name: str, attributes: dict[str, str]) -> None:
        """An element that is not known yet, has attributes, opens a place, or stands in another."""
        self._declare(attributes)
        usual, declared = self._usual_name(name)
        if self._inner:
            self._inner += 1
            if self._inner > MAX_DEPTH:
                raise WxrError(f"elements are nested more than {MAX_DEPTH} deep", self._expat.CurrentByteIndex)
        elif opened := _OPENS.get((self._where, usual)):
            self._open(opened)
        else:
            self._inner, self._field = 1, usual if usual in _FIELDS[self._where] else ""
            self._domain = attributes.get("domain", "")
            self._text.clear()
            if declared:
                self._here[name] = self._field

    def _end(self, name: str) -> None:
        if self._inner == 1:
            self._inner = 0
            field = self._field
            if field == "category":
                self._item.terms.append((self._domain, "".join(self._text)))
                self._domain = ""
            elif field and field not in self._target:
                self._target[field] = "".join(self._text)
        elif self._inner:
            self._inner -= 1
        else:
            self._close()

    def _open(self, where: str) -> None:
        self._where, self._here = where, self._known[where]
        if where == "channel":
            self._target = self.channel
        elif where == "author":
            self._target = {}
        elif where == "item":
            self._item = RawItem()
            self._target = self._item.fields
        elif where == "comment":
            self._target = {}
            self._item.comments.append(self._target)

    def _close(self) -> None:
        if self._where == "author":
            login = self._target.get("wp:author_login", "").strip()
            self.authors[login] = self._target.get("wp:author_display_name", "").strip()
        elif self._where == "item":
            self._ready.append(self._item)
            self._since_item = 0
        elif self._where == "channel":
            self.ended = True
        self._where = _OUTER[self._where]
        self._here = self._known[self._where]
        self._target = self._item.fields if self._where == "item" else self.channel

    def _declare(self, attributes: dict[str, str]) -> None:
        for attribute, value in attributes.items():
            if attribute.startswith("xmlns:"):
                self._prefixes.add(attribute[6:])
                if not self._where:
                    self._rename(attribute[6:], value)

    def _usual_name(self, name: str) -> tuple[str, bool]:
        """``name`` with the prefix that WordPress gives its namespace, and whether its prefix is declared; counts those not."""
        prefix, colon, local = name.partition(":")
        if colon and prefix not in self._prefixes:
            self.undeclared[prefix] += 1
            return name, False
        return (f"{self._renamed[prefix]}:{local}" if prefix in self._renamed else name), True

    def _rename(self, prefix: str, uri: str) -> None:
        for pattern, usual in _NAMESPACES:
            if pattern.fullmatch(uri) and prefix != usual:
                self._renamed[prefix] = usual
