"""Archives in, a new generation of the index out.

    sources.find -> sources.read -> DocumentMaker (clean) -> IndexWriter -> verify -> switch

Everything that was seen is in the `IndexReport`: indexed, or skipped with a reason.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Protocol, TextIO

from indexer import engine, sources
from indexer.archive import Blog, Item, Post, Repaired, Skipped
from indexer.documents import DocumentMaker
from indexer.engine import analysis
from indexer.engine.generations import Generation, Generations, Manifest
from indexer.engine.port import Document, IndexWriter, SearchRequest
from indexer.errors import CorruptIndexError, IndexStoreError, SourceError
from indexer.settings import Settings
from indexer.sources.base import Format, InputFile

IMPORT_REPORT = "import-report.jsonl"
_WRITING, _CHECKING = "Writing the index", "Checking the index"
# Stages that cannot tell how far they are.
UNMEASURED = (_WRITING, _CHECKING)
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
    """What became of a run. ``stages`` are seconds per kind of work; they add up to less than ``seconds``."""

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
    progress.total(sum(file.path.stat().st_size for _, files in inputs for file in files))
    fingerprint = _fingerprint(inputs, format_name)
    with generations.building() as path:
        run = _Run(forced, partial, progress)
        with (path / IMPORT_REPORT).open("w", encoding="utf-8", errors="backslashreplace") as log, closing(run.maker):
            run.log = log
            with engine.open_writer(path, settings.language) as writer:
                for source, files in inputs:
                    run.source(source, files, writer)
                run.late(writer)
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


class _Run:
    """The state of one run over all sources."""

    def __init__(self, forced: Format | None, partial: bool, progress: Progress) -> None:
        self.forced, self.partial, self.progress = forced, partial, progress
        self.maker = DocumentMaker()
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

    def source(self, path: Path, files: list[InputFile], writer: IndexWriter) -> None:
        """Read all files of one source."""
        started = time.perf_counter()
        report = SourceReport(source=str(path), files=len(files))
        self.reports.append(report)
        self.maker.archive = str(path)
        self.progress.stage(f"Reading {path.name or path}")
        for file in files:
            try:
                self._file(file, report, writer, alone=path.is_file())
            except SourceError as error:
                if not self.partial:
                    raise
                report.incomplete = report.incomplete or str(error)
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

    def _file(self, file: InputFile, report: SourceReport, writer: IndexWriter, alone: bool) -> None:
        items = sources.read(file, self.forced, alone)
        while True:
            with self.timed("read"):
                item = next(items, None)
            if item is None:
                return
            self._item(item, report, writer)

    def _item(self, item: Item, report: SourceReport, writer: IndexWriter) -> None:
        if isinstance(item, Blog):
            self.blog = self.blog or {"name": item.name, "description": item.description, "url": item.url}
        elif isinstance(item, Skipped | Repaired):
            self._note(item, report)
        else:
            report.formats[item.source] += 1
            with self.timed("clean"):
                made = self.maker.post(item) if isinstance(item, Post) else self.maker.comment(item)
            if made is not None:
                self._made(made, report, writer)

    def _made(self, made: Document | Skipped, report: SourceReport, writer: IndexWriter) -> None:
        if isinstance(made, Skipped):
            self._note(made, report)
            return
        with self.timed("index"):
            writer.add(made)
        name = _PLURAL[made.kind]
        setattr(report, name, getattr(report, name) + 1)
        if not self.sample and made.kind != "pingback":
            self.sample = next((word for word in analysis.words(made.text) if len(word) > 3), "")
        self._documents += 1
        if self._documents % 100 == 0:
            self.progress.indexed(self._documents)

    def _note(self, item: Skipped | Repaired, report: SourceReport) -> None:
        counter, count = (report.skipped, 1) if isinstance(item, Skipped) else (report.repaired, item.count)
        counter[item.reason] += count
        what = "skipped" if isinstance(item, Skipped) else "repaired"
        self.log.write(json.dumps({"what": what, **asdict(item)}, ensure_ascii=False) + "\n")

    def late(self, writer: IndexWriter) -> None:
        """The comments that came before their posts; they are counted with the last source."""
        for made in self.maker.late():
            self._made(made, self.reports[-1], writer)

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
