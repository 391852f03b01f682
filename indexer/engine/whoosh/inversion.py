"""Batches of documents to postings: inversion by sorting.

Every word has a number; a key of (rank of the word, place of the token) is sorted once per field, and the postings, counts
and positions of every term lie in order. 11 million tokens take a second; the same through Whoosh's pool takes minutes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from indexer.engine import schema
from indexer.engine.analysis import Analyzer
from indexer.engine.whoosh.arrayfile import Array
from indexer.engine.whoosh.postings import NewPostings
from indexer.engine.whoosh.preparing import Batch, Numbers, Tokens

# Fields whose postings have positions, and the ones that hold one whole value.
ROW_FIELDS = tuple(dict.fromkeys(name for names in schema.ROWS.values() for name in names))
KEY_FIELDS = ("kind", "day")
_SHIFT = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)


@dataclass(slots=True)
class _Origin:
    """Who numbers words for us: its words, and our numbers for them (an array that grows)."""

    words: list[str] = field(default_factory=list)
    numbers: Numbers = field(default_factory=lambda: np.zeros(0, dtype=np.uint32))


class Inverter:
    """Gathers batches of one run; memory is proportional to `tokens`."""

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self._origins: dict[str, _Origin] = {}
        self._words: dict[str, int] = {}
        self._clear()

    def _clear(self) -> None:
        self._words = {}
        for origin in self._origins.values():
            origin.numbers = np.zeros(0, dtype=np.uint32)
        self._gathered: dict[str, list[Tokens]] = {name: [] for name in (*ROW_FIELDS, *KEY_FIELDS)}
        self._ids: list[str] = []
        self.tokens = 0

    @property
    def documents(self) -> int:
        return len(self._ids)

    def add(self, batch: Batch, kept: Sequence[int] | None = None) -> None:
        """Add a batch, or the ``kept`` documents of it."""
        ours = self._numbers(batch)
        for name, tokens in batch.fields.items():
            mine = Tokens(ours[tokens.words], tokens.lengths, tokens.positions)
            chosen = mine if kept is None else _only(mine, kept)
            self._gathered[name].append(chosen)
            self.tokens += len(chosen.words)
        self._ids += batch.ids if kept is None else [batch.ids[place] for place in kept]

    def _numbers(self, batch: Batch) -> Numbers:
        """Our numbers for the words of the batch's origin."""
        origin = self._origins.setdefault(batch.origin, _Origin())
        if batch.first == 0:
            origin.words = []
            origin.numbers = np.zeros(0, dtype=np.uint32)
        origin.words += batch.new_words
        words = self._words
        unknown = origin.words[len(origin.numbers) :]
        if unknown:
            found = np.fromiter((words.setdefault(word, len(words)) for word in unknown), np.uint32, len(unknown))
            origin.numbers = np.concatenate([origin.numbers, found])
        return origin.numbers

    def take(self) -> tuple[dict[str, NewPostings], dict[str, Array]]:
        """The postings of what was gathered, and the lengths of the scorable fields; then it is empty again."""
        words = sorted(self._words)
        rank = np.empty(len(words), dtype=np.uint32)
        rank[np.fromiter(map(self._words.__getitem__, words), np.int64, len(words))] = np.arange(len(words))
        terms = [word.encode("utf-8", "replace") for word in words]
        found: dict[str, NewPostings] = {}
        lengths: dict[schema.Part, Array] = {}
        rows: dict[schema.Part, _Row] = {}
        for name in (*ROW_FIELDS, *KEY_FIELDS):
            tokens = _joined(self._gathered.pop(name))
            row = _invert(rank[tokens.words], tokens)
            part = _PARTS.get(name)
            if part:
                lengths[part] = tokens.lengths.astype(np.int64)
                rows[part] = row
            found[name] = row.postings(terms, positions=name in ROW_FIELDS)
        stems = _Stems(words, self._analyzer)
        documents = self.documents
        found["title"] = stems.postings({"title": rows["title"]}, documents)
        found["words"] = stems.postings(rows, documents)
        found["id"] = _identities(self._ids)
        total = np.zeros(documents, dtype=np.int64) + sum(lengths.values())
        title = lengths["title"]
        self._clear()
        return found, {"title": title, "words": total}


_PARTS: dict[str, schema.Part] = {f"{part}_row": part for part in schema.WEIGHTS}


def _only(tokens: Tokens, kept: Sequence[int]) -> Tokens:
    chosen = np.zeros(len(tokens.lengths), dtype=bool)
    chosen[list(kept)] = True
    inside = np.repeat(chosen, tokens.lengths)
    positions = tokens.positions[inside] if tokens.positions is not None else None
    return Tokens(tokens.words[inside], tokens.lengths[chosen], positions)


def _joined(parts: Iterable[Tokens]) -> Tokens:
    parts = list(parts)
    empty = [np.zeros(0, dtype=np.uint32)]
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
    counts: NDArray[np.int64]
    positions: Numbers

    def postings(self, terms: Sequence[bytes], *, positions: bool) -> NewPostings:
        present, at = _grouped(self.term)
        names = [terms[rank] for rank in present.tolist()]
        if positions:
            return NewPostings(names, at, self.docs, counts=self.counts, positions=self.positions)
        return NewPostings(names, at, self.docs)


def _grouped(sorted_numbers: Array) -> tuple[Array, Array]:
    """The distinct numbers of a sorted array, and where each begins; the end at last."""
    size = len(sorted_numbers)
    if not size:
        return sorted_numbers, np.zeros(1, dtype=np.int64)
    starts = np.flatnonzero(np.concatenate([[True], sorted_numbers[1:] != sorted_numbers[:-1]]))
    return sorted_numbers[starts], np.append(starts, size)


def _invert(ranks: Numbers, tokens: Tokens) -> _Row:
    """Sort the tokens of a field by term; inside a term they stay in order of document and position."""
    size = len(ranks)
    keys = ranks.astype(np.uint64)
    keys <<= _SHIFT
    keys |= np.arange(size, dtype=np.uint64)
    keys.sort()
    token = (keys & _LOW).astype(np.uint32)
    keys >>= _SHIFT
    term = keys.astype(np.uint32)
    del keys
    lengths = tokens.lengths
    docs = np.repeat(np.arange(len(lengths), dtype=np.uint32), lengths)[token]
    if tokens.positions is None:
        starts = (np.cumsum(lengths, dtype=np.int64) - lengths).astype(np.uint32)
        positions = token
        positions -= starts[docs]
    else:
        positions = tokens.positions[token]
    new = np.ones(size, dtype=bool)
    if size:
        new[1:] = (term[1:] != term[:-1]) | (docs[1:] != docs[:-1])
    first = np.flatnonzero(new)
    return _Row(term[first], docs[first], np.diff(np.append(first, size)), positions)


class _Stems:
    """The stems of a run's words."""

    def __init__(self, words: Sequence[str], analyzer: Analyzer) -> None:
        stems = [analyzer.stem(word) for word in words]
        distinct = sorted(set(stems))
        number = {stem: n for n, stem in enumerate(distinct)}
        self._terms = [stem.encode("utf-8", "replace") for stem in distinct]
        self._of_word = np.fromiter(map(number.__getitem__, stems), np.uint64, len(stems))

    def postings(self, rows: dict[schema.Part, _Row], documents: int) -> NewPostings:
        """One posting per stem and document, its weight what `schema.WEIGHTS` gives to the words of each part."""
        unit = {part: round(schema.WEIGHTS[part] / schema.WEIGHT_UNIT) for part in rows}
        most = sum(int(row.counts.max(initial=0)) * unit[part] for part, row in rows.items())
        low, high = np.uint64(most.bit_length()), np.uint64(max(documents, 1).bit_length())
        if int(low + high) + len(self._terms).bit_length() > 64:
            raise OverflowError("A run is too large to be sorted by stem, document and weight in 64 bits")
        keys = np.concatenate(
            [
                (self._of_word[row.term] << (low + high))
                | (row.docs.astype(np.uint64) << low)
                | (row.counts * unit[part]).astype(np.uint64)
                for part, row in rows.items()
            ]
        )
        keys.sort()
        weights = (keys & ((np.uint64(1) << low) - np.uint64(1))).astype(np.int64)
        keys >>= low
        pairs, at = _grouped(keys)
        weights = np.add.reduceat(weights, at[:-1]) if len(pairs) else weights
        docs = (pairs & ((np.uint64(1) << high) - np.uint64(1))).astype(np.uint32)
        present, starts = _grouped(pairs >> high)
        names = [self._terms[number] for number in present.tolist()]
        return NewPostings(names, starts, docs, weights=weights, scale=schema.WEIGHT_UNIT)


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
