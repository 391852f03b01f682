"""The facts of documents, gathered as they come: documents ── FactRows ── Facts ──> Columns."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from indexer.engine.port import Document
from indexer.engine.whoosh.columns import Columns, Name, Named
from indexer.engine.whoosh.facts import KINDS, UNDATED, seconds


@dataclass(frozen=True, slots=True)
class FactRows:
    """The facts of some documents as they come; picklable."""

    ids: list[str]
    threads: list[str]
    kinds: bytes
    stamps: array[int]
    authors: list[str]
    categories: list[tuple[str, ...]]
    tags: list[tuple[str, ...]]
    sites: list[tuple[str, ...]]
    archives: list[str]
    fingerprints: list[bytes]

    @classmethod
    def of(cls, documents: Sequence[Document]) -> FactRows:
        return cls(
            [d.id for d in documents],
            [d.thread for d in documents],
            bytes(KINDS.index(d.kind) for d in documents),
            array("q", [seconds(d.published) if d.published else UNDATED for d in documents]),
            [d.author for d in documents],
            [d.categories for d in documents],
            [d.tags for d in documents],
            [d.domains for d in documents],
            [d.archive for d in documents],
            [bytes.fromhex(d.fingerprint()) for d in documents],
        )


class _Names(dict[Any, int]):
    """Numbers what it has not seen."""

    def __missing__(self, name: Any) -> int:
        number = self[name] = len(self)
        return number


@dataclass(slots=True)
class Facts:
    """Facts being gathered: columns of numbers, and the names behind them. About 60 bytes a document."""

    thread: array[int] = field(default_factory=lambda: array("i"))
    is_post: bytearray = field(default_factory=bytearray)
    kind: bytearray = field(default_factory=bytearray)
    stamp: array[int] = field(default_factory=lambda: array("q"))
    author: array[int] = field(default_factory=lambda: array("i"))
    category: array[int] = field(default_factory=lambda: array("i"))
    tag: array[int] = field(default_factory=lambda: array("i"))
    site: array[int] = field(default_factory=lambda: array("i"))
    archive: array[int] = field(default_factory=lambda: array("i"))
    fingerprint: bytearray = field(default_factory=bytearray)
    threads: _Names = field(default_factory=_Names)
    authors: _Names = field(default_factory=_Names)
    categories: _Names = field(default_factory=_Names)
    tags: _Names = field(default_factory=_Names)
    sites: _Names = field(default_factory=_Names)
    archives: _Names = field(default_factory=_Names)

    def __len__(self) -> int:
        return len(self.kind)

    def add(self, rows: FactRows, kept: Sequence[int] | None = None) -> None:
        """The facts of the next documents, or of the ``kept`` ones of them."""
        for place in range(len(rows.ids)) if kept is None else kept:
            self.thread.append(self.threads[rows.threads[place]])
            self.is_post.append(rows.ids[place] == rows.threads[place])
            self.kind.append(rows.kinds[place])
            self.stamp.append(rows.stamps[place])
            self.author.append(self.authors[rows.authors[place]])
            self.category.append(self.categories[rows.categories[place]])
            self.tag.append(self.tags[rows.tags[place]])
            self.site.append(self.sites[rows.sites[place]])
            self.archive.append(self.archives[rows.archives[place]])
            self.fingerprint += rows.fingerprints[place]

    def columns(self) -> Columns:
        """What was gathered, as copies."""
        return Columns(
            thread=_named(self.thread, map(_encoded, self.threads)),
            is_post=np.array(self.is_post, dtype=bool),
            kind=np.array(self.kind, dtype=np.uint8),
            stamp=np.array(self.stamp, dtype=np.int64),
            author=_named(self.author, map(_encoded, self.authors)),
            category=_named(self.category, map(_set, self.categories)),
            tag=_named(self.tag, map(_set, self.tags)),
            site=_named(self.site, map(_set, self.sites)),
            archive=_named(self.archive, map(_encoded, self.archives)),
            fingerprint=np.array(self.fingerprint, dtype=np.uint8).reshape(-1, 16),
        )


def _encoded(name: str) -> bytes:
    return name.encode("utf-8", "replace")


def _set(names: Iterable[str]) -> tuple[bytes, ...]:
    return tuple(sorted({_encoded(name) for name in names} - {b""}))


def _named(numbers: array[int], names: Iterable[Name]) -> Named:
    """Names that are the same once they are encoded become one."""
    return Named.joined([Named(np.array(numbers, dtype=np.int64), list(names))])
