"""Documents to Whoosh segments, by the array.

    documents -> batches (preparing) -> runs, sorted (inversion) -> one segment (merging) -> Whoosh's table of contents, facts

Stored fields go to the disk as they come. A run is a file of postings; as many documents as the memory setting allows make
one. One run becomes the segment's file as it is, several are merged.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from whoosh import index
from whoosh.index import TOC, LockError, clean_files

from indexer.engine.analysis import Analyzer
from indexer.engine.port import Document, Prepared
from indexer.engine.whoosh.arrayfile import Array, ArrayFile, ArrayFileWriter
from indexer.engine.whoosh.codec import DOCUMENTS, POSTINGS, ArrayCodec, path_of, write_lengths
from indexer.engine.whoosh.facts import Facts
from indexer.engine.whoosh.fields import whoosh_schema
from indexer.engine.whoosh.inversion import Inverter
from indexer.engine.whoosh.merging import merge_postings
from indexer.engine.whoosh.preparing import BatchMaker, PreparedDocuments
from indexer.engine.whoosh.segments import gather_facts, open_facts, open_segments, write_facts
from indexer.engine.whoosh.stored import StoredWriter

# Documents that `WhooshWriter.add` gathers into a batch.
_BATCH = 500
# What a process takes before it has seen a word, and with its tables of words, in bytes.
_FIXED = 150_000_000
# What a token takes while its run is sorted: its number, the sort key, document, position and the postings so far.
# Measured with these: a run of 11.7 million tokens, with which 512 MB are full, peaks at 460 MB.
_PER_TOKEN = 30


class WhooshWriter:
    """An `indexer.engine.port.IndexWriter` on a directory: a new index, or one more segment of the one that is there.

    ``memory`` bounds, in bytes, what the process takes while it inverts; tables that grow with the number of documents
    (not of words) come on top, about 60 bytes each. Building aside, locking and switching are the business of
    `indexer.engine.generations`.
    """

    def __init__(self, directory: Path, analyzer: Analyzer, memory: int) -> None:
        self._directory = directory
        self._analyzer = analyzer
        self._most_tokens = max(1, (memory - _FIXED) // _PER_TOKEN)
        path = str(directory)
        self._index = index.open_dir(path) if index.exists_in(path) else index.create_in(path, whoosh_schema())

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
        self._schema, self._segments, self._generation = toc.schema, toc.segments, toc.generation
        self._opened = open_segments(self._index.storage, self._segments)
        self._segment = ArrayCodec().new_segment(self._index.storage, self._index.indexname)
        self._inverter = Inverter(self._analyzer)
        self._runs: list[tuple[Path, int]] = []
        self._lengths: dict[str, list[Array]] = {}
        self._facts = Facts()
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
            for path in [path for path, _ in self._runs] + (
                [] if self._committed else [self._path(DOCUMENTS), self._path(POSTINGS)]
            ):
                path.unlink(missing_ok=True)
            self._lock.release()
            self._index.close()

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
        """Delete documents of the segments that are there; they go when this writer commits."""
        wanted = list(ids)
        for segment, opened in zip(self._segments, self._opened, strict=True):
            for id in wanted:
                for number in opened.documents_of(id):
                    segment.delete_document(number)

    def fingerprints(self) -> Mapping[str, str]:
        segments = open_segments(self._index.storage, TOC.read(self._index.storage, self._index.indexname).segments)
        prints = open_facts(self._directory, segments).fingerprints
        return {
            term.decode(): prints[segment.base + number].tobytes().hex()
            for segment in segments
            for term in segment.fields["id"].terms
            for number in segment.documents_of(term.decode())
        }

    def _path(self, extension: str) -> Path:
        return path_of(self._index.storage, self._segment, extension)

    def _flush_waiting(self) -> None:
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            self._add(self._own(waiting), None)

    def _add(self, batch: PreparedDocuments, kept: list[int] | None) -> None:
        self._stored.append(batch.packed, kept)
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
        if self._inverter.documents or not self._runs:
            self._flush_run()
        documents = len(self._facts)
        with self._documents as file:
            self._stored.finish("json")
            write_lengths({name: np.concatenate(parts) for name, parts in self._lengths.items()}, documents, file)
        if len(self._runs) == 1:
            self._runs.pop()[0].rename(self._path(POSTINGS))
        else:
            with ArrayFileWriter(self._path(POSTINGS)) as out:
                merge_postings([ArrayFile(path) for path, _ in self._runs], [size for _, size in self._runs], out)
        self._segment.set_doc_count(documents)
        segments = [*self._segments, self._segment] if documents else self._segments
        storage, name = self._index.storage, self._index.indexname
        opened = open_segments(storage, segments)
        write_facts(self._directory, opened, gather_facts(opened) if self._segments else self._facts)
        self._committed = True
        TOC(self._schema, segments, self._generation + 1).write(storage, name)
        clean_files(storage, name, self._generation + 1, segments)
