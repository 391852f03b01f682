"""Stored fields: what a segment keeps of each document, in compressed blocks of several documents.

In ``<segment>.docs``:

    stored.blocks   u1      zlib streams, one after the other
    stored.block_at u1..u8  one more than blocks: where each begins in ``stored.blocks``
    stored.raw_at   u1..u8  one more than blocks: where the content of each would begin if nothing were compressed
    stored.at       u1..u8  per document: where it would begin

A document is the length of what follows as four bytes, then a dictionary of its stored fields: ``meta["stored"]`` says
whether as ``"json"`` or, when Whoosh's own writer wrote it, as ``"pickle"``.
"""

from __future__ import annotations

import json
import pickle
import struct
import zlib
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Literal

import numpy as np

from indexer.engine.whoosh.arrayfile import ArrayFile, ArrayFileWriter, smallest

# Bytes of documents in a block. On a blog's text, blocks of this size take 40 % less room than documents one by one, and
# 50 us to read; larger ones save little more.
_BLOCK = 16_384
# zlib's level: 1 takes 60 % of the time of the default, 6, for 4 % more room.
_LEVEL = 1
_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_LENGTH = struct.Struct("<I")
# Blocks kept unpacked, about a megabyte: the comments of a page stand beside their posts.
_KEPT = 64


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
        self._at: list[np.ndarray[Any, np.dtype[np.int64]]] = []

    def append(self, packed: Packed, kept: Sequence[int] | None = None) -> None:
        """Add packed documents, or the ``kept`` ones of them: the others lose their place, though not their bytes."""
        start = self._raw_ends[-1]
        self._blocks.append(b"".join(packed.blocks))
        self._block_ends += list(accumulate(map(len, packed.blocks), initial=self._block_ends[-1]))[1:]
        self._raw_ends += list(accumulate(packed.lengths, initial=start))[1:]
        at = np.array(packed.at, dtype=np.int64) + start
        self._at.append(at if kept is None else at[list(kept)])

    def finish(self, encoding: Literal["json", "pickle"]) -> None:
        """Write the places, and how the documents are encoded: `as_json` or `as_pickle`."""
        self._file.meta["stored"] = encoding
        places = np.concatenate([np.zeros(0, dtype=np.int64), *self._at])
        for name, numbers in (("block_at", self._block_ends), ("raw_at", self._raw_ends)):
            self._file.add(f"stored.{name}", np.array(numbers, dtype=np.int64), smallest(numbers[-1]))
        self._file.add("stored.at", places, smallest(self._raw_ends[-1]))


class StoredReader:
    """Reads the stored fields of a segment."""

    def __init__(self, file: ArrayFile) -> None:
        self._blocks = file.bytes("stored.blocks")
        self._block_at = file.numbers("stored.block_at")
        self._raw_at = file.numbers("stored.raw_at")
        self._at = file.numbers("stored.at")
        self._is_json = file.meta["stored"] == "json"
        self._unpacked: dict[int, bytes] = {}

    def __len__(self) -> int:
        return len(self._at)

    def __getitem__(self, number: int) -> dict[str, Any]:
        data = self.raw(number)
        # Never by the looks of the data: damage could then have archived text unpickled.
        fields: dict[str, Any] = json.loads(data) if self._is_json else pickle.loads(data)
        return fields

    def raw(self, number: int) -> bytes:
        """The document as `as_json` or `as_pickle` made it."""
        place = self._at[number]
        block = bisect_right(self._raw_at, place) - 1
        content = self._unpacked.get(block) or self._unpack(block)
        start = place - self._raw_at[block] + _LENGTH.size
        (length,) = _LENGTH.unpack_from(content, start - _LENGTH.size)
        return content[start : start + length]

    def _unpack(self, block: int) -> bytes:
        if len(self._unpacked) >= _KEPT:
            self._unpacked.clear()
        content = zlib.decompress(self._blocks[self._block_at[block] : self._block_at[block + 1]])
        self._unpacked[block] = content
        return content
