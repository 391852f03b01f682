"""A parsed page with an index of its names, and text and markup out of it.

The tree is built once and walked once; every later question is a look-up. Nothing here recurses, so that a page may nest
as deep as it likes, and nothing changes the tree: what is to be left out of a text is named by the ids of its nodes.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from html import escape, unescape
from itertools import islice
from typing import NamedTuple

from indexer.sources.savedpage.element import Node, Tag, Text, parse
from indexer.sources.savedpage.names import (
    DROPPED_TAGS,
    ENTRY,
    FURNITURE,
    FURNITURE_IDS,
    HEADINGS,
    INSIDE,
    INSIDE_IDS,
    OUTSIDE,
    OUTSIDE_IDS,
)

_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
# An attribute or tag name that can be written back; broken markup yields others ('a"b').
_PLAIN_NAME = re.compile(r"[A-Za-z_][\w.:-]*\Z")
# Nodes that are looked at for a name or a date. Bylines have some dozen; without a bound a page that nests one name in
# another a hundred thousand times would be read as often.
LINE_NODES = 200
_LETTER = re.compile(r"[^\W_]")
# Trackback's autodiscovery, RDF in a comment or bare, names the permalink (https://www.movabletype.org/docs/mttrackback.html).
_ABOUT = re.compile(r"\brdf:about\s*=\s*[\"'](https?://[^\"'\s<>]+)")
# Names as BEM (https://getbem.com) has them: "c-article__content" is the content of an article.
_BEM = re.compile(r"(?:\A|\s)[bcmo]-\w|__")
_BEM_PREFIX = re.compile(r"\A[bcmo]-")


def attr(tag: Tag, name: str) -> str:
    """An attribute, "" when absent."""
    return tag.attrs.get(name, "")


def words(tag: Tag, name: str = "class") -> list[str]:
    """The space-separated words of an attribute."""
    return tag.classes if name == "class" else tag.attrs.get(name, "").split()


class _Classes(NamedTuple):
    """A class attribute: its ``names``, those of BEM twice, and what they say of the element."""

    names: list[str]
    outside: bool
    furniture: bool


_NO_CLASSES = _Classes([], False, False)


class Tree:
    """A page's elements in document order, and where each name occurs.

    ``tags`` are the elements that may belong to the post: those below a sidebar, widget or page footer are not among
    them. ``links`` are all ``<a>``, ``fields`` the values of all ``<input>``, ``actions`` where all forms lead, ``about`` what
    trackback's RDF calls the page ("" when it speaks of several). ``furniture`` are the ids (`id`) of elements that plugins and
    themes put into a post. Raises `UnreadableMarkup`.
    """

    def __init__(self, text: str) -> None:
        # lxml would take an XML declaration for an instruction about the encoding of a text that has none any more.
        elements = parse(re.sub(r"(?i)<\?xml\b", "<?x", text))
        self.root = elements[0]
        self.html = _child(self.root, "html")
        self.body = _child(self.html, "body") if self.html is not None else None
        self.tags: list[Tag] = []
        self.by_class: dict[str, list[Tag]] = defaultdict(list)
        self.by_id: dict[str, Tag] = {}
        self.by_name: dict[str, list[Tag]] = defaultdict(list)
        self.by_property: dict[str, list[Tag]] = defaultdict(list)
        self._known: dict[str, _Classes] = {}
        self.typed: list[Tag] = []
        self.furniture: set[int] = set()
        self.fields: dict[str, str] = {}
        self.actions: list[str] = []
        self.links: list[Tag] = []
        abouts = set(_ABOUT.findall(text)) if "rdf:about" in text else set()
        self.about = unescape(abouts.pop()) if len(abouts) == 1 else ""
        self._index(elements)
        self._numbers = [tag.start for tag in self.tags]

    def _index(self, elements: list[Tag]) -> None:
        # The numbers of the last elements in the sidebar, the entry and the quotation that the walk is in, or was in.
        outside = entry = quote = -1
        for tag in elements:
            name = tag.name
            if name == "a":
                self.links.append(tag)
            elif name == "input":
                self.fields.setdefault(attr(tag, "name"), attr(tag, "value"))
            elif name == "form":
                self.actions.append(attr(tag, "action"))
            elif name == "blockquote":
                quote = max(quote, tag.end)
            if tag.start <= outside:
                if tag.attrs.get("id") not in INSIDE_IDS:
                    continue
                outside = -1  # the sidebar before it was never closed
            if self._add(tag):
                outside = tag.end
            elif name == "footer" and tag.start > quote:
                self._add_furniture(tag)
            elif name == "article" and not _ENTRY.isdisjoint(tag.classes):
                if tag.start <= entry:
                    self._add_furniture(tag)  # "Related articles"
                else:
                    entry = tag.end

    def _add(self, tag: Tag) -> bool:
        """Index one element; whether what hangs below it is outside the post."""
        name, attrs = tag.name, tag.attrs
        identifier = attrs.get("id", "")
        known = self._classes(tag, attrs["class"]) if tag.classes else _NO_CLASSES
        if name not in ("html", "body", "article", "main") and (tag.classes or identifier):
            if known.outside or identifier in OUTSIDE_IDS:
                return True
            if known.furniture or identifier in FURNITURE_IDS:
                self._add_furniture(tag)
        self.tags.append(tag)
        self.by_name[name].append(tag)
        if identifier:
            self.by_id.setdefault(identifier, tag)
        if name not in ("html", "body"):
            for word in known.names:
                self.by_class[word].append(tag)
        if "itemprop" in attrs:
            for word in attrs["itemprop"].split():
                self.by_property[word].append(tag)
        if "itemtype" in attrs:
            self.typed.append(tag)
        return False

    def _classes(self, tag: Tag, value: str) -> _Classes:
        """What the class attribute ``value`` means; few of a page's differ."""
        known = self._known.get(value)
        if known is None:
            names = list(tag.classes)
            if _BEM.search(value):
                names += [_BEM_PREFIX.sub("", word).replace("__", "-") for word in names]
            # By its own name alone: the "c-sidebar" of an article holds its byline.
            outside = not OUTSIDE.isdisjoint(tag.classes) and INSIDE.isdisjoint(tag.classes)
            known = self._known[value] = _Classes(names, outside, not FURNITURE.isdisjoint(names))
        return known

    def _add_furniture(self, tag: Tag) -> None:
        self.furniture.add(id(tag))
        if tag.name not in ("ul", "ol"):
            return
        before = next((node for node in tag.previous_siblings if isinstance(node, Tag) or node.strip()), None)
        if isinstance(before, Tag) and before.name in HEADINGS:
            self.furniture.add(id(before))

    def within(self, tag: Tag, root: Tag) -> bool:
        """Whether ``tag`` is ``root`` or below it."""
        return root.start <= tag.start <= root.end

    def first(self, name: str, inside: Tag) -> Tag | None:
        """The first element called ``name`` below another."""
        tags = self.by_name.get(name, [])
        place = bisect_right(tags, inside.start, key=_number)
        return tags[place] if place < len(tags) and self.within(tags[place], inside) else None

    def below(self, root: Tag) -> list[Tag]:
        """The indexed elements under ``root``, itself left out."""
        return self.tags[bisect_right(self._numbers, root.start) : bisect_right(self._numbers, root.end)]


def _child(tag: Tag, name: str) -> Tag | None:
    return next((node for node in tag.contents if isinstance(node, Tag) and node.name == name), None)


def _number(tag: Tag) -> int:
    return tag.start


_ENTRY = frozenset(ENTRY)


class Region:
    """A part of the page: what is below ``root`` but not in one of the ``holes``; what is in an ``island`` counts again."""

    def __init__(self, tree: Tree, root: Tag, holes: Iterable[Tag] = (), islands: Iterable[Tag] = ()) -> None:
        self.tree, self.root = tree, root
        self._holes = _Intervals(holes)
        self._islands = _Intervals(islands)

    def __contains__(self, tag: Tag) -> bool:
        number = tag.start
        inside = self.root.start <= number <= self.root.end
        return inside and (number not in self._holes or number in self._islands)

    def named(self, classes: Iterable[str]) -> Iterator[Tag]:
        """Elements with one of these class names: the first name's first, each name's in document order."""
        for name in classes:
            yield from (tag for tag in self.tree.by_class.get(name, ()) if tag in self)

    def elements(self, *names: str) -> Iterator[Tag]:
        """Elements of these tag names."""
        for name in names:
            yield from (tag for tag in self.tree.by_name.get(name, ()) if tag in self)


class _Intervals:
    """The numbers of some elements and all below them."""

    def __init__(self, tags: Iterable[Tag]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for first, last in sorted((tag.start, tag.end) for tag in tags):
            if not self._ends or first > self._ends[-1]:
                self._starts.append(first)
                self._ends.append(last)

    def __contains__(self, number: int) -> bool:
        place = bisect_right(self._starts, number) - 1
        return place >= 0 and number <= self._ends[place]


def text(nodes: Iterable[Node], without: Collection[int] = (), glue: str = "") -> str:
    """The text of some nodes, white space collapsed; ``glue`` stands between its pieces."""
    return " ".join(glue.join(_strings(nodes, without)).split())


def line(tag: Tag, without: Collection[int] = (), glue: str = " ") -> str:
    """The text of an element that holds a name, a date or a byline; of a larger one only the beginning."""
    inside = tag.contents
    if len(inside) == 1 and isinstance(inside[0], Text) and not without:
        return " ".join(inside[0].split()) if tag.name not in DROPPED_TAGS else ""
    return " ".join(glue.join(_strings((tag,), without, LINE_NODES)).split())


def first_word(tag: Tag) -> str:
    """The first text in an element that has a letter or digit, "" when it has none."""
    return next(filter(_LETTER.search, _strings((tag,), (), LINE_NODES)), "")


def near(tag: Tag) -> list[Tag]:
    """The elements in a name, date or byline; of a larger element only the first ones."""
    return [node for node in islice(tag.descendants, LINE_NODES) if isinstance(node, Tag)]


def has_text(nodes: Iterable[Node], without: Collection[int] = ()) -> bool:
    """Whether any letter or digit is left in some nodes."""
    return any(map(_LETTER.search, _strings(nodes, without)))


def markup(nodes: Iterable[Node], without: Collection[int] = (), only: Collection[str] | None = None) -> str:
    """The HTML of some nodes, without scripts, forms, comments and the nodes whose ids are in ``without``.

    ``only``: the attributes to keep, all when None.
    """
    out: list[str] = []
    stack: list[tuple[Iterator[Node], str]] = [(iter(nodes), "")]
    while stack:
        siblings, closing = stack[-1]
        for node in siblings:
            if id(node) in without:
                continue
            if isinstance(node, Tag):
                if node.name in DROPPED_TAGS:
                    continue
                opening, ending = _tag_markup(node, only)
                out.append(opening)
                if node.name not in _VOID:
                    stack.append((iter(node.contents), ending))
                    break
            else:
                out.append(escape(node, quote=False))
        else:
            out.append(closing)
            stack.pop()
    return "".join(out).strip()


def _tag_markup(tag: Tag, only: Collection[str] | None) -> tuple[str, str]:
    if not _PLAIN_NAME.match(tag.name):
        return "", ""
    names = (name for name in tag.attrs if (_PLAIN_NAME.match(name) if only is None else name in only))
    attributes = "".join(f' {name}="{escape(attr(tag, name))}"' for name in names)
    return f"<{tag.name}{attributes}>", f"</{tag.name}>"


def _strings(nodes: Iterable[Node], without: Collection[int], most: int = sys.maxsize) -> Iterator[str]:
    stack = [iter(nodes)]
    while stack:
        for node in stack[-1]:
            most -= 1
            if most < 0:
                return
            if without and id(node) in without:
                continue
            if isinstance(node, Text):
                yield node
            elif node.name not in DROPPED_TAGS and node.contents:
                stack.append(iter(node.contents))
                break
        else:
            stack.pop()
