"""Three query types that Whoosh does not have, with matchers for Whoosh's own searcher.

`matching` and `multiterm` answer them by the array.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from typing import Any

from whoosh import matching
from whoosh import query as whoosh

from indexer.engine.analysis import Analyzer
from indexer.engine.edits import edits

# The score of what only selects. Not 0, which Whoosh's unions take for "does not match", and too small to change an order.
_SCORE = 1e-6


class Unscored(whoosh.ConstantScoreQuery):
    """What selects documents without scoring them; with the boost that Whoosh's normalisation asks every query for."""

    boost = 1.0

    def __init__(self, child: whoosh.Query, score: float = _SCORE) -> None:
        super().__init__(child, score)


class InARow(whoosh.And):
    """The documents in which ``words`` stand one after the other in a field with positions.

    Whoosh's own Phrase nests spans: twenty times the same common word took it 13 s on 200 posts.
    """

    def __init__(self, field: str, words: tuple[str, ...]) -> None:
        self.words = words
        self.row_field = field
        super().__init__([whoosh.Term(field, word) for word in dict.fromkeys(words)])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, InARow) and (self.words, self.row_field) == (other.words, other.row_field)

    def __hash__(self) -> int:
        return hash((self.words, self.row_field))

    def normalize(self) -> Any:
        return self

    def matcher(self, searcher: Any, context: Any = None) -> Any:
        distinct = list(dict.fromkeys(self.words))
        terms = [whoosh.Term(self.row_field, word).matcher(searcher, context) for word in distinct]
        if not all(term.is_active() for term in terms):
            return matching.NullMatcher()
        return _RowMatcher(terms, [distinct.index(word) for word in self.words])


class _RowMatcher(matching.wrappers.WrappingMatcher):
    """Walks the documents that hold all terms, stopping where they stand in ``order``."""

    def __init__(self, terms: list[Any], order: list[int]) -> None:
        self._terms = terms
        self._order = order
        super().__init__(reduce(matching.IntersectionMatcher, terms))
        self._settle()

    def _settle(self) -> None:
        while self.child.is_active() and not self._in_a_row():
            self.child.next()

    def _in_a_row(self) -> bool:
        positions = [set(term.value_as("positions")) for term in self._terms]
        starts = positions[self._order[0]]
        for step, term in enumerate(self._order):
            starts = {start for start in starts if start + step in positions[term]}
        return bool(starts)

    def all_ids(self) -> Iterator[int]:
        while self.is_active():
            yield self.id()
            self.next()

    def next(self) -> Any:
        self.child.next()
        self._settle()

    def skip_to(self, id: int) -> Any:
        self.child.skip_to(id)
        self._settle()

    def supports_block_quality(self) -> bool:
        return False


class Near(whoosh.MultiTerm):
    """The documents with a word at most ``edits`` slips of the finger away, a swap of neighbours being one."""

    def __init__(self, field: str, word: str, edits: int, boost: float = 1.0) -> None:
        self.fieldname, self.text, self.edits, self.boost = field, word, edits, boost

    def __eq__(self, other: object) -> bool:
        mine = (self.fieldname, self.text, self.edits)
        return isinstance(other, Near) and mine == (other.fieldname, other.text, other.edits)

    def __hash__(self) -> int:
        return hash((self.fieldname, self.text, self.edits))

    def normalize(self) -> Any:
        return self

    def _btexts(self, ixreader: Any) -> Iterator[bytes]:
        words = ((term, term.decode()) for term in ixreader.lexicon(self.fieldname))
        return (term for term, word in words if edits(self.text, word) <= self.edits)


class Stemmed(whoosh.MultiTerm):
    """The documents with a word in a row of words that has the same stem as ``word``."""

    def __init__(self, field: str, word: str, analyzer: Analyzer, boost: float = 1.0) -> None:
        self.fieldname, self.stem, self.analyzer, self.boost = field, analyzer.stem(word), analyzer, boost

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Stemmed) and (self.fieldname, self.stem) == (other.fieldname, other.stem)

    def __hash__(self) -> int:
        return hash((self.fieldname, self.stem))

    def __deepcopy__(self, memo: object) -> Stemmed:
        return self  # normalising copies queries, and an analyzer cannot be copied

    def normalize(self) -> Any:
        return self

    def _btexts(self, ixreader: Any) -> Iterator[bytes]:
        return (term for term in ixreader.lexicon(self.fieldname) if self.analyzer.stem(term.decode()) == self.stem)
