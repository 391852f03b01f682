"""The tree of a query: its types, and what one sees walking through it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from indexer.engine.port import Notice

# Words from here on may have two slips.
LONG_WORD = 8

TextField = Literal["any", "title", "author", "category", "tag", "own", "quotes"]
Part = Literal["own", "quotes"]
Group = Literal["posts", "comments"]


@dataclass(frozen=True, slots=True)
class Words:
    """Words in a row in one field: one word matches by its stem, several (``al-Sadr``) and ``exact`` ones as written."""

    words: tuple[str, ...]
    field: TextField = "any"
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Prefix:
    """Any word that begins with these letters."""

    letters: str
    field: TextField = "any"


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """Any word that is at most ``edits`` slips of the finger away (`indexer.engine.edits`)."""

    word: str
    edits: int
    field: TextField = "any"


@dataclass(frozen=True, slots=True)
class In:
    """Documents of a group: ``posts`` (pages too) or ``comments``."""

    group: Group


@dataclass(frozen=True, slots=True)
class Has:
    """Documents that have any words of their author's (``own``), or any ``quotes``."""

    part: Part


class Here(Has):
    """``in:own`` or ``in:quotes`` of which it is not yet known what stands beside it."""


@dataclass(frozen=True, slots=True)
class Linked:
    """Documents that link to a host or one of its subdomains."""

    host: str


@dataclass(frozen=True, slots=True)
class Dated:
    """Documents dated from ``since`` to ``until``, both inclusive, None for open."""

    since: date | None
    until: date | None


@dataclass(frozen=True, slots=True)
class And:
    """All of the nodes (two or more)."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of the nodes (two or more)."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Everything but the node."""

    node: Node


@dataclass(frozen=True, slots=True)
class Everything:
    """The query without a word: browsing."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """The query that has characters, but no word and no filter to look for."""


Node = Words | Prefix | Fuzzy | In | Has | Linked | Dated | And | Or | Not | Everything | Nothing


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query; ``notices`` tell the reader what of the text was not honoured."""

    root: Node
    notices: tuple[Notice, ...] = ()


Leaf = Words | Prefix | Fuzzy


def positive(node: Node) -> Iterator[Leaf]:
    """The leaves that make a document match (those under a ``NOT`` do not)."""
    return (leaf for leaf, _ in wanted(node))


def wanted(node: Node, optional: bool = False) -> Iterator[tuple[Leaf, bool]]:
    """`positive`, and of each whether a document may match without it (it stands under an ``OR``)."""
    if isinstance(node, Words | Prefix | Fuzzy):
        yield node, optional
    elif isinstance(node, And | Or):
        for child in node.nodes:
            yield from wanted(child, optional or isinstance(node, Or))


def has_bare_words(node: Node) -> bool:
    """Whether ``in:own`` beside ``node`` is about words in it; those under a ``NOT`` alone do not count."""
    return any(leaf.field == "any" for leaf in positive(node))


def only(part: Part, node: Node) -> Node:
    """``node`` with its words that have no field in this part."""
    match node:
        case Words() | Prefix() | Fuzzy():
            return replace(node, field=part) if node.field == "any" else node
        case And(nodes):
            return And(tuple(only(part, n) for n in nodes))
        case Or(nodes):
            return Or(tuple(only(part, n) for n in nodes))
        case Not(inner):
            return Not(only(part, inner))
        case _:
            return node


def default_edits(word: str) -> int:
    """The slips that ``word~`` allows."""
    return 2 if len(word) >= LONG_WORD else 1
