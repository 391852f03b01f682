"""Build aside, verify, switch."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from indexer import engine
from indexer.engine import schema
from indexer.engine.generations import Generations
from indexer.engine.live import LiveSearcher
from indexer.engine.port import Completion, SearchRequest
from indexer.engine.whoosh.searcher import WhooshSearcher
from indexer.errors import CorruptIndexError, IndexLockedError, NoIndexError, SchemaVersionError, StorageError
from indexer.settings import Settings
from tests import corpus


def test_no_index_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(NoIndexError, match=r"Build one: backfile index --index .* export\.xml"):
        Generations(tmp_path).current()
    (tmp_path / "file").touch()
    with pytest.raises(NoIndexError, match=r"file: it is no directory\. Give --index another\."):
        Generations(tmp_path / "file").current()


def test_one_old_generation_is_kept(tmp_path: Path) -> None:
    built = [corpus.build(tmp_path).name for _ in range(4)]
    assert sorted(p.name for p in (tmp_path / "generations").iterdir()) == built[2:]
    assert Generations(tmp_path).current().name == built[3]


def test_after_a_takedown_no_old_generation_is_kept(tmp_path: Path) -> None:
    first = corpus.build(tmp_path)
    generations = Generations(tmp_path)
    with closing(engine.open_generation(first, Settings())) as searcher, generations.building() as path:
        with engine.open_writer(path, "english", base=first.path) as writer:
            writer.delete([corpus.IRAN.id])
        last = generations.switch(path, first.manifest, forget=True)
        assert searcher.document(corpus.IRAN.id) == corpus.IRAN
        assert searcher.search(SearchRequest(text="iran")).listed == 1
    assert [p.name for p in (tmp_path / "generations").iterdir()] == [last.name]


def test_the_leftovers_of_a_killed_run_are_removed_by_the_next(tmp_path: Path) -> None:
    first = corpus.build(tmp_path)
    leftover = tmp_path / "generations" / "99990101T000000000000"
    leftover.mkdir()
    (leftover / "half").write_text("a segment")
    assert Generations(tmp_path).current().name == first.name
    corpus.build(tmp_path)
    assert not leftover.exists()


def test_a_second_writer_is_refused_and_a_dead_ones_lock_is_no_obstacle(tmp_path: Path) -> None:
    hold = f"import sys; sys.path.insert(0, {str(Path.cwd())!r})\n" + (
        "from pathlib import Path; from indexer.engine.generations import Generations\n"
        f"with Generations(Path({str(tmp_path)!r})).building(): print('held', flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen([sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(IndexLockedError, match="Another backfile is writing"):
            corpus.build(tmp_path)
        holder.kill()
    corpus.build(tmp_path)


def test_another_schema_version_is_refused_with_the_command_that_rebuilds(tmp_path: Path) -> None:
    manifest = corpus.build(tmp_path).path / "manifest.json"
    manifest.write_text(manifest.read_text().replace(f'"schema": "{schema.fingerprint()}"', '"schema": "0.0"'))
    with pytest.raises(SchemaVersionError, match=r"has schema 0\.0.*Rebuild the index: backfile index"):
        Generations(tmp_path).current()


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"schema": 3}', "null"])
def test_a_damaged_manifest_is_refused(tmp_path: Path, damage: str) -> None:
    (corpus.build(tmp_path).path / "manifest.json").write_text(damage)
    with pytest.raises((CorruptIndexError, SchemaVersionError), match="Rebuild the index"):
        Generations(tmp_path).current()


def test_a_short_or_missing_file_is_refused_and_an_altered_one_is_found(tmp_path: Path) -> None:
    generation = corpus.build(tmp_path)
    segment = max(generation.path.iterdir(), key=lambda f: f.stat().st_size)
    whole = segment.read_bytes()
    segment.write_bytes(whole[:-1])
    with pytest.raises(CorruptIndexError, match="is missing or not complete"):
        Generations(tmp_path).current()
    segment.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert Generations(tmp_path).current().damage() == [f"{segment.name} was altered"]
    segment.unlink()
    with pytest.raises(CorruptIndexError, match="is missing or not complete"):
        Generations(tmp_path).current()


def test_a_directory_that_cannot_be_written_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a directory")
    with pytest.raises(StorageError, match="Cannot write the index"):
        corpus.build(tmp_path / "file" / "index")


def test_a_live_searcher_notices_a_new_generation(tmp_path: Path) -> None:
    settings = Settings(index_dir=tmp_path)
    with closing(engine.open_live(settings)) as searcher:
        with pytest.raises(NoIndexError):
            searcher.search(SearchRequest())
        corpus.build(tmp_path, [corpus.IRAN])
        assert searcher.search(SearchRequest()).listed == 1
        corpus.build(tmp_path)
        assert searcher.search(SearchRequest()).listed == 4
        assert searcher.about().counts == {"posts": 3, "pages": 1, "comments": 2, "pingbacks": 1}


def test_a_new_generation_that_cannot_be_opened_is_not_used(tmp_path: Path) -> None:
    with closing(engine.open_live(Settings(index_dir=tmp_path))) as searcher:
        corpus.build(tmp_path)
        assert searcher.search(SearchRequest()).listed == 4
        (corpus.build(tmp_path, [corpus.IRAN]).path / "manifest.json").write_text("damaged")
        assert searcher.search(SearchRequest()).listed == 4
        corpus.build(tmp_path, [corpus.IRAN])
        assert searcher.search(SearchRequest()).listed == 1


def test_what_first_calls_would_wait_for_is_worked_out_behind_an_opened_generation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.engine.live._WARM_AFTER", 0)
    asked: list[str] = []
    warmed, closed = threading.Event(), threading.Event()

    class Watched(WhooshSearcher):
        def suggest(self, text: str, limit: int = 8) -> tuple[Completion, ...]:
            asked.append("suggest")
            return super().suggest(text, limit)

        def distinctive(self, limit: int = 10) -> Mapping[str, tuple[str, ...]]:
            asked.append("distinctive")
            warmed.set()
            return super().distinctive(limit)

        def close(self) -> None:
            super().close()
            closed.set()

    corpus.build(tmp_path)
    with closing(engine.open_searcher(Settings(index_dir=tmp_path))) as plain:
        about = plain.about()
    searcher = LiveSearcher(Generations(tmp_path), lambda generation: Watched(generation.path, about, 1.0))
    with closing(searcher):
        assert searcher.search(SearchRequest()).listed == 4
        assert warmed.wait(10)
        assert asked == ["suggest", "distinctive"]
    assert closed.wait(10)


def test_the_manifest_tells_what_is_there(tmp_path: Path) -> None:
    generation = corpus.build(tmp_path)
    manifest = json.loads((generation.path / "manifest.json").read_text())
    assert manifest["schema"] == schema.fingerprint()
    assert manifest["counts"] == {"posts": 3, "pages": 1, "comments": 2, "pingbacks": 1}
    assert set(manifest["files"]) == {f.name for f in generation.path.iterdir()} - {"manifest.json"}


def test_no_search_is_lost_while_generations_are_switched(tmp_path: Path) -> None:
    corpus.build(tmp_path)
    found: list[int] = []
    stop = threading.Event()

    with closing(engine.open_live(Settings(index_dir=tmp_path))) as searcher:

        def search() -> None:
            while not stop.is_set():
                found.append(searcher.search(SearchRequest(text="iran OR bread")).listed)

        with ThreadPoolExecutor(4) as pool:
            running = [pool.submit(search) for _ in range(4)]
            for _ in range(8):
                corpus.build(tmp_path)
            stop.set()
            for thread in running:
                thread.result()
    assert len(found) > 20
    assert set(found) == {2}
