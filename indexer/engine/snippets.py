"""Where a query's words stand in a text, and the passage that shows it best.

Works on stored text with the same analysis as the index, so that what is marked is what matched.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice, zip_longest

from indexer.engine import analysis, query
from indexer.engine.analysis import Analyzer, ChunkStems
from indexer.engine.edits import SHARED, edits
from indexer.engine.port import Document, Place, Snippet

# Characters of a passage: about two lines of a results page on a desktop.
LENGTH = 240
# A row of words found as written weighs more than its words apart.
_PHRASE_WEIGHT = 3
_ELLIPSIS = "…"
_CHUNK = re.compile(r"\S+")
# Where in a document the words of each field are looked for.
_PLACES: Mapping[query.TextField, tuple[Place, ...]] = {
    "any": ("title", "text", "quote", "author"),
    "title": ("title",),
    "own": ("title", "text"),
    "quotes": ("quote",),
    "author": ("author",),
    "category": (),
    "tag": (),
}
# About how many characters a word and the space after it take.
_WORD_LENGTH = 5


@dataclass(frozen=True, slots=True)
class Match:
    """A match in a text; ``key``, from 1, tells which part of the query it answers."""

    start: int
    end: int
    key: int
    weight: int = 1


class QueryHighlighter:
    """The positive words, rows of words, prefixes and near words of one query, ready to be found in texts."""

    def __init__(self, root: query.Node, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self._keys: dict[query.Leaf, int] = {}
        self._stems: dict[str, list[int]] = {}
        self._rows: dict[str, list[tuple[tuple[str, ...], int]]] = {}
        self._prefixes: list[tuple[str, int]] = []
        self._fuzzy: list[tuple[query.Fuzzy, int]] = []
        for leaf in query.positive(root):
            if leaf in self._keys or not _PLACES[leaf.field]:
                continue
            key = self._keys[leaf] = len(self._keys) + 1
            if isinstance(leaf, query.Prefix):
                self._prefixes.append((leaf.letters, key))
            elif isinstance(leaf, query.Fuzzy):
                self._fuzzy.append((leaf, key))
            elif len(leaf.words) == 1 and not leaf.exact:
                self._stems.setdefault(analyzer.stem(leaf.words[0]), []).append(key)
            else:
                self._rows.setdefault(leaf.words[0], []).append((leaf.words, key))
        # Per place, the keys that may be found there; everywhere but in a name for who does not say where the text is from.
        self._wanted: dict[Place | None, frozenset[int]] = {
            place: frozenset(key for leaf, key in self._keys.items() if place in _PLACES[leaf.field])
            for place in _PLACES["any"]
        }
        self._wanted[None] = frozenset().union(*(self._wanted[place] for place in ("title", "text", "quote")))
        # Somebody who asks for quotations as such wants to see one.
        self._quoted_first = any(query.Has("quotes") == node for node in (root, *getattr(root, "nodes", ())))
        self._beginnings = (*(letters for letters, _ in self._prefixes), *(f.word[:SHARED] for f, _ in self._fuzzy))
        # The pages of one search have many words in common, and finding out whether two words are near is slow.
        self._loosely_in = cache(self._loosely_in_chunk) if self._prefixes or self._fuzzy else None
        self._likely = {*self._stems, *map(analyzer.stem, self._rows), ChunkStems.SEVERAL}

    def __bool__(self) -> bool:
        return bool(self._keys)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Non-overlapping ``(start, end)`` offsets of matches, ascending."""
        return _merged(self.matches(text))

    def matches(self, text: str, place: Place | None = None) -> list[Match]:
        """All matches in ``text``, which is this part of a document, by start.

        A text is looked through by its distinct chunks (no word crosses white space), whose stems are remembered, and only
        where a chunk may have a word of the query is it read word by word: a tenth of the time of reading all of it.
        """
        wanted = self._wanted[place]
        if not wanted or not text:
            return []
        chunks = set(text.split())
        stems = map(self._analyzer.chunk_stems.__getitem__, chunks)
        likely = {chunk for chunk, stem in zip(chunks, stems, strict=True) if stem in self._likely}
        if self._loosely_in:
            likely.update(filter(self._loosely_in, chunks))
        if not likely:
            return []
        found: list[Match] = []
        starts: list[tuple[str, int]] = []  # where a row may begin
        for chunk in _CHUNK.finditer(text):
            if chunk.group() in likely:
                for word, start, end in analysis.spans(chunk.group()):
                    for key in (*self._stems.get(self._analyzer.stem(word), ()), *self._loosely(word)):
                        found.append(Match(chunk.start() + start, chunk.start() + end, key))
                    if word in self._rows:
                        starts.append((word, chunk.start() + start))
        if starts:
            found = sorted(found + self._rows_at(starts, text), key=lambda match: match.start)
        return found if len(wanted) == len(self._keys) else [match for match in found if match.key in wanted]

    def _rows_at(self, starts: list[tuple[str, int]], text: str) -> list[Match]:
        """The rows of words that stand in ``text`` at ``starts``.

        Each is read from its start on, most of them to their second word; where repetition could make that longer than
        reading the text as a whole, that is done once.
        """
        candidates = [(start, row, key) for word, start in starts for row, key in self._rows[word]]
        if sum(len(row) for _, row, _ in candidates) * _WORD_LENGTH < len(text):
            ends = [_end_of_row(row, islice(analysis.spans(text, start), len(row))) for start, row, _ in candidates]
        else:
            tokens = list(analysis.spans(text))
            number = {start: n for n, (_, start, _) in enumerate(tokens)}
            ends = [_end_of_row(row, tokens[number[start] : number[start] + len(row)]) for start, row, _ in candidates]
        return [
            Match(start, end, key, _PHRASE_WEIGHT) for (start, _, key), end in zip(candidates, ends, strict=True) if end
        ]

    def _loosely(self, word: str) -> list[int]:
        """The keys of the prefixes that begin a word, and of words near to it."""
        if not word.startswith(self._beginnings):  # nearly every word
            return []
        keys = [key for letters, key in self._prefixes if word.startswith(letters)]
        return keys + [key for fuzzy, key in self._fuzzy if _near(fuzzy, word)]

    def _loosely_in_chunk(self, chunk: str) -> tuple[int, ...]:
        return tuple(key for word in analysis.chunk_words(chunk) for key in self._loosely(word))

    def snippet(self, text: str, quoted: str = "") -> Snippet:
        """The best passage: of the own words if they match, else of the quoted ones, else the beginning."""
        if own := self.matches(text, "text"):
            return _passage(text, own, False)
        return self._of_quoted(text, quoted, self.matches(quoted, "quote"))

    def _of_quoted(self, text: str, quoted: str, found: list[Match]) -> Snippet:
        if found:
            return _passage(quoted, found, True)
        return beginning("", quoted) if self._quoted_first and quoted else beginning(text, quoted)

    def _answered(self, text: str, place: Place) -> set[int]:
        """The keys of `matches`, without their offsets, which take most of its time."""
        if not text or not self._wanted[place]:
            return set()
        if self._rows:
            return {match.key for match in self.matches(text, place)}
        chunks = set(text.split())
        stem_of = self._analyzer.chunk_stems.__getitem__
        stems = set(map(stem_of, chunks))
        if ChunkStems.SEVERAL in stems:
            several = [chunk for chunk in chunks if stem_of(chunk) == ChunkStems.SEVERAL]
            stems.update(self._analyzer.stem(word) for chunk in several for word in analysis.chunk_words(chunk))
        found = {key for stem in stems & self._stems.keys() for key in self._stems[stem]}
        if self._loosely_in:
            found.update(*map(self._loosely_in, chunks))
        return found & self._wanted[place]

    def read(self, document: Document) -> tuple[Snippet, dict[query.Leaf, tuple[Place, ...]]]:
        """The snippet of a document, and where the document has each part of the query."""
        own = self.matches(document.text, "text")
        quoted = [] if own else self.matches(document.quoted, "quote")
        keys: dict[Place, set[int]] = {
            "title": self._answered(document.title, "title"),
            "text": {match.key for match in own},
            "quote": self._answered(document.quoted, "quote") if own else {match.key for match in quoted},
            "author": self._answered(document.author, "author"),
        }
        places = {
            leaf: tuple(place for place, answered in keys.items() if key in answered)
            for leaf, key in self._keys.items()
        }
        snippet = (
            _passage(document.text, own, False) if own else self._of_quoted(document.text, document.quoted, quoted)
        )
        return snippet, places


def beginning(text: str, quoted: str) -> Snippet:
    """The passage of a document without matches."""
    passage = text or quoted
    start, end = _window(passage, (0, 0))
    return Snippet(_fragments(passage, start, end, []) if passage else (), not text)


def _passage(text: str, found: list[Match], is_quoted: bool) -> Snippet:
    start, end = _window(text, _best(found))
    inside = [match for match in found if match.start >= start and match.end <= end]
    marks = [(a - start, b - start) for a, b in _merged(inside)]
    return Snippet(_fragments(text, start, end, marks), is_quoted)


def _near(fuzzy: query.Fuzzy, word: str) -> bool:
    same = word.startswith(fuzzy.word[:SHARED]) and abs(len(word) - len(fuzzy.word)) <= fuzzy.edits
    return same and edits(fuzzy.word, word) <= fuzzy.edits


def _end_of_row(row: tuple[str, ...], tokens: Iterable[tuple[str, int, int]]) -> int:
    """Where ``row`` ends if it is what ``tokens`` begin with, else 0."""
    end = 0
    for wanted, found in zip_longest(row, tokens):
        if found is None or found[0] != wanted:
            return 0
        end = found[2]
    return end


def _merged(found: list[Match]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for match in found:
        if merged and match.start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], match.end))
        else:
            merged.append((match.start, match.end))
    return merged


def _best(found: list[Match]) -> tuple[int, int]:
    """Start and end of the group of matches, no longer than a passage, that answers most of the query; the first of equals."""
    best, place = -1, (0, 0)
    last, weight = -1, 0
    answered: Counter[int] = Counter()  # matches of the group per key
    for first, match in enumerate(found):
        while last < first or (last + 1 < len(found) and found[last + 1].end - match.start <= LENGTH):
            last += 1
            answered[found[last].key] += 1
            weight += found[last].weight * (answered[found[last].key] == 1)
        value = 100 * weight + min(last + 1 - first, 10)
        if value > best:
            best, place = value, (match.start, max(m.end for m in found[first : last + 1]))
        answered[match.key] -= 1
        weight -= match.weight * (answered[match.key] == 0)
    return place


def _window(text: str, place: tuple[int, int]) -> tuple[int, int]:
    """``place`` grown to `LENGTH` characters, a third of the growth before it, and cut at words."""
    room = max(0, LENGTH - (place[1] - place[0]))
    start = max(0, place[0] - room // 3)
    end = min(len(text), max(place[1], start + LENGTH))
    start = max(0, min(start, end - LENGTH)) if end == len(text) else start
    start = min(start, place[0])
    if start > 0:
        while start < place[0] and not text[start - 1].isspace():
            start += 1
    if end < len(text):
        cut = text.rfind(" ", place[1], end + 1)
        cut = max(cut, text.rfind("\n", place[1], end + 1))
        end = cut if cut >= place[1] else end
    return start, end


def _fragments(text: str, start: int, end: int, spans: list[tuple[int, int]]) -> tuple[tuple[str, bool], ...]:
    """The passage as fragments; line breaks become spaces, a cut shows as an ellipsis."""
    passage = text[start:end].replace("\n", " ")
    pieces: list[tuple[str, bool]] = []
    at = 0
    for a, b in spans:
        pieces += [(passage[at:a], False), (passage[a:b], True)]
        at = b
    pieces.append((passage[at:], False))
    if start > 0:
        pieces.insert(0, (_ELLIPSIS, False))
    if end < len(text):
        pieces.append((_ELLIPSIS, False))
    return _joined(pieces)


def _joined(pieces: list[tuple[str, bool]]) -> tuple[tuple[str, bool], ...]:
    out: list[tuple[str, bool]] = []
    for text, is_match in pieces:
        if out and out[-1][1] == is_match and not is_match:
            out[-1] = (out[-1][0] + text, False)
        elif text:
            out.append((text, is_match))
    return tuple(out)
