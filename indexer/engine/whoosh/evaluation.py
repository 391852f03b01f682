"""Whoosh queries to documents and scores, as arrays.

What Whoosh does by walking matchers posting by posting happens here list by list: a term is its arrays, OR adds scores into
one dense array, AND keeps the members of its shortest list, a phrase intersects keys of document and position. The
scores are those of Whoosh's BM25F. A query type that is not known here is answered by its own matcher.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from whoosh import query as whoosh

from indexer.engine.whoosh.arrayfile import Array, DamagedArrayFileError
from indexer.engine.whoosh.codec import LENGTHS
from indexer.engine.whoosh.matches import NOTHING, Matches, Same, Scored, Scores, Some, Sum, TermMatches
from indexer.engine.whoosh.postings import Postings
from indexer.engine.whoosh.queries import InARow, Near, Stemmed, Unscored
from indexer.engine.whoosh.segments import OpenSegment, frequency
from indexer.engine.whoosh.spelling import near
from indexer.engine.whoosh.stems import StemHashes

# How many matches of a Whoosh matcher are collected between two looks at the clock.
_CLOCK_EVERY = 1024
# A list this many times as long as another is searched for the other's members one by one, instead of marked in a mask.
_MUCH_LONGER = 64
# The largest table of hashes, as a power of two: 16 MB.
_MOST_BITS = 24

Docs = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Found:
    """Matching documents of the index in ascending order, and their scores; ``partial`` when time ran out."""

    docs: Docs
    scores: Scores
    partial: bool = False


class Evaluator:
    """Evaluates queries on the segments of one index. Safe to use from several threads.

    ``whoosh_searcher`` opens Whoosh's own on the same index with the weighting that ``k1`` and ``b`` describe; it is called
    when a query needs it, and closed with this one.
    """

    def __init__(
        self, segments: Sequence[OpenSegment], *, k1: float, b: float, whoosh_searcher: Callable[[], Any]
    ) -> None:
        self._whoosh = _Whoosh(whoosh_searcher)
        statistics = _Statistics(segments, k1, b)
        self._segments = [_Segment(segment, statistics, self._whoosh) for segment in segments]

    def close(self) -> None:
        self._whoosh.close()

    def evaluate(self, query: whoosh.Query, deadline: float) -> Found:
        """The matching documents that are not deleted; ``deadline`` is a `time.perf_counter` value.

        Past it, the answer is `Found.partial`: parts of an OR and segments that were not come to are missing, and where an
        AND or a NOT was not come to its end there is nothing.
        """
        clock = _Clock(deadline)
        docs, scores = [], []
        for segment in self._segments:
            if segment.base and clock.late():
                break
            matches = segment.answer(query, clock)
            docs.append(matches.docs + segment.base if segment.base else matches.docs)
            scores.append(matches.scores())
        if len(docs) == 1:
            return Found(docs[0], scores[0], clock.struck)
        return Found(np.concatenate([NOTHING.docs, *docs]), np.concatenate([NOTHING.scores(), *scores]), clock.struck)

    def documents(self, query: whoosh.Query, deadline: float) -> Docs:
        """`Found.docs` of `evaluate`, without the time that scores take."""
        clock = _Clock(deadline)
        found = [segment.answer(query, clock).docs + segment.base for segment in self._segments]
        return np.concatenate([NOTHING.docs, *found])


class _Whoosh:
    """Whoosh's searcher, opened when it is needed."""

    def __init__(self, opened: Callable[[], Any]) -> None:
        self._open = opened
        self._searcher: Any = None
        self._lock = threading.Lock()

    def leaf(self, name: str) -> tuple[Any, Any]:
        """Its part for the segment of that name, and the context in which to match there."""
        with self._lock:
            if self._searcher is None:
                self._searcher = self._open()
        searcher = self._searcher
        leaf = next(leaf for leaf, _ in searcher.leaf_searchers() if leaf.reader().segment().segment_id() == name)
        return leaf, searcher.boolean_context().set(weighting=searcher.weighting)

    def close(self) -> None:
        with self._lock:
            if self._searcher is not None:
                self._searcher.close()
                self._searcher = None


class _Statistics:
    """What BM25 needs to know of the whole index; as Whoosh has it, deleted documents count."""

    def __init__(self, segments: Sequence[OpenSegment], k1: float, b: float) -> None:
        self._segments = segments
        self._k1, self._b = k1, b
        self._size = sum(segment.size for segment in segments)

    def norms(self, field: str) -> Scores:
        """Per Whoosh's code of a field length, what BM25 adds to a weight below the line."""
        total = sum(segment.documents.field_length(field) for segment in self._segments)
        average = total / self._size if total else 1.0
        lengths = np.maximum(LENGTHS, 1)
        return (self._k1 * ((1 - self._b) + self._b * lengths / average)).astype(np.float32)

    def factor(self, field: str, term: bytes) -> float:
        """What BM25 multiplies by above the line: the inverse document frequency, and a constant."""
        return (math.log(self._size / (frequency(self._segments, field, term) + 1)) + 1) * (self._k1 + 1)


class _Clock:
    """Whether time is up; once it is, it stays so."""

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline
        self.struck = False

    def late(self) -> bool:
        self.struck = self.struck or time.perf_counter() > self._deadline
        return self.struck


class _Segment:
    """Evaluates on one segment; documents are numbered from its first."""

    def __init__(self, segment: OpenSegment, statistics: _Statistics, whoosh_searcher: _Whoosh) -> None:
        self._segment = segment
        self._statistics = statistics
        self._whoosh = whoosh_searcher
        self._norms: dict[str, Scores] = {}
        self._stems: dict[str, StemHashes] = {}
        self._having: dict[str, Array] = {}
        self.base = segment.base
        alive = np.ones(segment.size, dtype=bool)
        alive[list(segment.deleted)] = False
        self._alive = alive if segment.deleted else None

    def answer(self, query: whoosh.Query, clock: _Clock) -> Matches:
        """The matches that are not deleted."""
        matches = self._matches(query, clock)
        if self._alive is None:
            return matches
        return Some(matches, np.flatnonzero(self._alive[matches.docs]))

    def _matches(self, query: whoosh.Query, clock: _Clock) -> Matches:
        if query is whoosh.NullQuery:
            return NOTHING
        if getattr(query, "boost", 1.0) != 1.0:
            return self._by_matcher(query, clock)
        known = self._KNOWN.get(type(query))
        return known(self, query, clock) if known else self._by_matcher(query, clock)

    def _term(self, query: whoosh.Term, clock: _Clock) -> Matches:
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
        """`_Statistics.norms` per document; None for a field that is not scorable."""
        if field not in self._norms:
            codes = self._segment.documents.lengths(field)
            if codes is None:
                return None
            self._norms[field] = self._statistics.norms(field)[codes]
        return self._norms[field]

    def _every(self, query: whoosh.Every, clock: _Clock) -> Matches:
        if query.fieldname not in (None, "", "*"):
            return self._by_matcher(query, clock)
        return Same(np.arange(self._segment.size), 1.0)

    def _selection(self, query: Unscored, clock: _Clock) -> Matches:
        select = None if query.child == whoosh.Every() else self._SELECTIONS.get(type(query.child))
        docs = select(self, query.child) if select else self._matches(query.child, clock).docs
        return Same(docs, query.score)

    def _and(self, query: whoosh.And, clock: _Clock) -> Matches:
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
            mask = self._mask(others)
            kept = np.flatnonzero(mask.take(docs))
            if len(kept) == len(others):
                return kept, np.arange(len(others))
            if len(kept) * 4 > len(others):
                return kept, np.flatnonzero(self._mask(docs[kept]).take(others))
            return kept, np.searchsorted(others, docs[kept])
        places = np.searchsorted(others, docs)
        kept = np.flatnonzero(others[np.minimum(places, len(others) - 1)] == docs) if len(others) else places[:0]
        return kept, places[kept]

    def _mask(self, docs: Array) -> NDArray[np.bool_]:
        mask = np.zeros(self._segment.size, dtype=bool)
        mask[docs] = True
        return mask

    def _or(self, query: whoosh.Or, clock: _Clock) -> Matches:
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

    def _and_not(self, query: whoosh.AndNot, clock: _Clock) -> Matches:
        wanted, unwanted = self._matches(query.a, clock), self._matches(query.b, clock)
        if clock.late():  # what is unwanted may not be known to its end
            return NOTHING
        if not len(unwanted.docs):
            return wanted
        return Some(wanted, np.flatnonzero(~self._mask(unwanted.docs)[wanted.docs]))

    def _row(self, query: InARow, clock: _Clock) -> Matches:
        """The documents in which the words follow each other.

        A key is a document's number, shifted by some bits, and a position. Starts of rows are the keys of the first word that,
        moved on by one, are also keys of the second, and so on. Looking at all positions of a word as they lie is faster
        than picking those of the documents that have all words.
        """
        postings = self._segment.fields.get(query.row_field)
        terms = [word.encode("utf-8", "replace") for word in query.words]
        numbers = [postings.terms.find(term) for term in terms] if postings else [-1]
        if postings is None or min(numbers) < 0:
            return NOTHING
        lists = [self._term(whoosh.Term(query.row_field, term), clock) for term in dict.fromkeys(terms)]
        bits = (max(_longest(postings, number) for number in set(numbers)) + len(numbers)).bit_length()
        starts = _keys(postings, numbers[0], bits)
        for step, number in enumerate(numbers[1:], 1):
            if clock.late() or not len(starts):
                return NOTHING
            starts = _shared(starts, _keys(postings, number, bits) - step)
        docs = np.unique(starts >> bits)
        return Sum(docs, [(matches, np.searchsorted(matches.docs, docs)) for matches in lists])

    def _prefixed(self, query: whoosh.Prefix) -> Array:
        postings = self._segment.fields.get(query.fieldname)
        if postings is None:
            return NOTHING.docs
        terms = postings.terms.prefixed(query.text.encode("utf-8", "replace"))
        return self._between(postings, terms)

    def _in_range(self, query: whoosh.TermRange) -> Array:
        postings = self._segment.fields.get(query.fieldname)
        if postings is None:
            return NOTHING.docs
        first = postings.terms.ceiling(query.start.encode()) if query.start else 0
        last = postings.terms.ceiling(query.end.encode() + b"\0") if query.end else len(postings.terms)
        return self._between(postings, range(first, max(first, last)))

    def _between(self, postings: Postings, terms: range) -> Array:
        """The documents of neighbouring terms, whose postings lie in a row."""
        docs = postings.docs[postings.at[terms.start] : postings.at[terms.stop]].astype(np.intp)
        return docs if len(terms) == 1 else np.flatnonzero(self._mask(docs))

    def _near(self, query: Near) -> Array:
        postings = self._segment.fields.get(query.fieldname)
        if postings is None:
            return NOTHING.docs
        return self._with_any(postings, near(postings.terms, query.text, query.edits))

    def _stemmed(self, query: Stemmed) -> Array:
        postings = self._segment.fields.get(query.fieldname)
        if postings is None:
            return NOTHING.docs
        if query.fieldname not in self._stems:
            self._stems[query.fieldname] = StemHashes(postings.terms, query.analyzer)
        return self._with_any(postings, self._stems[query.fieldname].find(query.stem))

    def _with_any(self, postings: Postings, terms: Sequence[int]) -> Array:
        """The documents that have at least one of the terms with these numbers."""
        mask = np.zeros(self._segment.size, dtype=bool)
        for number in terms:
            mask[postings.docs[postings.at[number] : postings.at[number + 1]]] = True
        return np.flatnonzero(mask)

    def _with_field(self, query: whoosh.Every) -> Array:
        """The documents that have any term in a field; remembered, as the whole field is gone through."""
        name = query.fieldname
        if name not in self._having:
            postings = self._segment.fields.get(name)
            self._having[name] = NOTHING.docs if postings is None else np.flatnonzero(self._mask(postings.docs))
        return self._having[name]

    def _by_matcher(self, query: whoosh.Query, clock: _Clock) -> Matches:
        """The way of Whoosh, posting by posting."""
        leaf, context = self._whoosh.leaf(self._segment.name)
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

    _KNOWN: ClassVar[dict[type, Callable[[_Segment, Any, _Clock], Matches]]] = {
        whoosh.Term: _term,
        whoosh.Every: _every,
        whoosh.And: _and,
        whoosh.Or: _or,
        whoosh.AndNot: _and_not,
        Unscored: _selection,
        InARow: _row,
    }
    # Query types that expand to many terms, whose scores Whoosh adds up: here only where no score is asked for.
    _SELECTIONS: ClassVar[dict[type, Callable[[_Segment, Any], Array]]] = {
        whoosh.Prefix: _prefixed,
        whoosh.TermRange: _in_range,
        Near: _near,
        Stemmed: _stemmed,
        whoosh.Every: _with_field,
    }


def _longest(postings: Postings, number: int) -> int:
    """The greatest position of a term."""
    return int(postings.positions_of(number)[1].max())


def _keys(postings: Postings, number: int, bits: int) -> Array:
    """Every occurrence of a term as a number: its document's, shifted, and the position. Ascending."""
    counts, positions = postings.positions_of(number)
    docs = postings.docs[postings.at[number] : postings.at[number + 1]].astype(np.intp)
    docs <<= bits
    if int(counts.sum(dtype=np.int64)) != len(positions):
        raise DamagedArrayFileError("The counts of a term do not add up to its positions")
    keys = np.repeat(docs, counts)
    keys += positions
    return keys


def _shared(some: Array, others: Array) -> Array:
    """What two sorted arrays of distinct numbers have in common.

    Nearly all of the one that are not in the other are sieved out by a table of hashes, at a tenth of the time of a search.
    """
    if not len(some):
        return some
    bits = (8 * len(some)).bit_length()
    mask = (1 << min(max(bits, 10), _MOST_BITS)) - 1
    table = np.zeros(mask + 1, dtype=bool)
    table[some & mask] = True
    likely = others[table.take(others & mask)]
    places = np.searchsorted(some, likely)
    return likely[some.take(places, mode="clip") == likely]
