"""Rows: the cleaned documents of a blog, for engines that read no export."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Protocol, TypedDict

# Lines parsed at once when streaming: a few megabytes, and the clock is read rarely.
_BATCH = 1000


class Row(TypedDict):
    """A post or a comment. ``thread`` is the number of its post, ``cats`` its post's categories, ``date`` ISO 8601."""

    id: str
    kind: str
    thread: int
    title: str
    body: str
    author: str
    cats: list[str]
    date: str


class Rows(Protocol):
    """Rows that can be gone through more than once."""

    def __iter__(self) -> Iterator[Row]: ...


class Streamed:
    """The rows of a file, parsed while they are gone through; ``seconds`` is the time that parsing took."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.seconds = 0.0

    def __iter__(self) -> Iterator[Row]:
        with self._path.open(encoding="utf-8") as lines:
            while batch := self._batch(lines):
                yield from batch

    def _batch(self, lines: Iterable[str]) -> list[Row]:
        started = time.perf_counter()
        batch: list[Row] = [json.loads(line) for line in islice(lines, _BATCH)]
        self.seconds += time.perf_counter() - started
        return batch


def with_not(query: str) -> str:
    """``a -b`` for the engines that want ``a NOT b``."""
    return re.sub(r" -(\w+)", r" NOT \1", query)
