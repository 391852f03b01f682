"""What an engine has to do to be measured, and which engines there are.

The work per query is the same for all: the ten best documents by BM25 with the title weighing three times, the number of
hits, and how many of them are in each category (several per document), in each month, by each author, of each kind.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol, cast

from benchmarks.rows import Rows

# A query's text to the number of hits, with all the other work done.
Ask = Callable[[str], int]


class Engine(Protocol):
    """One engine. Its module is imported only where it is measured, so that its memory is its own."""

    def left_out(self, documents: int) -> str:
        """Why this engine cannot or need not be measured with so many documents; "" when it is."""
        ...

    def version(self) -> str: ...

    def index(self, rows: Rows, folder: Path) -> None:
        """Rows to an index committed to the disk, in the empty ``folder``."""
        ...

    def open(self, folder: Path) -> AbstractContextManager[Ask]:
        """The index that `index` left, for the time of the block."""
        ...


OURS = "Backfile"
_MODULES = {
    OURS: "benchmarks.own",
    "stock Whoosh": "benchmarks.stock_whoosh",
    "SQLite FTS5": "benchmarks.sqlite_fts5",
    "tantivy": "benchmarks.rust_tantivy",
}
NAMES = tuple(_MODULES)


def named(name: str) -> Engine:
    """One of `NAMES`."""
    return cast(Engine, importlib.import_module(_MODULES[name]).ENGINE)
