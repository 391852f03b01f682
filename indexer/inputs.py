"""What a run is given: archives, the files in them, and whether those are the same as before."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from indexer import sources
from indexer.accounting import SourceReport
from indexer.archive import Blog
from indexer.errors import SourceError
from indexer.progress import Progress
from indexer.settings import Settings, index_flag
from indexer.sources.base import Format, InputFile


@dataclass(frozen=True, slots=True)
class Source:
    """An archive to read, a file or a directory; ``format_name`` as given with ``--format``, "" to detect it."""

    path: Path
    format_name: str = ""

    @property
    def archive(self) -> str:
        """What documents say of where they came from, the same whatever directory a run is started in."""
        return str(self.path.absolute())


@dataclass(slots=True)
class Input:
    """A source with its files, what became of it, and what it says of the blog, None for nothing."""

    source: Source
    forced: Format | None
    files: list[InputFile]
    report: SourceReport
    blog: Blog | None = None

    @property
    def archive(self) -> str:
        return self.source.archive

    @property
    def is_one_file(self) -> bool:
        return len(self.files) == 1 and self.source.path.is_file()


def find(source: Source, progress: Progress) -> Input:
    """The files of a source."""
    forced = sources.format_named(source.format_name) if source.format_name else None
    files = sources.find(source.path, progress.read)
    return Input(source, forced, files, SourceReport(source=str(source.path), files=len(files)))


def find_again(source: Source, settings: Settings, progress: Progress, partial: bool) -> Input:
    """The same of a source that the index was built from; with ``partial`` it may be gone, and its report says so."""
    try:
        return find(source, progress)
    except SourceError as error:
        if partial:
            return Input(source, None, [], SourceReport(source=str(source.path), incomplete=error.reason))
        raise SourceError(
            f"{error.reason} The index was built from it.",
            "Bring it back, keep what the index has of it with --partial, or rebuild the index without it: "
            f"backfile index{index_flag(settings.index_dir)} SOURCE...",
        ) from error


def fingerprint(inputs: Sequence[Input], settings: Settings) -> str:
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
