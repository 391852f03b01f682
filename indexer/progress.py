"""How far a run is, for who waits for it."""

from __future__ import annotations

from typing import Protocol

JOINING, WRITING, CHECKING = "Joining", "Writing the index", "Checking the index"
# Stages that cannot tell how far they are.
UNMEASURED = (JOINING, WRITING, CHECKING)


class Progress(Protocol):
    """Hears how far a run is. ``total`` and ``read`` are bytes of input, ``indexed`` counts documents."""

    def stage(self, name: str) -> None: ...

    def total(self, size: int) -> None: ...

    def read(self, size: int) -> None: ...

    def indexed(self, documents: int) -> None: ...


class Silent:
    """Progress for nobody."""

    def stage(self, name: str) -> None: ...

    def total(self, size: int) -> None: ...

    def read(self, size: int) -> None: ...

    def indexed(self, documents: int) -> None: ...
