"""Stored fields: what a segment keeps of each document, in compressed blocks of several documents.

In ``<segment>.docs``:

    stored.blocks   u1      zlib streams, one after the other
    stored.block_at u1..u8  one more than blocks: where each begins in ``stored.blocks``
    stored.raw_at   u1..u8  one more than blocks: where the content of each would begin if nothing were compressed
    stored.at       u1..u8  per document: where it would begin

A document is the length of what follows as four bytes, then a dictionary of its stored fields: ``meta["stored"]`` says
whether as ``"json"`` or, when Whoosh's own writer wrote it, as ``"pickle"``. The blocks hold nothing but documents that have a
place: what is dropped is not in the file.
"""

from __future__ import annotations

import json
import pickle
import struct
import zlib
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from indexer.engine.whoosh.arrayfile import Array, ArrayFile, ArrayFileWriter, smallest

# Bytes of documents in a block. On a blog's text, blocks of this size take 40 % less room than documents one by one, and
# 50 us to read; larger ones save little more.
_BLOCK = 16_384
# zlib's level: 1 takes 60 % of the time of the default, 6, for 4 % more room.
_LEVEL = 1
# Blocks copied at a time from one file to another, about 4 MB unpacked; and smaller blocks than this are packed anew with
# others then, so that many small updates leave no crumbs.
_COPIED = 256
_SMALL = _BLOCK // 4
_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_LENGTH = struct.Struct("<I")
# Blocks kept unpacked, about a megabyte: the comments of a page stand beside their posts.
_KEPT = 64

Mask = NDArray[np.bool_]


def as_json(fields: Mapping[str, Any]) -> bytes:
    """The stored fields of a document whose values are all JSON's."""
    return _ENCODE(fields).encode("utf-8", "surrogatepass")


def as_pickle(fields: Mapping[str, Any]) -> bytes:
    """The stored fields of any document."""
    return pickle.dumps(dict(fields), protocol=4)


@dataclass(frozen=True, slots=True)
class Packed:
    """Some documents: compressed blocks, their lengths before compression, and the documents' places in that."""

    blocks: list[bytes]
    lengths: list[int]
    at: list[int]


class Packer:
    """Packs documents into blocks."""

    def __init__(self) -> None:
        self._open: list[bytes] = []
        self._size = 0
        self._done = 0
        self._packed = Packed([], [], [])

    def add(self, document: bytes) -> None:
        self._packed.at.append(self._done + self._size)
        self._open += (_LENGTH.pack(len(document)), document)
        self._size += _LENGTH.size + len(document)
        if self._size >= _BLOCK:
            self._close()

    def take(self) -> Packed:
        """What was packed since the last call."""
        if self._size:
            self._close()
        packed, self._packed, self._done = self._packed, Packed([], [], []), 0
        return packed

    def _close(self) -> None:
        self._packed.blocks.append(zlib.compress(b"".join(self._open), _LEVEL))
        self._packed.lengths.append(self._size)
        self._done += self._size
        self._open, self._size = [], 0


class StoredWriter:
    """Writes the stored fields of a segment as they come."""

    def __init__(self, file: ArrayFileWriter) -> None:
        self._file = file
        self._blocks = file.grow("stored.blocks", np.uint8)
        self._block_ends = [0]
        self._raw_ends = [0]
        self._at: list[NDArray[np.int64]] = []

    def append(self, packed: Packed, kept: Mask | None = None) -> None:
        """Add packed documents, or the ``kept`` ones of them."""
        self._at.append(self._write(packed if kept is None else only(packed, kept)))

    def copy(self, stored: StoredReader, kept: Mask) -> None:
        """Add the ``kept`` documents of a finished file, in their order."""
        at = np.zeros(len(kept), dtype=np.int64)
        for numbers, packed in stored.packed():
            chosen = kept[numbers]
            at[numbers[chosen]] = self._write(only(packed, chosen, stored.recode))
        self._at.append(at[kept])

    def _write(self, packed: Packed) -> NDArray[np.int64]:
        """Write the blocks; gives the places of the documents in the whole."""
        start = self._raw_ends[-1]
        self._blocks.append(b"".join(packed.blocks))
        self._block_ends += list(accumulate(map(len, packed.blocks), initial=self._block_ends[-1]))[1:]
        self._raw_ends += list(accumulate(packed.lengths, initial=start))[1:]
        return np.array(packed.at, dtype=np.int64) + start

    def finish(self, encoding: Literal["json", "pickle"]) -> None:
        """Write the places, and how the documents are encoded: `as_json` or `as_pickle`."""
        self._file.meta["stored"] = encoding
        places = np.concatenate([np.zeros(0, dtype=np.int64), *self._at])
        for name, numbers in (("block_at", self._block_ends), ("raw_at", self._raw_ends)):
            self._file.add(f"stored.{name}", np.array(numbers, dtype=np.int64), smallest(numbers[-1]))
        self._file.add("stored.at", places, smallest(self._raw_ends[-1]))


def only(packed: Packed, kept: Mask, recode: Callable[[bytes], bytes] | None = None) -> Packed:
    """The ``kept`` ones of packed documents. A block of which all are kept stays as it is; others are packed anew.

    With ``recode`` all are, each document as it says.
    """
    if recode is None and kept.all() and min(packed.lengths, default=_SMALL) >= _SMALL:
        return packed
    lengths, at = np.array(packed.lengths, dtype=np.int64), np.array(packed.at, dtype=np.int64)
    ends = np.cumsum(lengths)
    block = np.searchsorted(ends, at, side="right")
    whole = (lengths >= _SMALL) & (recode is None)
    whole[block[~kept]] = False
    before = np.cumsum(lengths * whole)  # what lies before the end of each block in the result
    at += (before - ends)[block]
    packer = Packer()
    for number in np.flatnonzero(~whole).tolist():
        first, last = np.searchsorted(block, (number, number + 1)).tolist()
        if kept[first:last].any():
            content = zlib.decompress(packed.blocks[number])
            places = np.array(packed.at[first:last]) - (ends[number] - lengths[number])
            for place in places[kept[first:last]].tolist():
                document = _document(content, place)
                packer.add(recode(document) if recode else document)
    anew = packer.take()
    at[kept & ~whole[block]] = np.array(anew.at, dtype=np.int64) + (before[-1] if len(before) else 0)
    blocks = [block for block, copied in zip(packed.blocks, whole.tolist(), strict=True) if copied]
    return Packed(blocks + anew.blocks, lengths[whole].tolist() + anew.lengths, at[kept].tolist())


def _document(content: bytes, place: int) -> bytes:
    """The document at a place of an unpacked block."""
    (length,) = _LENGTH.unpack_from(content, place)
    return content[place + _LENGTH.size : place + _LENGTH.size + length]


class StoredReader:
    """Reads the stored fields of a segment."""

    def __init__(self, file: ArrayFile) -> None:
        self._blocks = file.bytes("stored.blocks")
        self._block_at = file.numbers("stored.block_at")
        self._raw_at = file.numbers("stored.raw_at")
        self._at = file.numbers("stored.at")
        self._places: Array = file["stored.at"]
        self._is_json = file.meta["stored"] == "json"
        self._unpacked: dict[int, bytes] = {}

    def __len__(self) -> int:
        return len(self._at)

    def __getitem__(self, number: int) -> dict[str, Any]:
        return self.decode(self.raw(number))

    def decode(self, document: bytes) -> dict[str, Any]:
        """The stored fields of what `raw` gives."""
        # Never by the looks of the data: damage could then have archived text unpickled.
        fields: dict[str, Any] = json.loads(document) if self._is_json else pickle.loads(document)
        return fields

    @property
    def recode(self) -> Callable[[bytes], bytes] | None:
        """What makes `as_json` of what `raw` gives; None where it is."""
        return None if self._is_json else lambda document: as_json(self.decode(document))

    def raw(self, number: int) -> bytes:
        """The document as `as_json` or `as_pickle` made it."""
        place = self._at[number]
        block = bisect_right(self._raw_at, place) - 1
        content = self._unpacked.get(block) or self._unpack(block)
        return _document(content, place - self._raw_at[block])

    def sizes(self) -> NDArray[np.int64]:
        """Per document, about how many bytes it has."""
        order = np.argsort(self._places, kind="stable")
        sizes = np.empty(len(order), dtype=np.int64)
        sizes[order] = np.diff(self._places[order].astype(np.int64), append=self._raw_at[-1])
        return sizes

    def packed(self) -> Iterator[tuple[NDArray[np.intp], Packed]]:
        """Everything, as it is packed, some blocks at a time: the numbers of their documents, and the blocks."""
        order = np.argsort(self._places, kind="stable")
        places = self._places[order].astype(np.int64)
        blocks = len(self._raw_at) - 1
        for first in range(0, blocks, _COPIED):
            last = min(first + _COPIED, blocks)
            start, end = self._raw_at[first], self._raw_at[last]
            low, high = np.searchsorted(places, (start, end)).tolist()
            bytes_at = self._block_at[first : last + 1].tolist()
            packed = [bytes(self._blocks[a:b]) for a, b in pairwise(bytes_at)]
            lengths = np.diff(self._raw_at[first : last + 1].tolist()).tolist()
            yield order[low:high], Packed(packed, lengths, (places[low:high] - start).tolist())

    def _unpack(self, block: int) -> bytes:
        if len(self._unpacked) >= _KEPT:
            self._unpacked.clear()
        content = zlib.decompress(self._blocks[self._block_at[block] : self._block_at[block + 1]])
        self._unpacked[block] = content
        return content
