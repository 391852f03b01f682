"""Folded words as their documents write them: with accents and capitals, for what is shown to people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from indexer.engine.analysis import fold, spans
from indexer.engine.port import Document
from indexer.engine.whoosh.arrayfile import Array
from indexer.engine.whoosh.facts import FactArrays
from indexer.engine.whoosh.segments import OpenSegment, documents_having

# Which rows a word may be in, and the text that each was made of.
_TEXTS: dict[str, Callable[[Document], str]] = {
    "own_row": lambda document: document.text,
    "title_row": lambda document: document.title,
    "quoted_row": lambda document: document.quoted,
}
# Of the documents of a word so many are looked at, to find the shortest; of those so many are read, or until so many words
# were. On 110,000 documents a word takes 0.4 ms.
_LOOKED_AT, _READ, _MOST_WORDS = 1000, 3, 500
# Of a very long text the beginning is read.
_MOST_CHARACTERS = 20_000
# About how many characters a word and the space after it take.
_WORD_LENGTH = 6
# What ends a sentence.
_ENDS = ".!?…:"
_NONE = np.zeros(0, dtype=np.uint8)
# Words remembered; a reader sees the frequent ones.
_REMEMBERED = 20_000


class Surfaces:
    """Called with a folded word, tells how a few documents of the index write it most often.

    Of equally frequent spellings, one with accents, then one in lower case; the word itself where no document is found.
    ``read`` is how a document is read.
    """

    def __init__(self, segments: Sequence[OpenSegment], facts: FactArrays, read: Callable[[int], Document]) -> None:
        self._segments = segments
        self._facts = facts
        self._read = read
        self._known: dict[str, str] = {}

    def __call__(self, word: str) -> str:
        found = self._known.get(word)
        if found is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            found = self._known[word] = self._find(word)
        return found

    def _find(self, word: str) -> str:
        term = word.encode("utf-8", "replace")
        for row, text_of in _TEXTS.items():
            docs = documents_having(self._segments, row, term)[:_LOOKED_AT]
            docs = docs[self._facts.searchable[docs]]
            forms: Counter[str] = Counter()
            for text in self._texts(docs, text_of):
                for form, weight in _forms(text, word):
                    forms[form] += weight
            if forms:
                return max(forms, key=lambda form: (forms[form], not form.isascii(), form.islower()))
        return word

    def _texts(self, docs: NDArray[np.intp], text_of: Callable[[Document], str]) -> Iterator[str]:
        """Texts of the shortest documents."""
        words = 0
        for number in docs[np.argsort(self._lengths[docs], kind="stable")[:_READ]].tolist():
            if words > _MOST_WORDS:
                return
            text = text_of(self._read(number))[:_MOST_CHARACTERS]
            words += len(text) // _WORD_LENGTH
            yield text

    @cached_property
    def _lengths(self) -> Array:
        """Of every document a number that grows with its length."""
        codes = ((segment.size, segment.documents.lengths("words")) for segment in self._segments)
        return np.concatenate([_NONE, *(np.zeros(n, dtype=np.uint8) if some is None else some for n, some in codes)])


def _forms(text: str, word: str) -> Iterator[tuple[str, int]]:
    """The spellings of a word in a text; the capital at the beginning of a sentence tells nothing, and so counts 0."""
    before = "."
    for chunk in text.split():
        if word in (chunk.lower() if chunk.isascii() else fold(chunk)):
            for found, start, end in spans(chunk):
                if found == word:
                    yield chunk[start:end], int(start > 0 or before not in _ENDS)
        before = chunk[-1]
