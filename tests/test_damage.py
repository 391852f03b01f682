"""An index whose files are not what was written is refused, or answers; nothing else ever happens."""

from __future__ import annotations

import random
import shutil
from contextlib import closing, suppress
from pathlib import Path

import pytest

from indexer import engine
from indexer.engine.generations import Generation, Generations
from indexer.engine.port import SearchRequest
from indexer.errors import CorruptIndexError
from indexer.settings import Settings
from tests import corpus

QUERIES = ("iran", '"sons of iraq"', "the OR and", "ira*", "iarn~", "category:iraq", "a -b", "")


@pytest.fixture
def generation(tmp_path: Path) -> Generation:
    corpus.build(tmp_path, corpus.CORPUS)
    return Generations(tmp_path).current()


def array_files(generation: Generation) -> list[Path]:
    return [path for path in sorted(generation.path.iterdir()) if path.suffix in (".postings", ".docs", ".arrays")]


def use(generation: Generation) -> None:
    """Everything that a reader could ask."""
    with closing(engine.open_generation(generation, Settings())) as searcher:
        for text in QUERIES:
            results = searcher.search(SearchRequest(text=text))
            for hit in results.hits:
                searcher.thread(hit.thread)
        searcher.search(SearchRequest(text="iran", group="none", filters={"author": ("AJ",), "category": ("Iraq",)}))


def test_a_whole_index_answers(generation: Generation) -> None:
    use(generation)
    assert len(array_files(generation)) == 3


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_a_truncated_file_is_refused_with_the_command_that_rebuilds(generation: Generation, share: float) -> None:
    for path in array_files(generation):
        whole = path.read_bytes()
        path.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(CorruptIndexError, match=r"Rebuild.* backfile index SOURCE"):
            use(generation)
        path.write_bytes(whole)


def test_a_missing_file_is_refused(generation: Generation) -> None:
    for path in array_files(generation):
        if path.suffix != ".arrays":  # facts are made anew from the stored fields
            moved = shutil.move(path, path.with_suffix(".away"))
            with pytest.raises(CorruptIndexError):
                use(generation)
            shutil.move(moved, path)


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
                use(generation)
            assert generation.damage() == [f"{path.name} was altered"] or bytes(damaged) == whole
        path.write_bytes(whole)
