"""An index whose files are not what was written is refused, or answers; nothing else ever happens."""

from __future__ import annotations

import random
import shutil
from contextlib import closing, suppress
from pathlib import Path

import numpy as np
import pytest

from indexer import engine
from indexer.engine.generations import Generation, Generations
from indexer.engine.port import FacetField, SearchRequest
from indexer.engine.whoosh.arrayfile import ArrayFile
from indexer.engine.whoosh.stored import StoredReader
from indexer.errors import CorruptIndexError
from indexer.settings import Settings
from tests import corpus

QUERIES = ("iran", '"to be or"', "the OR be", "ira*", "iarn~", "category:army", "be -iran", "")


@pytest.fixture
def generation(tmp_path: Path) -> Generation:
    corpus.build(tmp_path, corpus.CORPUS)
    return Generations(tmp_path).current()


def array_files(generation: Generation) -> list[Path]:
    return [path for path in sorted(generation.path.iterdir()) if path.suffix in (".postings", ".docs", ".arrays")]


def use(generation: Generation, check: bool = True) -> None:
    """Everything that a reader could ask."""
    with closing(engine.open_generation(generation, Settings())) as searcher:
        for text in QUERIES:
            results = searcher.search(SearchRequest(text=text))
            for hit in results.hits:
                searcher.thread(hit.thread)
        filters: dict[FacetField, tuple[str, ...]] = {"author": ("AJ",), "category": ("Iran",), "year": ("2008",)}
        found = searcher.search(SearchRequest(text="iran", group="none", filters=filters))
        assert found.listed or not check


def test_a_whole_index_answers(generation: Generation) -> None:
    use(generation)
    assert len(array_files(generation)) == 3


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_a_truncated_file_is_refused_with_the_command_that_rebuilds(generation: Generation, share: float) -> None:
    for path in array_files(generation):
        whole = path.read_bytes()
        path.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(CorruptIndexError, match=r"Rebuild.* backfile index (--index .*)?SOURCE"):
            use(generation)
        path.write_bytes(whole)


def test_a_missing_file_is_refused(generation: Generation) -> None:
    for path in array_files(generation):
        if path.suffix != ".arrays":  # facts are made anew from the stored fields
            moved = shutil.move(path, path.with_suffix(".away"))
            with pytest.raises(CorruptIndexError):
                use(generation)
            shutil.move(moved, path)


def test_any_byte_of_the_small_arrays_may_be_another(generation: Generation) -> None:
    """Those by which everything else is looked up: what is not refused at once must not raise anything else later."""
    for path in array_files(generation):
        whole = path.read_bytes()
        file = ArrayFile(path)
        for name in file.names:
            dtype, offset, count = file.place(name)
            size = count * np.dtype(dtype).itemsize
            for place in {offset, offset + size // 2, offset + size - 1} if size else ():
                for value in (0, 1, 255, whole[place] ^ 1):
                    path.write_bytes(whole[:place] + bytes([value]) + whole[place + 1 :])
                    with suppress(CorruptIndexError):
                        use(generation, check=False)
        path.write_bytes(whole)


def test_archived_text_is_never_unpickled(generation: Generation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pickle.loads", lambda data: pytest.fail(f"unpickled {data[:20]!r}"))
    path = next(path for path in array_files(generation) if path.suffix == ".docs")
    whole = path.read_bytes()
    _, offset, _ = ArrayFile(path).place("stored.at")
    for place in range(256):
        path.write_bytes(whole[:offset] + bytes([place]) + whole[offset + 1 :])
        stored = StoredReader(ArrayFile(path))
        with suppress(Exception):
            stored[0]


def test_other_bytes_inside_the_arrays_never_raise_anything_else(generation: Generation) -> None:
    rnd = random.Random(7)
    for path in array_files(generation):
        whole = path.read_bytes()
        for _ in range(60):
            damaged = bytearray(whole)
            for _ in range(rnd.choice([1, 1, 20])):
                damaged[rnd.randrange(64, len(whole))] = rnd.randrange(256)
            path.write_bytes(damaged)
            with suppress(CorruptIndexError):
                use(generation, check=False)
            assert generation.damage() == [f"{path.name} was altered"] or bytes(damaged) == whole
        path.write_bytes(whole)
