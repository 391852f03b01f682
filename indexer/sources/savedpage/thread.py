"""Which elements of a page are comments, and which stands inside which.

A comment's id (``comment-456``, on the ``li``, the ``div`` inside it, or both) is the surest sign, as WordPress links to it
from everywhere. List items without one (pingbacks of some themes) count inside a list that a theme calls a comment list,
and divs by class name only on a page where nothing is numbered.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from indexer.sources.savedpage.element import Tag
from indexer.sources.savedpage.names import (
    COMMENT,
    COMMENT_CHILDREN,
    COMMENT_LIST_IDS,
    COMMENT_LISTS,
    NOT_COMMENT,
    PINGS,
)
from indexer.sources.savedpage.tree import Tree, attr, words

# WordPress and Movable Type: "comment-456"; Blogger and older Movable Type: "c456"; TypePad: "comment-6a00d8341c5e0053ef".
_NUMBER = re.compile(
    r"(?:(?:li|div|article|dsq)-)?(?:comment-?|pingback-|trackback-|c(?=\d{3})|(?=ping-\d))(\d+|ping-\d+|6a[0-9a-f]{16,})\Z"
)
_DEPTH = re.compile(r"depth-(\d{1,3})\Z")
# A comment of a definition list has one or two <dd>; a page of a million is no reason to compare each with each.
MAX_PARTS = 20
# How far into a comment its anchor is looked for.
MAX_ANCHORS = 20


@dataclass(slots=True, eq=False)
class Element:
    """One comment's place in the page: ``parts`` hold it, ``own`` are the elements in it that no reply owns."""

    parts: list[Tag]
    number: str = ""
    parent: Element | None = None
    depth: int = 0
    own: list[Tag] = field(default_factory=list)

    def is_part(self, tag: Tag) -> bool:
        """Whether ``tag`` holds the whole comment (or its ``<dt>`` or one ``<dd>``); elements are compared by identity."""
        return tag in self.parts

    def below(self, tag: Tag) -> set[int]:
        """The ids of the comment's own elements inside one of them, itself included."""
        inside = {id(tag)}
        for other in self.own:
            if id(other.parent) in inside:
                inside.add(id(other))
        return inside


@dataclass(slots=True)
class Thread:
    """The comments of a page in its order."""

    comments: list[Element] = field(default_factory=list)
    owners: dict[int, Element] = field(default_factory=dict)
    lists: set[int] = field(default_factory=set)

    def holds(self, tag: Tag) -> bool:
        """Whether this element is part of a comment."""
        return id(tag) in self.owners

    def around(self, tag: Tag) -> bool:
        """Whether this element is a comment or holds some."""
        return id(tag) in self.lists or id(tag) in self.owners


def find_thread(tree: Tree) -> Thread:
    """Every comment on the page. One pass; an element belongs to the innermost comment that it stands in."""
    thread = Thread()
    for tag in tree.tags:
        owner = thread.owners.get(id(tag.parent))
        element = _begins(tag, owner, thread)
        if element is None:
            continue
        if not element.own:
            thread.comments.append(element)
        thread.owners[id(tag)] = element
        element.own.append(tag)
    if not thread.comments:
        _by_class(tree, thread)
    for element in thread.comments:
        for above in element.parts[0].parents:
            if id(above) in thread.lists:
                break
            thread.lists.add(id(above))
    _parents_by_depth(thread)
    return thread


def _begins(tag: Tag, owner: Element | None, thread: Thread) -> Element | None:
    """The comment that ``tag`` belongs to: its surroundings' (``owner``), or a new one that begins with it."""
    m = _NUMBER.match(attr(tag, "id"))
    if m is None and tag.name == "a":
        m = _NUMBER.match(attr(tag, "name"))
    number = m[1] if m and NOT_COMMENT.isdisjoint(tag.classes) else ""
    if owner is not None and number and owner.number in ("", number) and tag.name != "li":
        owner.number = number
        return owner
    if tag.name == "dd" and (term := _term(tag, thread)) is not None and term.number in ("", number or term.number):
        term.number = term.number or number
        if len(term.parts) < MAX_PARTS:
            term.parts.append(tag)
        return term
    if (number and tag.name not in ("a", "span", "p", "em", "small", "time", "input")) or _is_item(tag, owner):
        return Element([tag], number, owner)
    return owner


def _is_item(tag: Tag, owner: Element | None) -> bool:
    """Whether an element without a number is a comment: an item of a list that a theme calls a comment list."""
    if tag.name not in ("li", "dt") or tag.parent is None:
        return False
    around = words(tag.parent)
    if owner is None:
        named = not COMMENT_LISTS.isdisjoint(around) or attr(tag.parent, "id") in COMMENT_LIST_IDS
        return named or (tag.name == "li" and not (COMMENT | PINGS).isdisjoint(words(tag)))
    return not COMMENT_CHILDREN.isdisjoint(around)


def _term(tag: Tag, thread: Thread) -> Element | None:
    """The comment of the ``<dt>`` that a ``<dd>`` belongs to."""
    before = tag.previous_sibling
    while before is not None and not isinstance(before, Tag):
        before = before.previous_sibling
    return thread.owners.get(id(before)) if before is not None else None


def _by_class(tree: Tree, thread: Thread) -> None:
    """Comments of a page that numbers none: divs that a theme calls a comment, the innermost of nested ones left out."""
    last = -1
    for tag in tree.tags:
        if tag.start <= last or tag.name not in ("div", "article", "section", "li") or COMMENT.isdisjoint(words(tag)):
            continue
        last = tag.end
        element = Element([tag], own=[tag, *tree.below(tag)])
        element.number = _anchor(element)
        thread.comments.append(element)
        thread.owners.update((id(own), element) for own in element.own)


def _anchor(element: Element) -> str:
    """The number in an anchor (``<a name="c456">``) inside a comment, or right before it."""
    before = element.parts[0].previous_sibling
    while before is not None and not isinstance(before, Tag):
        before = before.previous_sibling
    anchors = [before] if before is not None and before.name == "a" else []
    anchors += [tag for tag in element.own[:MAX_ANCHORS] if tag.name == "a"]
    names = (attr(tag, "id") or attr(tag, "name") for tag in anchors)
    return next((m[1] for name in names if (m := _NUMBER.match(name))), "")


def _parents_by_depth(thread: Thread) -> None:
    """Replies that a theme lists flat: the classes ``depth-2`` still tell which comment they answer."""
    latest: dict[int, Element] = {}
    for element in thread.comments:
        depths = [int(m[1]) for part in element.parts for name in words(part) if (m := _DEPTH.match(name))]
        element.depth = depths[0] if depths else 0
        if element.parent is None and element.depth > 1:
            element.parent = latest.get(element.depth - 1)
        latest[element.depth] = element
