"""Documents to batches for the writer: what can be done for each document alone, in any process.

A text is cut at white space, and each distinct piece ("chunk") is analysed once and remembered as the numbers of its words:
no word crosses white space, so the words are exactly those of `indexer.engine.analysis.words`, at a fifth of the time.
"""

from __future__ import annotations

import secrets
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.engine import analysis, schema
from indexer.engine.port import Document
from indexer.engine.whoosh.gathering import FactRows
from indexer.engine.whoosh.postings import ranges
from indexer.engine.whoosh.records import stored_fields
from indexer.engine.whoosh.stored import Packed, Packer, as_json
from indexer.permalinks import is_identity, normalise, path_alone

# Words and chunks remembered: about 60 MB. A blog's 110,000 documents have 150,000 words in 300,000 distinct chunks.
_REMEMBERED = 600_000
# Longer chunks are addresses, data, and lines of a script without spaces: they rarely come twice.
_LONGEST = 40

Numbers = NDArray[np.uint32]


@dataclass(slots=True)
class Tokens:
    """The words of one field of several documents: numbers of words, one document after the other, and how many of each.

    A word stands at its place in the document, or at ``positions`` where values are set apart from each other.
    """

    words: Numbers
    lengths: Numbers
    positions: Numbers | None = None


@dataclass(frozen=True, slots=True)
class PreparedDocuments:
    """An `indexer.engine.port.Prepared`.

    Word ``n`` of ``new_words`` has the number ``first + n``; a ``first`` of 0 begins anew.
    """

    origin: str
    first: int
    new_words: list[str]
    fields: dict[str, Tokens]
    packed: Packed
    facts: FactRows

    @property
    def ids(self) -> Sequence[str]:
        return self.facts.ids


class BatchMaker:
    """An `indexer.engine.port.Preparer`; ``origin`` tells the writer whose numbers a batch uses."""

    def __init__(self) -> None:
        self._origin = ""
        self._words = _Words()
        self._packer = Packer()
        self._values: dict[tuple[str, ...], tuple[list[int], list[int]]] = {}

    def __call__(self, documents: Sequence[Document]) -> PreparedDocuments:
        self._origin = self._origin or secrets.token_hex(8)
        if self._words.full:
            self._words = _Words()
            self._values.clear()
        first = self._words.known
        searched = [document if document.kind != "pingback" else _UNSEARCHED for document in documents]
        fields = {
            "title_row": self._words.tokens(d.title for d in searched),
            "own_row": self._words.tokens(d.text for d in searched),
            "quoted_row": self._words.tokens(d.quoted for d in searched),
            "author_row": self._words.tokens(d.author for d in searched),
            "category_row": self._rows(d.categories for d in searched),
            "tag_row": self._rows(d.tags for d in searched),
            "kind": self._keys((d.kind,) for d in documents),
            "day": self._keys((d.published.date().isoformat(),) if d.published else () for d in searched),
            "link": self._keys(schema.link_keys(d.domains) for d in searched),
            "address": self._keys(map(addresses, documents)),
        }
        for document in documents:
            self._packer.add(as_json(stored_fields(document)))
        words = self._words.since(first)
        return PreparedDocuments(self._origin, first, words, fields, self._packer.take(), FactRows.of(documents))

    def _rows(self, documents: Iterable[tuple[str, ...]]) -> Tokens:
        """Several values per document, set apart. Comments have their post's, so each combination is remembered."""
        words, positions, lengths = array("I"), array("I"), array("I")
        for values in documents:
            known = self._values.get(values)
            if known is None:
                known = self._values[values] = self._row(values)
            words.extend(known[0])
            positions.extend(known[1])
            lengths.append(len(known[0]))
        return Tokens(_numbers(words), _numbers(lengths), _numbers(positions))

    def _row(self, values: tuple[str, ...]) -> tuple[list[int], list[int]]:
        words: list[int] = []
        positions: list[int] = []
        start = 0
        for value in values:
            found = [self._words.number(word) for word in analysis.words(value)]
            words += found
            positions += range(start, start + len(found))
            start += len(found) + schema.GAP
        return words, positions

    def _keys(self, documents: Iterable[Sequence[str]]) -> Tokens:
        """Whole values, each once per document."""
        words, lengths = array("I"), array("I")
        for values in documents:
            lengths.append(len(values))
            words.extend(map(self._words.number, values))
        return Tokens(_numbers(words), _numbers(lengths))


def addresses(document: Document) -> list[str]:
    """The keys by which a post is found at its addresses: each normalised, and its path alone."""
    if document.kind not in ("post", "page"):
        return []
    known = [normalise(document.permalink)] if is_identity(document.permalink) else []
    known += document.addresses
    return list(dict.fromkeys(filter(None, (*known, *map(path_alone, known)))))


_UNSEARCHED = Document(id="", thread="", kind="pingback")


class _Words:
    """Words and chunks by number."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._names: list[str] = []
        self._chunks = _Chunks(self)

    @property
    def known(self) -> int:
        return len(self._names)

    @property
    def full(self) -> bool:
        return self.known + len(self._chunks) + len(self._chunks.words) > _REMEMBERED

    def since(self, first: int) -> list[str]:
        """The words from number ``first`` on."""
        return self._names[first:]

    def number(self, word: str) -> int:
        found = self._numbers.get(word)
        if found is None:
            found = self._numbers[word] = len(self._names)
            self._names.append(word)
        return found

    def tokens(self, texts: Iterable[str]) -> Tokens:
        """The words of some texts."""
        chunks, ends = array("q"), [0]
        for text in texts:
            if text:
                chunks.extend(map(self._chunks.__getitem__, text.split()))
            ends.append(len(chunks))
        return self._chunks.expand(np.frombuffer(chunks, dtype=np.int64), np.array(ends))


class _Chunks(dict[str, int]):
    """Chunk to the number of its word; to ``-1 - n`` where its words are the ``n``-th of those that are not exactly one."""

    def __init__(self, vocabulary: _Words) -> None:
        super().__init__()
        self._vocabulary = vocabulary
        self.words = array("I")
        self._ends = array("I", [0])

    def __missing__(self, chunk: str) -> int:
        numbers = [self._vocabulary.number(word) for word in analysis.chunk_words(chunk)]
        if len(numbers) == 1:
            found = numbers[0]
        else:
            found = -len(self._ends)
            self.words.extend(numbers)
            self._ends.append(len(self.words))
        if len(chunk) <= _LONGEST:
            self[chunk] = found
        return found

    def expand(self, chunks: NDArray[np.int64], ends: NDArray[np.int64]) -> Tokens:
        """Chunks as words; ``ends`` (one more than documents) says where the chunks of each document end."""
        special = np.flatnonzero(chunks < 0)
        if not len(special):
            return Tokens(chunks.astype(np.uint32), np.diff(ends).astype(np.uint32))
        # Copies: an array that is viewed cannot grow.
        words, starts = np.array(self.words, dtype=np.int64), np.array(self._ends, dtype=np.int64)
        which = -1 - chunks[special]
        sizes = np.ones(len(chunks), dtype=np.int64)
        sizes[special] = starts[which + 1] - starts[which]
        places = np.concatenate([[0], np.cumsum(sizes)])
        out = np.repeat(chunks, sizes)
        out[ranges(places[special], sizes[special])] = words[ranges(starts[which], sizes[special])]
        return Tokens(out.astype(np.uint32), np.diff(places[ends]).astype(np.uint32))


def _numbers(values: array[int]) -> Numbers:
    return np.array(values, dtype=np.uint32)
