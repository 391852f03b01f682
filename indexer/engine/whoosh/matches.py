"""Matching documents of a segment and their scores, which are computed when they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from indexer.engine.whoosh.arrayfile import Array
from indexer.engine.whoosh.postings import Postings

Scores = NDArray[np.float32]


class Matches(Protocol):
    """Matching documents of a segment, ascending, and their scores when asked for."""

    @property
    def docs(self) -> Array: ...

    def scores(self, places: Array | None = None) -> Scores:
        """Of all, or of those at ``places`` in ``docs``."""
        ...


@dataclass(frozen=True, slots=True)
class Same:
    """Documents that all score the same."""

    docs: Array
    score: float

    def scores(self, places: Array | None = None) -> Scores:
        return np.full(len(self.docs if places is None else places), self.score, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Scored:
    """Documents with scores already known."""

    docs: Array
    known: Scores

    def scores(self, places: Array | None = None) -> Scores:
        return self.known if places is None else self.known[places]


@dataclass(frozen=True, slots=True)
class TermMatches:
    """A term's postings. BM25F: ``factor * w / (w + norms[doc])``; in a field that is not scorable the weight itself."""

    docs: Array
    postings: Postings
    start: int
    norms: Scores | None
    factor: float

    def scores(self, places: Array | None = None) -> Scores:
        weights = self.postings.weights(self.start, self.start + len(self.docs), places)
        if self.norms is None:
            return weights
        below = self.norms.take(self.docs if places is None else self.docs[places])
        below += weights
        weights /= below
        weights *= np.float32(self.factor)
        return weights


@dataclass(frozen=True, slots=True)
class Sum:
    """Documents that several lists have in common: ``parts`` are the lists, and the documents' places in each."""

    docs: Array
    parts: Sequence[tuple[Matches, Array]]

    def scores(self, places: Array | None = None) -> Scores:
        total = np.zeros(len(self.docs if places is None else places), dtype=np.float32)
        for matches, own in self.parts:
            total += matches.scores(own if places is None else own[places])
        return total


@dataclass(frozen=True, slots=True)
class Some:
    """Some of the documents of other matches, at ``kept`` in them."""

    inner: Matches
    kept: Array

    @property
    def docs(self) -> Array:
        return self.inner.docs[self.kept]

    def scores(self, places: Array | None = None) -> Scores:
        return self.inner.scores(self.kept if places is None else self.kept[places])


NOTHING = Same(np.zeros(0, dtype=np.intp), 0.0)


def marked(size: int, docs: Array) -> NDArray[np.bool_]:
    """The documents as a mask over the ``size`` documents of their segment."""
    mask = np.zeros(size, dtype=bool)
    mask[docs] = True
    return mask
