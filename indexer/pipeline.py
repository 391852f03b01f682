"""Archives in, a new generation of the index out.

    sources.find -> tasks -> Worker: read, clean ── keys ──> Join -> places -> Worker: prepare -> Merge -> verify -> switch
                                       └─ drafts wait in a temporary file of each worker ─┘

Everything is read before anything is placed: only then it is known which copy of a post is the best one. Reading small files,
cleaning and preparing run in worker processes, all else in this one. What comes out is the same for any number of them: batches
are joined and written in the order in which they were read. Everything that was seen is in the `IndexReport`: indexed, or skipped
with a reason.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

from indexer import engine, redaction, remains, sources
from indexer.accounting import IndexReport, SourceReport, Stages
from indexer.archive import Blog, Skipped
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
from indexer.inputs import Input, Source, find, find_again, fingerprint
from indexer.joining import Copy, Dropped, Join
from indexer.merge import Merge
from indexer.progress import CHECKING, JOINING, WRITING, Progress, Silent
from indexer.reading import Reading
from indexer.redaction import Redactions
from indexer.settings import DEFAULT_LANGUAGE, Settings
from indexer.steps import Result, Task, Worker, Write, Written, cleared
from indexer.workers import Pool

# Bytes of input below which no processes are started. On two cores, beside other work, 4 MB took 1.7 and 3.7 s with two workers
# and 1.8 and 2.4 without; 10 MB took 3.3 and 3.6 s with them, 3.4 and 3.5 without.
_SMALL = 10_000_000
# Worker processes unless the settings say more. In exports workers have one to two and a half times as much to do as the
# main process, which reads and writes: more would wait for it, and each takes some 90 MB of memory.
_MOST_PROCESSES = 4


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
    held = {row["path"]: row for row in base.manifest.sources} if base else {}
    inputs = [
        find_again(source, settings, progress, partial) if source.archive in held else find(source, progress)
        for source in named
    ]
    size = sum(file.size for source in inputs for file in source.files)
    progress.total(size)
    files = fingerprint(inputs, settings)
    with generations.building() as folder:
        if base and generations.current().name != base.name:
            raise IndexLockedError(
                f"Another backfile wrote to {settings.index_dir} in the meantime. Nothing was changed.",
                "Run the update again.",
            )
        with (folder / IMPORT_REPORT).open("w", encoding="utf-8", errors="backslashreplace") as log:
            run = _Run(inputs, settings, base, redactions, progress, log, partial=partial)
            merge = run.fill(folder, _processes(settings.jobs, size))
        for source in inputs:
            _remember(source, held.get(source.archive, {}), redactions)
        report = run.report(folder.name, merge)
        report.seconds = time.perf_counter() - started
        manifest = _manifest(inputs, run.language, report, merge.kept, files)
        progress.stage(CHECKING)
        with run.stages.timed("verify"):
            _verify(Generation(folder, manifest), run.sample, settings)
            # What was taken down is to be on the disk no more, also where it was before.
            generations.switch(folder, manifest, forget=any(report.redactions.values()))
        report.seconds = time.perf_counter() - started
    return report


def _manifest(
    inputs: Sequence[Input], language: str, report: IndexReport, kept: Mapping[str, int], files: str
) -> Manifest:
    """What the generation says of itself; ``kept`` counts what it has beside what was read, ``files`` is their fingerprint."""
    blogs = [source.blog for source in inputs]
    said = [{"name": b.name, "description": b.description, "url": b.url} if b else None for b in blogs]
    return engine.new_manifest(
        language=language,
        blog=next(filter(None, said), {}),
        counts={name: count + kept.get(name, 0) for name, count in report.counts.items()},
        report=report.payload(),
        sources=[
            {"path": source.archive, "format": source.source.format_name, "blog": blog}
            for source, blog in zip(inputs, said, strict=True)
        ],
        inputs=files if all(source.whole for source in report.sources) else "",
    )


def _remember(source: Input, row: Mapping[str, Any], redactions: Redactions) -> None:
    """Of a source that was not read to its end, what it said of the blog when the index was made."""
    if not (source.report.whole or source.blog) and row.get("blog"):
        source.blog = cleared(Blog(source="", **row["blog"]), redactions)


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
    inputs = [find(Source(path, format_name or ""), Silent()) for path in paths]
    same = manifest.inputs == fingerprint(inputs, settings) and settings.language in (manifest.language, "")
    return manifest if same else None


class _Run:
    """The state of one run over all sources; ``base`` is the generation that it begins with."""

    def __init__(
        self,
        inputs: Sequence[Input],
        settings: Settings,
        base: Generation | None,
        redactions: Redactions,
        progress: Progress,
        log: TextIO,
        *,
        partial: bool,
    ) -> None:
        self._inputs, self._settings, self._base = inputs, settings, base
        self._redactions, self._progress, self._log = redactions, progress, log
        self._reports = [source.report for source in inputs]
        self._join = Join({row.name: row.rank for row in sources.formats()}, redactions.documents)
        self.stages = Stages(dict.fromkeys(("read", "clean", "join", "prepare", "index"), 0.0))
        self._reading = Reading(inputs, self._join, redactions, progress, log, self.stages, partial=partial)
        self._read = 0  # how many batches were read; those that follow are of what the index holds
        self.sample = ""
        # "" until the archives said theirs.
        self.language = base.manifest.language if base else settings.language

    def fill(self, folder: Path, processes: int) -> Merge:
        """Write the index in ``folder``."""
        settings, base = self._settings, self._base
        language = self.language or DEFAULT_LANGUAGE
        writer = engine.open_writer(folder, language, settings.memory_mb, base.path if base else None)
        with writer:
            merge = Merge(writer, updates=base is not None)
            workers = [Worker(writer.preparer(), self._redactions, merge.prints, folder) for _ in range(processes)]
            with closing(workers[0]), Pool(workers) as pool:  # a single one works here
                self._reading.read(pool)
                self._read = len(self._reading.batches)
                if not self.language:
                    self.language = self._reading.language
                    writer.set_language(self.language)
                self._join_read()
                if base:
                    self._hold(base, merge, pool)
                self._write(pool, merge)
            merge.finish()
            self._progress.stage(WRITING)
            committing = time.perf_counter()
        self.stages["commit"] = time.perf_counter() - committing
        return merge

    def _join_read(self) -> None:
        """Decide what is a copy, and where everything belongs. Nothing at all is an error, unless there was more to read."""
        self._progress.stage(JOINING)
        with self.stages.timed("join"):
            self._join.settle()
        if not self._join.posts and (self._base is None or all(report.whole for report in self._reports)):
            skipped = sum((report.skipped for report in self._reports), Counter())
            dropped = (why for batch in range(self._read) for _, why in self._join.dropped(batch))
            skipped.update("duplicate" if isinstance(why, Copy) else why.reason for why in dropped)
            reasons = (
                ", ".join(f"{count:,} {reason}" for reason, count in skipped.most_common()) or "they hold no items"
            )
            raise SourceError(
                f"There is no published post to index in {', '.join(r.source for r in self._reports)} ({reasons}).",
                "See: backfile formats",
            )

    def _hold(self, base: Generation, merge: Merge, pool: Pool[Task, Result]) -> None:
        """Where a source was not read to its end, decide again, with what the index holds of it."""
        numbers = {source.archive: number for number, source in enumerate(self._inputs)}
        unread = {source.archive for source in self._inputs if not source.report.whole}
        incomplete = {source.archive for source in self._inputs if source.report.incomplete}
        ids = remains.chosen(merge.held, self._placed(), unread, incomplete) if unread else ()
        if ids:
            batches = remains.batches(base, self._settings, ids)
            self._reading.hold(pool, ((numbers[archive], items) for archive, items in batches))
            with self.stages.timed("join"):
                known = merge.held.place
                self._join.settle({numbers[archive] for archive in unread}, lambda id: known(id) >= 0)

    def _placed(self) -> Iterator[tuple[str, str]]:
        for batch, number in enumerate(self._reading.batches):
            archive = self._inputs[number].archive
            yield from ((place.id, archive) for place in self._join.places(batch) if place)

    def _write(self, pool: Pool[Task, Result], merge: Merge) -> None:
        """Have every item that is kept prepared, and write it; note the others."""
        self._progress.stage(WRITING)
        locators: dict[tuple[int, int], tuple[str, str]] = {}
        documents = 0
        for batch, (task, written) in enumerate(pool.map(self._writes(self._asked()))):
            assert isinstance(task, Write)
            assert isinstance(written, Written)
            locators |= {(batch, place): locator for place, locator in written.locators.items()}
            self.stages["prepare"] += written.seconds
            self.sample = self.sample or written.sample
            with self.stages.timed("index"):
                if batch < self._read:
                    self._count(task, self._reports[self._reading.batches[batch]])
                    merge.add(written)
                else:
                    merge.keep(task, written)
            documents += len(written.prepared.ids)
            self._progress.indexed(documents)
        for batch, number in enumerate(self._reading.batches[: self._read]):
            for place, why in self._join.dropped(batch):
                note = _skipped(why, *locators[batch, place], locators)
                cleared = replace(note, detail=self._redactions.text(note.detail))
                self._reports[number].note(cleared, self._log)

    def _asked(self) -> list[list[int]]:
        """Per batch the places whose locators the report needs: of what is left out, and of what that is a copy of."""
        asked: list[set[int]] = [set() for _ in self._reading.batches]
        for batch, places in enumerate(asked[: self._read]):
            for place, why in self._join.dropped(batch):
                places.add(place)
                if isinstance(why, Copy):
                    asked[why.batch].add(why.place)
        return [sorted(places) for places in asked]

    def _writes(self, asked: Sequence[Collection[int]]) -> Iterator[Write]:
        for batch, number in enumerate(self._reading.batches):
            yield Write(tuple(self._join.places(batch)), tuple(asked[batch]), self._inputs[number].archive)

    def _count(self, task: Write, report: SourceReport) -> None:
        for place in task.places:
            if place:
                report.kept(place.kind)

    def report(self, generation: str, merge: Merge) -> IndexReport:
        """All of it; raises `BackfileError` where something that was read is not accounted for."""
        for report in self._reports:
            if report.read != report.indexed + report.skipped.total():
                raise BackfileError(
                    f"Of {report.read:,} items in {report.source} {report.indexed + report.skipped.total():,} are accounted for. "
                    "The index was not changed. Please report this."
                )
        taken_down = {self._redactions.documents[name]: n for name, n in self._join.taken_down.items()}
        hits = self._reading.hits + Counter(taken_down)
        redactions = {label: hits[label] for label in self._redactions.labels}
        return IndexReport(
            sources=self._reports,
            generation=generation,
            language=self.language,
            stages=self.stages,
            redactions=redactions,
            changes=merge.changes,
        )


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
