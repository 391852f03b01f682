"""The postings of a field as flat arrays: how they lie in a segment's file, and how they are read and written.

The arrays of field ``f`` in ``<segment>.postings``; terms are sorted by their bytes, documents inside a term by number:

    f.terms         u1      the terms' UTF-8, one after the other
    f.term_at       u1..u8  one more than terms: where each begins in ``f.terms``
    f.at            u1..u8  one more than terms: where the postings of each begin
    f.docs          u4      per posting, the document's number in the segment
    f.weights       u1..u4, f4    per posting, its weight divided by ``scale``; absent when all are 1, or the counts
    f.counts        u1..u4  per posting, how many positions it has; only with positions
    f.position_at   u1..u8  one more than terms: where the positions of each begin
    f.positions     u2, u4  the positions of the postings, one after the other
    f.value_at      u1..u8  one more than postings: where each value begins; only for formats other than the above
    f.values        u1      Whoosh's own encoding of what else such a format keeps of a posting

The file's ``meta`` is ``{"fields": {name: {"scale": number, "weights": "one" | "counts" | "own"}}}``.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from indexer.engine.whoosh.arrayfile import Array, ArrayFile, ArrayFileWriter, smallest

Weights = NDArray[np.float32]


def ranges(starts: Array, sizes: Array) -> Array:
    """The numbers ``start, start + 1, ...`` of every range, one range after the other."""
    ends = np.cumsum(sizes)
    total = int(ends[-1]) if len(ends) else 0
    return np.repeat(starts - (ends - sizes), sizes) + np.arange(total)


class Terms(Sequence[bytes]):
    """The sorted terms of a field, read in place."""

    def __init__(self, text: memoryview, at: memoryview) -> None:
        self._text = text
        self._at = at

    def __len__(self) -> int:
        return len(self._at) - 1

    def __getitem__(self, number: int) -> bytes:  # type: ignore[override]
        return bytes(self._text[self._at[number] : self._at[number + 1]])

    def __iter__(self) -> Iterator[bytes]:
        text, at = bytes(self._text), self._at.tolist()
        return (text[a:b] for a, b in pairwise(at))

    def ceiling(self, term: bytes) -> int:
        """Number of the first term that is not before ``term``."""
        return bisect_left(range(len(self)), term, key=self.__getitem__)

    def find(self, term: bytes) -> int:
        """Number of a term, -1 when there is none."""
        number = self.ceiling(term)
        return number if number < len(self) and self[number] == term else -1

    def prefixed(self, prefix: bytes) -> range:
        """The numbers of the terms that begin with ``prefix``."""
        first = self.ceiling(prefix)
        length = len(prefix)
        last = bisect_right(range(first, len(self)), prefix, key=lambda n: self[n][:length])
        return range(first, first + last)


@dataclass(frozen=True, slots=True)
class Postings:
    """The postings of a field in one open segment; arrays as in the module's table."""

    terms: Terms
    at: memoryview
    docs: Array
    scale: float
    stored_weights: Array | None
    counts: Array | None = None
    position_at: memoryview | None = None
    positions: Array | None = None
    value_at: memoryview | None = None
    values: memoryview | None = None

    def range(self, term: bytes) -> tuple[int, int]:
        """Where the postings of a term lie; an empty range when there are none."""
        number = self.terms.find(term)
        return (self.at[number], self.at[number + 1]) if number >= 0 else (0, 0)

    def weights(self, start: int, end: int, places: Array | None = None) -> Weights:
        """Weights of the postings from ``start`` to ``end``, or of those at ``places`` among them; a copy."""
        if self.stored_weights is None:
            return np.ones(end - start if places is None else len(places), dtype=np.float32)
        stored = self.stored_weights[start:end]
        weights = (stored if places is None else stored[places]).astype(np.float32)
        if self.scale != 1:
            weights *= np.float32(self.scale)
        return weights

    def positions_of(self, number: int) -> tuple[Array, Array]:
        """Counts per posting, and positions, of the term with this number."""
        assert self.counts is not None
        assert self.positions is not None
        assert self.position_at is not None
        counts = self.counts[self.at[number] : self.at[number + 1]]
        return counts, self.positions[self.position_at[number] : self.position_at[number + 1]]


def read_postings(file: ArrayFile, name: str) -> Postings:
    """The postings of field ``name`` in an open file."""
    about = file.meta["fields"][name]
    counts = file.get(f"{name}.counts")
    kind = about["weights"]
    has_values = f"{name}.values" in file
    return Postings(
        terms=Terms(file.bytes(f"{name}.terms"), file.numbers(f"{name}.term_at")),
        at=file.numbers(f"{name}.at"),
        docs=file[f"{name}.docs"],
        scale=about["scale"],
        stored_weights=None if kind == "one" else counts if kind == "counts" else file[f"{name}.weights"],
        counts=counts,
        position_at=None if counts is None else file.numbers(f"{name}.position_at"),
        positions=file.get(f"{name}.positions"),
        value_at=file.numbers(f"{name}.value_at") if has_values else None,
        values=file.bytes(f"{name}.values") if has_values else None,
    )


@dataclass(slots=True)
class NewPostings:
    """Postings of a field on their way into a file: ``at`` (one more than terms) in any integer type.

    ``weights`` are whole numbers to be multiplied by ``scale``, or floats with ``scale`` 1; None when they are the counts, or 1.
    """

    terms: list[bytes]
    at: Array
    docs: Array
    weights: Array | None = None
    scale: float = 1.0
    counts: Array | None = None
    positions: Array | None = None
    values: list[bytes] | None = None

    def write(self, name: str, file: ArrayFileWriter) -> None:
        """Into ``file``, under the field's name."""
        write_terms(name, self.terms, file)
        file.add(f"{name}.at", self.at, smallest(int(self.at[-1])))
        file.add(f"{name}.docs", self.docs, np.uint32)
        kind = "one" if self.counts is None else "counts"
        if self.weights is not None:
            kind = "own"
            file.add(f"{name}.weights", self.weights, _compact(self.weights))
        if self.counts is not None and self.positions is not None:
            ends = np.concatenate([[0], np.cumsum(self.counts, dtype=np.int64)])
            file.add(f"{name}.counts", self.counts, _compact(self.counts))
            file.add(f"{name}.position_at", ends[self.at], smallest(int(ends[-1])))
            file.add(f"{name}.positions", self.positions, _position_type(self.positions))
        if self.values is not None:
            _write_bytes(f"{name}.value", f"{name}.values", self.values, file)
        describe(name, file, scale=self.scale, weights=kind)


def describe(name: str, file: ArrayFileWriter, *, scale: float, weights: str) -> None:
    """Note in the file's meta what a reader must know of a field."""
    file.meta.setdefault("fields", {})[name] = {"scale": scale, "weights": weights}


def write_terms(name: str, terms: Sequence[bytes], file: ArrayFileWriter) -> None:
    """The dictionary of a field."""
    _write_bytes(f"{name}.term", f"{name}.terms", terms, file)


def _write_bytes(at: str, text: str, pieces: Sequence[bytes], file: ArrayFileWriter) -> None:
    joined = b"".join(pieces)
    file.add(text, np.frombuffer(joined, dtype=np.uint8))
    ends = np.fromiter(accumulate(map(len, pieces), initial=0), np.int64, len(pieces) + 1)
    file.add(f"{at}_at", ends, smallest(len(joined)))


def _compact(numbers: Array) -> np.dtype[np.generic]:
    if numbers.dtype.kind == "f":
        return np.dtype("<f4")
    return smallest(int(numbers.max(initial=0)))


def _position_type(positions: Array) -> np.dtype[np.generic]:
    return max(np.dtype("<u2"), smallest(int(positions.max(initial=0))), key=lambda kind: kind.itemsize)


@dataclass(slots=True)
class PostingsList:
    """Postings of one field, one by one, as Whoosh's own writer brings them: sorted by term, then document."""

    terms: list[bytes] = field(default_factory=list)
    at: list[int] = field(default_factory=list)
    docs: list[int] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    positions: list[list[int]] | None = None
    values: list[bytes] | None = None

    def new_postings(self) -> NewPostings:
        """As arrays."""
        counts: Array | None = None
        positions: Array | None = None
        if self.positions is not None:
            counts = np.array([len(p) for p in self.positions], dtype=np.uint32)
            positions = np.array([n for p in self.positions for n in p], dtype=np.uint32)
        own = np.array(self.weights, dtype=np.float32)
        weights = None if np.array_equal(own, np.ones_like(own) if counts is None else counts) else own
        at = np.array([*self.at, len(self.docs)], dtype=np.int64)
        docs = np.array(self.docs, dtype=np.uint32)
        return NewPostings(self.terms, at, docs, weights, 1.0, counts, positions, self.values)
