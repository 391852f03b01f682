"""Columns to the file of facts, with what follows from them: orders, posts of threads, pairs of facet and thread.

`indexer.engine.whoosh.facts` reads the file and has the table of what is in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.engine.port import FacetField
from indexer.engine.whoosh.arrayfile import Array, ArrayFileWriter, smallest
from indexer.engine.whoosh.columns import Columns, Named
from indexer.engine.whoosh.facts import COMMENT, KINDS, PINGBACK, UNDATED, Mask
from indexer.engine.whoosh.postings import ranges, write_terms


def write_columns(columns: Columns, path: Path, alive: Mask, by_id: Array, meta: dict[str, Any]) -> None:
    """The file of these facts. ``by_id`` holds the documents' numbers in the order of their ids."""
    new = path.with_name(path.name + ".new")
    with ArrayFileWriter(new) as file:
        file.meta.update(meta)
        _Writing(columns, alive, by_id, file).all()
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
