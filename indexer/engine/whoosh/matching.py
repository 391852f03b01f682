"""Queries on one segment: terms, AND, OR, NOT, phrases. A query type that is not known here is answered by Whoosh's own matcher.

What Whoosh does by walking matchers posting by posting happens here list by list: a term is its arrays, OR adds scores into
one dense array, AND keeps the members of its shortest list, a phrase intersects keys of document and position.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
from whoosh import query as whoosh

from indexer.engine.whoosh.arrayfile import Array, DamagedArrayFileError
from indexer.engine.whoosh.clock import Clock
from indexer.engine.whoosh.matches import NOTHING, Matches, Same, Scored, Scores, Some, Sum, TermMatches, marked
from indexer.engine.whoosh.multiterm import MultiTerm
from indexer.engine.whoosh.phrases import in_a_row
from indexer.engine.whoosh.queries import InARow, Unscored
from indexer.engine.whoosh.scoring import Statistics
from indexer.engine.whoosh.segments import OpenSegment

# How many matches of a Whoosh matcher are collected between two looks at the clock.
_CLOCK_EVERY = 1024
# A list this many times as long as another is searched for the other's members one by one, instead of marked in a mask.
_MUCH_LONGER = 64


# Whoosh's searcher for the segment of a name, and the context in which to match there.
Leaf = Callable[[str], tuple[Any, Any]]


class SegmentMatcher:
    """Evaluates on one segment; documents are numbered from its first."""

    def __init__(self, segment: OpenSegment, statistics: Statistics, leaf: Leaf) -> None:
        self._segment = segment
        self._statistics = statistics
        self._leaf = leaf
        self._norms: dict[str, Scores] = {}
        self._multiterm = MultiTerm(segment)
        self.base = segment.base
        alive = np.ones(segment.size, dtype=bool)
        alive[list(segment.deleted)] = False
        self._alive = alive if segment.deleted else None

    def answer(self, query: whoosh.Query, clock: Clock) -> Matches:
        """The matches that are not deleted."""
        matches = self._matches(query, clock)
        if self._alive is None:
            return matches
        return Some(matches, np.flatnonzero(self._alive[matches.docs]))

    def _matches(self, query: whoosh.Query, clock: Clock) -> Matches:
        if query is whoosh.NullQuery:
            return NOTHING
        if getattr(query, "boost", 1.0) != 1.0:
            return self._by_matcher(query, clock)
        known = self._KNOWN.get(type(query))
        return known(self, query, clock) if known else self._by_matcher(query, clock)

    def _term(self, query: whoosh.Term, clock: Clock) -> Matches:
        field = query.fieldname
        term = query.text if isinstance(query.text, bytes) else query.text.encode("utf-8", "replace")
        postings = self._segment.fields.get(field)
        start, end = postings.range(term) if postings else (0, 0)
        if postings is None or start == end:
            return NOTHING
        if start > end:
            raise DamagedArrayFileError(f"The postings of a term of {field} end before they begin")
        norms = self._field_norms(field)
        factor = self._statistics.factor(field, term) if norms is not None else 1.0
        # NumPy gathers by its own integers in a third of the time it takes by smaller ones.
        return TermMatches(postings.docs[start:end].astype(np.intp), postings, start, norms, factor)

    def _field_norms(self, field: str) -> Scores | None:
        """`Statistics.norms` per document; None for a field that is not scorable."""
        if field not in self._norms:
            codes = self._segment.documents.lengths(field)
            if codes is None:
                return None
            self._norms[field] = self._statistics.norms(field)[codes]
        return self._norms[field]

    def _every(self, query: whoosh.Every, clock: Clock) -> Matches:
        if query.fieldname not in (None, "", "*"):
            return self._by_matcher(query, clock)
        return Same(np.arange(self._segment.size), 1.0)

    def _selection(self, query: Unscored, clock: Clock) -> Matches:
        docs = self._multiterm.documents(query.child)
        return Same(self._matches(query.child, clock).docs if docs is None else docs, query.score)

    def _and(self, query: whoosh.And, clock: Clock) -> Matches:
        if any(isinstance(part, whoosh.Not) for part in query.subqueries):
            return self._by_matcher(query, clock)
        lists: list[Matches] = []
        for part in query.subqueries:
            if lists and clock.late():
                return NOTHING
            lists.append(self._matches(part, clock))
            if not len(lists[-1].docs):
                return NOTHING
        return self._common(lists)

    def _common(self, lists: Sequence[Matches]) -> Matches:
        """The documents that all the lists have."""
        if len(lists) == 1:
            return lists[0]
        first, *others = sorted(lists, key=lambda matches: len(matches.docs))
        docs = first.docs
        parts = [(first, np.arange(len(docs)))]
        for other in others:
            kept, places = self._members(docs, other.docs)
            docs = docs[kept]
            parts = [(matches, own[kept]) for matches, own in parts] + [(other, places)]
        return Sum(docs, parts)

    def _members(self, docs: Array, others: Array) -> tuple[Array, Array]:
        """Which of ``docs`` are among ``others`` (their places in ``docs``), and where there."""
        if len(docs) * _MUCH_LONGER > len(others):
            mask = marked(self._segment.size, others)
            kept = np.flatnonzero(mask.take(docs))
            if len(kept) == len(others):
                return kept, np.arange(len(others))
            if len(kept) * 4 > len(others):
                return kept, np.flatnonzero(marked(self._segment.size, docs[kept]).take(others))
            return kept, np.searchsorted(others, docs[kept])
        places = np.searchsorted(others, docs)
        kept = np.flatnonzero(others[np.minimum(places, len(others) - 1)] == docs) if len(others) else places[:0]
        return kept, places[kept]

    def _or(self, query: whoosh.Or, clock: Clock) -> Matches:
        if query.minmatch or query.scale:
            return self._by_matcher(query, clock)
        lists: list[Matches] = []
        for part in query.subqueries:
            if lists and clock.late():
                break
            matches = self._matches(part, clock)
            if len(matches.docs):
                lists.append(matches)
        if len(lists) <= 1:
            return lists[0] if lists else NOTHING
        if sum(len(matches.docs) for matches in lists) * _MUCH_LONGER < self._segment.size:
            docs, place = np.unique(np.concatenate([matches.docs for matches in lists]), return_inverse=True)
            scores = np.bincount(place, weights=np.concatenate([matches.scores() for matches in lists]))
            return Scored(docs, scores.astype(np.float32))
        total = np.zeros(self._segment.size, dtype=np.float32)
        for matches in lists:
            known = total.take(matches.docs)
            known += matches.scores()
            total[matches.docs] = known
        docs = np.flatnonzero(total > 0)
        return Scored(docs, total.take(docs))

    def _and_not(self, query: whoosh.AndNot, clock: Clock) -> Matches:
        wanted, unwanted = self._matches(query.a, clock), self._matches(query.b, clock)
        if clock.late():  # what is unwanted may not be known to its end
            return NOTHING
        if not len(unwanted.docs):
            return wanted
        return Some(wanted, np.flatnonzero(~marked(self._segment.size, unwanted.docs)[wanted.docs]))

    def _row(self, query: InARow, clock: Clock) -> Matches:
        postings = self._segment.fields.get(query.row_field)
        terms = [word.encode("utf-8", "replace") for word in query.words]
        numbers = [postings.terms.find(term) for term in terms] if postings else [-1]
        if postings is None or min(numbers) < 0:
            return NOTHING
        lists = [self._term(whoosh.Term(query.row_field, term), clock) for term in dict.fromkeys(terms)]
        docs = in_a_row(postings, numbers, clock)
        return Sum(docs, [(matches, np.searchsorted(matches.docs, docs)) for matches in lists])

    def _by_matcher(self, query: whoosh.Query, clock: Clock) -> Matches:
        """The way of Whoosh, posting by posting."""
        leaf, context = self._leaf(self._segment.name)
        matcher = query.normalize().matcher(leaf, context)
        docs: list[int] = []
        scores: list[float] = []
        while matcher.is_active():
            docs.append(matcher.id())
            scores.append(matcher.score())
            matcher.next()
            if len(docs) % _CLOCK_EVERY == 0 and clock.late():
                break
        return Scored(np.array(docs, dtype=np.intp), np.array(scores, dtype=np.float32))

    _KNOWN: ClassVar[dict[type, Callable[[SegmentMatcher, Any, Clock], Matches]]] = {
        whoosh.Term: _term,
        whoosh.Every: _every,
        whoosh.And: _and,
        whoosh.Or: _or,
        whoosh.AndNot: _and_not,
        Unscored: _selection,
        InARow: _row,
    }
