"""Batches of documents to postings: inversion by sorting.

Every word has a number; a key of (rank of the word, place of the token) is sorted once per field, and the postings, counts
and positions of every term lie in order. 11 million tokens take a second; the same through Whoosh's pool takes minutes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from indexer.engine import schema
from indexer.engine.analysis import Analyzer
from indexer.engine.whoosh.arrayfile import Array
from indexer.engine.whoosh.postings import NewPostings
from indexer.engine.whoosh.preparing import Numbers, PreparedDocuments, Tokens

# Fields whose postings have positions, and the ones that hold whole values.
ROW_FIELDS = tuple(dict.fromkeys(name for names in schema.ROWS.values() for name in names))
KEY_FIELDS = ("kind", "day", "link", "address")
_SHIFT = np.uint64(32)
_STRETCHES = 4
_NONE: Numbers = np.zeros(0, dtype=np.uint32)


@dataclass(slots=True)
class _Origin:
    """Who numbers words for us: its words, and our numbers for them (an array that grows)."""

    words: list[str] = field(default_factory=list)
    numbers: Numbers = field(default_factory=lambda: _NONE)


class Inverter:
    """Gathers batches of one run; memory is proportional to `tokens`."""

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self._origins: dict[str, _Origin] = {}
        self.lengths: dict[str, Array] = {}
        self._words: dict[str, int] = {}
        self._clear()

    def _clear(self) -> None:
        self._words = {}
        for origin in self._origins.values():
            origin.numbers = _NONE
        self._gathered: dict[str, list[Tokens]] = {name: [] for name in (*ROW_FIELDS, *KEY_FIELDS)}
        self._ids: list[str] = []
        self.tokens = 0

    @property
    def documents(self) -> int:
        return len(self._ids)

    def add(self, batch: PreparedDocuments, kept: Sequence[int] | None = None) -> None:
        """Add a batch, or the ``kept`` documents of it."""
        ours = self._numbers(batch)
        for name, tokens in batch.fields.items():
            mine = Tokens(ours[tokens.words], tokens.lengths, tokens.positions)
            chosen = mine if kept is None else _only(mine, kept)
            self._gathered[name].append(chosen)
            self.tokens += len(chosen.words)
        self._ids += batch.ids if kept is None else [batch.ids[place] for place in kept]

    def _numbers(self, batch: PreparedDocuments) -> Numbers:
        """Our numbers for the words of the batch's origin."""
        origin = self._origins.setdefault(batch.origin, _Origin())
        if batch.first == 0:
            origin.words = []
            origin.numbers = _NONE
        origin.words += batch.new_words
        words = self._words
        unknown = origin.words[len(origin.numbers) :]
        if unknown:
            found = np.fromiter((words.setdefault(word, len(words)) for word in unknown), np.uint32, len(unknown))
            origin.numbers = np.concatenate([origin.numbers, found])
        return origin.numbers

    def take(self) -> Iterator[tuple[str, NewPostings]]:
        """The postings of what was gathered, field by field; after the last one it is empty again.

        ``lengths`` are then those of the scorable fields. Each field is to be written before the next is asked for, so that
        not all of them are in memory at once.
        """
        words = sorted(self._words)
        rank = np.empty(len(words), dtype=np.uint32)
        rank[np.fromiter(map(self._words.__getitem__, words), np.int64, len(words))] = np.arange(len(words))
        terms = [word.encode("utf-8", "replace") for word in words]
        stems = _Stems(words, self._analyzer)
        documents = self.documents
        yield "id", _identities(self._ids)
        lengths: dict[schema.Part, Array] = {}
        rows: dict[schema.Part, _Row] = {}
        for name in (*ROW_FIELDS, *KEY_FIELDS):
            tokens = _joined(self._gathered.pop(name))
            sizes = tokens.lengths.astype(np.int64)
            row = _invert(tokens, rank)
            yield name, row.postings(terms, positions=name in ROW_FIELDS)
            if part := _PARTS.get(name):
                lengths[part] = sizes
                rows[part] = replace(row, positions=_NONE)
        del tokens, row
        self.lengths = {"title": lengths["title"], "words": sum(lengths.values(), np.zeros(documents, dtype=np.int64))}
        self._clear()
        yield "title", stems.postings({"title": rows["title"]}, documents)
        yield "words", stems.postings(rows, documents)


_PARTS: dict[str, schema.Part] = {f"{part}_row": part for part in schema.WEIGHTS}


def _only(tokens: Tokens, kept: Sequence[int]) -> Tokens:
    chosen = np.zeros(len(tokens.lengths), dtype=bool)
    chosen[list(kept)] = True
    inside = np.repeat(chosen, tokens.lengths)
    positions = tokens.positions[inside] if tokens.positions is not None else None
    return Tokens(tokens.words[inside], tokens.lengths[chosen], positions)


def _joined(parts: Iterable[Tokens]) -> Tokens:
    parts = list(parts)
    empty = [_NONE]
    positions = [part.positions for part in parts if part.positions is not None]
    return Tokens(
        np.concatenate(empty + [part.words for part in parts]),
        np.concatenate(empty + [part.lengths for part in parts]),
        np.concatenate(positions) if positions else None,
    )


@dataclass(slots=True)
class _Row:
    """The postings of a field: rank of the term, document, count; and the positions of all of them."""

    term: Numbers
    docs: Numbers
    counts: Numbers
    positions: Numbers

    def postings(self, terms: Sequence[bytes], *, positions: bool) -> NewPostings:
        present, at = _grouped(self.term)
        names = [terms[rank] for rank in present.tolist()]
        if positions:
            return NewPostings(names, at, self.docs, counts=self.counts, positions=self.positions)
        return NewPostings(names, at, self.docs)


def _grouped(sorted_numbers: Array) -> tuple[Array, Array]:
    """The distinct numbers of a sorted array, and where each begins; the end at last."""
    new = np.ones(len(sorted_numbers) + 1, dtype=bool)
    np.not_equal(sorted_numbers[1:], sorted_numbers[:-1], out=new[1:-1])
    return sorted_numbers[new[:-1]], np.flatnonzero(new)


def _invert(tokens: Tokens, rank: Numbers) -> _Row:
    """Sort the tokens of a field by term; inside a term they stay in order of document and position.

    Takes ``tokens.words`` away: what a run takes in memory is decided here, at about 30 bytes a token.
    """
    size = len(tokens.words)
    keys = rank.take(tokens.words).astype(np.uint64)
    tokens.words = _NONE
    keys <<= _SHIFT
    keys |= np.arange(size, dtype=np.uint32)
    keys.sort()
    token = keys.astype(np.uint32)  # the lower half
    keys >>= _SHIFT
    term = keys.astype(np.uint32)
    del keys
    docs = np.repeat(np.arange(len(tokens.lengths), dtype=np.uint32), tokens.lengths).take(token)
    if tokens.positions is None:
        starts = (np.cumsum(tokens.lengths, dtype=np.int64) - tokens.lengths).astype(np.uint32)
        positions = token
        positions -= starts.take(docs)
    else:
        positions = tokens.positions[token]
    new = np.ones(size, dtype=bool)
    if size:
        new[1:] = (term[1:] != term[:-1]) | (docs[1:] != docs[:-1])
    first = np.flatnonzero(new).astype(np.uint32)
    counts: Numbers = np.append(first[1:], np.uint32(size)) - first if size else first
    return _Row(term[new], docs[new], counts, positions)


class _Stems:
    """The stems of a run's words."""

    def __init__(self, words: Sequence[str], analyzer: Analyzer) -> None:
        stems = analyzer.stem_all(words)
        distinct = sorted(set(stems))
        number = {stem: n for n, stem in enumerate(distinct)}
        self._terms = [stem.encode("utf-8", "replace") for stem in distinct]
        self._of_word = np.fromiter(map(number.__getitem__, stems), np.uint32, len(stems))

    def postings(self, rows: dict[schema.Part, _Row], documents: int) -> NewPostings:
        """One posting per stem and document, its weight what `schema.WEIGHTS` gives to the words of each part.

        A stretch of stems at a time, as all of them would take more memory than anything else does.
        """
        bounds = np.linspace(0, len(self._terms), _STRETCHES + 1).astype(np.uint32)
        pieces = [self._stretch(rows, documents, *ends) for ends in pairwise(bounds)]
        return NewPostings(
            [term for piece in pieces for term in piece.terms],
            np.cumsum(np.concatenate([[0], *(np.diff(piece.at) for piece in pieces)])),
            np.concatenate([piece.docs for piece in pieces]),
            weights=np.concatenate([piece.weights for piece in pieces if piece.weights is not None]),
            scale=schema.WEIGHT_UNIT,
        )

    def _stretch(self, rows: dict[schema.Part, _Row], documents: int, first: np.uint32, last: np.uint32) -> NewPostings:
        """The postings of the stems from ``first`` up to ``last``: keys of stem, document and weight, sorted and added up."""
        unit = {part: np.uint64(round(schema.WEIGHTS[part] / schema.WEIGHT_UNIT)) for part in rows}
        most = sum(int(row.counts.max(initial=0)) * int(unit[part]) for part, row in rows.items())
        low, high = np.uint64(most.bit_length()), np.uint64(max(documents, 1).bit_length())
        if int(low + high) + len(self._terms).bit_length() > 64:
            raise OverflowError("A run is too large to be sorted by stem, document and weight in 64 bits")
        parts = []
        for part, row in rows.items():
            stems = self._of_word.take(row.term)
            inside = (stems >= first) & (stems < last)
            keys = stems[inside].astype(np.uint64)
            keys <<= high
            keys |= row.docs[inside]
            keys <<= low
            keys += row.counts[inside] * unit[part]
            parts.append(keys)
        keys = np.concatenate(parts)
        del parts
        keys.sort()
        weights = (keys & ((np.uint64(1) << low) - np.uint64(1))).astype(np.uint32)
        keys >>= low
        pairs, at = _grouped(keys)
        weights = np.add.reduceat(weights, at[:-1], dtype=np.uint32) if len(pairs) else weights
        docs = (pairs & ((np.uint64(1) << high) - np.uint64(1))).astype(np.uint32)
        pairs >>= high
        present, starts = _grouped(pairs)
        return NewPostings([self._terms[number] for number in present.tolist()], starts, docs, weights=weights)


def _identities(ids: Sequence[str]) -> NewPostings:
    order = sorted(range(len(ids)), key=ids.__getitem__)
    terms: list[bytes] = []
    at: list[int] = []
    for place, number in enumerate(order):
        term = ids[number].encode("utf-8", "replace")
        if not terms or term != terms[-1]:
            terms.append(term)
            at.append(place)
    return NewPostings(terms, np.array([*at, len(ids)]), np.array(order, dtype=np.uint32))
