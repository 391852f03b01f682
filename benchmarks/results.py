"""What was measured: plain values, as they are in the JSON. Megabytes are 10^6 bytes; 0.0 megabytes: nothing told."""

from __future__ import annotations

import os
import platform
import re
import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Self

from benchmarks.timing import Timing

# What Backfile's own figures depend on most.
_LIBRARIES = ("numpy", "pystemmer", "lxml", "nh3", "flask", "gunicorn")


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexing:
    """From rows, or from an export, to an index on the disk. ``peak_mb`` leaves out rows that were parsed ahead."""

    seconds: float
    peak_mb: float
    size_mb: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Searching:
    """``opening_ms``: from closed to the first answer. ``hits`` and ``queries`` are by the name of the query."""

    opening_ms: float
    hits: Mapping[str, int]
    queries: Mapping[str, Timing]

    @property
    def median_ms(self) -> float:
        """Of the queries' best times."""
        return statistics.median(timing.best_ms for timing in self.queries.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One engine on the cleaned documents."""

    version: str
    indexing: Indexing
    searching: Searching


def best_ms(query: str) -> Callable[[Measured], float]:
    """What an engine's best time for a query is, as a function of what was measured of it."""
    return lambda measured: measured.searching.queries[query].best_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Backfile as it is used. ``page`` times a search with all that the page shows, ``http`` a whole request.

    ``stages`` are the seconds that `backfile index` itself reports. ``worker_mb`` is anonymous memory: without mapped files.
    """

    indexing: Indexing
    stages: Mapping[str, float]
    page: Mapping[str, Timing]
    http: Mapping[str, Timing]
    worker_mb: float

    @property
    def http_ms(self) -> float:
        """The median of the queries' medians."""
        return statistics.median(timing.median_ms for timing in self.http.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Everything at one size of blog. ``left_out`` tells why an engine is not among ``engines``."""

    documents: int
    posts: int
    comments: int
    streamed: bool
    engines: Mapping[str, Measured]
    left_out: Mapping[str, str]
    site: Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What it was measured on. ``load`` is the average over the minute before: over 0.5, others disturbed the figures."""

    processor: str
    cores: int
    memory_gb: float
    system: str
    python: str
    libraries: Mapping[str, str]
    load: float
    date: str

    @classmethod
    def this(cls) -> Self:
        return cls(
            processor=_processor(),
            cores=os.cpu_count() or 1,
            memory_gb=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9,
            system=f"{platform.system()} {platform.machine()}",
            python=platform.python_version(),
            libraries={name: metadata.version(name) for name in _LIBRARIES},
            load=os.getloadavg()[0],
            date=datetime.now(UTC).date().isoformat(),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One run, smallest size first."""

    machine: Machine
    sizes: list[Size]


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        text = ""
    found = re.search(r"^model name\s*: (.+)$", text, re.MULTILINE)
    return found[1] if found else platform.processor() or "unknown processor"
