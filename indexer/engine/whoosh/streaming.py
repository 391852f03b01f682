"""All documents of an index, one after the other, thread by thread."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from indexer.engine.port import Document
from indexer.engine.whoosh import records
from indexer.engine.whoosh.arrayfile import Array
from indexer.engine.whoosh.damage import reading
from indexer.engine.whoosh.facts import FactArrays
from indexer.engine.whoosh.segments import OpenSegment, segment_of
from indexer.engine.whoosh.stored import StoredReader

# Bytes of stored fields that are read ahead. 110,000 documents whose stored order is all chance take one and a half times as
# long as in the order of threads; with a quarter of this, two and a half times.
_AHEAD = 64_000_000


def documents(segments: Sequence[OpenSegment], facts: FactArrays) -> Iterator[Document]:
    """In the order that `indexer.engine.port.Searcher.documents` tells.

    They are read some megabytes ahead, in the order in which they are stored, so that each block is unpacked about once.
    """
    for numbers in _windows(segments, facts):
        for stored, record in _read(segments, numbers):
            yield _decoded(stored, record)


@reading()
def _windows(segments: Sequence[OpenSegment], facts: FactArrays) -> list[Array]:
    """The numbers of all documents in order, so many at a time."""
    order = _in_threads(facts)
    if not len(order):
        return []
    sizes = np.concatenate([segment.documents.stored.sizes() for segment in segments])[order]
    window = (np.cumsum(sizes) - sizes) // _AHEAD
    return np.split(order, np.flatnonzero(np.diff(window)) + 1)


def _in_threads(facts: FactArrays) -> Array:
    """Each thread's post, then what belongs to it, oldest first; threads oldest first, those without a post last, by id."""
    ids = list(facts.names("thread"))
    rank = np.empty(len(ids), dtype=np.int64)
    rank[sorted(range(len(ids)), key=ids.__getitem__)] = np.arange(len(ids))
    age = np.where(facts.post >= 0, facts.oldest[facts.post], facts.size + rank)
    number = np.flatnonzero(facts.alive)
    thread = facts.thread[number]
    return number[np.lexsort((facts.oldest[number], facts.post[thread] != number, age[thread]))]


@reading()
def _read(segments: Sequence[OpenSegment], numbers: Array) -> list[tuple[StoredReader, bytes]]:
    """These documents as they are stored, and what decodes each."""
    found = []
    for number in np.sort(numbers).tolist():
        segment = segment_of(segments, number)
        found.append((segment.documents.stored, segment.documents.stored.raw(number - segment.base)))
    return [found[place] for place in np.argsort(np.argsort(numbers)).tolist()]


@reading()
def _decoded(stored: StoredReader, record: bytes) -> Document:
    return records.document(stored.decode(record))
