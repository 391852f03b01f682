"""What is known of every document without reading its stored fields: facets, threads, dates, order, as mapped arrays.

One file per index, ``facts.arrays``, written after each commit and made anew, from the stored fields, where it does not
belong to the segments that are there (because Whoosh itself wrote or merged them). Numbers of documents are the index's,
all segments in a row. Arrays:

    kind            u1      per document, its place in `KINDS`
    alive           u1      1 unless deleted
    searchable      u1      1 for what a search may find: alive, no pingback, its post alive
    stamp           i8      local time in seconds since 1970, `UNDATED` when unknown
    newest, oldest  i4      its place in the order by date, undated last, ties by id
    thread          i4      its thread
    fingerprint     u1      16 per document
    post            i4      per thread, its post's document, -1 when that is gone
    discussed       i4      per thread, how many searchable comments it has

and per facet (a value's number is 1 more than its place among ``<facet>.terms``, sorted; 0 is no value)

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

``meta`` is ``{"segments": [[name, documents, [deleted document, ...]], ...], "shared": [facet, ...]}``.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.engine.port import Document, FacetField, Kind
from indexer.engine.whoosh.arrayfile import Array, ArrayFile, ArrayFileWriter, DamagedArrayFileError, smallest
from indexer.engine.whoosh.postings import Terms, ranges, write_terms

FILE = "facts.arrays"
KINDS: tuple[Kind, ...] = ("post", "page", "comment", "pingback")
COMMENT, PINGBACK = 2, 3
UNDATED = int(np.iinfo(np.int64).min)
_EPOCH = datetime(1970, 1, 1)

Mask = NDArray[np.bool_]


def seconds(when: datetime) -> int:
    """A naive local time as seconds since 1970-01-01 00:00 of the same clock."""
    return (when - _EPOCH) // timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class FactRows:
    """The facts of some documents as they come; picklable."""

    ids: list[str]
    threads: list[str]
    kinds: bytes
    stamps: array[int]
    authors: list[str]
    categories: list[tuple[str, ...]]
    tags: list[tuple[str, ...]]
    fingerprints: list[bytes]

    @classmethod
    def of(cls, documents: Sequence[Document]) -> FactRows:
        return cls(
            [d.id for d in documents],
            [d.thread for d in documents],
            bytes(KINDS.index(d.kind) for d in documents),
            array("q", [seconds(d.published) if d.published else UNDATED for d in documents]),
            [d.author for d in documents],
            [d.categories for d in documents],
            [d.tags for d in documents],
            [bytes.fromhex(d.fingerprint()) for d in documents],
        )


class _Names(dict[Any, int]):
    """Numbers what it has not seen."""

    def __missing__(self, name: Any) -> int:
        number = self[name] = len(self)
        return number


@dataclass(slots=True)
class Facts:
    """Facts being gathered: columns of numbers, and the names behind them. About 50 bytes a document."""

    thread: array[int] = field(default_factory=lambda: array("i"))
    kind: bytearray = field(default_factory=bytearray)
    stamp: array[int] = field(default_factory=lambda: array("q"))
    author: array[int] = field(default_factory=lambda: array("i"))
    category: array[int] = field(default_factory=lambda: array("i"))
    tag: array[int] = field(default_factory=lambda: array("i"))
    fingerprint: bytearray = field(default_factory=bytearray)
    threads: _Names = field(default_factory=_Names)
    authors: _Names = field(default_factory=_Names)
    categories: _Names = field(default_factory=_Names)
    tags: _Names = field(default_factory=_Names)
    posts: dict[int, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.kind)

    def add(self, rows: FactRows, kept: Sequence[int] | None = None) -> None:
        """The facts of the next documents, or of the ``kept`` ones of them."""
        for place in range(len(rows.ids)) if kept is None else kept:
            thread = self.threads[rows.threads[place]]
            if rows.ids[place] == rows.threads[place]:
                self.posts[thread] = len(self.thread)
            self.thread.append(thread)
            self.kind.append(rows.kinds[place])
            self.stamp.append(rows.stamps[place])
            self.author.append(self.authors[rows.authors[place]])
            self.category.append(self.categories[rows.categories[place]])
            self.tag.append(self.tags[rows.tags[place]])
            self.fingerprint += rows.fingerprints[place]

    def write(self, path: Path, alive: Mask, by_id: Array, meta: dict[str, Any]) -> None:
        """The file of these facts. ``by_id`` holds the documents' numbers in the order of their ids."""
        columns = _Columns(self, alive, by_id)
        new = path.with_name(path.name + ".new")
        with ArrayFileWriter(new) as file:
            file.meta.update(meta)
            columns.write(file)
            several: tuple[tuple[FacetField, array[int], _Names], ...] = (
                ("category", self.category, self.categories),
                ("tag", self.tag, self.tags),
            )
            file.meta["shared"] = [
                name
                for name, numbers, names in several
                if columns.write_several(name, np.array(numbers, dtype=np.int64), list(names), file)
            ]
            columns.write_single("author", np.array(self.author, dtype=np.int64), list(self.authors), file)
            columns.write_single("kind", columns.kind.astype(np.int64), list(KINDS), file)
            columns.write_dates("year", "Y", file)
            columns.write_dates("month", "M", file)
        new.replace(path)


class _Columns:
    """Facts as arrays, and what follows from them."""

    def __init__(self, facts: Facts, alive: Mask, by_id: Array) -> None:
        self.thread = np.array(facts.thread, dtype=np.int32)
        self.kind = np.frombuffer(bytes(facts.kind), dtype=np.uint8)
        self.stamp = np.array(facts.stamp, dtype=np.int64)
        self.alive = alive
        self.fingerprint = np.frombuffer(bytes(facts.fingerprint), dtype=np.uint8)
        self.post = np.full(len(facts.threads), -1, dtype=np.int32)
        self.post[list(facts.posts)] = list(facts.posts.values())
        self.post[self.post >= 0] = np.where(alive[self.post[self.post >= 0]], self.post[self.post >= 0], -1)
        has_post = self.post[self.thread] >= 0 if len(self.thread) else alive
        self.searchable = alive & (self.kind != PINGBACK) & has_post
        self._by_id = by_id

    def write(self, file: ArrayFileWriter) -> None:
        comments = self.searchable & (self.kind == COMMENT)
        discussed = np.bincount(self.thread[comments], minlength=len(self.post))
        age = np.where(self.stamp == UNDATED, np.iinfo(np.int64).max, self.stamp)
        youth = np.where(self.stamp == UNDATED, np.iinfo(np.int64).max, -self.stamp)
        file.add("kind", self.kind)
        file.add("alive", self.alive.view(np.uint8))
        file.add("searchable", self.searchable.view(np.uint8))
        file.add("stamp", self.stamp)
        file.add("newest", self._places(youth))
        file.add("oldest", self._places(age))
        file.add("thread", self.thread)
        file.add("fingerprint", self.fingerprint)
        file.add("post", self.post)
        file.add("discussed", discussed, np.int32)

    def _places(self, key: Array) -> Array:
        """Every document's place in the order of ``key``, ties by id."""
        order = self._by_id[np.argsort(key[self._by_id], kind="stable")]
        places = np.empty(len(order), dtype=np.int32)
        places[order] = np.arange(len(order), dtype=np.int32)
        return places

    def write_single(self, name: FacetField, number: Array, names: list[str], file: ArrayFileWriter) -> None:
        """A facet with at most one value per document: ``number`` is its place among ``names``, where "" is no value."""
        known, rank = _ranked(names)
        value = rank[number] if len(number) else number
        write_terms(name, known, file)
        file.add(f"{name}.value", value, smallest(len(known)))
        self._write_pairs(name, self.thread.astype(np.int64), value, len(known), file)

    def write_dates(self, name: FacetField, unit: str, file: ArrayFileWriter) -> None:
        """The years or months as a facet."""
        dates = self.stamp.astype("datetime64[s]").astype(f"datetime64[{unit}]")
        dates[self.stamp == UNDATED] = np.datetime64("NaT")
        distinct, number = np.unique(dates, return_inverse=True)
        names = ["" if np.isnat(date) else str(date) for date in distinct]
        self.write_single(name, number, names, file)

    def write_several(
        self, name: FacetField, number: Array, sets: list[tuple[str, ...]], file: ArrayFileWriter
    ) -> bool:
        """A facet with several values: ``number`` is a document's place among ``sets``. True when threads share theirs."""
        names = list(dict.fromkeys(value for values in sets for value in values))
        known, rank = _ranked(names)
        places = {value: n for n, value in enumerate(names)}
        members = [sorted({int(rank[places[value]]) for value in values} - {0}) for values in sets]
        of_thread = np.full(len(self.post), -1, dtype=np.int64)
        seen = np.flatnonzero(self.searchable)
        of_thread[self.thread[seen]] = number[seen]
        shared = bool(np.array_equal(of_thread[self.thread[seen]], number[seen]))
        units = np.flatnonzero(of_thread >= 0) if shared else seen
        chosen = (of_thread if shared else number)[units]
        sizes = np.array([len(m) for m in members], dtype=np.int64)
        flat = np.array([value for m in members for value in m], dtype=np.int64)
        starts = np.cumsum(sizes) - sizes
        picked = sizes[chosen] if len(chosen) else chosen
        value = flat[ranges(starts[chosen], picked)] if len(chosen) else chosen
        unit = np.repeat(units, picked)
        write_terms(name, known, file)
        if shared:
            by_value = np.argsort(value, kind="stable")
            ends = np.cumsum(np.bincount(value, minlength=len(known) + 1))
            file.add(f"{name}.unit", unit[by_value], np.int32)
            file.add(f"{name}.at", np.concatenate([[0], ends]), np.int32)
            return True
        file.add(f"{name}.unit", unit, np.int32)
        file.add(f"{name}.value", value, smallest(len(known)))
        self._write_pairs(name, self.thread[unit].astype(np.int64), value, len(known), file)
        return False

    def _write_pairs(self, name: str, thread: Array, value: Array, most: int, file: ArrayFileWriter) -> None:
        pairs, pair = np.unique(thread * (most + 1) + value, return_inverse=True)
        file.add(f"{name}.pair", pair, np.int32)
        file.add(f"{name}.pair_value", pairs % (most + 1), smallest(most))


def _ranked(names: list[str]) -> tuple[list[bytes], Array]:
    """The names but "" as sorted UTF-8, and for each of ``names`` its place there plus 1, 0 for ""."""
    encoded = [name.encode("utf-8", "replace") for name in names]
    known = sorted(set(encoded) - {b""})
    place = {name: n for n, name in enumerate(known, 1)}
    return known, np.array([place.get(name, 0) for name in encoded], dtype=np.int64)


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
        for name in ("category", "tag", "author", "kind", "year", "month"):
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

    def names(self, name: FacetField) -> Terms:
        """The values of a facet, sorted."""
        return Terms(self.file.bytes(f"{name}.terms"), self.file.numbers(f"{name}.term_at"))
