"""Several segments, or runs of one, into one: array by array, in bounded memory, without the documents that are dropped.

The documents of the result are those of the first part, then those of the second, and so on. The terms are the union of
those that still have a posting; the postings of a term are those of the first part, then those of the second, ... All parts
are sorted by term, so a stretch of terms of the result is a stretch of every array of every part: the arrays are laid out
stretch by stretch. What is dropped is in no array of the result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from indexer.engine.whoosh.arrayfile import Array, ArrayFile, ArrayFileWriter, smallest
from indexer.engine.whoosh.codec import lengths_of, write_lengths
from indexer.engine.whoosh.postings import Postings, describe, read_postings, write_terms
from indexer.engine.whoosh.stored import Mask, StoredReader, StoredWriter

# Numbers laid out at a time. Each takes about 30 bytes while it is.
_STRETCH = 2_000_000

Longs = NDArray[np.int64]
# Numbers of the terms from one up to another of a part, one term after the other.
_Read = Callable[[int, int], Array]


@dataclass(frozen=True, slots=True)
class Part:
    """A file of postings or of documents, and which documents of it are kept."""

    file: ArrayFile
    kept: Mask


def merge_documents(parts: Sequence[Part], out: ArrayFileWriter) -> None:
    """Write into ``out`` the stored fields and the field lengths of all parts."""
    stored = StoredWriter(out)
    for part in parts:
        stored.copy(StoredReader(part.file), part.kept)
    stored.finish("json")
    names = sorted({name for part in parts for name in part.file.meta["lengths"]})
    lengths = {
        name: np.concatenate([lengths_of(part.file, name)[part.kept] for part in parts], dtype=np.int64)
        for name in names
    }
    write_lengths(lengths, sum(int(np.count_nonzero(part.kept)) for part in parts), out)


def merge_postings(parts: Sequence[Part], out: ArrayFileWriter) -> None:
    """Write into ``out`` all fields of all parts."""
    numberings = []
    base = 0
    for part in parts:
        number = np.where(part.kept, np.cumsum(part.kept) - 1 + base, -1)
        numberings.append(_Numbering(number.astype(np.int32), bool(part.kept.all())))
        base += int(np.count_nonzero(part.kept))
    out.meta["fields"] = {}
    for name in sorted({name for part in parts for name in part.file.meta["fields"]}):
        held = [
            (read_postings(part.file, name), numbering)
            for part, numbering in zip(parts, numberings, strict=True)
            if name in part.file.meta["fields"]
        ]
        _merge_field(name, held, out)


@dataclass(frozen=True, slots=True)
class _Numbering:
    """What number each document of a part has in the result, -1 when it is dropped; ``whole``: none is."""

    number: NDArray[np.int32]
    whole: bool


class _Input:
    """A field in one part; ``term[i]`` is the place of its i-th term among the terms of all."""

    def __init__(self, postings: Postings, term: Longs, numbering: _Numbering) -> None:
        self.postings = postings
        self.term = term
        self.at: Longs = np.asarray(postings.at, dtype=np.int64)
        self._number = numbering.number
        # Which postings stay; None: all. A byte for each, as it is asked for up to five times.
        self._kept = None if numbering.whole else self._staying()

    def _staying(self) -> Mask:
        kept = np.empty(len(self.postings.docs), dtype=bool)
        for start in range(0, len(kept), _STRETCH):
            kept[start : start + _STRETCH] = self._number.take(self.postings.docs[start : start + _STRETCH]) >= 0
        return kept

    def sizes(self) -> tuple[Longs, Longs]:
        """Per term, how many postings stay, and of how many."""
        sizes = self.at[1:] - self.at[:-1]
        return self._without(sizes, None), sizes

    def position_sizes(self) -> tuple[Longs, Longs]:
        """Per term, how many positions stay, and of how many."""
        at = np.asarray(self.postings.position_at, dtype=np.int64)
        sizes = at[1:] - at[:-1]
        return self._without(sizes, self.postings.counts), sizes

    def _without(self, sizes: Longs, counts: Array | None) -> Longs:
        """Sizes of terms less what is dropped: 1 per posting, or its count."""
        if self._kept is None:
            return sizes
        left = sizes.copy()
        for low, high in _stretches(self.at):
            start = self.at[low]
            dropped = np.flatnonzero(~self._kept[start : self.at[high]]) + start
            term = np.searchsorted(self.at[low : high + 1], dropped, side="right") - 1
            lost = np.bincount(term, None if counts is None else counts[dropped], high - low)
            left[low:high] -= lost.astype(np.int64)
        return left

    def _only(self, numbers: Array, low: int, high: int) -> Array:
        """Of numbers of the postings of these terms, those of the ones that stay."""
        return numbers if self._kept is None else numbers[self._kept[self.at[low] : self.at[high]]]

    def docs(self, low: int, high: int) -> Array:
        return self._number.take(self._only(self.postings.docs[self.at[low] : self.at[high]], low, high))

    def of_postings(self, array: Array | None) -> _Read:
        """Reads an array that has one number per posting."""
        assert array is not None
        whole = array
        return lambda low, high: self._only(whole[self.at[low] : self.at[high]], low, high)

    def weights(self, low: int, high: int) -> Array:
        return self._only(self.postings.weights(int(self.at[low]), int(self.at[high])), low, high)

    def positions(self, low: int, high: int) -> Array:
        assert self.postings.positions is not None
        assert self.postings.position_at is not None
        assert self.postings.counts is not None
        positions = self.postings.positions[self.postings.position_at[low] : self.postings.position_at[high]]
        if self._kept is None:
            return positions
        span = slice(self.at[low], self.at[high])
        return positions[np.repeat(self._kept[span], self.postings.counts[span])]


def _merge_field(name: str, held: list[tuple[Postings, _Numbering]], out: ArrayFileWriter) -> None:
    if any(postings.values is not None for postings, _ in held):
        raise NotImplementedError(f"{name}: postings with values of Whoosh's own encoding are merged by Whoosh")
    vocabularies = [list(postings.terms) for postings, _ in held]
    # Sorted lists one after the other are quick to sort, and then equal terms stand side by side.
    terms = list(dict.fromkeys(sorted(chain.from_iterable(vocabularies))))
    place = {term: n for n, term in enumerate(terms)}
    inputs = [
        _Input(postings, np.fromiter(map(place.__getitem__, own), np.int64, len(own)), numbering)
        for (postings, numbering), own in zip(held, vocabularies, strict=True)
    ]
    del place, vocabularies
    layout = _Layout(len(terms), inputs, [i.sizes() for i in inputs])
    there = layout.present
    write_terms(name, terms if there.all() else [term for term, kept in zip(terms, there, strict=True) if kept], out)
    layout.write_starts(f"{name}.at", there, out)
    layout.write(f"{name}.docs", np.uint32, [i.docs for i in inputs], out)
    kind, scale = _weights(inputs)
    if kind == "own" and scale != 1:
        stored = [i.postings.stored_weights for i in inputs]
        layout.write(
            f"{name}.weights", _common(stored), [i.of_postings(i.postings.stored_weights) for i in inputs], out
        )
    elif kind == "own":
        layout.write(f"{name}.weights", np.float32, [i.weights for i in inputs], out)
    describe(name, out, scale=scale, weights=kind)
    if inputs[0].postings.counts is not None:
        counts, positions = [i.postings.counts for i in inputs], [i.postings.positions for i in inputs]
        layout.write(f"{name}.counts", _common(counts), [i.of_postings(i.postings.counts) for i in inputs], out)
        of_positions = _Layout(len(terms), inputs, [i.position_sizes() for i in inputs])
        of_positions.write_starts(f"{name}.position_at", there, out)
        of_positions.write(f"{name}.positions", _common(positions), [i.positions for i in inputs], out)


def _weights(inputs: Sequence[_Input]) -> tuple[str, float]:
    """How the result keeps weights: as all parts do, else as floats."""
    kinds = set()
    for postings in (i.postings for i in inputs):
        stored = postings.stored_weights
        own = stored is not None and stored is not postings.counts
        kinds.add(("own", postings.scale) if own else ("one" if stored is None else "counts", 1.0))
    return kinds.pop() if len(kinds) == 1 else ("own", 1.0)


def _common(arrays: Sequence[Array | None]) -> np.dtype[np.generic]:
    return max((a.dtype for a in arrays if a is not None), key=lambda kind: kind.itemsize)


class _Layout:
    """Where the numbers of every term lie in the result; ``sizes``: per input and term, how many stay, and of how many."""

    def __init__(self, terms: int, inputs: Sequence[_Input], sizes: Sequence[tuple[Longs, Longs]]) -> None:
        self._terms = [i.term for i in inputs]
        self._sizes = [stay for stay, _ in sizes]
        found, read = np.zeros(terms, dtype=np.int64), np.zeros(terms, dtype=np.int64)
        for term, (stay, there) in zip(self._terms, sizes, strict=True):
            found[term] += stay
            read[term] += there
        self._at = np.concatenate([[0], np.cumsum(found)])
        self._read_at = np.concatenate([[0], np.cumsum(read)])

    @property
    def present(self) -> Mask:
        """Per term, whether any number stays."""
        return np.diff(self._at) > 0

    def write_starts(self, name: str, there: Mask, out: ArrayFileWriter) -> None:
        """Where the numbers of each term begin, of those that are ``there``, and where the last ones end."""
        starts = np.append(self._at[:-1][there], self._at[-1])
        out.add(name, starts, smallest(int(self._at[-1])))

    def write(self, name: str, dtype: np.dtype[np.generic] | type, read: list[_Read], out: ArrayFileWriter) -> None:
        """Lay out one array; ``read[i](low, high)`` gives what stays of those terms of input i."""
        slot = out.reserve(name, dtype, int(self._at[-1]))
        for first, last in _stretches(self._read_at):
            slot.append(self._piece(first, last, slot.dtype, read))

    def _piece(self, first: int, last: int, dtype: np.dtype[np.generic], read: list[_Read]) -> Array:
        """The numbers of the terms from ``first`` up to ``last``."""
        spans = [np.searchsorted(term, (first, last)).tolist() for term in self._terms]
        parts = [numbers(*span) for numbers, span in zip(read, spans, strict=True)]
        # Who brings most fills what the others leave free, which takes a fraction of the time of telling each its place.
        most = int(np.argmax([len(part) for part in parts]))
        size = int(self._at[last] - self._at[first])
        if len(parts[most]) == size:
            return parts[most]
        piece = np.empty(size, dtype=dtype)
        free = np.ones(size, dtype=bool)
        filled = self._at[first:last] - self._at[first]
        for n, (term, (low, high), numbers) in enumerate(zip(self._terms, spans, parts, strict=True)):
            sizes, local = self._sizes[n][low:high], term[low:high] - first
            if n != most:
                to = np.repeat(filled[local] - (np.cumsum(sizes) - sizes), sizes) + np.arange(len(numbers))
                piece[to] = numbers
                free[to] = False
            filled[local] += sizes
        piece[free] = parts[most]
        return piece


def _stretches(at: Longs) -> Iterator[tuple[int, int]]:
    """Ranges of terms with about `_STRETCH` numbers each, at least one term."""
    first, terms = 0, len(at) - 1
    while first < terms:
        last = int(np.searchsorted(at, at[first] + _STRETCH, side="right")) - 1
        last = min(max(last, first + 1), terms)
        yield first, last
        first = last
