"""Words in a row, found in the positions of a segment's postings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indexer.engine.whoosh.arrayfile import Array, DamagedArrayFileError
from indexer.engine.whoosh.clock import Clock
from indexer.engine.whoosh.postings import Postings

# The largest table of hashes, as a power of two: 16 MB.
_MOST_BITS = 24


def in_a_row(postings: Postings, numbers: Sequence[int], clock: Clock) -> Array:
    """The documents in which the terms with these numbers follow each other; none when time ran out.

    A key is a document's number, shifted by some bits, and a position. Starts of rows are the keys of the first word that,
    moved on by one, are also keys of the second, and so on. Looking at all positions of a word as they lie is faster
    than picking those of the documents that have all words.
    """
    bits = (max(_longest(postings, number) for number in set(numbers)) + len(numbers)).bit_length()
    starts = _keys(postings, numbers[0], bits)
    for step, number in enumerate(numbers[1:], 1):
        if clock.late() or not len(starts):
            return starts[:0]
        starts = _shared(starts, _keys(postings, number, bits) - step)
    return np.unique(starts >> bits)


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
