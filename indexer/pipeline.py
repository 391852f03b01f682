"""Archives in, a new generation of the index out.

    sources.find -> tasks -> Worker: read, clean ── keys ──> Join -> places -> Worker: prepare -> Merge -> verify -> switch
                                       └─ drafts wait in a temporary file of each worker ─┘

Everything is read before anything is placed: only then it is known which copy of a post is the best one. Reading small files,
cleaning and preparing run in worker processes, all else in this one. What comes out is the same for any number of them: batches
are joined and written in the order in which they were read. Everything that was seen is in the `IndexReport`: indexed, or skipped
with a reason.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, TextIO

from indexer import engine, redaction, sources
from indexer.accounting import IndexReport, SourceReport
from indexer.archive import Capture, Comment, Item, Post, Skipped
from indexer.engine.generations import IMPORT_REPORT, Generation, Generations, Manifest, rebuild
from indexer.engine.port import SearchRequest
from indexer.errors import (
    BackfileError,
    CorruptIndexError,
    IndexLockedError,
    IndexStoreError,
    NoIndexError,
    SettingError,
    SourceError,
)
from indexer.joining import Copy, Dropped, Join
from indexer.merge import Merge
from indexer.redaction import Redactions
from indexer.settings import DEFAULT_LANGUAGE, Settings, index_flag
from indexer.sources.base import Format, InputFile, unheard
from indexer.steps import Read, ReadFiles, ReadItems, Result, Task, Worker, Write, Written
from indexer.workers import Pool

_JOINING, _WRITING, _CHECKING = "Joining", "Writing the index", "Checking the index"
# Stages that cannot tell how far they are.
UNMEASURED = (_JOINING, _WRITING, _CHECKING)
# What goes to a worker at a time: enough that sending it costs little beside cleaning it, little enough that all that is out
# takes no memory to speak of. Of comments the first bound comes first, of long posts the second (characters of HTML).
_BATCH_ITEMS = 256
_BATCH_LENGTH = 256 * 1024
# Files that are read in the worker processes, several at a time. Larger ones are read here, so that several processes clean them.
_SMALL_FILE = 1024 * 1024
# Bytes of input below which no processes are started. On two cores, beside other work, 4 MB took 1.7 and 3.7 s with two workers
# and 1.8 and 2.4 without; 10 MB took 3.3 and 3.6 s with them, 3.4 and 3.5 without.
_SMALL = 10_000_000
# Worker processes unless the settings say more. In exports workers have one to two and a half times as much to do as the
# main process, which reads and writes: more would wait for it, and each takes some 90 MB of memory.
_MOST_PROCESSES = 4


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


@dataclass(frozen=True, slots=True)
class Source:
    """An archive to read, a file or a directory; ``format_name`` as given with ``--format``, "" to detect it."""

    path: Path
    format_name: str = ""

    @property
    def archive(self) -> str:
        """What documents say of where they came from, the same whatever directory a run is started in."""
        return str(self.path.absolute())


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
    named = [Source(path, format_name or "") for path in paths]
    return _run(named, settings, None, partial, progress or Silent())


def update(
    paths: Sequence[Path],
    settings: Settings,
    *,
    format_name: str | None = None,
    partial: bool = False,
    progress: Progress | None = None,
) -> IndexReport:
    """Read again what the index was built from, and ``paths`` with it, and change what is new, changed or gone.

    What is in the index afterwards is what `build` from the same sources would put there. With ``partial`` a source that is
    missing or cannot be read to its end keeps its documents. Without an index this is `build`. Raises as that does, and
    `SettingError` where the settings say another language than the index.
    """
    try:
        base = Generations(settings.index_dir).current()
    except NoIndexError:
        if not paths:
            raise
        return build(paths, settings, format_name=format_name, partial=partial, progress=progress)
    language = base.manifest.language
    if settings.language not in (language, ""):
        raise SettingError(
            f"The index in {settings.index_dir} is in {language}, and the setting language says {settings.language}.",
            rebuild(settings.index_dir),
        )
    if damage := base.damage():  # copied, it would pass for sound
        raise CorruptIndexError(f"{base.path}: {'; '.join(damage)}.", rebuild(settings.index_dir))
    known = [Source(Path(row["path"]), row["format"]) for row in base.manifest.sources]
    archives = {source.archive for source in known}
    new = [Source(path, format_name or "") for path in paths]
    everything = known + [source for source in new if source.archive not in archives]
    return _run(everything, settings, base, partial, progress or Silent())


def _run(
    named: Sequence[Source], settings: Settings, base: Generation | None, partial: bool, progress: Progress
) -> IndexReport:
    """Read all sources and switch to a new generation, made of ``base`` and what is not in it, in its language."""
    started = time.perf_counter()
    redactions = _redactions(settings)
    generations = Generations(settings.index_dir)
    held = {row["path"] for row in base.manifest.sources} if base else set()
    inputs = [
        _find_again(source, settings, progress, partial) if source.archive in held else _find(source, progress)
        for source in named
    ]
    size = sum(file.size for source in inputs for file in source.files)
    progress.total(size)
    fingerprint = _fingerprint(inputs, settings)
    with generations.building() as folder:
        if base and generations.current().name != base.name:
            raise IndexLockedError(
                f"Another backfile wrote to {settings.index_dir} in the meantime. Nothing was changed.",
                "Run the update again.",
            )
        with (folder / IMPORT_REPORT).open("w", encoding="utf-8", errors="backslashreplace") as log:
            run = _Run(inputs, partial, redactions, progress, log)
            language = base.manifest.language if base else settings.language
            writer = engine.open_writer(
                folder, language or DEFAULT_LANGUAGE, settings.memory_mb, base.path if base else None
            )
            with writer:
                merge = Merge(writer, base, settings, redactions)
                workers = [
                    Worker(writer.preparer(), redactions, merge.prints, folder)
                    for _ in range(_processes(settings.jobs, size))
                ]
                with closing(workers[0]), Pool(workers) as pool:  # a single one works here
                    run.read(pool)
                    if not language:
                        language = run.language
                        writer.set_language(language)
                    run.join(required=base is None)
                    run.write(pool, merge)
                merge.finish([source.archive for source in inputs if not source.report.whole])
                progress.stage(_WRITING)
                committing = time.perf_counter()
        run.stages["commit"] = time.perf_counter() - committing
        report = run.report(folder.name, merge, language)
        report.seconds = time.perf_counter() - started
        manifest = engine.new_manifest(
            language=language,
            blog=run.blog or _kept_blog(base, inputs, redactions),
            counts={name: count + merge.kept[name] for name, count in report.counts.items()},
            report=report.payload(),
            sources=[{"path": source.archive, "format": source.format_name} for source in named],
            inputs=fingerprint if all(source.whole for source in report.sources) else "",
        )
        progress.stage(_CHECKING)
        with run.timed("verify"):
            _verify(Generation(folder, manifest), run.sample, settings)
            # What was taken down is to be on the disk no more, also where it was before.
            generations.switch(folder, manifest, forget=any(report.redactions.values()))
        report.seconds = time.perf_counter() - started
    return report


def _kept_blog(base: Generation | None, inputs: Sequence[_Input], redactions: Redactions) -> Mapping[str, str]:
    """What the index knew of the blog, while a source that may have said it could not be read; else what a rebuild has."""
    if base is None or all(source.report.whole for source in inputs):
        return {}
    return {
        name: redactions.address(value) if name == "url" else redactions.text(value)
        for name, value in base.manifest.blog.items()
    }


@dataclass(slots=True)
class _Input:
    """A source with its files, and what became of it."""

    source: Source
    forced: Format | None
    files: list[InputFile]
    report: SourceReport

    @property
    def archive(self) -> str:
        return self.source.archive

    @property
    def is_one_file(self) -> bool:
        return len(self.files) == 1 and self.source.path.is_file()


def _find(source: Source, progress: Progress) -> _Input:
    """The files of a source."""
    forced = sources.format_named(source.format_name) if source.format_name else None
    files = sources.find(source.path, progress.read)
    return _Input(source, forced, files, SourceReport(source=str(source.path), files=len(files)))


def _find_again(source: Source, settings: Settings, progress: Progress, partial: bool) -> _Input:
    """The same of a source that the index was built from; with ``partial`` it may be gone, and its report says so."""
    try:
        return _find(source, progress)
    except SourceError as error:
        if partial:
            return _Input(source, None, [], SourceReport(source=str(source.path), incomplete=error.reason))
        raise SourceError(
            f"{error.reason} The index was built from it.",
            "Bring it back, keep what the index has of it with --partial, or rebuild the index without it: "
            f"backfile index{index_flag(settings.index_dir)} SOURCE...",
        ) from error


def _redactions(settings: Settings) -> Redactions:
    return redaction.load(settings.redactions, required=settings.redactions != Settings().redactions)


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
    inputs = [_find(Source(path, format_name or ""), Silent()) for path in paths]
    same = manifest.inputs == _fingerprint(inputs, settings) and settings.language in (manifest.language, "")
    return manifest if same else None


def _fingerprint(inputs: Sequence[_Input], settings: Settings) -> str:
    """Changes when a file is added, removed, renamed, resized or written to, or read as another format, or redactions are, and
    with the language setting."""
    digest = hashlib.blake2b(settings.language.encode(), digest_size=16)
    files = [(i.archive, i.source.format_name, file.name, file.path) for i in inputs for file in i.files]
    if settings.redactions.is_file():
        files.append(("", "", "", settings.redactions))
    for archive, format_name, name, path in files:
        status = path.stat()
        row = f"{archive}\0{format_name}\0{name}\0{status.st_size}\0{status.st_mtime_ns}\n"
        digest.update(row.encode(errors="replace"))
    return digest.hexdigest()


class _Run:
    """The state of one run over all sources."""

    def __init__(
        self,
        inputs: Sequence[_Input],
        partial: bool,
        redactions: Redactions,
        progress: Progress,
        log: TextIO,
    ) -> None:
        self._inputs, self._partial = inputs, partial
        self._redactions, self._progress, self._log = redactions, progress, log
        self._reports = [source.report for source in inputs]
        self._join = Join({row.name: row.rank for row in sources.formats()}, redactions.documents)
        # Per batch: the number of its source, and the bytes that its worker reads.
        self._batches: list[tuple[int, int]] = []
        self._hits: Counter[str] = Counter()
        self.blog: dict[str, str] = {}
        # Per source how often each language is said to be the blog's.
        self._languages: list[Counter[str]] = [Counter() for _ in inputs]
        self.stages: dict[str, float] = dict.fromkeys(("read", "clean", "join", "prepare", "index"), 0.0)
        self.sample = ""

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            self.stages[stage] = self.stages.get(stage, 0.0) + time.perf_counter() - started

    # --- reading -------------------------------------------------------------------------------------------------------

    def read(self, pool: Pool[Task, Result]) -> None:
        """Read and clean everything; the join knows all keys after it."""
        started, at = time.perf_counter(), 0
        for batch, (_, result) in enumerate(pool.map(self._tasks())):
            assert isinstance(result, Read)
            number, size = self._batches[batch]
            if number != at:
                self._reports[at].seconds, started, at = time.perf_counter() - started, time.perf_counter(), number
            self._take(result, number)
            self._progress.read(size)
        self._reports[at].seconds = time.perf_counter() - started
        for source in self._inputs:
            path, report = source.source.path, source.report
            nothing = not report.formats.total() and not report.incomplete
            if path.is_dir() and nothing and set(report.skipped) <= {"unrecognised", "empty"}:
                raise SourceError(
                    f"Nothing in {path} is an archive that Backfile reads ({report.files:,} files).",
                    "See: backfile formats",
                )

    def _take(self, result: Read, number: int) -> None:
        """What a worker read of a source."""
        report = self._reports[number]
        for error in result.errors:
            self._incomplete(error, report)
        for note in result.notes:
            report.note(note, self._log)
            report.read += isinstance(note, Skipped)
        report.read += len(result.keys)
        report.formats += result.formats
        self._hits += result.hits
        self.stages["clean"] += result.seconds
        self._languages[number] += result.languages
        if result.blog and not self.blog:
            self.blog = {"name": result.blog.name, "description": result.blog.description, "url": result.blog.url}
        self._join.add(number, result.keys)

    @property
    def language(self) -> str:
        """What the first source that says a language says most often; English where none does."""
        said = next(filter(None, self._languages), None)
        return said.most_common(1)[0][0] if said else DEFAULT_LANGUAGE

    def _incomplete(self, error: SourceError, report: SourceReport) -> None:
        if not self._partial:
            raise error
        report.incomplete = report.incomplete or self._redactions.text(error.reason)

    def _tasks(self) -> Iterator[Task]:
        """All sources as tasks: small files several at a time, of large ones the items."""
        for number, source in enumerate(self._inputs):
            self._progress.stage(f"Reading {source.source.path.name or source.source.path}")
            small: list[InputFile] = []
            for file in source.files:
                if file.size > _SMALL_FILE:
                    yield from self._task_of(small, number)
                    for items in self._items(file, source):
                        self._batches.append((number, 0))
                        yield ReadItems(items)
                    continue
                small.append(file)
                if len(small) == _BATCH_ITEMS or sum(file.size for file in small) >= _BATCH_LENGTH:
                    yield from self._task_of(small, number)
            yield from self._task_of(small, number)

    def _task_of(self, files: list[InputFile], number: int) -> Iterator[Task]:
        """A task for these files, which are then forgotten."""
        if files:
            source = self._inputs[number]
            silent = tuple(replace(file, on_bytes=unheard) for file in files)
            self._batches.append((number, sum(file.size for file in files)))
            files.clear()
            yield ReadFiles(silent, source.forced, alone=source.is_one_file)

    def _items(self, file: InputFile, source: _Input) -> Iterator[tuple[Item, ...]]:
        """The items of a file in batches, cut by number and length."""
        batch: list[Item] = []
        length = 0
        failure: SourceError | None = None
        started = time.perf_counter()
        try:
            for item in sources.unexpanded(file, source.forced, alone=source.is_one_file):
                batch.append(item)
                length += _length(item)
                if len(batch) == _BATCH_ITEMS or length >= _BATCH_LENGTH:
                    self.stages["read"] += time.perf_counter() - started
                    yield tuple(batch)
                    batch, length, started = [], 0, time.perf_counter()
        except SourceError as error:
            failure = error
        self.stages["read"] += time.perf_counter() - started
        if batch:
            yield tuple(batch)
        if failure:
            self._incomplete(failure, source.report)

    # --- joining and writing -------------------------------------------------------------------------------------------

    def join(self, required: bool) -> None:
        """Decide what is a copy, and where everything belongs. Nothing at all is an error, unless there was more to read."""
        self._progress.stage(_JOINING)
        with self.timed("join"):
            self._join.settle()
        self._hits.update({self._redactions.documents[name]: n for name, n in self._join.taken_down.items()})
        if not self._join.posts and (required or all(report.whole for report in self._reports)):
            skipped = sum((report.skipped for report in self._reports), Counter())
            dropped = (why for batch in range(len(self._batches)) for _, why in self._join.dropped(batch))
            skipped.update("duplicate" if isinstance(why, Copy) else why.reason for why in dropped)
            reasons = (
                ", ".join(f"{count:,} {reason}" for reason, count in skipped.most_common()) or "they hold no items"
            )
            raise SourceError(
                f"There is no published post to index in {', '.join(r.source for r in self._reports)} ({reasons}).",
                "See: backfile formats",
            )

    def write(self, pool: Pool[Task, Result], merge: Merge) -> None:
        """Have every item that is kept prepared, and write it; note the others."""
        self._progress.stage(_WRITING)
        asked = self._asked()
        locators: dict[tuple[int, int], tuple[str, str]] = {}
        documents = 0
        for batch, (task, written) in enumerate(pool.map(self._writes(asked))):
            assert isinstance(task, Write)
            assert isinstance(written, Written)
            self._count(task, self._reports[self._batches[batch][0]])
            locators |= {(batch, place): locator for place, locator in written.locators.items()}
            self.stages["prepare"] += written.seconds
            self.sample = self.sample or written.sample
            with self.timed("index"):
                merge.add(written)
            documents += len(written.prepared.ids)
            self._progress.indexed(documents)
        for batch, (number, _) in enumerate(self._batches):
            for place, why in self._join.dropped(batch):
                note = _skipped(why, *locators[batch, place], locators)
                cleared = replace(note, detail=self._redactions.text(note.detail))
                self._reports[number].note(cleared, self._log)

    def _asked(self) -> list[list[int]]:
        """Per batch the places whose locators the report needs: of what is left out, and of what that is a copy of."""
        asked: list[set[int]] = [set() for _ in self._batches]
        for batch, places in enumerate(asked):
            for place, why in self._join.dropped(batch):
                places.add(place)
                if isinstance(why, Copy):
                    asked[why.batch].add(why.place)
        return [sorted(places) for places in asked]

    def _writes(self, asked: Sequence[Collection[int]]) -> Iterator[Write]:
        for batch, (number, _) in enumerate(self._batches):
            yield Write(tuple(self._join.places(batch)), tuple(asked[batch]), self._inputs[number].archive)

    def _count(self, task: Write, report: SourceReport) -> None:
        for place in task.places:
            if place:
                report.kept(place.kind)

    def report(self, generation: str, merge: Merge, language: str) -> IndexReport:
        """All of it; raises `BackfileError` where something that was read is not accounted for."""
        for report in self._reports:
            if report.read != report.indexed + report.skipped.total():
                raise BackfileError(
                    f"Of {report.read:,} items in {report.source} {report.indexed + report.skipped.total():,} are accounted for. "
                    "The index was not changed. Please report this."
                )
        hits = self._hits + merge.hits
        redactions = {label: hits[label] for label in self._redactions.labels}
        return IndexReport(
            sources=self._reports,
            generation=generation,
            language=language,
            stages=self.stages,
            redactions=redactions,
            changes=merge.changes,
        )


def _length(item: Item) -> int:
    """About how much work there is in an item, in characters or bytes."""
    return len(item.body) if isinstance(item, Capture) else len(item.html) if isinstance(item, Post | Comment) else 0


def _skipped(
    why: Copy | Dropped, source: str, locator: str, locators: Mapping[tuple[int, int], tuple[str, str]]
) -> Skipped:
    """The note of an item that is left out."""
    if isinstance(why, Dropped):
        return Skipped(source=source, locator=locator, reason=why.reason, detail=why.detail)
    of = locators[why.batch, why.place][1]
    return Skipped(source=source, locator=locator, reason="duplicate", detail=f"the same as {of}")


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
