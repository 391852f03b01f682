"""Folded words as their documents write them: with accents and capitals, for what is shown to people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from indexer.engine.analysis import fold, spans
from indexer.engine.port import Document
from indexer.engine.whoosh.facts import FactArrays
from indexer.engine.whoosh.segments import OpenSegment, documents_having, segment_of

# Which rows a word may be in, and the text that each was made of.
_TEXTS: dict[str, Callable[[Document], str]] = {
    "own_row": lambda document: document.text,
    "title_row": lambda document: document.title,
    "quoted_row": lambda document: document.quoted,
}
# Of the documents of a word so many are looked at, to find the shortest; of those so many are read, or until so many words
# were. Reading five comments takes 0.1 ms.
_LOOKED_AT, _READ, _MOST_WORDS = 1000, 5, 500
# Of a very long text the beginning is read.
_MOST_CHARACTERS = 20_000
# What ends a sentence.
_ENDS = ".!?…:"
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
            for text in self._texts(docs.tolist(), text_of):
                for form, weight in _forms(text, word):
                    forms[form] += weight
            if forms:
                return max(forms, key=lambda form: (forms[form], not form.isascii(), form.islower()))
        return word

    def _texts(self, docs: Sequence[int], text_of: Callable[[Document], str]) -> Iterator[str]:
        lengths = np.array([self._length(number) for number in docs])
        words = 0
        for place in np.argsort(lengths, kind="stable")[:_READ].tolist():
            if words > _MOST_WORDS:
                return
            text = text_of(self._read(docs[place]))[:_MOST_CHARACTERS]
            words += len(text) // 6
            yield text

    def _length(self, number: int) -> int:
        """Grows with the length of a document."""
        segment = segment_of(self._segments, number)
        codes = segment.documents.lengths("words")
        return 0 if codes is None else int(codes[number - segment.base])


def _forms(text: str, word: str) -> Iterator[tuple[str, int]]:
    """The spellings of a word in a text; the capital at the beginning of a sentence tells nothing, and so counts 0."""
    before = "."
    for chunk in text.split():
        if word in (chunk.lower() if chunk.isascii() else fold(chunk)):
            for found, start, end in spans(chunk):
                if found == word:
                    yield chunk[start:end], int(start > 0 or before not in _ENDS)
        before = chunk[-1]
