"""The facts of documents as columns of numbers: gathered from documents, taken from an index, joined, written.

documents ── FactRows ── Facts ──> Columns ──┐
                facts.arrays (FactArrays) ──> Columns ── joined ──> facts.arrays
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from indexer.engine.port import Document, FacetField
from indexer.engine.whoosh.arrayfile import Array, ArrayFileWriter, smallest
from indexer.engine.whoosh.facts import COMMENT, KINDS, PINGBACK, UNDATED, FactArrays, Mask, seconds
from indexer.engine.whoosh.postings import ranges, write_terms

# A name is UTF-8, "" being none, or a set of names as a sorted tuple.
Name = Any


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
    sites: list[tuple[str, ...]]
    archives: list[str]
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
            [d.domains for d in documents],
            [d.archive for d in documents],
            [bytes.fromhex(d.fingerprint()) for d in documents],
        )


class _Names(dict[Any, int]):
    """Numbers what it has not seen."""

    def __missing__(self, name: Any) -> int:
        number = self[name] = len(self)
        return number


@dataclass(slots=True)
class Facts:
    """Facts being gathered: columns of numbers, and the names behind them. About 60 bytes a document."""

    thread: array[int] = field(default_factory=lambda: array("i"))
    is_post: bytearray = field(default_factory=bytearray)
    kind: bytearray = field(default_factory=bytearray)
    stamp: array[int] = field(default_factory=lambda: array("q"))
    author: array[int] = field(default_factory=lambda: array("i"))
    category: array[int] = field(default_factory=lambda: array("i"))
    tag: array[int] = field(default_factory=lambda: array("i"))
    site: array[int] = field(default_factory=lambda: array("i"))
    archive: array[int] = field(default_factory=lambda: array("i"))
    fingerprint: bytearray = field(default_factory=bytearray)
    threads: _Names = field(default_factory=_Names)
    authors: _Names = field(default_factory=_Names)
    categories: _Names = field(default_factory=_Names)
    tags: _Names = field(default_factory=_Names)
    sites: _Names = field(default_factory=_Names)
    archives: _Names = field(default_factory=_Names)

    def __len__(self) -> int:
        return len(self.kind)

    def add(self, rows: FactRows, kept: Sequence[int] | None = None) -> None:
        """The facts of the next documents, or of the ``kept`` ones of them."""
        for place in range(len(rows.ids)) if kept is None else kept:
            self.thread.append(self.threads[rows.threads[place]])
            self.is_post.append(rows.ids[place] == rows.threads[place])
            self.kind.append(rows.kinds[place])
            self.stamp.append(rows.stamps[place])
            self.author.append(self.authors[rows.authors[place]])
            self.category.append(self.categories[rows.categories[place]])
            self.tag.append(self.tags[rows.tags[place]])
            self.site.append(self.sites[rows.sites[place]])
            self.archive.append(self.archives[rows.archives[place]])
            self.fingerprint += rows.fingerprints[place]

    def columns(self) -> Columns:
        """What was gathered, as copies."""
        return Columns(
            thread=_named(self.thread, map(_encoded, self.threads)),
            is_post=np.array(self.is_post, dtype=bool),
            kind=np.array(self.kind, dtype=np.uint8),
            stamp=np.array(self.stamp, dtype=np.int64),
            author=_named(self.author, map(_encoded, self.authors)),
            category=_named(self.category, map(_set, self.categories)),
            tag=_named(self.tag, map(_set, self.tags)),
            site=_named(self.site, map(_set, self.sites)),
            archive=_named(self.archive, map(_encoded, self.archives)),
            fingerprint=np.array(self.fingerprint, dtype=np.uint8).reshape(-1, 16),
        )


def _encoded(name: str) -> bytes:
    return name.encode("utf-8", "replace")


def _set(names: Iterable[str]) -> tuple[bytes, ...]:
    return tuple(sorted({_encoded(name) for name in names} - {b""}))


def _named(numbers: array[int], names: Iterable[Name]) -> Named:
    """Names that are the same once they are encoded become one."""
    return Named.joined([Named(np.array(numbers, dtype=np.int64), list(names))])


@dataclass(frozen=True, slots=True)
class Named:
    """A column of names: per document the place of its name among ``names``."""

    number: NDArray[np.int64]
    names: Sequence[Name]

    @classmethod
    def joined(cls, parts: Sequence[Named]) -> Named:
        """One column after the other. A name that no document has is not in the result, and each is there once.

        Names are numbered in the order in which documents have them, so that the result depends on nothing but the documents.
        """
        places: dict[Name, int] = {}
        numbers = [np.zeros(0, dtype=np.int64)]
        for part in parts:
            size = len(part.number)
            first = np.full(len(part.names), size)
            first[part.number[::-1]] = np.arange(size)[::-1]
            used = np.flatnonzero(first < size)
            translated = np.zeros(len(part.names), dtype=np.int64)
            for number in used[np.argsort(first[used])].tolist():
                translated[number] = places.setdefault(part.names[number], len(places))
            numbers.append(translated[part.number])
        return cls(np.concatenate(numbers), list(places))


@dataclass(frozen=True, slots=True)
class Columns:
    """What is known of some documents. ``is_post``: whether a document is its thread's post; ``fingerprint``: 16 each."""

    thread: Named
    is_post: Mask
    kind: Array
    stamp: Array
    author: Named
    category: Named
    tag: Named
    site: Named
    archive: Named
    fingerprint: Array

    def __len__(self) -> int:
        return len(self.kind)

    @classmethod
    def of(cls, facts: FactArrays) -> Columns:
        """Those of an index, from its file."""

        def single(name: Literal["author", "archive"]) -> Named:
            return Named(facts.file[f"{name}.value"].astype(np.int64), [b"", *facts.names(name)])

        def several(name: FacetField) -> Named:
            values, flat = list(facts.names(name)), facts.file[f"{name}.set_value"].tolist()
            sets = pairwise(facts.file[f"{name}.set_at"].tolist())
            names = [tuple(values[number - 1] for number in flat[a:b]) for a, b in sets]
            return Named(facts.file[f"{name}.set"].astype(np.int64), names)

        thread = facts.thread.astype(np.int64)
        return cls(
            thread=Named(thread, list(facts.names("thread"))),
            is_post=facts.post[thread] == np.arange(facts.size),
            kind=facts.kind,
            stamp=facts.stamp,
            author=single("author"),
            category=several("category"),
            tag=several("tag"),
            site=several("site"),
            archive=single("archive"),
            fingerprint=facts.fingerprints,
        )

    @classmethod
    def joined(cls, parts: Sequence[tuple[Columns, Mask]]) -> Columns:
        """Of each part the documents of the mask, one part after the other."""

        def named(name: str) -> Named:
            columns = [(getattr(part, name), kept) for part, kept in parts]
            return Named.joined([Named(column.number[kept], column.names) for column, kept in columns])

        def plain(name: str) -> Array:
            return np.concatenate([getattr(part, name)[kept] for part, kept in parts])

        return cls(
            thread=named("thread"),
            is_post=plain("is_post"),
            kind=plain("kind"),
            stamp=plain("stamp"),
            author=named("author"),
            category=named("category"),
            tag=named("tag"),
            site=named("site"),
            archive=named("archive"),
            fingerprint=plain("fingerprint"),
        )

    def write(self, path: Path, alive: Mask, by_id: Array, meta: dict[str, Any]) -> None:
        """The file of these facts. ``by_id`` holds the documents' numbers in the order of their ids."""
        new = path.with_name(path.name + ".new")
        with ArrayFileWriter(new) as file:
            file.meta.update(meta)
            _Writing(self, alive, by_id, file).all()
        new.replace(path)


class _Writing:
    """A file of facts being written, and what follows from the columns."""

    def __init__(self, columns: Columns, alive: Mask, by_id: Array, file: ArrayFileWriter) -> None:
        self._columns, self._alive, self._by_id, self._file = columns, alive, by_id, file
        self._thread = columns.thread.number
        posts = np.flatnonzero(columns.is_post & alive)
        self._post = np.full(len(columns.thread.names), -1, dtype=np.int32)
        self._post[self._thread[posts]] = posts
        self._searchable = alive & (columns.kind != PINGBACK) & (self._post[self._thread] >= 0)

    def all(self) -> None:
        columns = self._columns
        self._documents()
        write_terms("thread", columns.thread.names, self._file)
        known, rank = _ranked(columns.archive.names)
        write_terms("archive", known, self._file)
        self._file.add("archive.value", rank[columns.archive.number], smallest(len(known)))
        several: tuple[tuple[FacetField, Named], ...] = (
            ("category", columns.category), ("tag", columns.tag), ("site", columns.site),
        )  # fmt: skip
        self._file.meta["shared"] = [name for name, column in several if self._several(name, column)]
        self._file.meta["shared"].append("post_author")
        self._post_author()
        self._single("author", columns.author)
        self._single("comment_author", self._authors_of(self._alive & (columns.kind == COMMENT)))
        self._single("kind", Named(columns.kind.astype(np.int64), [kind.encode() for kind in KINDS]))
        self._dates("year", "Y")
        self._dates("month", "M")

    def _documents(self) -> None:
        file, columns = self._file, self._columns
        comments = self._searchable & (columns.kind == COMMENT)
        discussed = np.bincount(self._thread[comments], minlength=len(self._post))
        last = np.iinfo(np.int64).max
        file.add("kind", columns.kind)
        file.add("alive", self._alive.view(np.uint8))
        file.add("searchable", self._searchable.view(np.uint8))
        file.add("stamp", columns.stamp)
        file.add("newest", self._places(np.where(columns.stamp == UNDATED, last, -columns.stamp)))
        file.add("oldest", self._places(np.where(columns.stamp == UNDATED, last, columns.stamp)))
        file.add("thread", self._thread, np.int32)
        file.add("fingerprint", columns.fingerprint.reshape(-1))
        file.add("post", self._post)
        file.add("discussed", discussed, np.int32)

    def _places(self, key: Array) -> Array:
        """Every document's place in the order of ``key``, ties by id."""
        order = self._by_id[np.argsort(key[self._by_id], kind="stable")]
        places = np.empty(len(order), dtype=np.int32)
        places[order] = np.arange(len(order), dtype=np.int32)
        return places

    def _single(self, name: FacetField, column: Named) -> None:
        """A facet with at most one value per document, "" being none."""
        known, rank = _ranked(column.names)
        value = rank[column.number]
        write_terms(name, known, self._file)
        self._file.add(f"{name}.value", value, smallest(len(known)))
        self._pairs(name, self._thread, value, len(known))

    def _authors_of(self, mask: Mask) -> Named:
        """The authors of the documents of the mask; the others have none."""
        names = [*self._columns.author.names, b""]
        return Named.joined([Named(np.where(mask, self._columns.author.number, len(names) - 1), names)])

    def _post_author(self) -> None:
        """Who wrote a thread's post, as a facet that all of the thread's documents share."""
        authors = self._authors_of(self._alive & self._columns.is_post)
        known, rank = _ranked(authors.names)
        write_terms("post_author", known, self._file)
        threads = np.flatnonzero(self._post >= 0)
        value = rank[authors.number[self._post[threads]]]
        self._shared("post_author", threads[value > 0], value[value > 0], len(known))

    def _dates(self, name: FacetField, unit: str) -> None:
        """The years or months as a facet."""
        dates = self._columns.stamp.astype("datetime64[s]").astype(f"datetime64[{unit}]")
        dates[self._columns.stamp == UNDATED] = np.datetime64("NaT")
        distinct, number = np.unique(dates, return_inverse=True)
        self._single(name, Named(number, [b"" if np.isnat(date) else str(date).encode() for date in distinct]))

    def _several(self, name: FacetField, column: Named) -> bool:
        """A facet with a set of values per document. True when the documents of a thread share theirs."""
        file, number = self._file, column.number
        known, _ = _ranked([value for values in column.names for value in values])
        place = {value: n for n, value in enumerate(known, 1)}
        sizes = np.array([len(values) for values in column.names], dtype=np.int64)
        flat = np.array([place[value] for values in column.names for value in values], dtype=np.int64)
        ends = np.cumsum(sizes)
        write_terms(name, known, file)
        file.add(f"{name}.set", number, smallest(len(sizes)))
        file.add(f"{name}.set_at", np.concatenate([[0], ends]), np.int32)
        file.add(f"{name}.set_value", flat, smallest(len(known)))
        of_thread = np.full(len(self._post), -1, dtype=np.int64)
        seen = np.flatnonzero(self._searchable)
        of_thread[self._thread[seen]] = number[seen]
        shared = bool(np.array_equal(of_thread[self._thread[seen]], number[seen]))
        units = np.flatnonzero(of_thread >= 0) if shared else seen
        chosen = (of_thread if shared else number)[units]
        value = flat[ranges((ends - sizes)[chosen], sizes[chosen])]
        unit = np.repeat(units, sizes[chosen])
        if shared:
            self._shared(name, unit, value, len(known))
        else:
            file.add(f"{name}.unit", unit, np.int32)
            file.add(f"{name}.value", value, smallest(len(known)))
            self._pairs(name, self._thread[unit], value, len(known))
        return shared

    def _shared(self, name: FacetField, thread: Array, value: Array, most: int) -> None:
        """The pairs of thread and value of a facet whose values the documents of a thread share."""
        self._file.add(f"{name}.unit", thread[np.argsort(value, kind="stable")], np.int32)
        at = np.cumsum(np.bincount(value, minlength=most + 1))
        self._file.add(f"{name}.at", np.concatenate([[0], at]), np.int32)

    def _pairs(self, name: str, thread: Array, value: Array, most: int) -> None:
        pairs, pair = np.unique(thread * (most + 1) + value, return_inverse=True)
        self._file.add(f"{name}.pair", pair, np.int32)
        self._file.add(f"{name}.pair_value", pairs % (most + 1), smallest(most))


def _ranked(names: Sequence[bytes]) -> tuple[list[bytes], NDArray[np.int64]]:
    """The names but "" sorted, and for each of ``names`` its place there plus 1, 0 for ""."""
    known = sorted(set(names) - {b""})
    place = {name: n for n, name in enumerate(known, 1)}
    return known, np.array([place.get(name, 0) for name in names], dtype=np.int64)
