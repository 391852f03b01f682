"""The index directory: build aside, verify, switch.

    index_data/CURRENT                  name of the generation in use, replaced atomically
    index_data/LOCK                     held by the run that writes (flock: a dead process holds nothing)
    index_data/generations/<stamp>/     an engine's files, and manifest.json

A run that is killed leaves a directory that `CURRENT` does not name; the next run removes it.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from indexer.engine import schema
from indexer.engine.port import Total
from indexer.errors import CorruptIndexError, IndexLockedError, NoIndexError, SchemaVersionError, StorageError
from indexer.settings import index_flag

MANIFEST = "manifest.json"
# What was skipped or repaired, an object per line; written by the run that made the generation.
IMPORT_REPORT = "import-report.jsonl"
# The generation before the current one stays, for searches in flight and for a look back.
_KEPT = 1
_FULL = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "a file grew larger than allowed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a generation says of itself. ``counts`` has posts, pages, comments and pingbacks; ``files`` sizes and checksums.

    ``sources`` are the archives, each with its ``path``, the ``format`` that was asked for, "" for none, and what it says of the
    ``blog``, None for nothing; ``inputs`` is the fingerprint of their files, "" when they were not read to their end.
    """

    schema: str
    engine: str
    language: str
    created: str
    blog: Mapping[str, str]
    counts: Mapping[str, int]
    report: Mapping[str, Any]
    sources: Sequence[Mapping[str, Any]] = ()
    inputs: str = ""
    files: Mapping[str, tuple[int, str]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes on the disk."""
        return sum(size for size, _ in self.files.values())

    def disagreement(self, total: Total) -> str:
        """In words how ``total``, what browsing the index finds, differs from ``counts``; "" when it does not."""
        posts, comments = self.counts["posts"] + self.counts["pages"], self.counts["comments"]
        if (total.posts, total.comments) == (posts, comments):
            return ""
        return f"it holds {total.posts} posts and {total.comments} comments where {posts} and {comments} were written"


@dataclass(frozen=True, slots=True)
class Generation:
    """A complete generation: where it is, and its manifest."""

    path: Path
    manifest: Manifest

    @property
    def name(self) -> str:
        return self.path.name

    def damage(self) -> list[str]:
        """What is wrong with its files, in words; reads every byte."""
        found = []
        for name, (size, checksum) in self.manifest.files.items():
            file = self.path / name
            if not file.is_file():
                found.append(f"{name} is missing")
            elif file.stat().st_size != size:
                found.append(f"{name} has {file.stat().st_size} bytes, not {size}")
            elif _checksum(file) != checksum:
                found.append(f"{name} was altered")
        return found


class Generations:
    """The generations under one index directory."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._folder = root / "generations"

    def stamp(self) -> tuple[int, int] | None:
        """Changes whenever another generation is switched to; None without an index. One system call."""
        try:
            status = (self.root / "CURRENT").stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns

    def current(self) -> Generation:
        """The generation in use; raises `NoIndexError`, `SchemaVersionError` or `CorruptIndexError`."""
        try:
            name = (self.root / "CURRENT").read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            raise NoIndexError(
                f"No index in {self.root}.", f"Build one: backfile index{index_flag(self.root)} export.xml"
            ) from None
        except NotADirectoryError:
            raise NoIndexError(f"No index in {self.root}: it is no directory.", "Give --index another.") from None
        except OSError as error:
            raise CorruptIndexError(
                f"Cannot read {self.root / 'CURRENT'}: {error.strerror}.", "Check its permissions."
            ) from error
        except UnicodeDecodeError as error:
            raise CorruptIndexError(f"{self.root / 'CURRENT'} is damaged.", rebuild(self.root)) from error
        path = self._folder / Path(name).name
        manifest = _read_manifest(path)
        for file, (size, _) in manifest.files.items():
            if not (path / file).is_file() or (path / file).stat().st_size != size:
                raise CorruptIndexError(f"{path / file} is missing or not complete.", rebuild(self.root))
        return Generation(path, manifest)

    @contextmanager
    def building(self) -> Iterator[Path]:
        """An empty directory to build a generation in, under the lock; removed again unless `switch` was called.

        Raises `IndexLockedError` when another run is writing, `StorageError` when the disk refuses, also from the block.
        """
        with refusals(self.root), self._locked():
            self._prune(keep=1 + _KEPT)
            path = self._folder / datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
            path.mkdir()
            try:
                yield path
            finally:
                if self._name() != path.name:
                    shutil.rmtree(path, ignore_errors=True)
                self._prune(keep=1 + _KEPT)

    def switch(self, path: Path, manifest: Manifest, *, forget: bool = False) -> Generation:
        """Make the finished directory the generation in use: write its manifest, then replace ``CURRENT``.

        With ``forget`` no other generation is kept: what was taken down is on the disk no more. Searches in flight end as they
        would, since they have mapped what they read.
        """
        files = {f.name: (f.stat().st_size, _checksum(f)) for f in sorted(path.iterdir()) if f.is_file()}
        complete = Manifest(**{**asdict(manifest), "files": files})
        _write(path / MANIFEST, json.dumps(asdict(complete), indent=1, ensure_ascii=False))
        _sync(path)
        _write(self.root / "CURRENT.new", path.name + "\n")
        (self.root / "CURRENT.new").replace(self.root / "CURRENT")
        _sync(self.root)
        if forget:
            self._prune(keep=0)
        return Generation(path, complete)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self.root / "LOCK").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise IndexLockedError(
                    f"Another backfile is writing to {self.root}.",
                    "Wait for it to end, or give --index another directory.",
                ) from None
            yield

    def _name(self) -> str | None:
        try:
            return (self.root / "CURRENT").read_text(encoding="utf-8").strip()
        except OSError:
            return None

    def _prune(self, keep: int) -> None:
        """Remove half-built generations and all but the newest ``keep`` complete ones; never the one in use."""
        current = self._name()
        paths = sorted((p for p in self._folder.iterdir() if p.is_dir()), reverse=True)
        complete = [p for p in paths if (p / MANIFEST).is_file() and (current is None or p.name <= current)]
        for path in paths:
            if path.name != current and path not in complete[:keep]:
                shutil.rmtree(path, ignore_errors=True)


def rebuild(root: Path) -> str:
    """The hint that an index has to be built again."""
    return f"Rebuild the index: backfile index{index_flag(root)} SOURCE..."


@contextmanager
def refusals(root: Path) -> Iterator[None]:
    """Turns what the disk refuses into a `StorageError` that says what to do. (Sources have errors of their own.)"""
    try:
        yield
    except OSError as error:
        full = _FULL.get(error.errno or 0)
        reason = full or (error.strerror or str(error)).lower()
        kept = " The index that was there is unchanged." if (root / "CURRENT").is_file() else ""
        advice = "Make room" if full else "Check its permissions"
        raise StorageError(
            f"Cannot write the index in {root}: {reason}.{kept}", f"{advice}, or give --index another directory."
        ) from error


def _read_manifest(path: Path) -> Manifest:
    try:
        values = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
        if values["schema"] != schema.fingerprint():
            raise SchemaVersionError(
                f"The index in {path.parent.parent} has schema {values['schema']}, and this Backfile reads "
                f"{schema.fingerprint()}.",
                rebuild(path.parent.parent),
            )
        files = {name: (int(size), str(checksum)) for name, (size, checksum) in values["files"].items()}
        return Manifest(**{**values, "files": files})
    except FileNotFoundError as error:
        raise CorruptIndexError(f"{error.filename} is missing.", rebuild(path.parent.parent)) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CorruptIndexError(f"{path / MANIFEST} is damaged.", rebuild(path.parent.parent)) from error


def _checksum(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def _write(file: Path, text: str) -> None:
    with file.open("w", encoding="utf-8", errors="backslashreplace") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


def _sync(folder: Path) -> None:
    """Have the file names of ``folder`` on the disk before going on."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
