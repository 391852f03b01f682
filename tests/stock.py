"""The oracle: the same documents through Whoosh's own writer, into Whoosh's own codec or ours, and Whoosh's own searcher."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from whoosh import formats, index, matching, scoring
from whoosh import query as whoosh

from indexer.engine import analysis, schema
from indexer.engine.analysis import Analyzer
from indexer.engine.port import Document
from indexer.engine.whoosh.fields import whoosh_schema
from indexer.engine.whoosh.records import stored_fields

Posting = tuple[bytes, int, float, bytes]
POSITIONS = formats.Positions()
WEIGHTING = scoring.BM25F(B=schema.BM25_B, K1=schema.BM25_K1)


def write(
    directory: Path, segments: Sequence[Sequence[Document]], *, codec: Any = None, optimize: bool = False
) -> None:
    """An index of one segment per list of documents, or of one of all."""
    index.create_in(str(directory), whoosh_schema()).close()
    add(directory, segments, codec=codec, optimize=optimize)


def add(directory: Path, segments: Sequence[Sequence[Document]], *, codec: Any = None, optimize: bool = False) -> None:
    """More segments for an index that is there."""
    ix = index.open_dir(str(directory))
    for number, documents in enumerate(segments):
        writer = ix.writer(codec=codec, compound=False)
        for document in documents:
            writer.add_document(**whoosh_fields(document))
        last = number == len(segments) - 1
        writer.commit(**({"optimize": True} if optimize and last else {"merge": False}))
    ix.close()


def delete(directory: Path, ids: Iterable[str], *, codec: Any = None) -> None:
    ix = index.open_dir(str(directory))
    writer = ix.writer(codec=codec, compound=False)
    for id in ids:
        writer.delete_by_term("id", id)
    writer.commit(merge=False)
    ix.close()


class _AndNot(whoosh.AndNot):  # type: ignore[misc]
    """Whoosh's own matcher overlooks the first document and reads past the end, so another one of Whoosh's takes its place."""

    def matcher(self, searcher: Any, context: Any = None) -> Any:
        unwanted = frozenset(self.b.matcher(searcher, searcher.boolean_context()).all_ids())
        return matching.FilterMatcher(self.a.matcher(searcher, context), unwanted, exclude=True)


def answer(directory: Path, query: Any) -> list[tuple[int, float]]:
    """Every matching document's number and score, by Whoosh's matchers."""
    query = _sound(query)
    ix = index.open_dir(str(directory))
    found = []
    with ix.searcher(weighting=WEIGHTING) as searcher:
        for leaf, base in searcher.leaf_searchers():
            matcher = query.matcher(leaf, searcher.boolean_context().set(weighting=searcher.weighting))
            while matcher.is_active():
                found.append((matcher.id() + base, matcher.score()))
                matcher.next()
    ix.close()
    return found


def _sound(query: Any) -> Any:
    """The same query with an AND NOT that works."""
    if isinstance(query, whoosh.AndNot):
        return _AndNot(_sound(query.a), _sound(query.b))
    if type(query) in (whoosh.And, whoosh.Or):
        return type(query)([_sound(part) for part in query.subqueries], boost=query.boost)
    return query


def whoosh_fields(document: Document) -> dict[str, Any]:
    """A document as the arguments of Whoosh's ``add_document``."""
    values: dict[str, Any] = {"id": document.id, "kind": document.kind, **stored_fields(document)}
    if document.kind == "pingback":
        return values
    if document.published:
        values["day"] = document.published.date().isoformat()
    if keys := schema.link_keys(document.domains):
        values["link"] = [(key.encode(), 1, 1.0, b"") for key in keys]
    return values | {name: items for name, items in postings(document, Analyzer("english")).items() if items}


def postings(document: Document, analyzer: Analyzer) -> dict[str, list[Posting]]:
    """The postings of a document per field, said with loops."""
    parts: dict[schema.Part, list[str]] = {
        "title": analysis.words(document.title),
        "own": analysis.words(document.text),
        "quoted": analysis.words(document.quoted),
        "author": analysis.words(document.author),
    }
    everything = [(word, schema.WEIGHTS[part]) for part, words in parts.items() for word in words]
    return {
        "title": _stems([(word, schema.WEIGHTS["title"]) for word in parts["title"]], analyzer),
        "words": _stems(everything, analyzer),
        "category_row": _row([analysis.words(name) for name in document.categories]),
        "tag_row": _row([analysis.words(name) for name in document.tags]),
        **{f"{part}_row": _row([words]) for part, words in parts.items()},
    }


def _stems(words: Iterable[tuple[str, float]], analyzer: Analyzer) -> list[Posting]:
    frequencies: dict[str, int] = defaultdict(int)
    weights: dict[str, float] = defaultdict(float)
    for word, weight in words:
        stem = analyzer.stem(word)
        frequencies[stem] += 1
        weights[stem] += weight
    return [(stem.encode(), n, weights[stem], b"") for stem, n in frequencies.items()]


def _row(values: Iterable[list[str]]) -> list[Posting]:
    positions: dict[str, list[int]] = defaultdict(list)
    start = 0
    for words in values:
        for position, word in enumerate(words, start):
            positions[word].append(position)
        start += len(words) + schema.GAP
    return [(word.encode(), len(at), float(len(at)), POSITIONS.encode(at)) for word, at in positions.items()]
