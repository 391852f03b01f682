"""What matches words and filters, counted and put in order, before any stored field is read.

limits       dates, exclusions and thread: what they let through is all that is looked at any further
filters      one mask over that per facet with a selection; the list is their conjunction
facets       counted under all masks but the facet's own
timeline     of the list
units        threads or documents, the best of them in order
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

import numpy as np

from indexer.engine.port import Facet, FacetField, SearchRequest, Timeline, Total
from indexer.engine.whoosh import facets
from indexer.engine.whoosh.arrayfile import Array
from indexer.engine.whoosh.evaluation import Found
from indexer.engine.whoosh.facets import Matching
from indexer.engine.whoosh.facts import COMMENT, UNDATED, FactArrays, Mask, seconds
from indexer.engine.whoosh.order import best
from indexer.engine.whoosh.timeline import Timelines


class Timings(dict[str, float]):
    """The milliseconds of the steps of a search, by name."""

    def __init__(self) -> None:
        super().__init__()
        self._last = time.perf_counter()

    def step(self, name: str) -> None:
        """Note what was done since the last call as (a part of) this step."""
        now = time.perf_counter()
        self[name] = self.get(name, 0.0) + (now - self._last) * 1000
        self._last = now


@dataclass(frozen=True, slots=True)
class Selected:
    """What matches words and filters, before any stored field is read.

    ``units`` are the hits of the page, best first: document numbers, of threads their posts'. ``best`` are their scores, and
    of threads ``members`` are the places of their documents in ``matching``.
    """

    matching: Matching
    scores: Array
    units: Array
    best: Array
    members: tuple[Array, ...]
    listed: int
    total: Total
    facets: dict[FacetField, Facet]
    timeline: Timeline | None
    partial: bool
    found: bool


class Selector:
    """Applies requests to what their words matched."""

    def __init__(self, facts: FactArrays) -> None:
        self._facts = facts
        self.tables = facets.facet_tables(facts)

    @cached_property
    def _timelines(self) -> Timelines:
        return Timelines(self._facts)

    def listed(self, request: SearchRequest, found: Found, thread: int | None) -> int:
        """The number of hits on all pages. ``thread`` is the number of the request's thread, -1 when there is none."""
        docs, scores = self._limited(request, found, thread)
        matching, _ = self._filtered(docs, scores, self._masks(request, docs))
        return len(matching.threads if request.grouped else matching.docs)

    def select(self, request: SearchRequest, found: Found, thread: int | None, timings: Timings) -> Selected:
        """Everything that the request asks for, of what its words ``found``; ``thread`` as for `listed`."""
        docs, scores = self._limited(request, found, thread)
        masks = self._masks(request, docs)
        matching, kept = self._filtered(docs, scores, masks)
        timings.step("filters")
        counted = self._count(request, docs, masks, matching)
        timings.step("facets")
        timeline = None
        if request.timeline:
            timeline = self._timelines.timeline(matching.docs, request.since, request.until, request.timeline)
            timings.step("timeline")
        units, top, members, listed = self._units(request, matching, kept)
        return Selected(
            matching=matching,
            scores=kept,
            units=units,
            best=top,
            members=members,
            listed=listed,
            total=self._total(matching),
            facets=counted,
            timeline=timeline,
            partial=found.partial,
            found=bool(len(found.docs)),
        )

    def _limited(self, request: SearchRequest, found: Found, thread: int | None) -> tuple[Array, Array]:
        """Documents and scores inside the request's dates and thread, without an excluded value."""
        docs = found.docs
        masks: list[Mask] = []
        if request.since is not None or request.until is not None:
            stamp = self._facts.stamp.take(docs)
            masks.append(stamp != UNDATED)
            if request.since:
                masks.append(stamp >= _midnight(request.since))
            if request.until:
                masks.append(stamp < _midnight(request.until) + 86_400)
        for name, values in request.excluded.items():
            if numbers := facets.numbers_of(self.tables[name], values):
                masks.append(~self.tables[name].having(docs, numbers))
        if thread is not None:
            masks.append(self._facts.thread.take(docs) == thread)
        if not masks:
            return docs, found.scores
        every = np.logical_and.reduce(masks)
        return docs[every], found.scores[every]

    def _masks(self, request: SearchRequest, docs: Array) -> dict[FacetField, Mask]:
        """Per facet with a selection, which of the documents it lets through."""
        masks: dict[FacetField, Mask] = {}
        for name, chosen in request.filters.items():
            if chosen:
                numbers = facets.numbers_of(self.tables[name], chosen)
                masks[name] = self.tables[name].having(docs, numbers) if numbers else np.zeros(len(docs), dtype=bool)
        return masks

    def _filtered(self, docs: Array, scores: Array, masks: dict[FacetField, Mask]) -> tuple[Matching, Array]:
        """What all masks let through."""
        if not masks:
            return Matching(self._facts, docs), scores
        every = np.logical_and.reduce(list(masks.values()))
        return Matching(self._facts, docs[every]), scores[every]

    def _count(
        self, request: SearchRequest, docs: Array, masks: dict[FacetField, Mask], matching: Matching
    ) -> dict[FacetField, Facet]:
        counted = {}
        for name in request.facets:
            under = matching
            if name in masks:
                others = [mask for other, mask in masks.items() if other != name]
                under = Matching(self._facts, docs[np.logical_and.reduce(others)] if others else docs)
            counted[name] = facets.count(request, name, self.tables[name], under)
        return counted

    def _total(self, matching: Matching) -> Total:
        comments = int(np.count_nonzero(self._facts.kind.take(matching.docs) == COMMENT))
        return Total(len(matching.threads), len(matching.docs) - comments, comments)

    def _units(
        self, request: SearchRequest, matching: Matching, scores: Array
    ) -> tuple[Array, Array, tuple[Array, ...], int]:
        """The hits of the page, best first, with their scores and members; and how many hits there are on all pages.

        Documents, or the posts of their threads. Ties break by date, then id.
        """
        known = self._facts
        units, tops = matching.docs, scores
        runs = _Runs.of(matching.thread) if request.grouped else None
        if runs:
            tops = runs.most(scores)
            units = known.post.take(matching.threads)
        newest = known.newest.take(units)
        match request.sort:
            case "newest":
                key = -newest
            case "oldest":
                key = -known.oldest[units]
            case "discussed":
                key = known.discussed[known.thread[units]]
            case _:
                key = tops
        first = (request.page - 1) * request.page_size
        page = best(key, newest, first + request.page_size)[first:]
        members = tuple(runs.places(run) for run in page.tolist()) if runs else ()
        return units[page], tops[page], members, len(units)


@dataclass(frozen=True, slots=True)
class _Runs:
    """Equal numbers of an array brought together: ``order`` does it (None: they are, ascending), ``at`` is where each
    begins, and one more."""

    order: Array | None
    at: Array

    @classmethod
    def of(cls, numbers: Array) -> _Runs:
        order = None
        steps = np.diff(numbers)
        if len(steps) and steps.min() < 0:
            order = np.argsort(numbers, kind="stable")
            steps = np.diff(numbers[order])
        starts = np.flatnonzero(steps) + 1
        return cls(order, np.concatenate([[0], starts, [len(numbers)]]) if len(numbers) else np.zeros(1, dtype=np.intp))

    def most(self, values: Array) -> Array:
        """The greatest value of each run."""
        if len(self.at) == 1:
            return values
        return np.maximum.reduceat(values if self.order is None else values[self.order], self.at[:-1])

    def places(self, run: int) -> Array:
        """The places of the numbers of a run."""
        start, end = self.at[run], self.at[run + 1]
        return np.arange(start, end) if self.order is None else self.order[start:end]


def _midnight(day: date) -> int:
    return seconds(datetime(day.year, day.month, day.day))
