"""Query tree to Whoosh query.

Only stems in ``words`` and ``title`` carry a score. A phrase scores as its words do and must also be found as a row of
words; prefixes, names, dates and ``in:`` select without scoring.
"""

from __future__ import annotations

from typing import Any

from whoosh import query as whoosh

from indexer.engine import query
from indexer.engine.analysis import Analyzer
from indexer.engine.schema import ROWS
from indexer.engine.whoosh.rows import Row

# A prefix stands for at most this many words; of more, the ones found in most documents are taken.
MAX_EXPANSION = 1000

# The score of what only selects. Not 0, which Whoosh's unions take for "does not match", and too small to change an order.
_UNSCORED = 1e-6


class Translator:
    """Translates for one reader, whose vocabulary says what a prefix stands for."""

    def __init__(self, reader: Any, analyzer: Analyzer) -> None:
        self._reader = reader
        self._analyzer = analyzer

    def translate(self, node: query.Node) -> whoosh.Query:
        """The Whoosh query of a tree, ready to be matched."""
        match node:
            case query.Everything():
                return whoosh.Every()
            case query.Nothing():
                return whoosh.NullQuery
            case query.And(nodes):
                return self._and(nodes)
            case query.Or(nodes):
                return whoosh.Or([self.translate(n) for n in nodes])
            case query.Not(inner):
                return whoosh.And([_unscored(whoosh.Every()), whoosh.Not(self.translate(inner))])
            case query.Words():
                return self._words(node)
            case query.Prefix():
                return self._prefix(node)
            case query.In(group):
                kinds = ("comment",) if group == "comments" else ("post", "page")
                return _unscored(whoosh.Or([whoosh.Term("kind", kind) for kind in kinds]))
            case query.Dated(since, until):
                first, last = (day.isoformat() if day else None for day in (since, until))
                return _unscored(whoosh.TermRange("day", first, last))

    def _and(self, nodes: tuple[query.Node, ...]) -> whoosh.Query:
        wanted = [self.translate(n) for n in nodes if not isinstance(n, query.Not)] or [_unscored(whoosh.Every())]
        unwanted = [self.translate(n.node) for n in nodes if isinstance(n, query.Not)]
        found = whoosh.And(wanted)
        return whoosh.AndNot(found, whoosh.Or(unwanted)) if unwanted else found

    def _words(self, node: query.Words) -> whoosh.Query:
        rows = _unscored(whoosh.Or([_row(name, node.words) for name in ROWS[node.field]]))
        if node.field not in ("any", "title"):
            return rows
        field = "words" if node.field == "any" else "title"
        stems = whoosh.And([whoosh.Term(field, self._analyzer.stem(word)) for word in node.words])
        if len(node.words) == 1 and not node.exact:
            return stems
        return whoosh.And([stems, rows])

    def _prefix(self, node: query.Prefix) -> whoosh.Query:
        terms = []
        for field in ROWS[node.field]:
            found = [bytes(term) for term in self._reader.expand_prefix(field, node.letters)]
            if len(found) > MAX_EXPANSION:
                frequency = self._reader.doc_frequency
                found = sorted(found, key=lambda term, f=field: -frequency(f, term))[:MAX_EXPANSION]  # type: ignore[misc]
            terms += [whoosh.Term(field, term) for term in found]
        return _unscored(whoosh.Or(terms)) if terms else whoosh.NullQuery


def _row(field: str, words: tuple[str, ...]) -> whoosh.Query:
    return Row(field, words) if len(words) > 1 else whoosh.Term(field, words[0])


def _unscored(inner: whoosh.Query) -> whoosh.Query:
    return _Selection(inner, _UNSCORED)


class _Selection(whoosh.ConstantScoreQuery):
    """A constant score query with the boost that Whoosh's normalisation of the queries around it asks for."""

    boost = 1.0
