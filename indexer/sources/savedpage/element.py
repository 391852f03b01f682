"""Elements and texts of a page: HTML in, a tree out. Nothing recurses, so a page may nest as deep as it likes.

lxml reads the HTML and calls `_Builder` for every tag and text. These are the few facts that are asked of a tree, under the names
that Beautiful Soup gives them; a tree of its own takes 4 times as long to build. Comments and declarations are no part of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from lxml import etree

_SPACES = " \n\t\f\r"
_NONE: Mapping[str, str] = {}
_NO_WORDS: list[str] = []
# White space between tags is one character in the tree, but not in these.
_PREFORMATTED = frozenset(("pre", "textarea"))


class UnreadableMarkup(Exception):
    """lxml gave a page up."""


class Text(str):
    """A text between two tags. Compared by what it says; `id` tells one from another."""

    __slots__ = ("parent", "place")

    parent: Tag
    place: int

    @property
    def previous_sibling(self) -> Node | None:
        return self.parent.contents[self.place - 1] if self.place else None

    @property
    def next_siblings(self) -> Iterator[Node]:
        return _after(self)

    @property
    def previous_siblings(self) -> Iterator[Node]:
        return _before(self)


class Tag:
    """An element. ``place`` is its index in its parent's ``contents``; ``start`` and ``end`` number it and its last descendant.

    ``classes`` are the words of its class attribute. Elements are equal when they are the same.
    """

    __slots__ = ("attrs", "classes", "contents", "end", "name", "parent", "place", "start")

    def __init__(self, name: str, attrs: Mapping[str, str], classes: list[str], parent: Tag | None, start: int) -> None:
        self.name = name
        self.attrs = attrs
        self.classes = classes
        self.parent = parent
        self.contents: list[Node] = []
        self.place = 0 if parent is None else len(parent.contents)
        self.start = self.end = start

    @property
    def string(self) -> str:
        """The text that stands in it and in no element inside."""
        return "".join(node for node in self.contents if isinstance(node, Text))

    @property
    def parents(self) -> Iterator[Tag]:
        """What it stands in, the innermost first."""
        above = self.parent
        while above is not None:
            yield above
            above = above.parent

    @property
    def descendants(self) -> Iterator[Node]:
        """All that is in it, in document order."""
        stack = [iter(self.contents)]
        while stack:
            for node in stack[-1]:
                yield node
                if isinstance(node, Tag):
                    stack.append(iter(node.contents))
                    break
            else:
                stack.pop()

    @property
    def previous_sibling(self) -> Node | None:
        return self.parent.contents[self.place - 1] if self.parent is not None and self.place else None

    @property
    def next_siblings(self) -> Iterator[Node]:
        return _after(self)

    @property
    def previous_siblings(self) -> Iterator[Node]:
        """The nearest first."""
        return _before(self)


Node = Tag | Text


def _after(node: Node) -> Iterator[Node]:
    if node.parent is not None:
        siblings = node.parent.contents
        for place in range(node.place + 1, len(siblings)):
            yield siblings[place]


def _before(node: Node) -> Iterator[Node]:
    if node.parent is not None:
        siblings = node.parent.contents
        for place in range(node.place - 1, -1, -1):
            yield siblings[place]


def parse(html: str) -> list[Tag]:
    """The elements of a page in document order; the first holds all others and is no element of the page.

    Raises `UnreadableMarkup`.
    """
    builder = _Builder()
    # The type stubs ask for more methods than lxml does.
    parser = etree.HTMLParser(target=cast(Any, builder))
    try:
        parser.feed(html)
        parser.close()
    except (etree.LxmlError, UnicodeError, LookupError) as error:
        raise UnreadableMarkup(str(error)) from error
    return builder.tags


class _Builder:
    """What lxml calls, in document order. An end tag closes what was left open inside its element."""

    def __init__(self) -> None:
        self.current = Tag("[document]", _NONE, _NO_WORDS, None, 0)
        self.tags = [self.current]
        self._open: dict[str, int] = {}
        self._data: list[str] = []
        # How many elements are open that keep their white space, and the words of every class attribute so far: few differ.
        self._preformatted = 0
        self._words: dict[str, list[str]] = {}

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if self._data:
            self._flush()
        classes = _NO_WORDS
        if value := attributes.get("class"):
            found = self._words.get(value)
            classes = self._words.setdefault(value, value.split()) if found is None else found
        above = self.current
        self.current = tag = Tag(name, attributes, classes, above, len(self.tags))
        self.tags.append(tag)
        above.contents.append(tag)
        self._open[name] = self._open.get(name, 0) + 1
        if name in _PREFORMATTED:
            self._preformatted += 1

    def end(self, name: str) -> None:
        if self._data:
            self._flush()
        while self._open.get(name):
            tag = self.current
            assert tag.parent is not None
            tag.end = len(self.tags) - 1
            self.current = tag.parent
            self._open[tag.name] -= 1
            if tag.name in _PREFORMATTED:
                self._preformatted -= 1
            if tag.name == name:
                break

    def data(self, data: str) -> None:
        self._data.append(data)

    def _between(self, *_: str | None) -> None:
        if self._data:
            self._flush()

    comment = pi = doctype = _between

    def close(self) -> None:
        if self._data:
            self._flush()
        tag: Tag | None = self.current
        while tag is not None:
            tag.end = len(self.tags) - 1
            tag = tag.parent

    def _flush(self) -> None:
        """The text so far to a node: lxml gives it in pieces."""
        pieces = self._data
        data = pieces[0] if len(pieces) == 1 else "".join(pieces)
        pieces.clear()
        if not self._preformatted and (data.isspace() and not data.strip(_SPACES)):
            data = "\n" if "\n" in data else " "
        text = Text(data)
        siblings = self.current.contents
        text.parent = self.current
        text.place = len(siblings)
        siblings.append(text)
