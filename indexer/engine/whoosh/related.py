"""What a post leads to: the posts before and after it, and the ones that are about the same.

Related posts are found by a post's significant words, as Lucene's MoreLikeThis does: of its stems those with the highest tf-idf,
each scored over all posts by its postings in ``words`` (weights by part, as a search has them) and by BM25's saturation.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np

from indexer.engine import schema
from indexer.engine.analysis import Analyzer
from indexer.engine.port import Document, Neighbour
from indexer.engine.whoosh.arrayfile import Array
from indexer.engine.whoosh.facts import COMMENT, KINDS, UNDATED, FactArrays
from indexer.engine.whoosh.order import best
from indexer.engine.whoosh.segments import OpenSegment, frequency

# Characters of a text that are looked at: what it is about is said by then.
_MOST_CHARACTERS = 20_000
# Stems whose document frequency is looked up, the likeliest first, and the ones that are searched for.
_CANDIDATES, _SIGNIFICANT = 120, 25
_POST = KINDS.index("post")


class Relations:
    """Neighbours of posts on one index; ``read`` is how a document is read. What it remembers is made at the first call."""

    def __init__(
        self,
        segments: Sequence[OpenSegment],
        facts: FactArrays,
        analyzer: Analyzer,
        read: Callable[[int], Document],
    ) -> None:
        self._segments = segments
        self._facts = facts
        self._analyzer = analyzer
        self._read = read

    # In time

    def around(self, number: int) -> tuple[Neighbour | None, Neighbour | None]:
        """The posts before and after the one with this number in the index."""
        places = self._facts.oldest[self._dated]
        at = int(np.searchsorted(places, self._facts.oldest[number]))
        if at == len(places) or self._dated[at] != number:
            return None, None
        before = self._neighbour(int(self._dated[at - 1])) if at else None
        after = self._neighbour(int(self._dated[at + 1])) if at + 1 < len(places) else None
        return before, after

    @cached_property
    def _dated(self) -> Array:
        """The posts that have a date, oldest first."""
        known = self._facts
        posts = np.flatnonzero(known.searchable & (known.kind == _POST) & (known.stamp != UNDATED))
        ordered: Array = posts[np.argsort(known.oldest[posts])]
        return ordered

    def _neighbour(self, number: int) -> Neighbour:
        document = self._read(number)
        return Neighbour(document.id, document.title, document.published)

    # In words

    def related(self, number: int, limit: int) -> tuple[Neighbour, ...]:
        """The most similar posts and pages to the one with this number; of equals the newest first."""
        scores = self._scores(self._significant(self._read(number)))
        wanted = scores > 0
        wanted &= self._facts.searchable & (self._facts.kind < COMMENT)
        wanted[number] = False
        docs = np.flatnonzero(wanted)
        chosen = docs[best(scores[docs], self._facts.newest[docs], limit)]
        return tuple(map(self._neighbour, chosen.tolist()))

    def _significant(self, document: Document) -> list[tuple[bytes, float]]:
        """The stems with the highest tf-idf in a document, and their idf."""
        weights: Counter[str] = Counter()
        for text, weight in ((document.title, schema.WEIGHTS["title"]), (document.text, schema.WEIGHTS["own"])):
            for stem in self._analyzer.stems(text[:_MOST_CHARACTERS]):
                weights[stem] += weight  # type: ignore[assignment]  # a Counter of floats
        # Long words are rare words: what is looked up first need not be exact.
        words = sorted((s for s in weights if any(map(str.isalpha, s))), key=lambda s: (-weights[s] * len(s), s))
        found = []
        for stem in words[:_CANDIDATES]:
            term = stem.encode("utf-8", "replace")
            if (found_in := frequency(self._segments, "words", term)) > 1:  # no other document has it
                idf = math.log(self._facts.size / found_in) + 1
                # Its logarithm, as "the" stands a hundred times where the subject stands five times.
                found.append(((math.log(weights[stem]) + 1) * idf, term, idf))
        return [(term, idf) for _, term, idf in sorted(found, key=lambda row: (-row[0], row[1]))[:_SIGNIFICANT]]

    def _scores(self, terms: Sequence[tuple[bytes, float]]) -> Array:
        """Per document of the index the sum over its terms of idf squared and saturated weight."""
        scores = np.zeros(self._facts.size, dtype=np.float32)
        for segment in self._segments:
            postings = segment.fields.get("words")
            if postings is None:
                continue
            inside = scores[segment.base : segment.base + segment.size]
            for term, idf in terms:
                start, end = postings.range(term)
                weights = postings.weights(start, end)
                # A document is in the postings of a term once. Its length matters little among posts.
                inside[postings.docs[start:end]] += (
                    np.float32(idf * idf) * weights / (weights + np.float32(schema.BM25_K1))
                )
        return scores
