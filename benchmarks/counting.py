"""What `benchmarks.fidelity` counts of one archive, and how one file is read for it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from indexer.archive import Comment, Item, Post, Repaired, Skipped
from indexer.errors import SourceError
from indexer.sources import read
from indexer.sources.base import InputFile


@dataclass(frozen=True, slots=True)
class Check:
    """One number of the manifest, or of the pages themselves, and what the reader found."""

    what: str
    expected: int
    found: int
    missing: int
    surplus: int


def compare(what: str, expected: int, found: int) -> Check:
    """A check of two numbers. (One that sums many has a surplus of some beside what is missing of others.)"""
    return Check(what, expected, found, max(0, expected - found), max(0, found - expected))


@dataclass(slots=True, kw_only=True)
class Result:
    """What one archive gave. ``items`` are posts, comments and skipped ones; ``differences`` say where a check does not hold."""

    name: str
    posts: int = 0
    comments: int = 0
    items: int = 0
    seconds: float = 0.0
    skipped: Counter[str] = field(default_factory=Counter)
    repaired: Counter[str] = field(default_factory=Counter)
    checks: list[Check] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    error: str = ""

    def total(self, name: str) -> int:
        """``missing`` or ``surplus`` over all checks."""
        return sum(getattr(check, name) for check in self.checks)

    def payload(self) -> dict[str, Any]:
        """The JSON of one archive."""
        return {
            **{f.name: getattr(self, f.name) for f in fields(self)},
            "checks": [asdict(check) for check in self.checks],
            "missing": self.total("missing"),
            "surplus": self.total("surplus"),
            "seconds": round(self.seconds, 3),
            "seconds_per_1000": round(1000 * self.seconds / self.items, 3) if self.items else 0.0,
        }


def about_a_comment(item: Item) -> bool:
    """Whether an item is a comment, or one that was skipped."""
    return isinstance(item, Comment) or (isinstance(item, Skipped) and "comment" in item.locator.rpartition("#")[2])


def seen(items: Sequence[Item]) -> tuple[int, int]:
    """How many items were seen, kept or skipped: (posts and what else is no comment, comments)."""
    counted = [item for item in items if isinstance(item, Post | Comment | Skipped)]
    comments = sum(map(about_a_comment, counted))
    return len(counted) - comments, comments


def read_file(file: InputFile, result: Result) -> list[Item]:
    """The items of one file; what comes before damage is kept, as ``--partial`` does."""
    items: list[Item] = []
    started = time.perf_counter()
    try:
        items.extend(read(file, None, False))
    except SourceError as error:
        result.error = str(error)
    result.seconds += time.perf_counter() - started
    result.items += sum(isinstance(item, Post | Comment | Skipped) for item in items)
    result.skipped.update(item.reason for item in items if isinstance(item, Skipped))
    for item in items:
        if isinstance(item, Repaired):
            result.repaired[item.reason] += item.count
    return items
