"""What became of everything that a run saw: per source, in total, and item by item in the import report.

Read = indexed + skipped, for every source: what is not in the index is in the report with its reason.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from typing import Any, TextIO

from indexer.archive import Repaired, Skipped

PLURAL = {"post": "posts", "page": "pages", "comment": "comments", "pingback": "pingbacks"}


@dataclass(slots=True, kw_only=True)
class SourceReport:
    """What became of one source. ``incomplete`` says why it was not read to its end; "" when it was.

    ``formats`` counts posts and comments by the format that they were read from.
    """

    source: str
    read: int = 0
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

    @property
    def whole(self) -> bool:
        """Whether all of it was read: what was not may hold what the index has from there."""
        return not (self.incomplete or self.skipped["truncated"] or self.skipped["unreadable"])

    def kept(self, kind: str) -> None:
        """Count one item that is in the index."""
        name = PLURAL[kind]
        setattr(self, name, getattr(self, name) + 1)

    def note(self, item: Skipped | Repaired, log: TextIO) -> None:
        """Count what was left out or repaired, and list it."""
        skipped = isinstance(item, Skipped)
        (self.skipped if skipped else self.repaired)[item.reason] += 1 if isinstance(item, Skipped) else item.count
        what = "skipped" if skipped else "repaired"
        log.write(json.dumps({"what": what, "archive": self.source, **asdict(item)}, ensure_ascii=False) + "\n")

    def payload(self) -> dict[str, Any]:
        """The JSON of one source."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        counters = {name: dict(value.most_common()) for name, value in values.items() if isinstance(value, Counter)}
        return {**values, **counters, "seconds": round(self.seconds, 3)}


class Stages(dict[str, float]):
    """Seconds by stage of a run (`IndexReport`)."""

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Adds the seconds that the block takes."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self[stage] = self.get(stage, 0.0) + time.perf_counter() - started


@dataclass(slots=True, kw_only=True)
class IndexReport:
    """What became of a run.

    ``language`` is whose stems were written.
    ``stages`` are seconds per kind of work. ``read``, ``join``, ``index``, ``commit`` and ``verify`` pass one after the other in
    the main process; ``clean`` (small files read, everything cleaned) and ``prepare`` (for the writer) are processor time summed
    over the workers, so that all together may be more than ``seconds``. ``redactions`` counts documents by rule. ``changes``, of
    an update alone, counts documents that were ``added``, ``changed``, ``removed``, ``unchanged``, and ``kept`` though their
    source was not read to its end.
    """

    sources: list[SourceReport]
    generation: str = ""
    language: str = ""
    seconds: float = 0.0
    stages: Mapping[str, float] = field(default_factory=dict)
    redactions: Mapping[str, int] = field(default_factory=dict)
    changes: Mapping[str, int] = field(default_factory=dict)

    def total(self, name: str) -> int:
        """One of read, posts, pages, comments, pingbacks over all sources."""
        return sum(getattr(source, name) for source in self.sources)

    @property
    def counts(self) -> dict[str, int]:
        return {name: self.total(name) for name in PLURAL.values()}

    @property
    def skipped(self) -> Counter[str]:
        return sum((source.skipped for source in self.sources), Counter())

    @property
    def repaired(self) -> Counter[str]:
        return sum((source.repaired for source in self.sources), Counter())

    def payload(self) -> dict[str, Any]:
        """The JSON of an index run."""
        return {
            "read": self.total("read"),
            **self.counts,
            "skipped": dict(self.skipped.most_common()),
            "repaired": dict(self.repaired.most_common()),
            "redactions": dict(self.redactions),
            **({"changes": dict(self.changes)} if self.changes else {}),
            "sources": [source.payload() for source in self.sources],
            "seconds": round(self.seconds, 3),
            "stages": {name: round(seconds, 3) for name, seconds in self.stages.items()},
            "generation": self.generation,
            "language": self.language,
        }
