"""What was hoped for before anything was measured, and what became of it.

Most targets are for 110,000 documents; at another size they are the same numbers, for want of better ones. Three are about
growing from there tenfold.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from benchmarks.blog import EITHER_OF_THREE, MOST_COMMON
from benchmarks.engines import OURS
from benchmarks.results import Measured, Size, best_ms

# The size that the targets were set for, and the one that the growth is measured to.
USUAL, LARGE = 110_000, 1_100_000

# A query may be this many times slower than with tantivy, and any slower one is fast enough under a millisecond.
_SLOWER, _FAST_MS = 1.5, 1.0

Met = Literal["aim", "yes", "no", "not measured"]
Unit = Literal["x", "ms", "MB", ""]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A target and what was measured. ``more`` says that more is better: ``least`` is a minimum, else a maximum."""

    name: str
    unit: Unit
    least: float
    aim: float | None
    more: bool
    measured: float | None

    @property
    def met(self) -> Met:
        if self.measured is None:
            return "not measured"
        if self.aim is not None and self._reaches(self.measured, self.aim):
            return "aim"
        return "yes" if self._reaches(self.measured, self.least) else "no"

    def _reaches(self, measured: float, bound: float) -> bool:
        return measured >= bound if self.more else measured <= bound


def verdicts(sizes: Sequence[Size]) -> list[Verdict]:
    """On the size that `main_size` chooses, and on growth where both of its sizes were measured."""
    size, by_documents = main_size(sizes), {size.documents: size for size in sizes}
    found = [target.verdict(partial(target.measure, size)) for target in _TARGETS]
    if USUAL in by_documents and LARGE in by_documents:
        usual, large = by_documents[USUAL], by_documents[LARGE]
        found += [target.verdict(partial(target.measure, usual, large)) for target in _GROWTH]
    return found


def main_size(sizes: Sequence[Size]) -> Size:
    """The one with the usual number of documents, else the largest."""
    return next((size for size in sizes if size.documents == USUAL), sizes[-1])


@dataclass(frozen=True, slots=True)
class _Target:
    name: str
    unit: Unit
    least: float
    aim: float | None
    measure: Callable[..., float | None]
    more: bool = False

    def verdict(self, measured: Callable[[], float | None]) -> Verdict:
        return Verdict(
            name=self.name, unit=self.unit, least=self.least, aim=self.aim, more=self.more, measured=measured()
        )


def _faster(peer: str, what: Callable[[Measured], float], size: Size) -> float | None:
    """How many times a peer's figure is ours."""
    return what(size.engines[peer]) / what(size.engines[OURS]) if peer in size.engines else None


def _slower(peer: str, what: Callable[[Measured], float], size: Size) -> float | None:
    """How many times our figure is a peer's."""
    faster = _faster(peer, what, size)
    return None if faster is None else 1 / faster


def _median(measured: Measured) -> float:
    return measured.searching.median_ms


def _seconds(measured: Measured) -> float:
    return measured.indexing.seconds


def _size(measured: Measured) -> float:
    return measured.indexing.size_mb


def _slow_queries(size: Size) -> float | None:
    """How many queries take both over a millisecond and too many times tantivy's time."""
    if "tantivy" not in size.engines:
        return None
    theirs, ours = (size.engines[name].searching.queries for name in ("tantivy", OURS))
    return sum(t.best_ms > max(_FAST_MS, _SLOWER * theirs[query].best_ms) for query, t in ours.items())


def _export_beside_tantivy(size: Size) -> float | None:
    tantivy = size.engines.get("tantivy")
    return size.site.indexing.seconds / tantivy.indexing.seconds if tantivy else None


def _growth_of_indexing(usual: Size, large: Size) -> float:
    per_document = [size.engines[OURS].indexing.seconds / size.documents for size in (usual, large)]
    return per_document[1] / per_document[0]


def _peak(usual: Size, large: Size) -> float | None:
    return max(large.engines[OURS].indexing.peak_mb, large.site.indexing.peak_mb) or None


def _growth_of_queries(usual: Size, large: Size) -> float:
    before, after = (size.engines[OURS].searching.queries for size in (usual, large))
    return max(after[query].best_ms / before[query].best_ms for query in before)


_TARGETS = (
    _Target("median query, times as fast as tantivy", "x", 1, 2, partial(_faster, "tantivy", _median), more=True),
    _Target("queries over 1 ms and over 1.5 times tantivy's time", "", 0, None, _slow_queries),
    *(
        _Target(f"{query}, times as fast as {peer}", "x", least, aim, partial(_faster, peer, best_ms(query)), more=True)
        for peer, least, aim in (("stock Whoosh", 100, 300), ("SQLite FTS5", 40, 100))
        for query in (MOST_COMMON, EITHER_OF_THREE)
    ),
    _Target(
        "indexing, times as fast as stock Whoosh", "x", 12, None, partial(_faster, "stock Whoosh", _seconds), more=True
    ),
    _Target("indexing, times tantivy's time", "x", 2, None, partial(_slower, "tantivy", _seconds)),
    _Target("backfile index of the export, times tantivy's indexing", "x", 6, 3, _export_beside_tantivy),
    _Target("index size, times tantivy's", "x", 2, None, partial(_slower, "tantivy", _size)),
    _Target("HTTP request for a page, median", "ms", 20, 10, lambda size: size.site.http_ms),
    _Target("memory of a serving worker", "MB", 200, 120, lambda size: size.site.worker_mb or None),
    _Target("opening to the first answer", "ms", 300, None, lambda size: size.engines[OURS].searching.opening_ms),
)
_GROWTH = (
    _Target(
        "1,100,000 documents: indexing time per document, times that of 110,000", "x", 1.3, None, _growth_of_indexing
    ),
    _Target("1,100,000 documents: peak memory of indexing", "MB", 2000, None, _peak),
    _Target("1,100,000 documents: worst query, times its time at 110,000", "x", 12, None, _growth_of_queries),
)
