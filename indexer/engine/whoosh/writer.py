"""Documents to a Whoosh segment, by the array.

    documents -> batches (preparing) -> runs, sorted (inversion) ─┐
                              the index that is there, if any ────┴─> one segment (merging), facts (columns)
                                                                      -> Whoosh's table of contents

Stored fields go to the disk as they come. A run is a file of postings; as many documents as the memory setting allows make
one. One run becomes the segment's file as it is, several are merged. Where an index is there already, the new segment is
what is left of its documents and what was added, written as if all of it were added now: scores are those of a new index,
and what was deleted is nowhere on the disk.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from whoosh import index
from whoosh.index import TOC, LockError, clean_files

from indexer.engine.analysis import Analyzer
from indexer.engine.port import Document, Prepared
from indexer.engine.whoosh.arrayfile import Array, ArrayFile, ArrayFileWriter
from indexer.engine.whoosh.codec import DOCUMENTS, POSTINGS, ArrayCodec, path_of, write_lengths
from indexer.engine.whoosh.columns import Columns
from indexer.engine.whoosh.damage import reading
from indexer.engine.whoosh.facts import FILE, Mask
from indexer.engine.whoosh.fields import whoosh_schema
from indexer.engine.whoosh.gathering import Facts
from indexer.engine.whoosh.held import WhooshHeld
from indexer.engine.whoosh.inversion import Inverter
from indexer.engine.whoosh.merging import Part, merge_documents, merge_postings
from indexer.engine.whoosh.postings import read_postings
from indexer.engine.whoosh.preparing import BatchMaker, PreparedDocuments
from indexer.engine.whoosh.segments import current_facts, documents_with, open_facts, open_segments, write_facts
from indexer.engine.whoosh.stored import StoredWriter

# Documents that `WhooshWriter.add` gathers into a batch.
_BATCH = 500
# What a process takes before it has seen a word, and with its tables of words, in bytes.
_FIXED = 150_000_000
# What a token takes while its run is sorted: its number, the sort key, document, position and the postings so far.
# Measured with these: a run of 11.7 million tokens, with which 512 MB are full, peaks at 460 MB.
_PER_TOKEN = 30
# The files of a segment; and the stored fields of what was added, until they are written with those that were there.
_EXTENSIONS = (POSTINGS, DOCUMENTS)
_ADDED = ".added"


class WhooshWriter:
    """An `indexer.engine.port.IndexWriter` on a directory: on the index that is there, else on a new one.

    With ``base``, another directory, the new index begins with what the index there holds, and that is not changed. ``memory``
    bounds, in bytes, what the process takes while it inverts; tables that grow with the number of documents (not of words)
    come on top, about 60 bytes each, and 170 while it commits. Building aside, locking and switching are the business of
    `indexer.engine.generations`.
    """

    def __init__(self, directory: Path, analyzer: Analyzer, memory: int, base: Path | None = None) -> None:
        self._directory = directory
        self._analyzer = analyzer
        self._most_tokens = max(1, (memory - _FIXED) // _PER_TOKEN)
        path = str(directory)
        if base in (None, directory) and index.exists_in(path):
            self._index, self._base = index.open_dir(path), directory
        else:
            self._index, self._base = index.create_in(path, whoosh_schema()), base or directory

    def __enter__(self) -> Self:
        self._lock = self._index.lock("WRITELOCK")
        if not self._lock.acquire():
            raise LockError
        try:
            self._begin()
        except BaseException:
            self._lock.release()
            raise
        return self

    def _begin(self) -> None:
        self._committed = False
        toc = TOC.read(self._index.storage, self._index.indexname)
        self._schema, self._generation = toc.schema, toc.generation
        with reading(), closing(index.open_dir(str(self._base), readonly=True)) as base:
            self._segments = TOC.read(base.storage, base.indexname).segments
            self._opened = open_segments(base.storage, self._segments)
        self._segment = ArrayCodec().new_segment(self._index.storage, self._index.indexname)
        self._inverter = Inverter(self._analyzer)
        self._runs: list[tuple[Path, int]] = []
        self._lengths: dict[str, list[Array]] = {}
        self._facts = Facts()
        # Ids, and how many documents had been added when each was deleted.
        self._gone: dict[bytes, int] = {}
        self._waiting: list[Document] = []
        self._own = BatchMaker()
        self._documents = ArrayFileWriter(self._path(DOCUMENTS))
        self._stored = StoredWriter(self._documents)

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        try:
            if exc_type is None:
                self._commit()
        finally:
            with suppress(Exception):  # the error that brought us here is the one to tell
                self._documents.close()
            for path in [self._path(_ADDED), *(path for path, _ in self._runs)] + (
                [] if self._committed else [self._path(DOCUMENTS), self._path(POSTINGS)]
            ):
                path.unlink(missing_ok=True)
            self._lock.release()
            self._index.close()

    def set_language(self, language: str) -> None:
        self._analyzer = Analyzer(language)
        self._inverter = Inverter(self._analyzer)

    def add(self, document: Document) -> None:
        self._waiting.append(document)
        if len(self._waiting) >= _BATCH:
            self._flush_waiting()

    def preparer(self) -> BatchMaker:
        return BatchMaker()

    def add_prepared(self, prepared: Prepared, dropped: Collection[int] = ()) -> None:
        assert isinstance(prepared, PreparedDocuments)
        self._flush_waiting()
        self._add(prepared, [n for n in range(len(prepared.ids)) if n not in dropped] if dropped else None)

    def delete(self, ids: Iterable[str]) -> None:
        self._flush_waiting()
        self._gone.update((id.encode("utf-8", "replace"), len(self._facts)) for id in ids)

    @reading()
    def held(self) -> WhooshHeld:
        return WhooshHeld(self._opened, open_facts(self._base, self._opened))

    def _path(self, extension: str) -> Path:
        return path_of(self._index.storage, self._segment, extension)

    def _flush_waiting(self) -> None:
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            self._add(self._own(waiting), None)

    def _add(self, batch: PreparedDocuments, kept: list[int] | None) -> None:
        self._stored.append(batch.packed, _mask(kept, len(batch.ids)))
        self._facts.add(batch.facts, kept)
        self._inverter.add(batch, kept)
        if self._inverter.tokens > self._most_tokens:
            self._flush_run()

    def _flush_run(self) -> None:
        """What was gathered, as a file of postings."""
        documents = self._inverter.documents
        path = self._path(f".run{len(self._runs)}")
        self._runs.append((path, documents))
        with ArrayFileWriter(path) as file:
            file.meta["fields"] = {}
            for name, postings in self._inverter.take():
                postings.write(name, file)
        for name, values in self._inverter.lengths.items():
            self._lengths.setdefault(name, []).append(values)

    def _commit(self) -> None:
        self._flush_waiting()
        with reading():
            held = [segment.kept(self._gone) for segment in self._opened]
            if self._is_left_alone(held):
                self._take_over()
                return
        if self._inverter.documents or not self._runs:
            self._flush_run()
        with self._documents as file:
            self._stored.finish("json")
            write_lengths(
                {name: np.concatenate(parts) for name, parts in self._lengths.items()}, len(self._facts), file
            )
        added = self._kept_of_added()
        with reading():
            self._write_documents(held, added)
            self._write_postings(held, added)
            columns = self._columns(held, added)
        self._segment.set_doc_count(len(columns))
        segments = [self._segment] if len(columns) else []
        write_facts(self._directory, open_segments(self._index.storage, segments), columns)
        self._finish(segments)

    def _is_left_alone(self, held: Sequence[Mask]) -> bool:
        """Whether the index that is there is the one to be written: one segment, written by a writer like this."""
        alone = len(self._opened) == 1 and not len(self._facts) and bool(held[0].all())
        return (
            alone
            and self._opened[0].documents.stored.recode is None
            and current_facts(self._base, self._opened) is not None
        )

    def _take_over(self) -> None:
        """Make the files of the base those of this index."""
        if self._base != self._directory:
            names = [segment.make_filename(extension) for segment in self._segments for extension in _EXTENSIONS]
            for name in (*names, FILE):
                _link(self._base / name, self._directory / name)
            self._finish(self._segments)

    def _kept_of_added(self) -> Mask:
        """Which of the documents that were added were not deleted later."""
        kept = np.ones(len(self._facts), dtype=bool)
        base = 0
        for path, documents in self._runs:
            if self._gone:
                for id, number in documents_with(read_postings(ArrayFile(path), "id"), self._gone):
                    kept[base + number] = base + number >= self._gone[id]
            base += documents
        return kept

    def _write_documents(self, held: Sequence[Mask], added: Mask) -> None:
        """What was added has been written as it came; written again where it is not all."""
        if self._opened or not added.all():
            path = self._path(DOCUMENTS)
            path.rename(self._path(_ADDED))
            with ArrayFileWriter(path) as out:
                merge_documents([*self._held_parts(DOCUMENTS, held), Part(ArrayFile(self._path(_ADDED)), added)], out)

    def _write_postings(self, held: Sequence[Mask], added: Mask) -> None:
        if not self._opened and added.all() and len(self._runs) == 1:
            self._runs.pop()[0].rename(self._path(POSTINGS))
            return
        ends = np.cumsum([documents for _, documents in self._runs])
        kept = np.split(added, ends[:-1])
        runs = [Part(ArrayFile(path), mask) for (path, _), mask in zip(self._runs, kept, strict=True)]
        with ArrayFileWriter(self._path(POSTINGS)) as out:
            merge_postings([*self._held_parts(POSTINGS, held), *runs], out)

    def _held_parts(self, extension: str, held: Sequence[Mask]) -> list[Part]:
        paths = [self._base / segment.make_filename(extension) for segment in self._segments]
        return [Part(ArrayFile(path), kept) for path, kept in zip(paths, held, strict=True)]

    def _columns(self, held: Sequence[Mask], added: Mask) -> Columns:
        parts = [(self._facts.columns(), added)]
        if self._opened:
            parts.insert(0, (Columns.of(open_facts(self._base, self._opened)), np.concatenate(held)))
        return Columns.joined(parts)

    def _finish(self, segments: Sequence[Any]) -> None:
        """Make these the segments of the index."""
        self._committed = self._segment in segments
        TOC(self._schema, segments, self._generation + 1).write(self._index.storage, self._index.indexname)
        clean_files(self._index.storage, self._index.indexname, self._generation + 1, segments)


def _mask(kept: Sequence[int] | None, size: int) -> Mask | None:
    if kept is None:
        return None
    mask = np.zeros(size, dtype=bool)
    mask[list(kept)] = True
    return mask


def _link(source: Path, target: Path) -> None:
    """The same file under another name, which costs nothing; a copy where the file system has no such thing."""
    try:
        os.link(source, target)
    except OSError:
        with source.open("rb") as there, target.open("wb") as here:
            shutil.copyfileobj(there, here)
            here.flush()
            os.fsync(here.fileno())
