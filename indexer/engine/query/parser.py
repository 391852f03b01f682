"""Any string to a tree: recursive descent over its tokens. Never raises."""

from __future__ import annotations

import re

from indexer.engine import analysis
from indexer.engine.port import Notice, NoticeCode
from indexer.engine.query.periods import day_before, parse_period
from indexer.engine.query.tree import (
    And,
    Dated,
    Everything,
    Fuzzy,
    Has,
    Here,
    In,
    Linked,
    Node,
    Not,
    Nothing,
    Or,
    Prefix,
    Query,
    TextField,
    Words,
    default_edits,
    has_bare_words,
    only,
)
from indexer.permalinks import host_of

# Bounds on what one query may cost. A long pasted sentence fits; ten thousand characters of anything do not.
MAX_CHARACTERS = 1000
MAX_TERMS = 64
MAX_DEPTH = 20
MIN_PREFIX = 2
# With fewer letters, everything is near.
MIN_FUZZY = 3

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
# Each with the notice that says what its value may be.
_FILTERS: dict[str, NoticeCode] = {"date": "date", "before": "date", "after": "date", "link": "site", "in": "group"}
# What a notice shows of a word.
_SHOWN = 40
_FIELDS: dict[str, TextField] = {
    "title": "title", "author": "author", "category": "category", "tag": "tag", "own": "own", "quotes": "quotes",
}  # fmt: skip
_GROUPS: dict[str, In | Has] = {
    "post": In("posts"), "posts": In("posts"), "comment": In("comments"), "comments": In("comments"),
    "own": Here("own"), "quote": Here("quotes"), "quotes": Here("quotes"),
}  # fmt: skip


def parse(text: str) -> Query:
    """``text`` as a tree, for any string, in time linear in the part that is read (`MAX_CHARACTERS`)."""
    notices: list[Notice] = []
    if len(text) > MAX_CHARACTERS:
        text = text[:MAX_CHARACTERS]
        notices.append(Notice("characters", number=MAX_CHARACTERS))
    parser = _Parser(text)
    root = parser.parse()
    notices += parser.notices
    if parser.terms > MAX_TERMS:
        notices.append(Notice("words", number=MAX_TERMS))
    if isinstance(root, Nothing):
        notices.append(Notice("no-word"))
    return Query(root, tuple(notices))


class _Parser:
    """Recursive descent over the tokens, at most `MAX_DEPTH` deep; deeper parentheses are read as if they were not there."""

    def __init__(self, text: str) -> None:
        self.tokens = [m for m in _TOKEN.finditer(text.translate(_QUOTES)) if m.lastgroup != "space"]
        self.at = 0
        self.terms = 0
        self.notices: list[Notice] = []

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
        if isinstance(node, Here) and negated:
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
            self.notices.append(Notice(_FILTERS[name], text=text[:_SHOWN]))
        return known or self._text(text)

    def _text(self, text: str, field: TextField = "any") -> Node | None:
        words = tuple(analysis.words(text))
        if (fuzzy := _FUZZY.fullmatch(text)) and len(own := analysis.words(fuzzy[1])) == 1 and len(own[0]) >= MIN_FUZZY:
            edits = int(fuzzy[2]) if fuzzy[2] else default_edits(own[0])
            return self._leaf(Fuzzy(own[0], edits, field))
        if text.endswith("*") and len(words) == 1 and len(words[0]) >= MIN_PREFIX:
            return self._leaf(Prefix(words[0], field))
        if text.endswith("*") and words:
            self.notices.append(Notice("star", text=text[:_SHOWN]))
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
            return Dated(None, day_before(first[0])) if first and not dots else None
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
    for here in [node for node in nodes if isinstance(node, Here)]:
        beside = any(map(has_bare_words, out))
        out = [only(here.part, node) for node in out if not (beside and node is here)]
    return _join(And, [Has(node.part) if isinstance(node, Here) else node for node in out])
