"""Reading: every source as tasks for the workers, what they found into the join and the reports."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TextIO

from indexer import sources
from indexer.accounting import SourceReport, Stages
from indexer.archive import Capture, Comment, Item, Post, Skipped
from indexer.errors import SourceError
from indexer.inputs import Input
from indexer.joining import Join
from indexer.progress import Progress
from indexer.redaction import Redactions
from indexer.settings import DEFAULT_LANGUAGE
from indexer.sources.base import InputFile, unheard
from indexer.steps import Read, ReadFiles, ReadItems, Result, Task
from indexer.workers import Pool

# What goes to a worker at a time: enough that sending it costs little beside cleaning it, little enough that all that is out
# takes no memory to speak of. Of comments the first bound comes first, of long posts the second (characters of HTML).
_BATCH_ITEMS = 256
_BATCH_LENGTH = 256 * 1024
# Files that are read in the worker processes, several at a time. Larger ones are read here, so that several processes clean them.
_SMALL_FILE = 1024 * 1024


class Reading:
    """Reads the ``inputs`` into a join, once. Skipped items go to their reports and to ``log``.

    With ``partial`` a source that cannot be read to its end is no error; its report says so. ``batches`` are the batches of the
    join, by the number of the source that each is of. ``hits`` counts documents by redaction.
    """

    def __init__(
        self,
        inputs: Sequence[Input],
        join: Join,
        redactions: Redactions,
        progress: Progress,
        log: TextIO,
        stages: Stages,
        *,
        partial: bool,
    ) -> None:
        self._inputs, self._join, self._partial = inputs, join, partial
        self._redactions, self._progress, self._log, self._stages = redactions, progress, log, stages
        self._reports = [source.report for source in inputs]
        self._sizes: list[int] = []  # per batch, the bytes that its worker reads
        self.batches: list[int] = []
        self.hits: Counter[str] = Counter()
        # Per source how often each language is said to be the blog's.
        self._languages: list[Counter[str]] = [Counter() for _ in inputs]

    @property
    def language(self) -> str:
        """What the first source that says a language says most often; English where none does."""
        said = next(filter(None, self._languages), None)
        return said.most_common(1)[0][0] if said else DEFAULT_LANGUAGE

    def read(self, pool: Pool[Task, Result]) -> None:
        """Read and clean everything; the join knows all keys after it."""
        started, at = time.perf_counter(), 0
        for batch, (_, result) in enumerate(pool.map(self._tasks())):
            assert isinstance(result, Read)
            number, size = self.batches[batch], self._sizes[batch]
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

    def hold(self, pool: Pool[Task, Result], batches: Iterable[tuple[int, tuple[Item, ...]]]) -> None:
        """What the index holds, with the numbers of its sources: cleaned and joined as what was read, but in no report."""

        def tasks() -> Iterator[Task]:
            for number, items in batches:
                self._batch(number, 0)
                yield ReadItems(items)

        first = len(self.batches)
        for batch, (_, result) in enumerate(pool.map(tasks(), first), first):
            assert isinstance(result, Read)
            self.hits += result.hits
            self._stages["clean"] += result.seconds
            self._join.add(self.batches[batch], result.keys, held=True)

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
        self.hits += result.hits
        self._stages["clean"] += result.seconds
        self._languages[number] += result.languages
        source = self._inputs[number]
        source.blog = source.blog or result.blog
        self._join.add(number, result.keys)

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
                        self._batch(number, 0)
                        yield ReadItems(items)
                    continue
                small.append(file)
                if len(small) == _BATCH_ITEMS or sum(file.size for file in small) >= _BATCH_LENGTH:
                    yield from self._task_of(small, number)
            yield from self._task_of(small, number)

    def _batch(self, number: int, size: int) -> None:
        self.batches.append(number)
        self._sizes.append(size)

    def _task_of(self, files: list[InputFile], number: int) -> Iterator[Task]:
        """A task for these files, which are then forgotten."""
        if files:
            source = self._inputs[number]
            silent = tuple(replace(file, on_bytes=unheard) for file in files)
            self._batch(number, sum(file.size for file in files))
            files.clear()
            yield ReadFiles(silent, source.forced, alone=source.is_one_file)

    def _items(self, file: InputFile, source: Input) -> Iterator[tuple[Item, ...]]:
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
                    self._stages["read"] += time.perf_counter() - started
                    yield tuple(batch)
                    batch, length, started = [], 0, time.perf_counter()
        except SourceError as error:
            failure = error
        self._stages["read"] += time.perf_counter() - started
        if batch:
            yield tuple(batch)
        if failure:
            self._incomplete(failure, source.report)


def _length(item: Item) -> int:
    """About how much work there is in an item, in characters or bytes."""
    return len(item.body) if isinstance(item, Capture) else len(item.html) if isinstance(item, Post | Comment) else 0
