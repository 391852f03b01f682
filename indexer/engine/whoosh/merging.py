"""Several files of postings into one, array by array, in bounded memory.

The terms of the result are the union. The postings of a term are those of the first file, then those of the second, and so
on, with document numbers moved up by the documents before. All files are sorted by term, so a stretch of terms of the
result is a stretch of every array of every file: the arrays are laid out stretch by stretch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.engine.whoosh.arrayfile import Array, ArrayFile, ArrayFileWriter, smallest
from indexer.engine.whoosh.postings import Postings, describe, read_postings, write_terms

# Numbers laid out at a time. Each takes about 30 bytes while it is.
_STRETCH = 2_000_000

Longs = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Input:
    """A field in one file; ``term[i]`` is the number that its i-th term has in the result, ``base`` its first document's."""

    postings: Postings
    term: Longs
    base: int


def merge_postings(files: Sequence[ArrayFile], documents: Sequence[int], out: ArrayFileWriter) -> None:
    """Write into ``out`` all fields of ``files``, which hold so many ``documents``."""
    bases = np.concatenate([[0], np.cumsum(documents, dtype=np.int64)]).tolist()
    names = sorted({name for file in files for name in file.meta["fields"]})
    out.meta["fields"] = {}
    for name in names:
        held = [
            (read_postings(file, name), base)
            for file, base in zip(files, bases, strict=False)
            if name in file.meta["fields"]
        ]
        _merge_field(name, held, out)


def _merge_field(name: str, held: list[tuple[Postings, int]], out: ArrayFileWriter) -> None:
    if any(postings.values is not None for postings, _ in held):
        raise NotImplementedError(f"{name}: postings with values of Whoosh's own encoding are merged by Whoosh")
    vocabularies = [list(postings.terms) for postings, _ in held]
    terms = sorted(set().union(*vocabularies))
    number = {term: n for n, term in enumerate(terms)}
    inputs = [
        _Input(postings, np.fromiter(map(number.__getitem__, own), np.int64, len(own)), base)
        for (postings, base), own in zip(held, vocabularies, strict=True)
    ]
    del number, vocabularies
    write_terms(name, terms, out)
    layout = _Layout(len(terms), [(i.term, np.asarray(i.postings.at, dtype=np.int64)) for i in inputs])
    layout.write_starts(f"{name}.at", out)
    layout.write(f"{name}.docs", np.uint32, [_moved(i) for i in inputs], out)
    first = inputs[0].postings
    kind, scale = _weights(inputs)
    if kind == "own" and scale != 1:
        stored = [i.postings.stored_weights for i in inputs]
        layout.write(f"{name}.weights", _common(stored), [_slices(a) for a in stored], out)
    elif kind == "own":
        layout.write(f"{name}.weights", np.float32, [i.postings.weights for i in inputs], out)
    describe(name, out, scale=scale, weights=kind)
    if first.counts is not None:
        counts, positions = [i.postings.counts for i in inputs], [i.postings.positions for i in inputs]
        layout.write(f"{name}.counts", _common(counts), [_slices(a) for a in counts], out)
        of_positions = _Layout(len(terms), [(i.term, np.asarray(i.postings.position_at, np.int64)) for i in inputs])
        of_positions.write_starts(f"{name}.position_at", out)
        of_positions.write(f"{name}.positions", _common(positions), [_slices(a) for a in positions], out)


def _weights(inputs: Sequence[_Input]) -> tuple[str, float]:
    """How the result keeps weights: as all files do, else as floats."""
    kinds = set()
    for postings in (i.postings for i in inputs):
        stored = postings.stored_weights
        own = stored is not None and stored is not postings.counts
        kinds.add(("own", postings.scale) if own else ("one" if stored is None else "counts", 1.0))
    return kinds.pop() if len(kinds) == 1 else ("own", 1.0)


def _common(arrays: Sequence[Array | None]) -> np.dtype[np.generic]:
    return max((a.dtype for a in arrays if a is not None), key=lambda kind: kind.itemsize)


def _slices(array: Array | None) -> Callable[[int, int], Array]:
    assert array is not None
    return lambda start, end: array[start:end]


def _moved(one: _Input) -> Callable[[int, int], Array]:
    return lambda start, end: one.postings.docs[start:end] + np.uint32(one.base)


class _Layout:
    """Where the numbers of every term lie, in each of several inputs and in the result.

    An input is the numbers of its terms in the result, ascending, and where the numbers of each term begin (one more).
    """

    def __init__(self, terms: int, inputs: list[tuple[Longs, Longs]]) -> None:
        self._inputs = inputs
        sizes = np.zeros(terms, dtype=np.int64)
        for term, at in inputs:
            sizes[term] += np.diff(at)
        self._at = np.concatenate([[0], np.cumsum(sizes)])

    def write_starts(self, name: str, out: ArrayFileWriter) -> None:
        out.add(name, self._at, smallest(int(self._at[-1])))

    def write(
        self,
        name: str,
        dtype: np.dtype[np.generic] | type,
        read: list[Callable[[int, int], Array]],
        out: ArrayFileWriter,
    ) -> None:
        """Lay out one array; ``read[i](start, end)`` gives those numbers of input i."""
        slot = out.reserve(name, dtype, int(self._at[-1]))
        for first, last in self._stretches():
            start = int(self._at[first])
            piece = np.empty(int(self._at[last]) - start, dtype=slot.dtype)
            filled = self._at[first:last] - start
            for (term, at), numbers in zip(self._inputs, read, strict=True):
                low, high = np.searchsorted(term, (first, last))
                own = at[low : high + 1]
                sizes = np.diff(own)
                local = term[low:high] - first
                to = np.repeat(filled[local] - (own[:-1] - own[0]), sizes) + np.arange(int(own[-1] - own[0]))
                piece[to] = numbers(int(own[0]), int(own[-1]))
                filled[local] += sizes
            slot.append(piece)

    def _stretches(self) -> Iterator[tuple[int, int]]:
        """Ranges of terms with about `_STRETCH` numbers each, at least one term."""
        first, terms = 0, len(self._at) - 1
        while first < terms:
            last = int(np.searchsorted(self._at, self._at[first] + _STRETCH, side="right")) - 1
            last = min(max(last, first + 1), terms)
            yield first, last
            first = last
