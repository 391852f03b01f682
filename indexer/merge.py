"""What a run found, into what the index holds: unchanged documents stay, new ones come, changed ones are replaced, others go.

Without an index to begin with, everything is new.
"""

from __future__ import annotations

from collections import Counter

from indexer.accounting import PLURAL
from indexer.engine.port import Held, IndexWriter, Prints
from indexer.steps import Write, Written


class Merge:
    """Between the workers and the writer, whose block is entered; ``updates``: it began with an index that was there.

    ``changes`` counts documents (empty where nothing was there), ``kept`` those that were not read again, by kind.
    """

    def __init__(self, writer: IndexWriter, *, updates: bool) -> None:
        self._writer, self._updates = writer, updates
        self.held: Held = writer.held()
        self._seen = bytearray(len(self.held))
        self.changes: dict[str, int] = {}
        if updates:
            self.changes = dict.fromkeys(("added", "changed", "removed", "unchanged", "kept"), 0)
        self.kept: Counter[str] = Counter()

    @property
    def prints(self) -> Prints | None:
        """Tells which documents did not change."""
        return self.held.prints if self._updates else None

    def add(self, written: Written) -> None:
        """Write a batch of what was read: what is new in it, and what replaces a document of the index."""
        self._add(written, "unchanged")

    def keep(self, task: Write, written: Written) -> None:
        """The same of a batch of what the index holds and was not read again."""
        self._add(written, "kept")
        self.kept.update(PLURAL[place.kind] for place in task.places if place)

    def _add(self, written: Written, same: str) -> None:
        for place in written.unchanged:
            self._seen[place] = 1
        if self._updates:
            places = [self.held.place(id) for id in written.prepared.ids]
            replaced = [place for place in places if place >= 0]
            for place in replaced:
                self._seen[place] = 1
            self._writer.delete([self.held.id(place) for place in replaced])
            self.changes["changed"] += len(replaced)
            self.changes["added"] += len(places) - len(replaced)
            self.changes[same] += len(written.unchanged)
        self._writer.add_prepared(written.prepared)

    def finish(self) -> None:
        """Delete what was seen no more."""
        if self._updates:
            gone = [self.held.id(place) for place, seen in enumerate(self._seen) if not seen]
            self._writer.delete(gone)
            self.changes["removed"] = len(gone)
