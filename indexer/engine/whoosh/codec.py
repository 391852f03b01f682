"""Whoosh's codec API over flat arrays: with this a segment of ours is a segment of Whoosh.

Whoosh opens it, searches it, deletes in it, merges it and writes it by its own code, document by document. Our own writer
and evaluator read and write the same two files by the array:

    <segment>.postings      terms and postings (`indexer.engine.whoosh.postings`)
    <segment>.docs          stored fields (`indexer.engine.whoosh.stored`), and field lengths: per scorable field ``f`` an array
                            ``f.lengths`` (u1 per document, Whoosh's code of a length), for merging ``f.words`` (u1 to u4 per
                            document, the true length) and in ``meta`` their sum
    <segment>.<field>.col   a column, in Whoosh's format

Term vectors are not kept: nothing of ours has them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from whoosh import formats
from whoosh.codec import base
from whoosh.codec.whoosh3 import W3Segment
from whoosh.matching import ListMatcher, ReadTooFar
from whoosh.reading import TermInfo, TermNotFound
from whoosh.util.numeric import byte_to_length

from indexer.engine.whoosh.arrayfile import Array, ArrayFile, ArrayFileWriter, smallest
from indexer.engine.whoosh.postings import Postings, PostingsList, Weights, read_postings
from indexer.engine.whoosh.stored import Packer, StoredReader, StoredWriter, as_pickle

POSTINGS, DOCUMENTS, COLUMN = ".postings", ".docs", ".col"
# Whoosh keeps the length of a field as one byte, a step on this scale.
LENGTHS: Array = np.array([byte_to_length(code) for code in range(256)], dtype=np.float32)
_LENGTH_CODES = LENGTHS.astype(np.int64)


def length_codes(lengths: Array) -> Array:
    """Whoosh's code (`whoosh.util.numeric.length_to_byte`) of each of many lengths."""
    return np.minimum(np.searchsorted(_LENGTH_CODES, lengths), 255).astype(np.uint8)


class ArrayCodec(base.Codec):
    """Pickled with the index, so it has no state."""

    length_stats = False

    def new_segment(self, storage: Any, indexname: str) -> ArraySegment:
        return ArraySegment(self, indexname)

    def per_document_writer(self, storage: Any, segment: Any) -> PerDocumentWriter:
        return PerDocumentWriter(storage, segment)

    def field_writer(self, storage: Any, segment: Any) -> FieldWriter:
        return FieldWriter(storage, segment)

    def per_document_reader(self, storage: Any, segment: Any) -> PerDocumentReader:
        return PerDocumentReader(storage, segment)

    def terms_reader(self, storage: Any, segment: Any) -> TermsReader:
        return TermsReader(storage, segment)


class ArraySegment(W3Segment):
    """A segment: its name, number of documents and deletions, pickled into Whoosh's table of contents."""

    def should_assemble(self) -> bool:
        """One file of everything would be read into memory."""
        return False


def path_of(storage: Any, segment: Any, extension: str) -> Path:
    """A file of a segment."""
    return Path(storage.folder) / segment.make_filename(extension)


class PerDocumentWriter(base.PerDocWriterWithColumns):
    """What Whoosh's own writer tells of each document."""

    def __init__(self, storage: Any, segment: Any) -> None:
        super().__init__()
        self._storage, self._segment = storage, segment
        self._file = ArrayFileWriter(path_of(storage, segment, DOCUMENTS))
        self._stored = StoredWriter(self._file)
        self._packer = Packer()
        self._columns: dict[str, Any] = {}
        self._lengths: dict[str, dict[int, int]] = {}
        self._fields: dict[str, Any] = {}
        self._docnum = -1
        self.is_closed = False

    def start_doc(self, docnum: int) -> None:
        self._docnum = docnum
        self._fields = {}

    def add_field(self, fieldname: str, fieldobj: Any, value: Any, length: int) -> None:
        if value is not None:
            self._fields[fieldname] = value
        if length:
            self._lengths.setdefault(fieldname, {})[self._docnum] = length

    def add_vector_items(self, fieldname: str, fieldobj: Any, items: Any) -> None:
        raise NotImplementedError(f"This codec keeps no term vectors ({fieldname})")

    def _has_column(self, fieldname: str) -> bool:
        return fieldname in self._columns

    def _create_column(self, fieldname: str, column: Any) -> None:
        self._columns[fieldname] = column.writer(self._segment.create_file(self._storage, f".{fieldname}{COLUMN}"))

    def _get_column(self, fieldname: str) -> Any:
        return self._columns[fieldname]

    def finish_doc(self) -> None:
        self._packer.add(as_pickle(self._fields))

    def cancel_doc(self) -> None:
        for lengths in self._lengths.values():
            lengths.pop(self._docnum, None)
        self._docnum -= 1

    def close(self) -> None:
        count = self._docnum + 1
        for writer in self._columns.values():
            writer.finish(count)
        with self._file as file:
            self._stored.append(self._packer.take())
            self._stored.finish("pickle")
            lengths = {}
            for name, known in self._lengths.items():
                lengths[name] = np.zeros(count, dtype=np.int64)
                lengths[name][list(known)] = list(known.values())
            write_lengths(lengths, count, file)
        self.is_closed = True


def write_lengths(lengths: Mapping[str, Array], documents: int, file: ArrayFileWriter) -> None:
    """The lengths in words of the scorable fields of all documents, and what a reader must know of them."""
    for name, values in lengths.items():
        file.add(f"{name}.lengths", length_codes(values))
        file.add(f"{name}.words", values, smallest(int(values.max(initial=0))))
    file.meta["documents"] = documents
    file.meta["lengths"] = {name: int(values.sum()) for name, values in lengths.items()}


def lengths_of(file: ArrayFile, name: str) -> Array:
    """The true lengths that `write_lengths` was given of a field; 0 where no document has it."""
    return file[f"{name}.words"] if name in file.meta["lengths"] else np.zeros(file.meta["documents"], dtype=np.uint8)


class PerDocumentReader(base.PerDocumentReader):
    """What is known of each document of a segment."""

    def __init__(self, storage: Any, segment: Any) -> None:
        self._storage, self._segment = storage, segment
        self._file = ArrayFile(path_of(storage, segment, DOCUMENTS))
        self.stored = StoredReader(self._file)
        self._codes = {name: self._file[f"{name}.lengths"] for name in self._file.meta["lengths"]}

    def doc_count(self) -> int:
        return self.doc_count_all() - self._segment.deleted_count()

    def doc_count_all(self) -> int:
        return int(self._file.meta["documents"])

    def has_deletions(self) -> bool:
        return bool(self._segment.has_deletions())

    def is_deleted(self, docnum: int) -> bool:
        return bool(self._segment.is_deleted(docnum))

    def deleted_docs(self) -> Any:
        return self._segment.deleted_docs()

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        return self.stored[docnum]

    def supports_columns(self) -> bool:
        return True

    def has_column(self, fieldname: str) -> bool:
        return bool(self._storage.file_exists(self._segment.make_filename(f".{fieldname}{COLUMN}")))

    def column_reader(self, fieldname: str, column: Any) -> Any:
        name = self._segment.make_filename(f".{fieldname}{COLUMN}")
        length = self._storage.file_length(name)
        return column.reader(self._storage.open_file(name), 0, length, self.doc_count_all())

    def lengths(self, fieldname: str) -> Array | None:
        """Whoosh's code of the field's length in every document; None when no document has the field."""
        return self._codes.get(fieldname)

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        codes = self.lengths(fieldname)
        return default if codes is None else int(LENGTHS[codes[docnum]]) or default

    def field_length(self, fieldname: str) -> int:
        return int(self._file.meta["lengths"].get(fieldname, 0))

    def min_field_length(self, fieldname: str) -> int:
        codes = self.lengths(fieldname)
        present = codes[codes > 0] if codes is not None else np.zeros(0)
        return int(LENGTHS[present.min()]) if len(present) else 0

    def max_field_length(self, fieldname: str) -> int:
        codes = self.lengths(fieldname)
        return int(LENGTHS[codes.max(initial=0)]) if codes is not None else 0


class FieldWriter(base.FieldWriter):
    """Postings as Whoosh's own writer brings them, a field at a time into arrays."""

    def __init__(self, storage: Any, segment: Any) -> None:
        self._file = ArrayFileWriter(path_of(storage, segment, POSTINGS))
        self._file.meta["fields"] = {}
        self._name = ""
        self._format: Any = None
        self._list = PostingsList()
        self.is_closed = False

    def start_field(self, fieldname: str, fieldobj: Any) -> None:
        self._name, self._format = fieldname, fieldobj.format
        self._list = PostingsList()
        if _has_positions(self._format):
            self._list.positions = []
        elif not isinstance(self._format, formats.Existence):
            self._list.values = []

    def start_term(self, text: bytes) -> None:
        self._list.terms.append(text)
        self._list.at.append(len(self._list.docs))

    def add(self, docnum: int, weight: float, vbytes: bytes, length: int) -> None:
        self._list.docs.append(docnum)
        self._list.weights.append(weight)
        if self._list.positions is not None:
            self._list.positions.append(self._format.decode_positions(vbytes))
        elif self._list.values is not None:
            self._list.values.append(vbytes)

    def finish_term(self) -> None:
        """Nothing to do: the next term, or the end of the field, says where this one ends."""

    def finish_field(self) -> None:
        self._list.new_postings().write(self._name, self._file)

    def close(self) -> None:
        with self._file:
            pass
        self.is_closed = True


def _has_positions(format: Any) -> bool:
    return type(format) is formats.Positions


class TermsReader(base.TermsReader):
    """The terms of a segment."""

    def __init__(self, storage: Any, segment: Any) -> None:
        file = ArrayFile(path_of(storage, segment, POSTINGS))
        self.fields = {name: read_postings(file, name) for name in sorted(file.meta["fields"])}

    def _term(self, fieldname: str, text: bytes) -> tuple[Postings, int]:
        """A field and the term's number in it; raises `KeyError`, as Whoosh's readers expect of some methods."""
        field = self.fields[fieldname]
        number = field.terms.find(text)
        if number < 0:
            raise KeyError(text)
        return field, number

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        field = self.fields.get(term[0])
        return field is not None and field.terms.find(term[1]) >= 0

    def indexed_field_names(self) -> Any:
        return self.fields.keys()

    def cursor(self, fieldname: str, fieldobj: Any) -> Any:
        field = self.fields.get(fieldname)
        return FieldCursor(field, fieldobj) if field else base.EmptyCursor()

    def terms(self) -> Iterator[tuple[str, bytes]]:
        return ((name, term) for name, field in self.fields.items() for term in field.terms)

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        return (term for term, _ in self.items_from(fieldname, prefix))

    def items(self) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        return (
            ((name, term), _info(field, number))
            for name, field in self.fields.items()
            for number, term in enumerate(field.terms)
        )

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        for name, field in self.fields.items():
            if name >= fieldname:
                first = field.terms.ceiling(prefix) if name == fieldname else 0
                for number in range(first, len(field.terms)):
                    yield (name, field.terms[number]), _info(field, number)

    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        try:
            return _info(*self._term(fieldname, text))
        except KeyError:
            raise TermNotFound(f"No term {fieldname}:{text!r}") from None

    def frequency(self, fieldname: str, text: bytes) -> float:
        return float(_info(*self._term(fieldname, text)).weight())

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        field, number = self._term(fieldname, text)
        return int(field.at[number + 1] - field.at[number])

    def matcher(self, fieldname: str, text: bytes, format_: Any, scorer: Any = None) -> Any:
        try:
            field, number = self._term(fieldname, text)
        except KeyError:
            raise TermNotFound(f"No term {fieldname}:{text!r}") from None
        return TermMatcher(field, number, format_, scorer=scorer, term=(fieldname, text))


def _info(field: Postings, number: int) -> TermInfo:
    """Statistics of a term. Lengths are not among them: Whoosh wants them to skip blocks, and there are none."""
    start, end = field.at[number], field.at[number + 1]
    weights = field.weights(start, end)
    return TermInfo(
        weight=float(weights.sum(dtype=np.float64)),
        df=end - start,
        minlength=1,
        maxlength=LENGTHS[255],
        maxweight=float(weights.max(initial=0)),
        minid=int(field.docs[start]),
        maxid=int(field.docs[end - 1]),
    )


class TermMatcher(ListMatcher):
    """Walks the postings of a term, where Whoosh wants them one by one."""

    def __init__(
        self, field: Postings, number: int, format_: Any, *, scorer: Any, term: Any, position: int = 0
    ) -> None:
        self._field, self._number = field, number
        self._ends: Array | None = None
        self._i: int
        start, end = field.at[number], field.at[number + 1]
        ids = np.ascontiguousarray(field.docs[start:end]).data
        weights: Weights = field.weights(start, end)
        super().__init__(ids, weights.data, format=format_, scorer=scorer, position=position, term=term)

    def copy(self) -> TermMatcher:
        return TermMatcher(
            self._field, self._number, self._format, scorer=self._scorer, term=self._term, position=self._i
        )

    def supports_block_quality(self) -> bool:
        return False

    def all_ids(self) -> Iterator[int]:
        return iter(self._ids[self._i :])

    def skip_to(self, id: int) -> None:
        if not self.is_active():
            raise ReadTooFar
        self._i = bisect_left(self._ids, id, lo=self._i)

    def value(self) -> bytes:
        field = self._field
        if field.values is not None and field.value_at is not None:
            place = field.at[self._number] + self._i
            return bytes(field.values[field.value_at[place] : field.value_at[place + 1]])
        if field.counts is None:
            return b""
        counts, positions = field.positions_of(self._number)
        if self._ends is None:
            self._ends = np.cumsum(counts, dtype=np.int64)
        end = int(self._ends[self._i])
        return bytes(self._format.encode(positions[end - int(counts[self._i]) : end].tolist()))

    def block_min_length(self) -> int:
        return 1

    def block_max_length(self) -> int:
        return int(LENGTHS[255])


class FieldCursor(base.FieldCursor):
    """Walks the terms of a field; past the last one there is no text."""

    def __init__(self, field: Postings, fieldobj: Any) -> None:
        self._field, self._fieldobj = field, fieldobj
        self._number = 0

    def first(self) -> str | None:
        self._number = 0
        return self.text()

    def find(self, string: str | bytes) -> str | None:
        term = string if isinstance(string, bytes) else self._fieldobj.to_bytes(string)
        self._number = self._field.terms.ceiling(term)
        return self.text()

    def next(self) -> str | None:
        self._number += 1
        return self.text()

    def text(self) -> str | None:
        return self._fieldobj.from_bytes(self._field.terms[self._number]) if self.is_valid() else None

    def term_info(self) -> TermInfo | None:
        return _info(self._field, self._number) if self.is_valid() else None

    def is_valid(self) -> bool:
        return self._number < len(self._field.terms)
