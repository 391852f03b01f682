"""Query tree to Whoosh query.

Only stems in ``words`` and ``title`` carry a score. A phrase scores as its words do and must also be found as a row of
words; prefixes, near words, names, dates, hosts and ``in:`` select without scoring. A word of the author's own, or a quoted
one, scores as the word does and must also be found, by its stem, among the words of that part.
"""

from __future__ import annotations

from whoosh import query as whoosh

from indexer.engine import query
from indexer.engine.analysis import Analyzer
from indexer.engine.schema import ROWS
from indexer.engine.whoosh.queries import InARow, Near, Stemmed, Unscored


def translate(node: query.Node, analyzer: Analyzer) -> whoosh.Query:
    """The Whoosh query of a tree, normalised."""
    return _Translator(analyzer).translate(node).normalize()


class _Translator:
    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer

    def translate(self, node: query.Node) -> whoosh.Query:
        match node:
            case query.Everything():
                return Unscored(whoosh.Every())
            case query.Nothing():
                return whoosh.NullQuery
            case query.And(nodes):
                return self._and(nodes)
            case query.Or(nodes):
                return whoosh.Or([self.translate(n) for n in nodes])
            case query.Not(inner):
                return whoosh.AndNot(Unscored(whoosh.Every()), self.translate(inner))
            case query.Words():
                return self._words(node)
            case query.Prefix(letters, field):
                return whoosh.Or([Unscored(whoosh.Prefix(row, letters)) for row in ROWS[field]])
            case query.Fuzzy(word, edits, field):
                return whoosh.Or([Unscored(Near(row, word, edits)) for row in ROWS[field]])
            case query.In(group):
                kinds = ("comment",) if group == "comments" else ("post", "page")
                return Unscored(whoosh.Or([whoosh.Term("kind", kind) for kind in kinds]))
            case query.Has(part):
                return Unscored(whoosh.Or([whoosh.Every(row) for row in ROWS[part]]))
            case query.Linked(host):
                return Unscored(whoosh.Term("link", host))
            case query.Dated(since, until):
                first, last = (day.isoformat() if day else None for day in (since, until))
                return Unscored(whoosh.TermRange("day", first, last))

    def _and(self, nodes: tuple[query.Node, ...]) -> whoosh.Query:
        wanted = [self.translate(n) for n in nodes if not isinstance(n, query.Not)] or [Unscored(whoosh.Every())]
        unwanted = [self.translate(n.node) for n in nodes if isinstance(n, query.Not)]
        found = whoosh.And(wanted)
        return whoosh.AndNot(found, whoosh.Or(unwanted)) if unwanted else found

    def _words(self, node: query.Words) -> whoosh.Query:
        rows = Unscored(whoosh.Or([_row(name, node.words) for name in ROWS[node.field]]))
        if node.field in ("author", "category", "tag"):
            return rows
        field = "title" if node.field == "title" else "words"
        stems = whoosh.And([whoosh.Term(field, self._analyzer.stem(word)) for word in node.words])
        if len(node.words) > 1 or node.exact:
            return whoosh.And([stems, rows])
        if node.field in ("any", "title"):
            return stems
        parts = [Unscored(Stemmed(row, node.words[0], self._analyzer)) for row in ROWS[node.field]]
        return whoosh.And([stems, Unscored(whoosh.Or(parts))])


def _row(field: str, words: tuple[str, ...]) -> whoosh.Query:
    return InARow(field, words) if len(words) > 1 else whoosh.Term(field, words[0])
