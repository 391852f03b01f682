"""An index that was updated round by round is the index of the documents that are left: same answers, and not a byte more."""

from __future__ import annotations

import json
import os
import pickle
import random
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import datetime
from itertools import count, pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer import engine
from indexer.engine.generations import Generation, Manifest
from indexer.engine.port import Document, IndexWriter, Kind, Searcher, SearchRequest, SearchResults
from indexer.engine.whoosh.arrayfile import ArrayFile
from indexer.errors import CorruptIndexError
from indexer.settings import Settings
from tests import corpus
from tests.corpus import BREAD, CORPUS, DANKING, IRAN, PING, REPLY, SHORT
from tests.test_engine_properties import AUTHORS, CATEGORIES, requests, texts

MEMORY_MB = 512
# A writer with no memory at all makes a run of every batch.
memories = st.sampled_from([0, MEMORY_MB])


def secret(number: int) -> str:
    """A word of one document alone."""
    return f"zq{number}qz"


@st.composite
def versions(draw: st.DrawFn) -> list[dict[str, Document]]:
    """A blog as it is after each of some rounds: documents come, change and go. Every version of one has a word of its own."""
    rounds: list[dict[str, Document]] = []
    now: dict[str, Document] = {}
    names = st.lists(st.sampled_from(CATEGORIES), max_size=2, unique=True).map(tuple)
    ids = [f"p{p}{c}" for p in range(3) for c in ("", "c0", "c1", "c2")]
    numbers = count(1000)
    for _ in range(draw(st.integers(2, 5))):
        for id in draw(st.lists(st.sampled_from(ids), max_size=5, unique=True)):
            if id in now and draw(st.booleans()):
                del now[id]
                continue
            kinds: list[Kind] = ["post", "page"] if len(id) == 2 else ["comment", "comment", "pingback"]
            now[id] = Document(
                id=id,
                thread=id[:2],
                kind=draw(st.sampled_from(kinds)),
                title=draw(texts) if len(id) == 2 else "",
                author=draw(st.sampled_from(AUTHORS)),
                published=draw(st.none() | st.integers(1, 12).map(lambda month: datetime(2008, month, 3, 12))),
                categories=draw(names),
                tags=draw(names),
                text=f"{draw(texts)} {secret(next(numbers))}",
                archive=draw(st.sampled_from(["a.xml", "b/"])),
            )
        rounds.append(dict(now))
    return rounds


def update(writer: IndexWriter, documents: Iterable[Document], archives: Sequence[str] = ("a.xml", "b/")) -> None:
    """As the pipeline does it: what is the same stays, what changed or is gone from the ``archives`` goes, the rest is added."""
    held = writer.held()
    prints = pickle.loads(pickle.dumps(held.prints))
    seen = set()
    added = []
    for document in documents:
        place = prints.find(document)
        seen.add(place if place >= 0 else held.place(document.id))
        if place < 0:
            added.append(document)
    writer.delete(document.id for document in added)
    for document in added:
        writer.add(document)
    places = set(range(len(held))) - seen
    writer.delete(held.id(place) for place in places if held.archive(place) in archives)


@contextmanager
def folders(count: int) -> Iterator[list[Path]]:
    with ExitStack() as stack:
        yield [Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in range(count)]


def write(path: Path, documents: Iterable[Document]) -> Path:
    with engine.open_writer(path, "english") as writer:
        for document in documents:
            writer.add(document)
    return path


@contextmanager
def opened(path: Path) -> Iterator[Searcher]:
    with closing(engine.open_generation(Generation(path, MANIFEST), Settings())) as searcher:
        yield searcher


MANIFEST: Manifest = engine.new_manifest(language="english", blog={}, counts={}, report={})


def answers(path: Path, asked: Iterable[SearchRequest]) -> list[SearchResults]:
    """All of every answer but the time it took; scores to six digits."""
    with opened(path) as searcher:
        return [_untimed(searcher.search(request)) for request in asked]


def _untimed(results: SearchResults) -> SearchResults:
    hits = tuple(
        replace(
            hit,
            score=round(hit.score, 6),
            comments=tuple(replace(comment, score=round(comment.score, 6)) for comment in hit.comments),
        )
        for hit in results.hits
    )
    return replace(results, hits=hits, took_ms=0.0, timings={}, facets=MappingProxyType(dict(results.facets)))


def exported(path: Path) -> list[Document]:
    with opened(path) as searcher:
        return list(searcher.documents())


def contents(path: Path) -> bytes:
    """Every byte of an index, what is compressed unpacked."""
    found = [file.read_bytes() for file in path.iterdir()]
    for file in path.glob("*.docs"):
        docs = ArrayFile(file)
        blocks, at = docs.bytes("stored.blocks"), docs.numbers("stored.block_at").tolist()
        found += [zlib.decompress(blocks[a:b]) for a, b in pairwise(at)]
    return b"\n".join(found)


def arrays(path: Path) -> dict[str, Any]:
    """All numbers of an index but how its stored fields are packed."""
    files = [ArrayFile(file) for file in sorted(path.iterdir()) if file.suffix in (".postings", ".docs", ".arrays")]
    found = {f"{n}.{name}": file[name].tolist() for n, file in enumerate(files) for name in file.names}
    return {name: numbers for name, numbers in found.items() if ".stored." not in name}


@settings(max_examples=50)
@given(versions(), st.lists(requests, min_size=1, max_size=4), memories, st.booleans(), st.randoms(), st.booleans())
def test_an_update_by_rounds_is_a_rebuild(
    rounds: list[dict[str, Document]],
    asked: list[SearchRequest],
    memory_mb: int,
    in_place: bool,
    chance: random.Random,
    whole: bool,
) -> None:
    """In its own directory or from one into the next; the rebuild adds the documents in any order.

    Blocks of stored fields are ``whole``, to be copied as they are, or so small that all are packed anew.
    """
    with pytest.MonkeyPatch.context() as patch, folders(len(rounds) + 1) as (anew, *paths):
        if whole:
            patch.setattr("indexer.engine.whoosh.stored._SMALL", 1)
            patch.setattr("indexer.engine.whoosh.stored._BLOCK", 400)
        base = write(paths[0], rounds[0].values())
        for path, documents in zip(paths[1:], rounds[1:], strict=True):
            before = {file.name: file.read_bytes() for file in base.iterdir()}
            target = base if in_place else path
            with engine.open_writer(target, "english", memory_mb, None if in_place else base) as writer:
                update(writer, chance.sample(list(documents.values()), len(documents)))
            if not in_place:
                assert {file.name: file.read_bytes() for file in base.iterdir()} == before
            base = target
        last = rounds[-1]
        write(anew, chance.sample(list(last.values()), len(last)))
        assert answers(base, asked) == answers(anew, asked)
        assert exported(base) == exported(anew)
        assert {document.id: document for document in exported(base)} == last
        there = contents(base)
        for document in {document for version in rounds for document in version.values()}:
            assert (document.text.split()[-1].encode() in there) == (document in last.values())


@settings(max_examples=40)
@given(versions(), memories, st.data())
def test_an_index_holds_what_its_documents_say_and_nothing_of_its_history(
    rounds: list[dict[str, Document]], memory_mb: int, data: st.DataObject
) -> None:
    """Number by number it is the index of the documents that are left, added in the same order."""
    with folders(3) as (base, path, anew):
        write(base, rounds[0].values())
        now = list(rounds[0].values())
        with engine.open_writer(path, "english", memory_mb, base) as writer:
            for documents in rounds[1:]:
                gone = [d for d in now if d not in documents.values()]
                new = [d for d in documents.values() if d not in now]
                writer.delete(d.id for d in gone)  # also of those that this writer added
                if data.draw(st.booleans()):
                    writer.add_prepared(writer.preparer()(new))
                else:
                    for document in new:
                        writer.add(document)
                now = [d for d in now if d not in gone] + new
        write(anew, now)
        assert arrays(path) == arrays(anew)


def test_the_order_of_an_export_is_that_of_threads_and_dates(tmp_path: Path) -> None:
    orphan = replace(DANKING, id="a1", thread="a0")
    late = replace(PING, id="k2", published=None)
    expected = [IRAN, DANKING, PING, REPLY, late, BREAD, SHORT, corpus.ABOUT, orphan]
    for seed in range(5):
        documents = random.Random(seed).sample(expected, len(expected))
        (tmp_path / f"{seed}").mkdir()
        assert exported(write(tmp_path / f"{seed}", documents)) == expected
    (tmp_path / "none").mkdir()
    assert exported(write(tmp_path / "none", [])) == []


def test_an_export_reads_ahead_only_so_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indexer.engine.whoosh.streaming._AHEAD", 1)
    assert set(exported(write(tmp_path, CORPUS))) == set(CORPUS)


def test_an_export_goes_on_with_the_generation_it_began_with(tmp_path: Path) -> None:
    corpus.build(tmp_path)
    with closing(engine.open_live(Settings(index_dir=tmp_path))) as searcher:
        documents = searcher.documents()
        first = next(documents)
        corpus.build(tmp_path, [BREAD])
        assert searcher.document(IRAN.id) is None
        assert {first, *documents} == set(CORPUS)
        assert list(searcher.documents()) == [BREAD]


def test_what_was_held_is_known_by_places(tmp_path: Path) -> None:
    documents = [replace(document, archive=f"{document.kind}.xml") for document in CORPUS]
    base, path = tmp_path / "base", tmp_path / "path"
    base.mkdir()
    path.mkdir()
    write(base, documents)
    with engine.open_writer(path, "english", base=base) as writer:
        held = writer.held()
        assert [held.id(place) for place in range(len(held))] == sorted(document.id for document in documents)
        for document in documents:
            place = held.place(document.id)
            assert (held.thread(place), held.archive(place)) == (document.thread, document.archive)
            assert held.prints.find(document) == place
            assert held.prints.find(replace(document, locator="moved")) == -1
            assert held.prints.find(replace(document, archive="another.xml")) == -1
            assert held.prints.find(replace(document, text="changed")) == -1
        assert (held.place("no such"), held.place("")) == (-1, -1)
    with engine.open_writer(base, "english") as writer:
        assert len(writer.held()) == len(CORPUS)
    (tmp_path / "new").mkdir()
    with engine.open_writer(tmp_path / "new", "english") as writer:
        assert (len(writer.held()), writer.held().place("p1"), writer.held().prints.find(IRAN)) == (0, -1, -1)


def test_an_index_that_stays_as_it_is_takes_no_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its files are linked, or copied where the file system has no links."""
    base, linked, copied = (tmp_path / name for name in ("base", "linked", "copied"))
    for path in (base, linked, copied):
        path.mkdir()
    write(base, CORPUS)
    with engine.open_writer(linked, "english", base=base) as writer:
        writer.delete(["no such"])
    files = {
        file.name: file.stat().st_ino for file in base.iterdir() if file.suffix in (".docs", ".postings", ".arrays")
    }
    assert len(files) == 3
    assert files == {file.name: file.stat().st_ino for file in linked.iterdir() if file.name in files}

    def refuse(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(os, "link", refuse)
    with engine.open_writer(copied, "english", base=linked):
        pass
    assert set(exported(copied)) == set(exported(linked)) == set(CORPUS)
    assert len(list(copied.glob("*.docs"))) == 1
    before = {file.name: file.stat().st_mtime_ns for file in base.iterdir()}
    with engine.open_writer(base, "english"):
        pass
    assert {name: (base / name).stat().st_mtime_ns for name in before} == before


def test_nothing_is_left_of_an_update_that_fails(tmp_path: Path) -> None:
    base, path = tmp_path / "base", tmp_path / "path"
    base.mkdir()
    path.mkdir()
    write(base, CORPUS)
    before = {file.name: file.read_bytes() for file in base.iterdir()}

    def fail(path: Path, base: Path | None) -> None:
        with engine.open_writer(path, "english", base=base) as writer:
            writer.delete([IRAN.id])
            writer.add(IRAN)
            raise ZeroDivisionError

    for arguments in ((path, base), (base, None)):
        with pytest.raises(ZeroDivisionError):
            fail(*arguments)
    assert {file.name: file.read_bytes() for file in base.iterdir()} == before
    assert {file.suffix for file in path.iterdir()} <= {".toc", ""}


def test_a_damaged_base_is_told_with_the_command_that_rebuilds(tmp_path: Path) -> None:
    base = tmp_path / "base"
    base.mkdir()
    write(base, CORPUS)
    for number, suffix in enumerate((".docs", ".postings", ".arrays")):
        file = next(base.glob(f"*{suffix}"))
        whole = file.read_bytes()
        for damaged in (whole[:-1], whole[:64] + b"\xff" * (len(whole) - 1000) + whole[len(whole) - 936 :]):
            file.write_bytes(damaged)
            path = tmp_path / f"{number}-{len(damaged)}"
            path.mkdir()
            with (
                pytest.raises(CorruptIndexError, match=r"[Rr]ebuild.* backfile index SOURCE"),
                engine.open_writer(path, "english", base=base) as writer,
            ):
                writer.delete([IRAN.id])
        file.write_bytes(whole)


def test_many_small_updates_leave_no_crumbs(tmp_path: Path) -> None:
    """Blocks of stored fields that hold little are packed together."""
    documents = [corpus.renamed(SHORT, f"d{n}", text=f"{secret(n)} " * 20) for n in range(30)]
    write(tmp_path, documents[:1])
    for document in documents[1:]:
        with engine.open_writer(tmp_path, "english") as writer:
            writer.add(document)
    (file,) = tmp_path.glob("*.docs")
    assert len(ArrayFile(file)["stored.block_at"]) < 6
    assert {d.id for d in exported(tmp_path)} == {d.id for d in documents}


def test_a_record_holds_the_archive(tmp_path: Path) -> None:
    write(tmp_path, [replace(IRAN, archive="export.xml")])
    assert b'"archive":"export.xml"' in contents(tmp_path)
    assert json.dumps(IRAN.title).encode() in contents(tmp_path)
