"""Scores: BM25F as Whoosh computes it (`whoosh.scoring.BM25F`), in two parts, one per document and one per term."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from indexer.engine.whoosh.codec import LENGTHS
from indexer.engine.whoosh.matches import Scores
from indexer.engine.whoosh.segments import OpenSegment, frequency


class Statistics:
    """What BM25 needs to know of the whole index; as Whoosh has it, deleted documents count."""

    def __init__(self, segments: Sequence[OpenSegment], k1: float, b: float) -> None:
        self._segments = segments
        self._k1, self._b = k1, b
        self._size = sum(segment.size for segment in segments)

    def norms(self, field: str) -> Scores:
        """Per Whoosh's code of a field length, what BM25 adds to a weight below the line."""
        total = sum(segment.documents.field_length(field) for segment in self._segments)
        average = total / self._size if total else 1.0
        lengths = np.maximum(LENGTHS, 1)
        return (self._k1 * ((1 - self._b) + self._b * lengths / average)).astype(np.float32)

    def factor(self, field: str, term: bytes) -> float:
        """What BM25 multiplies by above the line: the inverse document frequency, and a constant."""
        return (math.log(self._size / (frequency(self._segments, field, term) + 1)) + 1) * (self._k1 + 1)
