"""Engines measured on one blog: every engine in processes of its own, one for indexing and one for searching."""

from __future__ import annotations

import gc
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import ParamSpec, TypeVar

from benchmarks import BenchmarkError, engines, memory
from benchmarks.engines import Engine
from benchmarks.results import Indexing, Measured, Searching
from benchmarks.rows import Row, Rows, Streamed
from benchmarks.timing import timed

# Up to so many documents all rows are parsed before an engine starts, which is then timed as a whole. More do not fit in
# memory beside it: they are parsed in between, and that time is taken off. (For tantivy, whose own thread goes on while rows
# are parsed, that is too much taken off: a tenth of its time.)
PARSED_AHEAD = 200_000
# Enough for an engine to import all it needs and to warm its code.
_REHEARSED = 20
_OPENINGS = 3

_P = ParamSpec("_P")
_T = TypeVar("_T")


def alone(work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """Do ``work`` in a fresh process, which Ctrl+C ends without a word; raises `BenchmarkError` when it fails there."""
    try:
        with ProcessPoolExecutor(1, get_context("spawn"), signal.signal, (signal.SIGINT, signal.SIG_DFL)) as pool:
            return pool.submit(work, *args, **kwargs).result()
    except BrokenProcessPool as error:
        raise BenchmarkError("its process was killed; perhaps the memory did not suffice") from error
    except Exception as error:  # an engine may raise whatever it likes: it is the guest here
        raise BenchmarkError(f"{type(error).__name__}: {error}") from error


def measure(
    name: str, documents: Path, streamed: bool, queries: Mapping[str, str], folder: Path, seconds: float
) -> Measured:
    """Index and search with one engine; its index lives in ``folder`` for that time."""
    try:
        folder.mkdir()
        indexing = alone(index, name, documents, streamed, folder)
        searching = alone(search, name, folder, queries, seconds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return Measured(version=engines.named(name).version(), indexing=indexing, searching=searching)


def index(name: str, documents: Path, streamed: bool, folder: Path) -> Indexing:
    """Index the rows of the file ``documents`` with one engine."""
    engine, source = engines.named(name), Streamed(documents)
    _rehearse(engine, source)
    before = memory.resident()
    rows: Rows = source if streamed else list(source)
    held = 0.0 if streamed else memory.resident() - before
    gc.collect()
    gc.freeze()  # the collector need not look at the rows again and again while the engine works
    source.seconds = 0.0
    started = time.perf_counter()
    engine.index(rows, folder)
    taken = time.perf_counter() - started - source.seconds
    return Indexing(seconds=taken, peak_mb=memory.peak() - held, size_mb=megabytes(folder))


def _rehearse(engine: Engine, source: Streamed) -> None:
    rows: list[Row] = list(islice(source, _REHEARSED))
    with tempfile.TemporaryDirectory() as folder:
        engine.index(rows, Path(folder))


def search(name: str, folder: Path, queries: Mapping[str, str], seconds: float) -> Searching:
    """Ask one engine every query, at least for ``seconds`` each."""
    engine = engines.named(name)
    first = next(iter(queries.values()))
    _open(engine, folder, first)  # what it imports, and its files into the page cache
    opening = min(_open(engine, folder, first) for _ in range(_OPENINGS))
    with engine.open(folder) as ask:
        hits = {kind: ask(query) for kind, query in queries.items()}
        times = {kind: timed(partial(ask, query), seconds) for kind, query in queries.items()}
    return Searching(opening_ms=opening, hits=hits, queries=times)


def _open(engine: Engine, folder: Path, query: str) -> float:
    """Milliseconds from closed to the first answer."""
    started = time.perf_counter()
    with engine.open(folder) as ask:
        ask(query)
        return (time.perf_counter() - started) * 1000


def megabytes(folder: Path) -> float:
    """Of all files in a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6
