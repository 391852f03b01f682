"""The facts of documents as columns of numbers: taken from an index, joined.

       Facts (gathered) ──> Columns ──┐
facts.arrays (FactArrays) ──> Columns ── joined ──> write_columns: facts.arrays
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from indexer.engine.port import FacetField
from indexer.engine.whoosh.arrayfile import Array
from indexer.engine.whoosh.facts import FactArrays, Mask

# A name is UTF-8, "" being none, or a set of names as a sorted tuple.
Name = Any


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
