"""Ways to complete what was typed: titles, names and words that have all of its words, the last one as a beginning.

Titles and words come from the postings of ``title_row`` and ``own_row``, names (of categories, tags and authors) from the
facets. Nothing is read of a document but the titles that are shown.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from heapq import nlargest
from typing import Literal, NamedTuple

import numpy as np

from indexer.engine import analysis
from indexer.engine.port import Completion, Document, FacetField
from indexer.engine.whoosh.arrayfile import Array
from indexer.engine.whoosh.facets import FacetTable, Matching
from indexer.engine.whoosh.facts import FactArrays, Mask
from indexer.engine.whoosh.order import best
from indexer.engine.whoosh.postings import Postings
from indexer.engine.whoosh.segments import OpenSegment, documents_having

# Of one letter half the vocabulary is a completion.
_FEWEST_LETTERS = 2
# What is longer is no beginning of anything but a title, which these words find too.
_MOST_CHARACTERS, _MOST_WORDS = 100, 8
# The most frequent words of a beginning that are counted exactly, deleted documents and the other words considered.
_CANDIDATES = 24
_NAMES: tuple[Literal["category", "tag", "author"], ...] = ("category", "tag", "author")
_LAST = "\U0010ffff"


class _Name(NamedTuple):
    """A word of a facet value's name, and the value; sorted by word."""

    word: str
    field: Literal["category", "tag", "author"]
    number: int


class Completer:
    """Completes on one index; ``read`` is how a document is read, ``surface`` how a folded word is written. What it remembers is
    made at the first call.
    """

    def __init__(
        self,
        segments: Sequence[OpenSegment],
        facts: FactArrays,
        tables: Mapping[FacetField, FacetTable],
        read: Callable[[int], Document],
        surface: Callable[[str], str],
    ) -> None:
        self._segments = segments
        self._facts = facts
        self._tables = tables
        self._read = read
        self._surface = surface

    def complete(self, text: str, limit: int) -> tuple[Completion, ...]:
        """Titles first, those of the most discussed posts, then names and words, by how many threads and documents have them.

        Titles and names take at most a third each, unless there is too little else.
        """
        text = text[:_MOST_CHARACTERS]
        words = analysis.words(text)[:_MOST_WORDS]
        if sum(map(str.isalnum, text)) < _FEWEST_LETTERS or not words or limit < 1:
            return ()
        found = [self._titles(words, limit), self._named(words, limit), self._words(text, words, limit)]
        return tuple(completion for some in _shared(found, limit) for completion in some)

    # Titles

    def _titles(self, words: Sequence[str], limit: int) -> list[Completion]:
        docs = np.flatnonzero(self._having("title_row", words) & self._facts.searchable)
        discussed = self._facts.discussed[self._facts.thread[docs]]
        chosen = docs[best(discussed, self._facts.newest[docs], limit)]
        return [Completion("title", post.title, 1, id=post.id) for post in map(self._read, chosen.tolist())]

    def _having(self, field: str, words: Sequence[str]) -> Mask:
        """Which documents have all of the words in a field, the last as a beginning."""
        having = self._with_words(field, words[:-1])
        beginning = np.zeros(self._facts.size, dtype=bool)
        for segment in self._segments:
            if postings := segment.fields.get(field):
                numbers = postings.terms.prefixed(_encoded(words[-1]))
                # The postings of neighbouring terms are neighbours.
                beginning[segment.base + _docs(postings, numbers.start, numbers.stop)] = True
        return having & beginning

    def _with_words(self, field: str, words: Sequence[str]) -> Mask:
        having = np.ones(self._facts.size, dtype=bool)
        for word in words:
            this = np.zeros(self._facts.size, dtype=bool)
            this[documents_having(self._segments, field, _encoded(word))] = True
            having &= this
        return having

    # Names

    @cached_property
    def _names(self) -> list[_Name]:
        return sorted(
            _Name(word, field, number)
            for field in _NAMES
            for number in range(1, self._tables[field].names.count + 1)
            for word in set(analysis.words(self._tables[field].names[number]))
        )

    @cached_property
    def _counts(self) -> dict[str, list[int]]:
        """Per facet and value how many threads have it: what the page that it leads to lists."""
        every = Matching(self._facts, np.flatnonzero(self._facts.searchable))
        return {field: self._tables[field].count(every, grouped=True)[0].tolist() for field in _NAMES}

    def _named(self, words: Sequence[str], limit: int) -> list[Completion]:
        names = self._names
        first = bisect_left(names, (words[-1],))
        last = bisect_left(names, (words[-1] + _LAST,))
        values = {(name.field, name.number) for name in names[first:last]}
        found = [
            (self._counts[field][number], field, number) for field, number in values if self._counts[field][number]
        ]
        if others := set(words[:-1]):
            found = [row for row in found if others <= set(analysis.words(self._tables[row[1]].names[row[2]]))]
        top = nlargest(limit, found, key=lambda row: (row[0], -_NAMES.index(row[1]), -row[2]))
        return [Completion(field, self._tables[field].names[number], count) for count, field, number in top]

    # Words

    def _words(self, text: str, words: Sequence[str], limit: int) -> list[Completion]:
        """Frequent words of posts and comments in place of the last one, with what was typed before it.

        They have no count: how many threads a search for them finds, by their stems, takes as long as the search.
        """
        prefix = _encoded(words[-1])
        wanted = self._facts.searchable & self._with_words("own_row", words[:-1])
        frequent: dict[bytes, int] = {}
        for segment in self._segments:
            if postings := segment.fields.get("own_row"):
                numbers = postings.terms.prefixed(prefix)
                sizes = np.diff(np.asarray(postings.at[numbers.start : numbers.stop + 1]).astype(np.int64))
                for place in best(sizes, np.arange(len(sizes)), _CANDIDATES).tolist():
                    term = postings.terms[numbers.start + place]
                    frequent[term] = frequent.get(term, 0) + int(sizes[place])
        counted = [
            (int(np.count_nonzero(wanted[documents_having(self._segments, "own_row", term)])), term)
            for term in nlargest(_CANDIDATES, frequent, key=lambda t: frequent[t])
        ]
        top = sorted(((count, term) for count, term in counted if count), key=lambda row: (-row[0], row[1]))[:limit]
        before = text[: list(analysis.spans(text))[len(words) - 1][1]]
        # Spellings that fold alike are one word; two words may still be written alike where one text was cut.
        texts = dict.fromkeys(before + self._surface(term.decode()) for _, term in top)
        return [Completion("word", text) for text in texts]


def _docs(postings: Postings, first: int, last: int) -> Array:
    """The documents of the terms from number ``first`` up to ``last``."""
    return postings.docs[postings.at[first] : postings.at[last]].astype(np.intp)


def _shared(found: Sequence[list[Completion]], limit: int) -> list[list[Completion]]:
    """The lists cut so that they have ``limit`` items together, each as many as the others where it has that many."""
    sizes = [0] * len(found)
    while sum(sizes) < limit and any(size < len(some) for size, some in zip(sizes, found, strict=True)):
        growing = [place for place, some in enumerate(found) if sizes[place] < len(some)]
        sizes[min(growing, key=lambda place: sizes[place])] += 1
    return [some[:size] for size, some in zip(sizes, found, strict=True)]


def _encoded(word: str) -> bytes:
    return word.encode("utf-8", "replace")
