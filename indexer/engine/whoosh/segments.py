"""The segments of an index as arrays, and the facts that belong to them."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.engine.whoosh import records
from indexer.engine.whoosh.arrayfile import ArrayFile, DamagedArrayFileError
from indexer.engine.whoosh.codec import PerDocumentReader, TermsReader
from indexer.engine.whoosh.columns import Columns
from indexer.engine.whoosh.factfile import write_columns
from indexer.engine.whoosh.facts import FILE, FactArrays, Mask
from indexer.engine.whoosh.gathering import FactRows, Facts
from indexer.engine.whoosh.postings import Postings

# Documents read at a time where facts are made anew.
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class OpenSegment:
    """A segment; ``base`` is its first document's number in the index."""

    name: str
    base: int
    size: int
    deleted: frozenset[int]
    fields: dict[str, Postings]
    documents: PerDocumentReader

    def documents_of(self, id: str) -> list[int]:
        """The numbers in the segment of the documents with this id that are not deleted."""
        field = self.fields.get("id")
        start, end = field.range(id.encode("utf-8", "replace")) if field else (0, 0)
        found = field.docs[start:end].tolist() if field else []
        return [number for number in found if number not in self.deleted]

    def kept(self, gone: Collection[bytes]) -> Mask:
        """Which documents are not deleted, and have none of the ids ``gone``."""
        kept = np.ones(self.size, dtype=bool)
        kept[list(self.deleted)] = False
        kept[[number for _, number in documents_with(self.fields.get("id"), gone)]] = False
        return kept


def documents_having(segments: Sequence[OpenSegment], field: str, term: bytes) -> NDArray[np.intp]:
    """The numbers in the index of the documents with a term in a field, ascending, deleted ones too."""
    found = [np.zeros(0, dtype=np.intp)]
    for segment in segments:
        if postings := segment.fields.get(field):
            start, end = postings.range(term)
            found.append(segment.base + postings.docs[start:end].astype(np.intp))
    return np.concatenate(found)


def frequency(segments: Sequence[OpenSegment], field: str, term: bytes) -> int:
    """How many documents have a term in a field, deleted ones too."""
    spans = (postings.range(term) for segment in segments if (postings := segment.fields.get(field)))
    return sum(end - start for start, end in spans)


def documents_with(field: Postings | None, ids: Collection[bytes]) -> list[tuple[bytes, int]]:
    """The ids and numbers of the documents that have these ids; goes through all of the field's."""
    if field is None or not ids:
        return []
    found = [(n, term) for n, term in enumerate(field.terms) if term in ids]
    return [(term, number) for n, term in found for number in field.docs[field.at[n] : field.at[n + 1]].tolist()]


def open_segments(storage: Any, segments: Sequence[Any]) -> list[OpenSegment]:
    """The segments that Whoosh's table of contents lists; raises `DamagedArrayFileError`."""
    found: list[OpenSegment] = []
    base = 0
    for segment in segments:
        documents = PerDocumentReader(storage, segment)
        size = segment.doc_count_all()
        if documents.doc_count_all() != size:
            raise DamagedArrayFileError(
                f"{segment.segment_id()} holds {documents.doc_count_all()} documents, not {size}"
            )
        fields = TermsReader(storage, segment).fields
        found.append(
            OpenSegment(segment.segment_id(), base, size, frozenset(segment.deleted_docs()), fields, documents)
        )
        base += size
    return found


def segment_of(segments: Sequence[OpenSegment], number: int) -> OpenSegment:
    """The segment that holds the document with this number in the index."""
    return next(segment for segment in reversed(segments) if segment.base <= number)


def current_facts(directory: Path, segments: Sequence[OpenSegment]) -> FactArrays | None:
    """The facts of these segments from their file; None where Whoosh itself wrote last."""
    try:
        file = ArrayFile(directory / FILE)
    except FileNotFoundError:
        return None
    return FactArrays(file) if file.meta["segments"] == _signature(segments) else None


def open_facts(directory: Path, segments: Sequence[OpenSegment]) -> FactArrays:
    """The facts of these segments: from their file, else made anew."""
    if facts := current_facts(directory, segments):
        return facts
    with tempfile.TemporaryDirectory() as folder:
        write_facts(Path(folder), segments, _gather_columns(segments))
        return FactArrays(ArrayFile(Path(folder) / FILE))


def write_facts(directory: Path, segments: Sequence[OpenSegment], columns: Columns) -> None:
    """The file of the facts of all documents of these segments."""
    write_columns(
        columns, directory / FILE, _alive(segments), numbers_by_id(segments), {"segments": _signature(segments)}
    )


def _gather_columns(segments: Sequence[OpenSegment]) -> Columns:
    """The facts of all documents, from their stored fields."""
    facts = Facts()
    stored = (records.document(segment.documents.stored[n]) for segment in segments for n in range(segment.size))
    while some := list(islice(stored, _BATCH)):
        facts.add(FactRows.of(some))
    return facts.columns()


def _signature(segments: Sequence[OpenSegment]) -> list[list[Any]]:
    """What facts belong to: JSON that changes with every change of segments or deletions."""
    return [[s.name, s.size, sorted(s.deleted)] for s in segments]


def _alive(segments: Sequence[OpenSegment]) -> Mask:
    alive = np.ones(sum(s.size for s in segments), dtype=bool)
    for segment in segments:
        alive[[segment.base + n for n in segment.deleted]] = False
    return alive


def numbers_by_id(segments: Sequence[OpenSegment]) -> NDArray[np.int64]:
    """Numbers of all documents in the order of their ids, deleted ones too."""
    if len(segments) == 1:
        return segments[0].fields["id"].docs.astype(np.int64)
    pairs = sorted(pair for segment in segments for pair in _ids(segment))
    return np.array([number for _, number in pairs], dtype=np.int64)


def ids_in_order(segments: Sequence[OpenSegment]) -> list[bytes]:
    """The ids of all documents, as `numbers_by_id` orders them."""
    return sorted(id for segment in segments for id, _ in _ids(segment))


def _ids(segment: OpenSegment) -> Iterator[tuple[bytes, int]]:
    field = segment.fields["id"]
    at = field.at.tolist()
    for n, term in enumerate(field.terms):
        for number in field.docs[at[n] : at[n + 1]].tolist():
            yield term, segment.base + number
