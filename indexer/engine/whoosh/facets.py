"""Filters and facet counts over the arrays of `indexer.engine.whoosh.facts`, without a loop over documents.

A facet counts documents, or threads when a hit is a thread. Every pair of thread and value has a number, so that counting
threads is marking pairs. Where the comments of a thread share its values, as categories are, only threads are looked at:
24,000 pairs instead of 264,000 on a blog of 110,000 documents.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Protocol

import numpy as np

from indexer.engine.port import FACET_FIELDS, UNCUT, Facet, FacetField, FacetValue, SearchRequest
from indexer.engine.whoosh.arrayfile import Array
from indexer.engine.whoosh.facts import FactArrays, Mask
from indexer.engine.whoosh.postings import Terms


class Matching:
    """Documents that match, ascending; with what is computed from them once."""

    def __init__(self, facts: FactArrays, docs: Array) -> None:
        self.facts = facts
        self.docs = docs

    @cached_property
    def thread(self) -> Array:
        """Per document, its thread."""
        return self.facts.thread.take(self.docs)

    @cached_property
    def per_thread(self) -> Array:
        """Per thread of the index, how many documents match."""
        return np.bincount(self.thread, minlength=self.facts.threads)

    @cached_property
    def threads(self) -> Array:
        """The threads with a matching document, ascending."""
        return np.flatnonzero(self.per_thread)


class Names(dict[int, str]):
    """The names of a facet's values by their numbers, read once each."""

    def __init__(self, terms: Terms) -> None:
        super().__init__()
        self._terms = terms

    def __missing__(self, number: int) -> str:
        name = self[number] = self._terms[number - 1].decode()
        return name

    @property
    def count(self) -> int:
        return len(self._terms)

    def number(self, name: str) -> int:
        """The number of a value, 0 when there is none of that name."""
        return self._terms.find(name.encode("utf-8", "replace")) + 1


class FacetTable(Protocol):
    """The values of a facet. A value is known by its number, 1 or more, in the order of the names."""

    names: Names

    def having(self, docs: Array, numbers: Sequence[int]) -> Mask:
        """Which of the documents have one of the values."""
        ...

    def count(self, matching: Matching, grouped: bool) -> tuple[Array, int]:
        """Per value, from number 0, documents or threads that have it; and how many have none."""
        ...


class Single:
    """A facet of which every document has one value, or none (0)."""

    def __init__(self, facts: FactArrays, name: FacetField) -> None:
        self.names = Names(facts.names(name))
        self._value = facts.file[f"{name}.value"]
        self._pair = facts.file[f"{name}.pair"]
        self._pair_value = facts.file[f"{name}.pair_value"]

    def having(self, docs: Array, numbers: Sequence[int]) -> Mask:
        values = self._value.take(docs)
        return values == numbers[0] if len(numbers) == 1 else np.isin(values, numbers)

    def count(self, matching: Matching, grouped: bool) -> tuple[Array, int]:
        if grouped:
            marked = np.zeros(len(self._pair_value), dtype=bool)
            marked[self._pair.take(matching.docs)] = True
            values = self._pair_value[marked]
        else:
            values = self._value.take(matching.docs)
        counts = np.bincount(values, minlength=self.names.count + 1)
        return counts, int(counts[0])


class Shared:
    """A facet of which all documents of a thread have the same values."""

    def __init__(self, facts: FactArrays, name: FacetField) -> None:
        self.names = Names(facts.names(name))
        self._thread = facts.thread
        # The pairs of thread and value, sorted by value: the hits of a value are a difference of two running sums.
        self._unit = facts.file[f"{name}.unit"].astype(np.intp)
        self._at = facts.file[f"{name}.at"].astype(np.intp)
        self._none = np.ones(facts.threads, dtype=bool)
        self._none[self._unit] = False

    def having(self, docs: Array, numbers: Sequence[int]) -> Mask:
        threads = np.zeros(len(self._none), dtype=bool)
        for number in numbers:
            threads[self._unit[self._at[number] : self._at[number + 1]]] = True
        return threads.take(self._thread.take(docs))

    def count(self, matching: Matching, grouped: bool) -> tuple[Array, int]:
        hits = (matching.per_thread > 0) if grouped else matching.per_thread
        sums = np.zeros(len(self._unit) + 1, dtype=np.intp)
        np.cumsum(hits.take(self._unit), out=sums[1:])
        return np.diff(sums.take(self._at)), int(hits[self._none].sum())


class Several:
    """A facet of which every document has values of its own."""

    def __init__(self, facts: FactArrays, name: FacetField) -> None:
        self.names = Names(facts.names(name))
        self._unit = facts.file[f"{name}.unit"].astype(np.intp)
        self._value = facts.file[f"{name}.value"]
        self._pair = facts.file[f"{name}.pair"]
        self._pair_value = facts.file[f"{name}.pair_value"]
        self._any = np.zeros(facts.size, dtype=bool)
        self._any[self._unit] = True

    def having(self, docs: Array, numbers: Sequence[int]) -> Mask:
        mask = np.zeros(len(self._any), dtype=bool)
        mask[self._unit[np.isin(self._value, numbers)]] = True
        return mask[docs]

    def count(self, matching: Matching, grouped: bool) -> tuple[Array, int]:
        mask = np.zeros(len(self._any), dtype=bool)
        mask[matching.docs] = True
        inside = mask.take(self._unit)
        lacking = ~self._any.take(matching.docs)
        if not grouped:
            return np.bincount(self._value[inside], minlength=self.names.count + 1), int(np.count_nonzero(lacking))
        marked = np.zeros(len(self._pair_value), dtype=bool)
        marked[self._pair[inside]] = True
        counts = np.bincount(self._pair_value[marked], minlength=self.names.count + 1)
        threads = np.zeros(len(matching.per_thread), dtype=bool)
        threads[matching.thread[lacking]] = True
        return counts, int(np.count_nonzero(threads))


def facet_tables(facts: FactArrays) -> dict[FacetField, FacetTable]:
    """The facets of an index."""
    shared = facts.file.meta["shared"]
    tables: dict[FacetField, FacetTable] = {}
    for name in FACET_FIELDS:
        if name in shared:
            tables[name] = Shared(facts, name)
        else:
            tables[name] = Several(facts, name) if f"{name}.unit" in facts.file else Single(facts, name)
    return tables


def numbers_of(table: FacetTable, chosen: Sequence[str]) -> list[int]:
    """The numbers of the ``chosen`` values that exist."""
    return [number for value in chosen if (number := table.names.number(value))]


def count(request: SearchRequest, name: FacetField, table: FacetTable, matching: Matching) -> Facet:
    """The facet as the page lists it: ``matching`` must ignore the facet's own selection, but not what it excludes.

    ``kind`` counts documents always: selecting comments lists them one by one, and a thread has one post.
    """
    chosen = request.selected(name)
    counts, missing = table.count(matching, request.grouped and name != "kind")
    counts[0] = 0
    if name in UNCUT:
        listed = np.flatnonzero(counts)[::-1]
        other = 0
    else:
        listed, other = _most(counts, request.facet_values)
    texts = [table.names[number] for number in listed.tolist()]
    values = list(map(FacetValue, texts, counts[listed].tolist(), map(chosen.__contains__, texts)))
    for text in [text for text in dict.fromkeys(chosen) if text not in texts]:
        number = table.names.number(text)
        values.append(FacetValue(text, int(counts[number]), True))
        other -= bool(counts[number])
    if chosen and name in UNCUT:
        values.sort(key=lambda value: value.value, reverse=True)
    return Facet(name, tuple(values), other, missing)


def _most(counts: Array, limit: int) -> tuple[Array, int]:
    """The numbers of the ``limit`` largest counts, largest first, ties by number; and how many more are not 0."""
    found = np.flatnonzero(counts)
    largest = found
    if len(found) > limit > 0:
        least = np.partition(counts[found], -limit)[-limit]
        largest = found[counts[found] >= least]
    largest = largest[np.argsort(-counts[largest], kind="stable")][:limit]
    return largest, len(found) - len(largest)
