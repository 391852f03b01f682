"""Flat arrays in a file: what is written is read, and what is not whole is refused."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from indexer.engine.whoosh.arrayfile import ArrayFile, ArrayFileWriter, DamagedArrayFileError, smallest


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "some.arrays"
    with ArrayFileWriter(path) as writer:
        writer.meta["documents"] = 3
        writer.add("small", np.array([1, 2, 250]), np.uint8)
        first, second = writer.reserve("first", np.uint32, 3), writer.reserve("second", np.float32, 2)
        first.append(np.array([70_000, 1]))
        second.append(np.array([0.5, -1]))
        first.append(np.array([9]))
        growing = writer.grow("growing", np.uint8)
        growing.append(b"of unknown ")
        growing.append(b"length")
        writer.add("empty", np.zeros(0), np.uint64)
    return path


def test_what_is_written_is_read(file: Path) -> None:
    read = ArrayFile(file)
    assert read.meta == {"documents": 3}
    assert read["small"].tolist() == [1, 2, 250]
    assert read["first"].tolist() == read.numbers("first").tolist() == [70_000, 1, 9]
    assert read["second"].tolist() == [0.5, -1]
    assert bytes(read.bytes("growing")) == b"of unknown length"
    assert read["empty"].tolist() == []
    assert read.get("absent") is None
    assert "first" in read


def test_arrays_start_at_multiples_of_64_and_are_read_only(file: Path) -> None:
    read = ArrayFile(file)
    assert all(read[name].ctypes.data % 64 == 0 for name in ("small", "first", "second", "growing"))
    with pytest.raises(ValueError, match="read-only"):
        read["first"][0] = 1


def test_a_file_cut_anywhere_is_refused(file: Path) -> None:
    whole = file.read_bytes()
    for size in range(len(whole)):
        file.write_bytes(whole[:size])
        with pytest.raises(DamagedArrayFileError):
            ArrayFile(file)


def test_a_header_or_directory_with_another_byte_is_refused(file: Path) -> None:
    whole = file.read_bytes()
    directory = int.from_bytes(whole[16:24], "little")
    for place in [*range(32), *range(directory, len(whole))]:
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(DamagedArrayFileError):
            ArrayFile(file)


def test_a_file_whose_writing_failed_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "half.arrays"
    with suppress(RuntimeError), ArrayFileWriter(path) as writer:
        writer.add("numbers", np.arange(1000))
        raise RuntimeError
    with pytest.raises(DamagedArrayFileError):
        ArrayFile(path)


@pytest.mark.parametrize(("most", "name"), [(0, "u1"), (255, "u1"), (256, "u2"), (65_536, "u4"), (2**32, "u8")])
def test_the_smallest_type(most: int, name: str) -> None:
    assert smallest(most) == np.dtype(f"<{name}")
