"""How much memory processes hold, in megabytes, as Linux tells in /proc (see its proc(5)); 0.0 where nothing tells."""

from __future__ import annotations

import re
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

# Adding up a process's pages takes some ten milliseconds per gigabyte. Between two looks at least so many seconds pass, and
# so many times as long as a look took: watching costs no more than a twentieth of a core.
_INTERVAL, _REST = 0.02, 20


def resident() -> float:
    """What this process holds now."""
    return _megabytes(Path("/proc/self/status"), "VmRSS")


def peak() -> float:
    """The most that this process ever held.

    Not ``getrusage``: after an exec its maximum goes on from what the parent held.
    """
    return _megabytes(Path("/proc/self/status"), "VmHWM")


def anonymous(pid: int) -> float:
    """What a process holds of its own, without the files it maps (Pss_Anon and Pss_Shmem of its smaps_rollup)."""
    return _megabytes(Path(f"/proc/{pid}/smaps_rollup"), "Pss_Anon", "Pss_Shmem")


def children(pid: int) -> list[int]:
    """The processes that a process started and that still run."""
    try:
        return [
            int(child) for file in Path(f"/proc/{pid}/task").glob("*/children") for child in file.read_text().split()
        ]
    except OSError:  # it ended
        return []


def of_tree(pid: int) -> float:
    """What a process and all it started hold now, each page counted once (Pss)."""
    own = _megabytes(Path(f"/proc/{pid}/smaps_rollup"), "Pss")
    return own + sum(map(of_tree, children(pid)))


class Watch:
    """While the block runs, looks again and again at what a process and all it started hold: ``peak``."""

    def __init__(self, pid: int) -> None:
        self.peak = 0.0
        self._pid = pid
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def _look(self) -> None:
        taken = 0.0
        while not self._over.wait(max(_INTERVAL, _REST * taken)):
            started = time.perf_counter()
            self.peak = max(self.peak, of_tree(self._pid))
            taken = time.perf_counter() - started

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()


def _megabytes(file: Path, *names: str) -> float:
    """The sum of the lines ``name:   123 kB``."""
    try:
        text = file.read_text()
    except OSError:
        return 0.0
    return (
        sum(int(kb) for name in names for kb in re.findall(rf"^{name}:\s+(\d+) kB$", text, re.MULTILINE)) * 1024 / 1e6
    )
