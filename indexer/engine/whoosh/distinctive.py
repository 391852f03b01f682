"""The words that set a year apart from all the others: log-likelihood ratios over the postings of ``own_row``.

G2 of Dunning, "Accurate Methods for the Statistics of Surprise and Coincidence" (Computational Linguistics 19, 1993), for two
corpora as in Rayson and Garside, "Comparing Corpora using Frequency Profiling" (2000): with ``a`` and ``b`` occurrences of a word
in ``c`` and ``d`` words, and ``E1 = c (a + b) / (c + d)``, ``E2 = d (a + b) / (c + d)`` expected, it is
``2 (a ln(a / E1) + b ln(b / E2))``. Rare words do not win by chance, as they do by ratios of frequencies.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.lang.stopwords import stoplists

from indexer.engine.analysis import fold
from indexer.engine.whoosh.arrayfile import Array
from indexer.engine.whoosh.facts import FactArrays
from indexer.engine.whoosh.order import best
from indexer.engine.whoosh.postings import Postings
from indexer.engine.whoosh.segments import OpenSegment
from indexer.settings import LANGUAGE_TAGS

# Documents of its year that have a word: one long text, or one person's slip of spelling, is no year's.
_FEWEST_DOCUMENTS = 5
# Shorter words say little of a year, but in scripts where a letter is a word or a syllable, from this one on.
_FEWEST_LETTERS = 3
_SYLLABLES = "\u3040"
# Of documents: what more have is no year's; lists of stop words have gaps (the French one lacks "les"), many languages have none.
_TOO_COMMON = 1 / 3
# What G2 has by chance in one of a thousand words (chi-square, one degree of freedom): a small blog's "to" tells nothing.
_LEAST = 10.83
# Words that are remembered of a year.
_MOST = 50
# Postings counted at a time: some 40 MB.
_AT_ONCE = 1_000_000


@dataclass(frozen=True, slots=True)
class _Counts:
    """Of every word and year the occurrences and the documents; ``total`` are the words of each year, rare ones too."""

    words: list[str]
    occurrences: Array
    documents: Array
    total: Array


class Distinctive:
    """The words of one index's years, worked out at the first call: 0.9 s for 110,000 documents (11 million words)."""

    def __init__(
        self, segments: Sequence[OpenSegment], facts: FactArrays, language: str, surface: Callable[[str], str]
    ) -> None:
        self._segments = segments
        self._facts = facts
        self._stop_words = _stop_words(language)
        self._surface = surface

    def words(self, limit: int) -> dict[str, tuple[str, ...]]:
        """Per year at most ``limit`` words (and `_MOST`), the most telling first, as their documents write them.

        Years ascending, those without any left out.
        """
        if limit <= 0:
            return {}
        return {year: tuple(map(self._surface, words[:limit])) for year, words in self._ranked.items()}

    @cached_property
    def _ranked(self) -> dict[str, tuple[str, ...]]:
        years = [name.decode() for name in self._facts.names("year")]
        counts = _count(self._segments, self._facts, len(years), self._stop_words)
        found = {}
        for place, year in enumerate(years):
            scores = _g2(counts.occurrences, counts.total, place)
            scores[counts.documents[:, place] < _FEWEST_DOCUMENTS] = 0
            top = best(scores, np.arange(len(scores)), _MOST)
            if words := tuple(counts.words[n] for n in top.tolist() if scores[n] >= _LEAST):
                found[year] = words
        return found


def _g2(occurrences: Array, total: Array, year: int) -> NDArray[np.float64]:
    """Per word G2 of a year against the others, 0 where the word is not more frequent in it."""
    a = occurrences[:, year].astype(np.float64)
    both = occurrences.sum(axis=1, dtype=np.float64)
    b = both - a
    c, all_words = float(total[year]), float(total.sum())
    d = all_words - c
    if not c or not d:  # a year alone has nothing to be set apart from
        return np.zeros(len(a))
    with np.errstate(divide="ignore", invalid="ignore"):
        likelihood: NDArray[np.float64] = 2 * (
            np.where(a > 0, a * np.log(a * all_words / (c * both)), 0)
            + np.where(b > 0, b * np.log(b * all_words / (d * both)), 0)
        )
    return np.where(a * d > b * c, likelihood, 0)


def _stop_words(language: str) -> frozenset[str]:
    """Words of the language that no year is set apart by, folded; none where Whoosh has no list."""
    return frozenset(map(fold, stoplists.get(LANGUAGE_TAGS[language], ())))


def _count(segments: Sequence[OpenSegment], facts: FactArrays, years: int, stop_words: Collection[str]) -> _Counts:
    fields = [(segment, postings) for segment in segments if (postings := segment.fields.get("own_row"))]
    most = round(_TOO_COMMON * int(np.count_nonzero(facts.searchable)))
    numbers = _frequent([postings for _, postings in fields], most, stop_words)
    occurrences = np.zeros((len(numbers), years), dtype=np.int64)
    documents = np.zeros((len(numbers), years), dtype=np.int64)
    total = np.zeros(years, dtype=np.int64)
    # Year 0 is none: of documents without a date, and of what no search may find.
    year_of = np.where(facts.searchable, facts.file["year.value"], 0).astype(np.intp)
    for segment, postings in fields:
        assert postings.counts is not None
        # Words that are too rare are counted as number 0, of which only the sum is looked at.
        known = np.array([numbers.get(term, -1) + 1 for term in postings.terms], dtype=np.intp)
        sizes: NDArray[np.int64] = np.diff(np.asarray(postings.at)).astype(np.int64)
        for first, last in _blocks(postings):
            start, end = postings.at[first], postings.at[last]
            words = np.repeat(known[first:last], sizes[first:last])
            cells = words * (years + 1) + year_of[segment.base + postings.docs[start:end].astype(np.intp)]
            size = (len(numbers) + 1) * (years + 1)
            found = np.bincount(cells, postings.counts[start:end], size).reshape(-1, years + 1)[:, 1:]
            total += found.sum(axis=0).astype(np.int64)
            occurrences += found[1:].astype(np.int64)
            documents += np.bincount(cells, minlength=size).reshape(-1, years + 1)[1:, 1:]
    return _Counts([term.decode() for term in numbers], occurrences, documents, total)


def _frequent(fields: Sequence[Postings], most: int, stop_words: Collection[str]) -> dict[bytes, int]:
    """Numbers for the words that enough documents have and not more than ``most``."""
    sizes: dict[bytes, int] = {}
    for postings in fields:
        for term, size in zip(postings.terms, np.diff(np.asarray(postings.at).astype(np.int64)).tolist(), strict=True):
            sizes[term] = sizes.get(term, 0) + size
    kept = sorted(
        term
        for term, size in sizes.items()
        if _FEWEST_DOCUMENTS <= size <= most and (word := term.decode()) not in stop_words and _is_word(word)
    )
    return {term: number for number, term in enumerate(kept)}


def _is_word(word: str) -> bool:
    return any(map(str.isalpha, word)) and (len(word) >= _FEWEST_LETTERS or word[0] >= _SYLLABLES)


def _blocks(postings: Postings) -> Iterator[tuple[int, int]]:
    """The terms in stretches of at most `_AT_ONCE` postings, or of one term."""
    at: Any = np.asarray(postings.at)
    first, terms = 0, len(at) - 1
    while first < terms:
        last = max(int(np.searchsorted(at, int(at[first]) + _AT_ONCE, side="right")) - 1, first + 1)
        yield first, last
        first = last
