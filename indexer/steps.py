"""What is done in worker processes, and so for many items at once: two steps, with the join between them.

    Read  ── read, clean, redact ──> keys, notes     drafts wait in a temporary file of the worker
    Write ── the drafts in their places ──> documents, prepared for the writer

The second task of a batch goes to the process that did the first (`indexer.workers.Pool` deals tasks in turn), so that texts
cross between processes once. The temporary file has no name: it is gone with its process, however that ends.
"""

from __future__ import annotations

import pickle
import tempfile
import time
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO, cast

from indexer import sources
from indexer.archive import Blog, Capture, Comment, Item, Post, Repaired, Skipped
from indexer.clean.mojibake import Mender
from indexer.documents import Draft, Key, Place, document, draft, key
from indexer.engine import analysis
from indexer.engine.port import Document, Prepared, Preparer, Prints
from indexer.errors import SourceError
from indexer.redaction import Redactions
from indexer.settings import language_of
from indexer.sources.base import Format, InputFile

Note = Skipped | Repaired


@dataclass(frozen=True, slots=True)
class ReadFiles:
    """Task: read whole files. ``forced`` as for `indexer.sources.read`; ``alone``: the only file of its source."""

    files: tuple[InputFile, ...]
    forced: Format | None
    alone: bool


@dataclass(frozen=True, slots=True)
class ReadItems:
    """Task: items that the main process read from a large file."""

    items: tuple[Item, ...]


@dataclass(slots=True)
class Read:
    """Result: the keys of posts and comments, in order, and beside them all that is no post and no comment.

    ``languages`` counts how often each of `indexer.settings.LANGUAGES` is said to be the blog's, ``formats`` posts and comments
    by format, ``hits`` documents by redaction. ``errors`` say which files could not be
    read to their end, and why; the items before are in ``keys``. ``seconds`` are of processor time.
    """

    keys: list[Key] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    blog: Blog | None = None
    languages: Counter[str] = field(default_factory=Counter)
    formats: Counter[str] = field(default_factory=Counter)
    hits: Counter[str] = field(default_factory=Counter)
    errors: list[SourceError] = field(default_factory=list)
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Write:
    """Task: the places of a batch's items, None for one that is left out; ``archive`` is the source they came from.

    ``asked`` are places in the batch whose locators are wanted.
    """

    places: tuple[Place | None, ...]
    asked: tuple[int, ...]
    archive: str


@dataclass(slots=True)
class Written:
    """Result: the documents that are new or changed, and of the others their places in `indexer.engine.port.Held`.

    ``locators`` answers ``asked`` with format and locator. ``sample``: a word to search for; ``seconds`` are of processor time.
    """

    prepared: Prepared
    unchanged: array[int]
    locators: Mapping[int, tuple[str, str]]
    sample: str
    seconds: float = 0.0


Task = ReadFiles | ReadItems | Write
Result = Read | Written


class Worker:
    """Does the steps. ``folder`` is where the temporary file lies; ``prints`` tell what the index has. Picklable until called."""

    def __init__(self, prepare: Preparer, redactions: Redactions, prints: Prints | None, folder: Path) -> None:
        self._prepare, self._redactions, self._prints, self._folder = prepare, redactions, prints, folder
        self._waiting: BinaryIO | None = None
        self._writing = False

    def close(self) -> None:
        """Forget the drafts."""
        if self._waiting is not None:
            self._waiting.close()

    def __call__(self, task: Task) -> Result:
        started = time.thread_time()
        result = self._write(task) if isinstance(task, Write) else self._read(task)
        result.seconds = time.thread_time() - started
        return result

    def _read(self, task: ReadFiles | ReadItems) -> Read:
        result = Read()
        drafts: list[Draft] = []
        for item in _items(task, result):
            if isinstance(item, Blog):
                if item.name:
                    result.blog = result.blog or cleared(item, self._redactions)
                if language := language_of(item.language):
                    result.languages[language] += 1
            elif isinstance(item, Skipped | Repaired):
                result.notes.append(self._note(item))
            elif isinstance(item, Post | Comment):
                drafts.append(self._draft(item, result))
        if self._waiting is None:
            self._waiting = cast(BinaryIO, tempfile.TemporaryFile(dir=self._folder))  # noqa: SIM115 - lives as long as the worker
        pickle.dump(drafts, self._waiting, protocol=pickle.HIGHEST_PROTOCOL)
        return result

    def _draft(self, item: Post | Comment, result: Read) -> Draft:
        """The item cleaned and redacted; its key and what is to be said of it go into ``result``."""
        mend = Mender()
        drafted = draft(item, mend)
        if mend.count:
            note = Repaired(source=item.source, locator=item.locator, reason="mojibake", count=mend.count)
            result.notes.append(note)
        result.formats[item.source] += 1
        cleared = self._redactions.apply(drafted, result.hits)
        result.keys.append(key(item, drafted, cleared))
        return cleared or Draft(item.source, self._redactions.text(item.locator), item.kind)

    def _note(self, note: Note) -> Note:
        clear = self._redactions.text
        return replace(note, locator=clear(note.locator), detail=clear(note.detail))

    def _write(self, task: Write) -> Written:
        assert self._waiting is not None
        if not self._writing:
            self._waiting.seek(0)
            self._writing = True
        drafts: list[Draft] = pickle.load(self._waiting)
        documents: list[Document] = []
        unchanged = array("i")
        for drafted, place in zip(drafts, task.places, strict=True):
            if place:
                found = document(drafted, place, task.archive)
                held = self._prints.find(found) if self._prints else -1
                unchanged.append(held) if held >= 0 else documents.append(found)
        locators = {place: (drafts[place].source, drafts[place].locator) for place in task.asked}
        return Written(self._prepare(documents), unchanged, locators, _sample(documents))


def cleared(blog: Blog, redactions: Redactions) -> Blog:
    """What may be published of what a source says of the blog."""
    name, description = map(redactions.text, (blog.name, blog.description))
    return replace(blog, name=name, description=description, url=redactions.address(blog.url))


def _items(task: ReadFiles | ReadItems, result: Read) -> Iterator[Item]:
    """The items of a task, pages of web archives read; what could not be read goes into ``result``."""
    if isinstance(task, ReadItems):
        for item in task.items:
            yield from sources.captured_page(item) if isinstance(item, Capture) else (item,)
        return
    for file in task.files:
        try:
            yield from sources.read(file, task.forced, task.alone)
        except SourceError as error:
            result.errors.append(error)


def _sample(documents: Iterable[Document]) -> str:
    """The first word of more than three letters that a search must find."""
    found = (word for d in documents if d.kind != "pingback" for word, _, _ in analysis.spans(d.text) if len(word) > 3)
    return next(found, "")
