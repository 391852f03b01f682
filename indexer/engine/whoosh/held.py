"""What an index held when its writer was opened, for an update to compare with."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from indexer.engine.port import Document
from indexer.engine.whoosh.arrayfile import Array
from indexer.engine.whoosh.facts import FactArrays
from indexer.engine.whoosh.segments import OpenSegment, ids_in_order, numbers_by_id


@dataclass(frozen=True, slots=True)
class FoundPrints:
    """An `indexer.engine.port.Prints`: fingerprints in halves, sorted; for each the document's place."""

    high: array[int]
    low: array[int]
    places: array[int]

    @classmethod
    def of(cls, fingerprints: Array) -> FoundPrints:
        """16 bytes per document."""
        halves = np.ascontiguousarray(fingerprints).view(">u8").astype(np.uint64).reshape(-1, 2)
        order = np.argsort(halves[:, 0], kind="stable")
        return cls(
            array("Q", halves[order, 0].tobytes()),
            array("Q", halves[order, 1].tobytes()),
            array("i", order.astype(np.int32).tobytes()),
        )

    def find(self, document: Document) -> int:
        both = int(document.fingerprint(), 16)
        high, low = both >> 64, both & 0xFFFF_FFFF_FFFF_FFFF
        at = bisect_left(self.high, high)
        while at < len(self.high) and self.high[at] == high:
            if self.low[at] == low:
                return self.places[at]
            at += 1
        return -1


class WhooshHeld:
    """An `indexer.engine.port.Held`."""

    def __init__(self, segments: Sequence[OpenSegment], facts: FactArrays) -> None:
        numbers = numbers_by_id(segments)
        whole = len(segments) == 1 and bool(facts.alive.all()) and len(segments[0].fields["id"].terms) == len(numbers)
        alive = facts.alive[numbers]
        self._ids: Sequence[bytes]
        if whole:
            self._ids = segments[0].fields["id"].terms
        else:
            self._ids = [id for id, there in zip(ids_in_order(segments), alive.tolist(), strict=True) if there]
        numbers = numbers[alive]
        self._thread = facts.thread[numbers]
        self._threads = facts.names("thread")
        self._archive = facts.file["archive.value"][numbers]
        self._archives = ["", *(name.decode() for name in facts.names("archive"))]
        self.prints = FoundPrints.of(facts.fingerprints[numbers])

    def __len__(self) -> int:
        return len(self._ids)

    def place(self, id: str) -> int:
        term = id.encode("utf-8", "replace")
        place = bisect_left(self._ids, term)
        return place if place < len(self._ids) and self._ids[place] == term else -1

    def id(self, place: int) -> str:
        return self._ids[place].decode()

    def thread(self, place: int) -> str:
        return self._threads[int(self._thread[place])].decode()

    def archive(self, place: int) -> str:
        return self._archives[self._archive[place]]
