"""Text to words, the same way for documents and for queries.

A *word* is folded: NFKC, case, accents, possessive ``'s``. A *stem* is a folded word reduced by Snowball, which is shown the
accents that its rules look for (`indexer.engine.languages`). Nothing is dropped, no stop words, no one-letter words, so that
"to be or not to be" is found; but an article that a query has elided (``l'été``) is not asked for,
unless in quotes. A compound written with hyphens or
other punctuation (``al-Sadr``, ``e-mail``, ``don't``) is several words in a row; a query for it asks for them in a row,
so it is findable as typed and by its parts. ``C++``, ``C#``, ``R&D`` and ``U.S.`` are one word each.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache

import Stemmer

from indexer.engine.languages import ELISIONS, ENDINGS, SHORTEST_ENDED

# Part of the manifest: an index made by another version of these rules is refused.
VERSION = 2
# Longer "words" are encoded data, not language; cutting them keeps the vocabulary and every lookup small.
MAX_WORD = 64
# Stems remembered: a large blog's vocabulary; queries are strangers' and have no end.
_REMEMBERED = 200_000
# Chunks remembered, about 150 bytes each: what the pages of a busy hour show.
_CHUNKS = 50_000
# Characters that stand inside words but are not alphanumeric for `re`: combining accents, soft hyphen, zero-width
# (non-)joiners. Folding removes them.
_MARKS = "\u0300-\u036f\u00ad\u200b-\u200d"
# Scripts written without spaces: each character is a word, and adjacency makes longer ones.
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(
    rf"""
      [^\W\d_](?:\.[^\W\d_])+(?![\w{_MARKS}])        # U.S., e.g
    | [^\W_]{{1,2}}&[^\W_]{{1,2}}(?![\w{_MARKS}])    # R&D, AT&T
    | [^\W\d_]+\+\+(?!\+)                            # C++
    | (?<![\w])[^\W\d_]\#(?![\w#])                   # C#
    | [{_CJK}]
    | [^\W{_CJK}][\w{_MARKS}]*?(?=[{_CJK}]|[^\w{_MARKS}]|\Z)
    """,
    re.VERBOSE,
)
# After a word, the genitive of English ("Iran's"): the s is no word of its own.
_POSSESSIVE = re.compile(r"['’ʼ＇][sS](?!\w)")
_APOSTROPHES = "'’ʼ＇"
# What a query is quoted with.
QUOTES = '"“”„‟«»＂'
# What stands around words and is never part of one. (A full stop is, inside.)
_SENTENCE = '.,;:!?"()'
# Letters that do not decompose, as people type them without the right keyboard.
_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h"})


def fold(text: str) -> str:
    """``text`` without differences of case, accent, width and ligature. Idempotent."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    kept = "".join(c for c in plain if not unicodedata.combining(c) and c not in "\u00ad\u200b\u200c\u200d")
    return unicodedata.normalize("NFKC", kept.casefold().translate(_LETTERS))


def spans(text: str, start: int = 0) -> Iterator[tuple[str, int, int]]:
    """The words of ``text`` as ``(folded word, start, end)`` with offsets into ``text``, in order, from ``start`` on."""
    skip = -1
    for match in _WORD.finditer(text, start):
        start, end = match.span()
        if start == skip:
            continue
        if end < len(text) and text[end] in _APOSTROPHES and _POSSESSIVE.match(text, end):
            skip = end + 1
        word = fold(match.group())[:MAX_WORD]
        if word:
            yield word, start, end


def words(text: str) -> list[str]:
    """The folded words of ``text``, in order."""
    return [word for word, _, _ in spans(text)]


def chunk_words(chunk: str) -> list[str]:
    """`words` of a piece of text without white space, fast where it is one plain word and what punctuates a sentence."""
    bare = chunk.strip(_SENTENCE)
    if bare.isascii() and bare.isalnum():
        return [bare.lower()[:MAX_WORD]]
    return words(chunk)


class Analyzer:
    """Words and stems in one language (a name of `indexer.settings.LANGUAGES`). Remembers the stem of each word seen."""

    def __init__(self, language: str) -> None:
        self.language = language
        # Without a cache of its own: here words come once. It may not be called by two threads at a time.
        self._stemmer = Stemmer.Stemmer(language, 0)
        self._lock = threading.Lock()
        self._stems: dict[str, str] = {}
        self._endings = ENDINGS.get(language, {})
        self._ended = tuple(self._endings)
        self._elided = _elided(language)
        self.chunk_stems = ChunkStems(self)

    def stem(self, word: str) -> str:
        """The stem of a folded word, itself folded. Words that are not all letters (``u.s``, ``c++``) are their own stem."""
        stem = self._stems.get(word)
        if stem is None:
            if len(self._stems) >= _REMEMBERED:
                self._stems.clear()
            with self._lock:
                stem = fold(self._stemmer.stemWord(self._accented(word))) or word if word.isalpha() else word
            self._stems[word] = stem
        return stem

    def stem_all(self, words: Sequence[str]) -> list[str]:
        """`stem` of each of many words, none of which is remembered; several times as fast."""
        accented = [self._accented(word) for word in words] if self._ended else words
        with self._lock:
            stems = self._stemmer.stemWords(accented)
        return [
            (stem if stem.isascii() else fold(stem)) or word if word.isalpha() else word
            for word, stem in zip(words, stems, strict=True)
        ]

    def _accented(self, word: str) -> str:
        """A folded word with the accents of its ending."""
        if len(word) < SHORTEST_ENDED or not word.endswith(self._ended):
            return word
        ending = next(ending for ending in self._endings if word.endswith(ending))
        return word[: -len(ending)] + self._endings[ending]

    def without_elisions(self, text: str) -> str:
        """A query without the articles that elide before its words (``l'été``), but where quotes ask for what is written.

        The words of texts stay all there: a row of them is found as it stands (``"plage d'été"``).
        """
        if self._elided is None:
            return text
        return self._elided.sub(lambda found: found["quoted"] or "", text)

    def stems(self, text: str) -> list[str]:
        """The stems of the words of ``text``, in order."""
        return [self.stem(word) for word in words(text)]


@cache
def _elided(language: str) -> re.Pattern[str] | None:
    """What stands in quotes, or articles in a row before a word; not before an operator, which is none as part of a word."""
    if language not in ELISIONS:
        return None
    articles = "|".join(sorted(ELISIONS[language], key=len, reverse=True))
    return re.compile(
        rf"""(?P<quoted>[{QUOTES}][^{QUOTES}]*[{QUOTES}])|(?<!\w)(?:(?:{articles})[{_APOSTROPHES}])+(?=\w)(?!(?-i:AND|OR|NOT)\b)""",
        re.IGNORECASE,
    )


class ChunkStems(dict[str, str]):
    """The stem of the word of each chunk (a piece of text without white space), remembered.

    `SEVERAL` where there is more than one word, "" where there is none.
    """

    SEVERAL = " "

    def __init__(self, analyzer: Analyzer) -> None:
        super().__init__()
        self._analyzer = analyzer

    def __missing__(self, chunk: str) -> str:
        if len(self) >= _CHUNKS:
            self.clear()
        words = chunk_words(chunk)
        stem = self[chunk] = (self._analyzer.stem(words[0]) if len(words) == 1 else self.SEVERAL) if words else ""
        return stem
