"""Whoosh queries to documents and scores, as arrays: one segment after the other, each by `matching`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh import query as whoosh

from indexer.engine.whoosh.clock import Clock
from indexer.engine.whoosh.matches import NOTHING, Scores
from indexer.engine.whoosh.matching import SegmentMatcher
from indexer.engine.whoosh.scoring import Statistics
from indexer.engine.whoosh.segments import OpenSegment

Docs = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Found:
    """Matching documents of the index in ascending order, and their scores; ``partial`` when time ran out."""

    docs: Docs
    scores: Scores
    partial: bool = False


class Evaluator:
    """Evaluates queries on the segments of one index. Safe to use from several threads.

    ``whoosh_searcher`` opens Whoosh's own on the same index with the weighting that ``k1`` and ``b`` describe; it is called
    when a query needs it, and closed with this one.
    """

    def __init__(
        self, segments: Sequence[OpenSegment], *, k1: float, b: float, whoosh_searcher: Callable[[], Any]
    ) -> None:
        self._whoosh = _Whoosh(whoosh_searcher)
        statistics = Statistics(segments, k1, b)
        self._segments = [SegmentMatcher(segment, statistics, self._whoosh.leaf) for segment in segments]

    def close(self) -> None:
        self._whoosh.close()

    def evaluate(self, query: whoosh.Query, deadline: float) -> Found:
        """The matching documents that are not deleted; ``deadline`` is a `time.perf_counter` value.

        Past it, the answer is `Found.partial`: parts of an OR and segments that were not come to are missing, and where an
        AND or a NOT was not come to its end there is nothing.
        """
        clock = Clock(deadline)
        docs, scores = [], []
        for segment in self._segments:
            if segment.base and clock.late():
                break
            matches = segment.answer(query, clock)
            docs.append(matches.docs + segment.base if segment.base else matches.docs)
            scores.append(matches.scores())
        if len(docs) == 1:
            return Found(docs[0], scores[0], clock.struck)
        return Found(np.concatenate([NOTHING.docs, *docs]), np.concatenate([NOTHING.scores(), *scores]), clock.struck)

    def documents(self, query: whoosh.Query, deadline: float) -> Docs:
        """`Found.docs` of `evaluate`, without the time that scores take."""
        clock = Clock(deadline)
        found = [segment.answer(query, clock).docs + segment.base for segment in self._segments]
        return np.concatenate([NOTHING.docs, *found])


class _Whoosh:
    """Whoosh's searcher, opened when it is needed."""

    def __init__(self, opened: Callable[[], Any]) -> None:
        self._open = opened
        self._searcher: Any = None
        self._lock = threading.Lock()

    def leaf(self, name: str) -> tuple[Any, Any]:
        """Its part for the segment of that name, and the context in which to match there."""
        with self._lock:
            if self._searcher is None:
                self._searcher = self._open()
        searcher = self._searcher
        leaf = next(leaf for leaf, _ in searcher.leaf_searchers() if leaf.reader().segment().segment_id() == name)
        return leaf, searcher.boolean_context().set(weighting=searcher.weighting)

    def close(self) -> None:
        with self._lock:
            if self._searcher is not None:
                self._searcher.close()
                self._searcher = None
