"""What is known of every document without reading its stored fields: facets, threads, dates, order, as mapped arrays.

One file per index, ``facts.arrays``, written with each commit (`indexer.engine.whoosh.factfile`) and made anew, from the stored
fields, where it does not belong to the segments that are there (because Whoosh itself wrote or merged them). Numbers of
documents are the index's, all segments in a row. Arrays:

    kind            u1      per document, its place in `KINDS`
    alive           u1      1 unless deleted
    searchable      u1      1 for what a search may find: alive, no pingback, its post alive
    stamp           i8      local time in seconds since 1970, `UNDATED` when unknown
    newest, oldest  i4      its place in the order by date, undated last, ties by id
    thread          i4      its thread
    fingerprint     u1      16 per document
    archive.value   u1..u4  the number of the archive it was found in, as of a facet with one value
    archive.terms, archive.term_at
    post            i4      per thread, its post's document, -1 when that is gone
    discussed       i4      per thread, how many searchable comments it has
    thread.terms    u1      the threads' ids in UTF-8, one after the other
    thread.term_at  u1..u8  one more than threads: where each begins

and per facet (a value's number is 1 more than its place among ``<facet>.terms``, sorted; 0 is no value). Category, tag and site
have several values per document, and may be shared; ``post_author`` is shared always; the others have one value at most.

    <facet>.terms   u1      the values in UTF-8, one after the other
    <facet>.term_at u1..u8  one more than values: where each begins
    <facet>.value   u1..u4  of a facet with one value per document: its number
    <facet>.pair    i4      and the number of the pair of thread and value
    <facet>.unit    i4      of a facet with several values, of every pair of document and value: the document,
    <facet>.value           and the value; and ``<facet>.pair`` as above
    <facet>.unit    i4      where the documents of each thread share their values (``meta["shared"]``): of every pair of
                            thread and value, sorted by value, the thread
    <facet>.at      i4      and per value, from number 0, where its pairs begin (one more than values)
    <facet>.pair_value      per pair of thread and value, the value
    <facet>.set     u1..u4  of a facet with several values, per document the number of its set of values, from 0; with
    <facet>.set_at  i4      one more than sets: where the values of each begin in
    <facet>.set_value       numbers of values. Searches do not read these three: the facts of the next segment are made of them

``meta`` is ``{"segments": [[name, documents, [deleted document, ...]], ...], "shared": [facet, ...]}``.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from indexer.engine.port import FACET_FIELDS, FacetField, Kind
from indexer.engine.whoosh.arrayfile import ArrayFile, DamagedArrayFileError
from indexer.engine.whoosh.postings import Terms

FILE = "facts.arrays"
KINDS: tuple[Kind, ...] = ("post", "page", "comment", "pingback")
COMMENT, PINGBACK = 2, 3
UNDATED = int(np.iinfo(np.int64).min)
_EPOCH = datetime(1970, 1, 1)

Mask = NDArray[np.bool_]


def seconds(when: datetime) -> int:
    """A naive local time as seconds since 1970-01-01 00:00 of the same clock."""
    return (when - _EPOCH) // timedelta(seconds=1)


class FactArrays:
    """The facts of an index, read from its file."""

    def __init__(self, file: ArrayFile) -> None:
        self.file = file
        self.kind = file["kind"]
        self.searchable = file["searchable"].view(np.bool_)
        self.alive = file["alive"].view(np.bool_)
        self.stamp = file["stamp"]
        self.newest = file["newest"]
        self.oldest = file["oldest"]
        self.thread = file["thread"]
        self.post = file["post"]
        self.discussed = file["discussed"]
        self.fingerprints = file["fingerprint"].reshape(-1, 16)
        self._check()

    def _check(self) -> None:
        """Numbers that arrays are made by or looked up by are in their ranges; raises `DamagedArrayFileError`.

        Counting takes as much memory as the greatest number says. Looking at all of them takes a millisecond.
        """
        size, threads, shared = self.size, self.threads, self.file.meta["shared"]
        bounds = [("thread", threads), ("post", size), ("newest", size), ("oldest", size), ("kind", len(KINDS))]
        for name in FACET_FIELDS:
            values = len(self.names(name))
            if name in shared:
                bounds += [(f"{name}.unit", threads), (f"{name}.at", len(self.file[f"{name}.unit"]) + 1)]
            else:
                pairs = len(self.file[f"{name}.pair_value"])
                bounds += [(f"{name}.value", values + 1), (f"{name}.pair", pairs), (f"{name}.pair_value", values + 1)]
                bounds += [(f"{name}.unit", size)] if f"{name}.unit" in self.file else []
        bounds += [("alive", 2), ("searchable", 2)]
        for array_name, bound in bounds:
            numbers = self.file[array_name]
            if len(numbers) and (numbers.max() >= bound or numbers.min() < (-1 if array_name == "post" else 0)):
                raise DamagedArrayFileError(f"{self.file.name}: a number in the array {array_name} is out of its range")
        if (self.post[self.thread[self.searchable]] < 0).any():
            raise DamagedArrayFileError(f"{self.file.name}: a document may be found whose thread has no post")

    @property
    def size(self) -> int:
        """Documents, deleted ones too."""
        return len(self.kind)

    @property
    def threads(self) -> int:
        return len(self.post)

    def names(self, name: FacetField | Literal["thread", "archive"]) -> Terms:
        """The values of a facet or the archives, sorted; or the ids of the threads by their numbers."""
        return Terms(self.file.bytes(f"{name}.terms"), self.file.numbers(f"{name}.term_at"))
