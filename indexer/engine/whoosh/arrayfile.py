"""Flat arrays in one file: written once, then mapped into memory and shared by every process that opens it.

All numbers are little-endian.

    offset  bytes   what
    0       8       the letters ``BACKFILE``
    8       4       version of this format, unsigned
    12      4       CRC-32 of the directory, unsigned
    16      8       offset of the directory, unsigned
    24      8       length of the directory in bytes, unsigned; the file ends with it
    32      32      zero
    64      ...     the arrays, each at a multiple of 64
            ...     the directory: UTF-8 JSON ``{"meta": {...}, "arrays": {name: [dtype, offset, count]}}``

``dtype`` is NumPy's name of a type, such as ``<u4``.
"""

from __future__ import annotations

import json
import mmap
import os
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

MAGIC = b"BACKFILE"
VERSION = 1
_HEADER = struct.Struct("<8sIIQQ")
# The first array starts here, and every array at a multiple of it: one line of a processor's cache.
_ALIGN = 64

# The codes of unsigned integers by their size.
_CODES: dict[int, Literal["B", "H", "I", "Q"]] = {1: "B", 2: "H", 4: "I", 8: "Q"}

Array = NDArray[Any]


class DamagedArrayFileError(Exception):
    """The file is not what `ArrayFileWriter` wrote; the message says how."""


def smallest(most: int) -> np.dtype[Any]:
    """The smallest unsigned type that holds ``most``."""
    return np.dtype(next(kind for kind in ("<u1", "<u2", "<u4", "<u8") if most <= np.iinfo(kind).max))


class Slot:
    """The place of one array in a file that is being written; filled piece by piece."""

    def __init__(self, descriptor: int, dtype: np.dtype[Any], offset: int) -> None:
        self.dtype = dtype
        self.offset = offset
        self.count = 0
        self._descriptor = descriptor

    @property
    def end(self) -> int:
        return self.offset + self.count * self.dtype.itemsize

    def append(self, piece: Array | bytes | bytearray) -> None:
        """Write the next numbers (or bytes, of a ``u1`` array)."""
        if isinstance(piece, bytes | bytearray):
            piece = np.frombuffer(piece, dtype=np.uint8)
        data = np.ascontiguousarray(piece, dtype=self.dtype).data.cast("B")
        at = self.end
        while data:
            written = os.pwrite(self._descriptor, data, at)
            data, at = data[written:], at + written
        self.count += len(piece)


class ArrayFileWriter:
    """Writes one file. Leaving the block by an exception leaves a file that no reader takes."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._slots: dict[str, Slot] = {}
        self._end = _ALIGN
        self._growing: Slot | None = None
        self.meta: dict[str, Any] = {}

    def __enter__(self) -> ArrayFileWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._finish()
        finally:
            self._file.close()

    def close(self) -> None:
        """Give up: what is there is no array file."""
        self._file.close()

    def add(self, name: str, values: Array, dtype: Any = None) -> None:
        """Write a whole array."""
        self.reserve(name, values.dtype if dtype is None else dtype, len(values)).append(values)

    def reserve(self, name: str, dtype: Any, count: int) -> Slot:
        """Room for ``count`` numbers, to be appended until it is full; several slots may be filled in turns."""
        slot = self.grow(name, dtype)
        self._growing = None
        self._end = slot.offset + count * slot.dtype.itemsize
        return slot

    def grow(self, name: str, dtype: Any) -> Slot:
        """Room for as many numbers as come, until another array is begun."""
        if self._growing is not None:
            self._end = self._growing.end
        self._end += -self._end % _ALIGN
        self._growing = Slot(self._file.fileno(), np.dtype(dtype).newbyteorder("<"), self._end)
        self._slots[name] = self._growing
        return self._growing

    def _finish(self) -> None:
        end = max((slot.end for slot in self._slots.values()), default=_ALIGN)
        arrays = {name: [slot.dtype.str, slot.offset, slot.count] for name, slot in self._slots.items()}
        directory = json.dumps({"meta": self.meta, "arrays": arrays}).encode()
        self._file.seek(end)
        self._file.write(directory)
        self._file.seek(0)
        self._file.write(_HEADER.pack(MAGIC, VERSION, zlib.crc32(directory), end, len(directory)))
        self._file.flush()
        os.fsync(self._file.fileno())


class ArrayFile:
    """An open file: ``meta``, and its arrays by name, read-only views of the mapped pages.

    Raises `DamagedArrayFileError` unless the header, the length, the directory and the place of every array are right. The
    numbers inside are not read: `indexer.engine.generations` keeps a checksum of the file.
    """

    def __init__(self, path: Path) -> None:
        self.name = path.name
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size < _ALIGN:
                raise DamagedArrayFileError(f"{self.name} has {size} bytes, too few for a header")
            # Not closed by hand: it goes when the last view of it goes, so that no search meets a closed map.
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        magic, version, checksum, start, length = _HEADER.unpack_from(self._map)
        if magic != MAGIC or version != VERSION:
            raise DamagedArrayFileError(f"{self.name} does not begin as an array file of version {VERSION}")
        directory = self._map[start : start + length] if start + length == size else b""
        if not directory or zlib.crc32(directory) != checksum:
            raise DamagedArrayFileError(f"{self.name} is not complete")
        content = json.loads(directory)
        self.meta: Mapping[str, Any] = content["meta"]
        self._places: Mapping[str, tuple[str, int, int]] = content["arrays"]
        for name, (dtype, offset, count) in self._places.items():
            if offset < _ALIGN or count < 0 or offset + count * np.dtype(dtype).itemsize > start:
                raise DamagedArrayFileError(f"{self.name}: the array {name} is not inside the file")

    @property
    def names(self) -> list[str]:
        return list(self._places)

    def place(self, name: str) -> tuple[str, int, int]:
        """Type, offset in the file and count of an array."""
        dtype, offset, count = self._places[name]
        return dtype, offset, count

    def __contains__(self, name: str) -> bool:
        return name in self._places

    def __getitem__(self, name: str) -> Array:
        dtype, offset, count = self._places[name]
        return np.frombuffer(self._map, dtype=dtype, count=count, offset=offset)

    def get(self, name: str) -> Array | None:
        return self[name] if name in self._places else None

    def bytes(self, name: str) -> memoryview[int]:
        """An array of ``u1`` as bytes."""
        _, offset, count = self._places[name]
        return memoryview(self._map)[offset : offset + count]

    def numbers(self, name: str) -> memoryview[int]:
        """An array of unsigned integers whose elements come as Python's, several times faster one by one than NumPy's."""
        dtype, offset, count = self._places[name]
        size = np.dtype(dtype).itemsize
        return memoryview(self._map)[offset : offset + count * size].cast(_CODES[size])
