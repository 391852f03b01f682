"""The time that a search may take."""

from __future__ import annotations

import time


class Clock:
    """Whether time is up; once it is, it stays so."""

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline
        self.struck = False

    def late(self) -> bool:
        self.struck = self.struck or time.perf_counter() > self._deadline
        return self.struck
