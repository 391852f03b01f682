"""How long something takes when everything it needs is warm."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

# A query is asked at least so often and for so long: a run that the machine disturbed is then not the best.
LEAST_RUNS = 3
LEAST_SECONDS = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Milliseconds over several runs."""

    best_ms: float
    median_ms: float
    p95_ms: float
    runs: int


def timed(work: Callable[[], object], seconds: float = LEAST_SECONDS, runs: int = LEAST_RUNS) -> Timing:
    """Do ``work`` at least ``runs`` times and for ``seconds``; the caller has done it before, to warm up."""
    times: list[float] = []
    until = time.perf_counter() + seconds
    while len(times) < runs or time.perf_counter() < until:
        started = time.perf_counter()
        work()
        times.append((time.perf_counter() - started) * 1000)
    return summary(times)


def summary(times: list[float]) -> Timing:
    """Of milliseconds, one or more. The 95th percentile is the nearest rank: a time that was measured."""
    times = sorted(times)
    return Timing(
        best_ms=times[0],
        median_ms=statistics.median(times),
        p95_ms=times[math.ceil(0.95 * len(times)) - 1],
        runs=len(times),
    )
