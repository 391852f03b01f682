"""The field table of `indexer.engine.schema` as a Whoosh schema.

A document is analysed once, for all fields together, so the text fields take ready postings as their value:
``(term, frequency, weight, encoded positions)``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from whoosh import columns, fields, formats
from whoosh.analysis import IDAnalyzer

from indexer.engine import analysis, schema
from indexer.engine.analysis import Analyzer
from indexer.engine.port import Document

Posting = tuple[bytes, int, float, bytes]

_FREQUENCY = formats.Frequency()
_POSITIONS = formats.Positions()


class Stems(fields.FieldType):
    """Weighted terms without positions; scored."""

    def __init__(self) -> None:
        super().__init__(_FREQUENCY, IDAnalyzer(), scorable=True)

    def index(self, value: Any, **kwargs: Any) -> Iterator[Posting]:
        yield from value


class Row(fields.FieldType):
    """Terms with positions; not scored."""

    def __init__(self) -> None:
        super().__init__(_POSITIONS, IDAnalyzer(), scorable=False)

    def index(self, value: Any, **kwargs: Any) -> Iterator[Posting]:
        yield from value


def whoosh_schema() -> fields.Schema:
    """The schema of every index that this version writes."""
    rows = {name: Row() for names in schema.ROWS.values() for name in names}
    return fields.Schema(
        id=fields.ID(unique=True),
        kind=fields.ID(),
        day=fields.ID(),
        words=Stems(),
        title=Stems(),
        facts=fields.COLUMN(columns.VarBytesColumn()),
        record=fields.STORED(),
        **rows,
    )


def postings(document: Document, analyzer: Analyzer) -> dict[str, list[Posting]]:
    """The postings of ``document`` per text field; fields without any are absent."""
    parts: dict[schema.Part, list[str]] = {
        "title": analysis.words(document.title),
        "own": analysis.words(document.text),
        "quoted": analysis.words(document.quoted),
        "author": analysis.words(document.author),
    }
    title = ((word, schema.WEIGHTS["title"]) for word in parts["title"])
    everything = ((word, schema.WEIGHTS[part]) for part, words in parts.items() for word in words)
    found = {
        "title": _stems(title, analyzer),
        "words": _stems(everything, analyzer),
        "category_row": _row(analysis.words(name) for name in document.categories),
        "tag_row": _row(analysis.words(name) for name in document.tags),
    }
    found |= {f"{part}_row": _row([words]) for part, words in parts.items()}
    return {name: items for name, items in found.items() if items}


def _stems(words: Iterable[tuple[str, float]], analyzer: Analyzer) -> list[Posting]:
    frequencies: dict[str, int] = defaultdict(int)
    weights: dict[str, float] = defaultdict(float)
    for word, weight in words:
        stem = analyzer.stem(word)
        frequencies[stem] += 1
        weights[stem] += weight
    return [(_bytes(stem), n, weights[stem], _pack_frequency(n)) for stem, n in frequencies.items()]


def _row(values: Iterable[list[str]]) -> list[Posting]:
    positions: dict[str, list[int]] = defaultdict(list)
    start = 0
    for words in values:
        for position, word in enumerate(words, start):
            positions[word].append(position)
        start += len(words) + schema.GAP
    return [(_bytes(word), len(at), float(len(at)), _POSITIONS.encode(at)) for word, at in positions.items()]


def _bytes(term: str) -> bytes:
    return term.encode("utf-8", "replace")


def _pack_frequency(n: int) -> bytes:
    return n.to_bytes(4, "big")
