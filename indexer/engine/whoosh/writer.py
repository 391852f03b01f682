"""Documents to Whoosh segments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from whoosh import index

from indexer.engine.analysis import Analyzer
from indexer.engine.port import Document
from indexer.engine.whoosh import facts
from indexer.engine.whoosh.fields import postings, whoosh_schema

# Postings that Whoosh gathers in memory before it writes a sorted run to disk, in megabytes by its own estimate.
_POOL_MB = 32
# One file per kind of data, each mapped. Whoosh's default, all in one compound file, is copied into memory when it is opened:
# at 33,000 documents a process that indexes and opens the result peaks at 431 MB with it, at 183 MB without.
_COMPOUND = False


class WhooshWriter:
    """An `indexer.engine.port.IndexWriter` on a directory: a new index, or the one that is there.

    Building aside, locking and switching are the business of `indexer.engine.generations`.
    """

    def __init__(self, directory: Path, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        path = str(directory)
        self._index = index.open_dir(path) if index.exists_in(path) else index.create_in(path, whoosh_schema())
        self._writer: Any = None

    def __enter__(self) -> Self:
        self._writer = self._index.writer(limitmb=_POOL_MB, compound=_COMPOUND)
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        try:
            if exc_type is None:
                self._writer.commit()
            else:
                self._roll_back()
        finally:
            self._index.close()

    def _roll_back(self) -> None:
        with suppress(Exception):  # the error that brought us here is the one to tell
            self._writer.cancel()

    def add(self, document: Document) -> None:
        values: dict[str, Any] = {"id": document.id, "kind": document.kind, "facts": facts.pack(document)}
        if document.kind != "pingback":
            values |= postings(document, self._analyzer)
            if document.published:
                values["day"] = document.published.date().isoformat()
        self._writer.add_document(record=_record(document), **values)

    def delete(self, ids: Iterable[str]) -> None:
        for id in ids:
            self._writer.delete_by_term("id", id)

    def fingerprints(self) -> Mapping[str, str]:
        with self._index.reader() as reader:
            known = facts.load(reader)
            column = reader.column_reader("facts") if known.size else []
            return dict(facts.fingerprint(column[n]) for n in known.number.values())


_FIELDS = tuple(Document.__dataclass_fields__)


def _record(document: Document) -> dict[str, Any]:
    """The fields that are not at their defaults: most comments leave half of them empty."""
    return {name: value for name in _FIELDS if (value := getattr(document, name))}
