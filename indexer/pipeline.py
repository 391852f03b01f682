"""Archives in, a new generation of the index out.

    sources.find -> sources.read -> Placer -> batches -> Cleaner -> IndexWriter -> verify -> switch

Cleaning runs in worker processes, all else in this one. What comes out is the same for any number of them: batches are
written in the order in which they were read. Everything that was seen is in the `IndexReport`: indexed, or skipped with a
reason.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Protocol, TextIO

from indexer import engine, sources
from indexer.archive import Blog, Capture, Item, Post, Repaired, Skipped
from indexer.documents import Batch, Cleaned, Cleaner, Entry, Placed, Placer
from indexer.engine.generations import Generation, Generations, Manifest
from indexer.engine.port import IndexWriter, SearchRequest
from indexer.errors import CorruptIndexError, IndexStoreError, SourceError
from indexer.settings import Settings
from indexer.sources.base import Format, InputFile
from indexer.workers import Pool

IMPORT_REPORT = "import-report.jsonl"
_WRITING, _CHECKING = "Writing the index", "Checking the index"
# Stages that cannot tell how far they are.
UNMEASURED = (_WRITING, _CHECKING)
# What goes to a worker at a time: enough that sending it costs little beside cleaning it, little enough that all that is out
# takes no memory to speak of. Of comments the first bound comes first, of long posts the second (characters of HTML).
_BATCH_ITEMS = 256
_BATCH_LENGTH = 256 * 1024
# Bytes of input below which no processes are started. Starting one takes half a second of a core: on two cores, with two
# workers, 4 MB took 1.6 s instead of 1.3, 8 MB 2.6 s instead of 2.3, 15 MB 3.1 s instead of 3.7.
_SMALL = 10_000_000
# Worker processes unless the settings say more. In exports workers have one to two and a half times as much to do as the
# main process, which reads and writes: more would wait for it, and each takes some 90 MB of memory.
_MOST_PROCESSES = 4
_PLURAL = {"post": "posts", "page": "pages", "comment": "comments", "pingback": "pingbacks"}


class Progress(Protocol):
    """Hears how far a run is. ``total`` and ``read`` are bytes of input, ``indexed`` counts documents."""

    def stage(self, name: str) -> None: ...

    def total(self, size: int) -> None: ...

    def read(self, size: int) -> None: ...

    def indexed(self, documents: int) -> None: ...


class Silent:
    """Progress for nobody."""

    def stage(self, name: str) -> None: ...

    def total(self, size: int) -> None: ...

    def read(self, size: int) -> None: ...

    def indexed(self, documents: int) -> None: ...


@dataclass(slots=True, kw_only=True)
class SourceReport:
    """What became of one source. ``incomplete`` says why it was not read to its end; "" when it was."""

    source: str
    posts: int = 0
    pages: int = 0
    comments: int = 0
    pingbacks: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    repaired: Counter[str] = field(default_factory=Counter)
    files: int = 0
    formats: Counter[str] = field(default_factory=Counter)
    incomplete: str = ""
    seconds: float = 0.0

    @property
    def indexed(self) -> int:
        """Everything kept: documents, and pingbacks with their threads."""
        return self.posts + self.pages + self.comments + self.pingbacks

    def payload(self) -> dict[str, Any]:
        """The JSON of one source."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        counters = {name: dict(value.most_common()) for name, value in values.items() if isinstance(value, Counter)}
        return {**values, **counters, "seconds": round(self.seconds, 3)}


@dataclass(slots=True, kw_only=True)
class IndexReport:
    """What became of a run.

    ``stages`` are seconds per kind of work. ``read`` (and placing), ``index``, ``commit`` and ``verify`` pass one after the
    other in the main process; ``clean`` (and preparing documents for the writer) is processor time summed over the
    workers, so that all together may be more than ``seconds``.
    """

    sources: list[SourceReport]
    generation: str = ""
    seconds: float = 0.0
    stages: dict[str, float] = field(default_factory=dict)

    def total(self, name: str) -> int:
        """One of posts, pages, comments, pingbacks over all sources."""
        return sum(getattr(source, name) for source in self.sources)

    @property
    def counts(self) -> dict[str, int]:
        return {name: self.total(name) for name in _PLURAL.values()}

    @property
    def skipped(self) -> Counter[str]:
        return sum((source.skipped for source in self.sources), Counter())

    @property
    def repaired(self) -> Counter[str]:
        return sum((source.repaired for source in self.sources), Counter())

    def payload(self) -> dict[str, Any]:
        """The JSON of an index run."""
        return {
            **self.counts,
            "skipped": dict(self.skipped.most_common()),
            "repaired": dict(self.repaired.most_common()),
            "sources": [source.payload() for source in self.sources],
            "seconds": round(self.seconds, 3),
            "stages": {name: round(seconds, 3) for name, seconds in self.stages.items()},
            "generation": self.generation,
        }


def build(
    paths: Sequence[Path],
    settings: Settings,
    *,
    format_name: str | None = None,
    partial: bool = False,
    progress: Progress | None = None,
) -> IndexReport:
    """Rebuild the index from these archives, then switch to it.

    Raises `SourceError` when a source cannot be read to its end (unless ``partial``) or nothing in them can be indexed, and
    the index errors of `indexer.errors`; the index that was there then still serves.
    """
    started = time.perf_counter()
    forced = sources.format_named(format_name) if format_name else None
    progress = progress or Silent()
    generations = Generations(settings.index_dir)
    inputs = [(path, sources.find(path, progress.read)) for path in paths]
    size = sum(file.size for _, files in inputs for file in files)
    progress.total(size)
    fingerprint = _fingerprint(inputs, format_name)
    with generations.building() as path:
        run = _Run(forced, partial, progress)
        with (path / IMPORT_REPORT).open("w", encoding="utf-8", errors="backslashreplace") as log, closing(run.placer):
            run.log = log
            with engine.open_writer(path, settings.language, settings.memory_mb) as writer:
                cleaners = [Cleaner(writer.preparer()) for _ in range(_processes(settings.jobs, size))]
                with Pool(cleaners) as pool:
                    for source, files in inputs:
                        run.source(source, files, pool, writer)
                    run.late(pool, writer)
                run.check_not_empty()
                progress.stage(_WRITING)
                committing = time.perf_counter()
        run.stages["commit"] = time.perf_counter() - committing
        report = IndexReport(sources=run.reports, generation=path.name, stages=run.stages)
        report.seconds = time.perf_counter() - started
        manifest = engine.new_manifest(
            language=settings.language,
            blog=run.blog,
            counts=report.counts,
            report=report.payload(),
            inputs="" if any(source.incomplete for source in run.reports) else fingerprint,
        )
        progress.stage(_CHECKING)
        with run.timed("verify"):
            _verify(Generation(path, manifest), run.sample, settings)
            generations.switch(path, manifest)
        report.seconds = time.perf_counter() - started
    return report


def _processes(jobs: int, size: int) -> int:
    """Worker processes for ``size`` bytes of input; 1: none, the main process does their work itself."""
    if size < _SMALL:
        return 1
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return jobs or min(cores, _MOST_PROCESSES)


def unchanged(paths: Sequence[Path], settings: Settings, format_name: str | None = None) -> Manifest | None:
    """The manifest of the index in use when it was built from these very files, else None."""
    try:
        manifest = Generations(settings.index_dir).current().manifest
    except IndexStoreError:
        return None
    inputs = [(path, sources.find(path, lambda _: None)) for path in paths]
    same = manifest.inputs == _fingerprint(inputs, format_name) and manifest.language == settings.language
    return manifest if same else None


def _fingerprint(inputs: Sequence[tuple[Path, list[InputFile]]], format_name: str | None) -> str:
    """Changes when a file is added, removed, renamed, resized or written to, or read as another format."""
    digest = hashlib.blake2b((format_name or "").encode(), digest_size=16)
    for path, files in inputs:
        for file in files:
            status = file.path.stat()
            digest.update(
                f"{path.absolute()}\0{file.name}\0{status.st_size}\0{status.st_mtime_ns}\n".encode(errors="replace")
            )
    return digest.hexdigest()


def _batches(entries: Iterable[Entry]) -> Iterator[Batch]:
    """``entries`` in order, cut by number and length."""
    batch: list[Entry] = []
    length = 0
    for entry in entries:
        batch.append(entry)
        length += len(entry.item.html) if isinstance(entry, Placed) else 0
        if len(batch) == _BATCH_ITEMS or length >= _BATCH_LENGTH:
            yield tuple(batch)
            batch.clear()
            length = 0
    if batch:
        yield tuple(batch)


class _Run:
    """The state of one run over all sources."""

    def __init__(self, forced: Format | None, partial: bool, progress: Progress) -> None:
        self.forced, self.partial, self.progress = forced, partial, progress
        self.placer = Placer()
        self.reports: list[SourceReport] = []
        self.blog: dict[str, str] = {}
        self.stages: dict[str, float] = {"read": 0.0, "clean": 0.0, "index": 0.0}
        self.log: TextIO
        self.sample = ""
        self._documents = 0

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            self.stages[stage] = self.stages.get(stage, 0.0) + time.perf_counter() - started

    def source(self, path: Path, files: list[InputFile], pool: Pool[Batch, Cleaned], writer: IndexWriter) -> None:
        """Read, clean and write all files of one source."""
        started = time.perf_counter()
        report = SourceReport(source=str(path), files=len(files))
        self.reports.append(report)
        self.placer.archive = str(path)
        self.progress.stage(f"Reading {path.name or path}")
        entries = self._entries(files, report, alone=path.is_file())
        for batch, cleaned in pool.map(_batches(entries)):
            self._write(batch, cleaned, report, writer)
        report.seconds = time.perf_counter() - started
        if (
            path.is_dir()
            and not report.indexed
            and not report.incomplete
            and set(report.skipped) <= {"unrecognised", "empty", "feed"}
        ):
            raise SourceError(
                f"Nothing in {path} is an archive that Backfile reads ({len(files):,} files). See: backfile formats"
            )

    def _entries(self, files: Iterable[InputFile], report: SourceReport, alone: bool) -> Iterator[Entry]:
        """What the files hold, each item in its place."""
        for file in files:
            items = sources.read(file, self.forced, alone)
            try:
                while True:
                    with self.timed("read"):
                        item = next(items, None)
                        entry = self._entry(item, report) if item else None
                    if entry:
                        yield entry
                    elif not item:
                        break
            except SourceError as error:
                if not self.partial:
                    raise
                report.incomplete = report.incomplete or str(error)

    def _entry(self, item: Item, report: SourceReport) -> Entry | None:
        if isinstance(item, Blog):
            self.blog = self.blog or {"name": item.name, "description": item.description, "url": item.url}
            return None
        if isinstance(item, Skipped | Repaired):
            return item
        report.formats[item.source] += 1
        assert not isinstance(item, Capture)
        return self.placer.post(item) if isinstance(item, Post) else self.placer.comment(item)

    def late(self, pool: Pool[Batch, Cleaned], writer: IndexWriter) -> None:
        """The comments that came before their posts; they are counted with the last source."""
        for batch, cleaned in pool.map(_batches(self.placer.late())):
            self._write(batch, cleaned, self.reports[-1], writer)

    def _write(self, batch: Batch, cleaned: Cleaned, report: SourceReport, writer: IndexWriter) -> None:
        """Count what is in a batch, note what is left out of it, write the rest."""
        self.stages["clean"] += cleaned.seconds
        self.sample = self.sample or cleaned.sample
        dropped = set()
        places = enumerate(cleaned.prepared.ids)
        for entry in batch:
            if not isinstance(entry, Placed):
                self._note(entry, report)
                continue
            place, id = next(places)
            if copy := self.placer.copy(entry, id):
                dropped.add(place)
                self._note(copy, report)
            else:
                self._count(entry, report)
        with self.timed("index"):
            writer.add_prepared(cleaned.prepared, dropped)

    def _count(self, placed: Placed, report: SourceReport) -> None:
        name = _PLURAL[placed.item.kind]
        setattr(report, name, getattr(report, name) + 1)
        self._documents += 1
        if self._documents % 100 == 0:
            self.progress.indexed(self._documents)

    def _note(self, item: Skipped | Repaired, report: SourceReport) -> None:
        counter, count = (report.skipped, 1) if isinstance(item, Skipped) else (report.repaired, item.count)
        counter[item.reason] += count
        what = "skipped" if isinstance(item, Skipped) else "repaired"
        self.log.write(json.dumps({"what": what, **asdict(item)}, ensure_ascii=False) + "\n")

    def check_not_empty(self) -> None:
        if any(report.posts or report.pages for report in self.reports):
            return
        skipped = sum((report.skipped for report in self.reports), Counter())
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in skipped.most_common()) or "they hold no items"
        raise SourceError(
            f"There is no published post to index in {', '.join(r.source for r in self.reports)} ({reasons}). "
            "See: backfile formats"
        )


def _verify(generation: Generation, sample: str, settings: Settings) -> None:
    """Open what was written, compare its counts with the report, search for a word of it; raises `CorruptIndexError`."""
    with closing(engine.open_generation(generation, settings)) as searcher:
        wrong = generation.manifest.disagreement(searcher.search(SearchRequest(facets=())).total)
        if not wrong and not searcher.search(SearchRequest(text=sample, facets=())).listed:
            wrong = f"a search for {sample!r} finds nothing"
    if wrong:
        raise CorruptIndexError(
            f"The new index is not right: {wrong}. It was thrown away, and the one before still serves. Please report this."
        )
