"""The query language: any string to a tree. Knows no engine and never raises.

    iran "quds force" surge OR offensive -basra milit* petreus~ title:sadr author:danking_70 category:iraq in:comments date:2008

All words must match. Juxtaposition binds loosest, then ``OR``, then an explicit ``AND``: ``a b OR c`` asks for a and one of
b, c, while ``a AND b OR c AND d`` reads as in logic. ``before:`` and ``after:`` divide time: ``after:2008`` starts with the
first day of 2008, ``before:2008`` ends with the last day of 2007. ``in:own`` makes the words of the group where it stands, as
far as they have no field, words of the author (``own:``), ``in:quotes`` of others (``quotes:``); where there are none, it
asks for documents that have such words. What cannot be parsed is searched as literal words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from indexer.engine import analysis
from indexer.permalinks import host_of

# Bounds on what one query may cost. A long pasted sentence fits; ten thousand characters of anything do not.
MAX_CHARACTERS = 1000
MAX_TERMS = 64
MAX_DEPTH = 20
MIN_PREFIX = 2
# With fewer letters, everything is near. Words from `LONG_WORD` letters on may have two slips.
MIN_FUZZY = 3
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


class _Here(Has):
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
    notices: tuple[str, ...] = ()


def parse(text: str) -> Query:
    """``text`` as a tree, for any string, in time linear in the part that is read (`MAX_CHARACTERS`)."""
    notices = []
    if len(text) > MAX_CHARACTERS:
        text = text[:MAX_CHARACTERS]
        notices.append(f"Only the first {MAX_CHARACTERS:,} characters of the query were read.")
    parser = _Parser(text)
    root = parser.parse()
    notices += parser.notices
    if parser.terms > MAX_TERMS:
        notices.append(f"Only the first {MAX_TERMS} words of the query were searched.")
    if isinstance(root, Nothing):
        notices.append("There is no word to search for in this query.")
    return Query(root, tuple(notices))


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


def _only(part: Part, node: Node) -> Node:
    """``node`` with its words that have no field in this part."""
    match node:
        case Words() | Prefix() | Fuzzy():
            return replace(node, field=part) if node.field == "any" else node
        case And(nodes):
            return And(tuple(_only(part, n) for n in nodes))
        case Or(nodes):
            return Or(tuple(_only(part, n) for n in nodes))
        case Not(inner):
            return Not(_only(part, inner))
        case _:
            return node


def default_edits(word: str) -> int:
    """The slips that ``word~`` allows."""
    return 2 if len(word) >= LONG_WORD else 1


_TOKEN = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<open>-?\() | (?P<close>\))
    | (?P<phrase>(?P<minus>-?)(?:(?P<field>[A-Za-z]+):)?"(?P<quoted>[^"]*)")
    | (?P<stray>")
    | (?P<word>[^\s()"]+)
    """,
    re.VERBOSE,
)
_FUZZY = re.compile(r"([^~]+)~([12]?)")
_QUOTES = str.maketrans("“”„‟«»＂", '"""""""')
_PERIOD = "a date is 2008, 2008-05 or 2008-05-04"
_FILTERS = {
    "date": _PERIOD,
    "before": _PERIOD,
    "after": _PERIOD,
    "link": "a site is example.com",
    "in": "there are in:posts, in:comments, in:own and in:quotes",
}
_FIELDS: dict[str, TextField] = {
    "title": "title", "author": "author", "category": "category", "tag": "tag", "own": "own", "quotes": "quotes",
}  # fmt: skip
_GROUPS: dict[str, In | Has] = {
    "post": In("posts"), "posts": In("posts"), "comment": In("comments"), "comments": In("comments"),
    "own": _Here("own"), "quote": _Here("quotes"), "quotes": _Here("quotes"),
}  # fmt: skip


class _Parser:
    """Recursive descent over the tokens, at most `MAX_DEPTH` deep; deeper parentheses are read as if they were not there."""

    def __init__(self, text: str) -> None:
        self.tokens = [m for m in _TOKEN.finditer(text.translate(_QUOTES)) if m.lastgroup != "space"]
        self.at = 0
        self.terms = 0
        self.notices: list[str] = []

    def parse(self) -> Node:
        if not self.tokens:
            return Everything()
        found: list[Node] = []
        while self.at < len(self.tokens):
            found += self._all(0)
            if self._peek("close"):  # a parenthesis that nothing opened
                self.at += 1
        return _conjunction(found) or Nothing()

    def _peek(self, *kinds: str) -> bool:
        return self.at < len(self.tokens) and self.tokens[self.at].lastgroup in kinds

    def _operator(self, *names: str) -> bool:
        if self._peek("word") and self.tokens[self.at].group() in names:
            self.at += 1
            return True
        return False

    def _all(self, depth: int) -> list[Node]:
        """Juxtaposition, up to a closing parenthesis or the end."""
        found: list[Node] = []
        while self.at < len(self.tokens) and not self._peek("close"):
            found += self._either(depth)
        return found

    def _either(self, depth: int) -> list[Node]:
        found = [self._both(depth)]
        while self._operator("OR", "|", "||"):
            found.append(self._both(depth))
        if len(found) == 1:
            return found[0]
        joined = _join(Or, [node for nodes in found if (node := _conjunction(nodes)) is not None])
        return [joined] if joined else []

    def _both(self, depth: int) -> list[Node]:
        found = [self._unary(depth)]
        while self._operator("AND", "&&"):
            found.append(self._unary(depth))
        return [node for node in found if node is not None]

    def _unary(self, depth: int) -> Node | None:
        negated = False
        while self._operator("NOT"):
            negated = not negated
        if self.at >= len(self.tokens) or self._peek("close"):
            return None
        token = self.tokens[self.at]
        self.at += 1
        node: Node | None
        if token.lastgroup == "open":
            negated ^= token.group().startswith("-")
            node = self._group(depth)
        elif token.lastgroup == "phrase":
            negated ^= bool(token["minus"])
            node = self._phrase(token)
        else:
            text = token.group()
            if len(text) > 1 and text.startswith("-"):
                negated, text = not negated, text[1:]
            node = self._word(text)
        if isinstance(node, _Here) and negated:
            node = Has(node.part)
        return Not(node) if negated and node is not None else node

    def _group(self, depth: int) -> Node | None:
        if depth >= MAX_DEPTH:
            return None
        node = _conjunction(self._all(depth + 1))
        if self._peek("close"):
            self.at += 1
        return node

    def _phrase(self, token: re.Match[str]) -> Node | None:
        name = (token["field"] or "").lower()
        if name in _FIELDS or not name:
            return self._leaf(Words(tuple(analysis.words(token["quoted"])), _FIELDS.get(name, "any"), exact=True))
        return self._filter(name, token["quoted"]) or self._leaf(Words(tuple(analysis.words(token.group()))))

    def _word(self, text: str) -> Node | None:
        name, colon, rest = text.partition(":")
        name = name.lower()
        if colon and rest and name in _FIELDS:
            return self._text(rest, _FIELDS[name]) or self._text(text)
        known = self._filter(name, rest) if colon else None
        if colon and rest and known is None and name in _FILTERS:
            self.notices.append(f"{text[:40]} was searched as words: {_FILTERS[name]}.")
        return known or self._text(text)

    def _text(self, text: str, field: TextField = "any") -> Node | None:
        words = tuple(analysis.words(text))
        if (fuzzy := _FUZZY.fullmatch(text)) and len(own := analysis.words(fuzzy[1])) == 1 and len(own[0]) >= MIN_FUZZY:
            edits = int(fuzzy[2]) if fuzzy[2] else default_edits(own[0])
            return self._leaf(Fuzzy(own[0], edits, field))
        if text.endswith("*") and len(words) == 1 and len(words[0]) >= MIN_PREFIX:
            return self._leaf(Prefix(words[0], field))
        if text.endswith("*") and words:
            self.notices.append(f"{text[:40]} was searched without its *, which wants one word of two letters or more.")
        return self._leaf(Words(words, field))

    def _filter(self, name: str, value: str) -> Node | None:
        """``in:``, ``link:`` and the date operators; None when the value makes no sense, so that it is searched as words."""
        if name == "in":
            return _GROUPS.get(value.lower())
        if name == "link":
            return Linked(host) if (host := host_of(value)) else None
        if name not in ("date", "before", "after"):
            return None
        since, dots, until = value.partition("..")
        first, last = parse_period(since), parse_period(until if dots else since)
        if name == "before":
            return Dated(None, _day_before(first[0])) if first and not dots else None
        if name == "after":
            return Dated(first[0], None) if first and not dots else None
        if (since and not first) or ((until or not dots) and not last) or not (first or last):
            return None
        return Dated(first[0] if first else None, last[1] if last else None)

    def _leaf(self, node: Words | Prefix | Fuzzy) -> Node | None:
        """``node`` if it has a word and the query has not had too many; words of a row count one each."""
        size = len(node.words) if isinstance(node, Words) else 1
        if not size or self.terms > MAX_TERMS:
            return None
        self.terms += size
        if self.terms > MAX_TERMS:
            kept = size - (self.terms - MAX_TERMS)
            return Words(node.words[:kept], node.field, node.exact) if isinstance(node, Words) and kept else None
        return node


def _join(kind: type[And] | type[Or], nodes: list[Node]) -> Node | None:
    flat: list[Node] = []
    for node in nodes:
        flat += node.nodes if isinstance(node, kind) else [node]
    return kind(tuple(flat)) if len(flat) > 1 else flat[0] if flat else None


def _conjunction(nodes: list[Node]) -> Node | None:
    """All of the nodes; an ``in:own`` among them makes their words the author's, or stays if there are none."""
    out: list[Node] = list(nodes)
    for here in [node for node in nodes if isinstance(node, _Here)]:
        beside = any(map(has_bare_words, out))
        out = [_only(here.part, node) for node in out if not (beside and node is here)]
    return _join(And, [Has(node.part) if isinstance(node, _Here) else node for node in out])


def parse_period(text: str) -> tuple[date, date] | None:
    """First and last day of ``2008``, ``2008-05`` or ``2008-05-04``; None for anything else."""
    match = re.fullmatch(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", text, re.ASCII)
    if not match:
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        first = date(year or 0, month or 1, day or 1)
        if day:
            return first, first
        following = date(first.year + (month in (None, 12)), 1 if month is None else month % 12 + 1, 1)
    except ValueError:
        return (
            (date(9999, 1 if month is None else 12, 1), date.max)
            if text.startswith("9999") and month in (None, 12)
            else None
        )
    return first, following - timedelta(days=1)


def _day_before(day: date) -> date:
    return day - timedelta(days=1) if day > date.min else day
