"""`update`: what is new, changed or gone, and nothing else; what comes out is what a rebuild would give."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer import engine, pipeline, sources
from indexer.documents import digest
from indexer.engine.generations import IMPORT_REPORT, Generations
from indexer.engine.payload import search_payload
from indexer.engine.port import Document, SearchRequest
from indexer.errors import IncompleteSourceError, IndexLockedError, NoIndexError, SettingError, SourceError
from indexer.permalinks import normalise
from indexer.settings import Settings
from tests import lines
from tests.lines import Line

QUERIES = (
    "",
    "alpha",
    "beta gamma",
    "alpha OR beta",
    '"beta gamma"',
    "alph*",
    "-alpha",
    "title:one",
    "category:News",
    "in:comments beta",
)


@pytest.fixture(autouse=True, scope="module")
def lines_format() -> Any:
    table = (*sources.formats(), *lines.FORMATS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "formats", lambda: table)
        yield


def post(url: str, text: str = "alpha", **more: Any) -> Line:
    return "post", {"native_id": "", "url": url, "title": f"Title {url}", "html": f"<p>{text}</p>", **more}


def blog(name: str, description: str = "") -> Line:
    return "blog", {"name": name, "description": description}


def comment(of: str, number: str, text: str = "beta", **more: Any) -> Line:
    return "comment", {"native_id": number, "post": of, "html": text, "author": "Ann", **more}


def everything(index: Settings) -> tuple[list[Document], list[Any]]:
    """All documents, and the answers to all queries."""
    with closing(engine.open_searcher(index)) as searcher:
        documents = list(searcher.documents())
        answers = [search_payload(searcher.search(SearchRequest(text=query, page_size=100))) for query in QUERIES]
        grouped = [
            search_payload(searcher.search(SearchRequest(text=query, group="none", page_size=100))) for query in QUERIES
        ]
    for answer in (*answers, *grouped):
        answer["took_ms"] = 0
    return documents, [*answers, *grouped]


def told(index: Settings) -> tuple[Any, list[str]]:
    """What an index says of itself, and what the run that made it left out."""
    current = Generations(index.index_dir).current()
    manifest, report = current.manifest, current.manifest.report
    for timed in (report, *report["sources"]):
        for name in ("seconds", "stages", "generation", "changes"):
            timed.pop(name, None)
    said = manifest.blog, manifest.counts, manifest.sources, manifest.inputs, report
    return said, (current.path / IMPORT_REPORT).read_text().splitlines()


def texts(index: Settings) -> list[str]:
    return sorted(document.text for document in everything(index)[0])


ONE, TWO, THREE = (f"http://b.example/2008/{name}/" for name in ("one", "two", "three"))
NUMBERED = "http://b.example/?p=7"


@pytest.fixture
def index(tmp_path: Path) -> Settings:
    return Settings(index_dir=tmp_path / "index_data")


def test_an_update_touches_what_is_new_changed_or_gone(tmp_path: Path, index: Settings) -> None:
    source = tmp_path / "a.lines"
    lines.write(source, [post(ONE), comment(ONE, "1"), comment(ONE, "2"), post(TWO), comment(TWO, "3")])
    pipeline.build([source], index)
    lines.write(source, [post(ONE), comment(ONE, "1", "gamma"), post(THREE), post(TWO), comment(ONE, "4")])
    report = pipeline.update([], index)
    assert report.changes == {"added": 2, "changed": 1, "removed": 2, "unchanged": 2, "kept": 0}
    assert report.counts == {"posts": 3, "pages": 0, "comments": 2, "pingbacks": 0}
    assert texts(index) == ["alpha", "alpha", "alpha", "beta", "gamma"]
    assert pipeline.update([source], index).changes["unchanged"] == 5


def test_a_new_source_is_added_to_those_known(tmp_path: Path, index: Settings) -> None:
    one = lines.write(tmp_path / "a.lines", [post(ONE)])
    two = lines.write(tmp_path / "b.lines", [comment(ONE, "1"), post(ONE, "a longer copy of it")])
    assert pipeline.update([one], index).changes == {}  # nothing to update yet
    assert pipeline.update([two], index).changes == {"added": 1, "changed": 1, "removed": 0, "unchanged": 0, "kept": 0}
    assert texts(index) == ["a longer copy of it", "beta"]
    two.unlink()
    with pytest.raises(SourceError, match="There is no file or directory"):
        pipeline.update([], index)
    assert pipeline.update([], index, partial=True).changes["kept"] == 2
    assert texts(index) == ["a longer copy of it", "beta"]


def test_a_source_not_read_to_its_end_deletes_nothing(tmp_path: Path, index: Settings) -> None:
    source = lines.write(
        tmp_path / "a.lines", [post(ONE), comment(ONE, "1"), post(TWO, "gamma"), comment(TWO, "2", "delta")]
    )
    other = lines.write(tmp_path / "b.lines", [post(THREE), comment(THREE, "9")])
    pipeline.build([source, other], index)
    lines.write(source, [post(ONE, "new"), lines.CUT])
    lines.write(other, [post(THREE)])
    with pytest.raises(IncompleteSourceError):
        pipeline.update([], index)
    report = pipeline.update([], index, partial=True)
    assert report.changes == {"added": 0, "changed": 1, "removed": 1, "unchanged": 1, "kept": 3}
    assert texts(index) == ["alpha", "beta", "delta", "gamma", "new"]
    assert Generations(index.index_dir).current().manifest.counts["comments"] == 2


def test_comments_of_another_source_stay_with_a_post_that_was_not_read(tmp_path: Path, index: Settings) -> None:
    posts = lines.write(tmp_path / "a.lines", [post(ONE), post(TWO)])
    comments = lines.write(tmp_path / "b.lines", [comment(ONE, "1"), comment(TWO, "2"), post(THREE)])
    pipeline.build([posts, comments], index)
    before = texts(index)
    posts.unlink()
    with pytest.raises(SourceError, match="rebuild the index without it: backfile index --index"):
        pipeline.update([], index)
    report = pipeline.update([], index, partial=True)
    assert report.changes == {"added": 0, "changed": 0, "removed": 0, "unchanged": 3, "kept": 2}
    assert texts(index) == before


def test_a_thread_whose_address_only_a_source_that_is_gone_knows_stays(tmp_path: Path, index: Settings) -> None:
    same = {"title": "Tides", "published": "2008-05-04T12:00:00+00:00"}
    items = [post("", "a long text", native_id="1", **same), comment("1", "7", "gamma")]
    export = lines.write(tmp_path / "a.lines", items)
    for answers in ([comment(ONE, "1")], []):
        mirror = lines.write(tmp_path / "b.pages", [post(ONE, categories=["News"], **same), *answers])
        pipeline.build([export, mirror], index)
        before = everything(index)
        mirror.unlink()
        for _ in range(2):
            report = pipeline.update([], index, partial=True)
            assert report.changes == {"added": 0, "changed": 0, "removed": 0, "unchanged": 2, "kept": len(answers)}
            assert everything(index) == before
    lines.write(export, [post("", "edited", native_id="1", **same)])
    pipeline.update([], index, partial=True)
    (document,) = held(index)
    assert (document.text, document.permalink, document.categories) == ("edited", ONE, ("News",))
    lines.write(export, [post(TWO)])  # and what its own source has no more goes
    pipeline.update([], index, partial=True)
    assert [document.permalink for document in held(index)] == [TWO]


@pytest.mark.parametrize("left", [[], [lines.CUT]])
def test_a_post_known_by_its_number_alone_stays_one_with_its_permalink(
    tmp_path: Path, index: Settings, left: list[Line]
) -> None:
    export = lines.write(tmp_path / "a.lines", [post(ONE, "the whole text", native_id="7"), comment("7", "1")])
    mirror = lines.write(tmp_path / "b.pages", [post(NUMBERED, "a longer page of it"), comment(NUMBERED, "2", "delta")])
    pipeline.build([export, mirror], index)
    before = everything(index)
    assert [document.permalink for document in before[0]].count(ONE) == 1
    whole = export.read_bytes()
    lines.write(export, left) if left else export.unlink()
    pipeline.update([], index, partial=True)
    assert everything(index) == before
    lines.write(mirror, [post(NUMBERED, "a page of it, edited"), comment(NUMBERED, "3", "gamma")])
    pipeline.update([], index, partial=True)
    assert texts(index) == ["beta", "gamma", "the whole text"]
    export.write_bytes(whole)
    assert pipeline.update([], index).changes["unchanged"] == 3


def test_two_comments_of_the_same_words_remain_two(tmp_path: Path, index: Settings) -> None:
    items = [post(ONE), comment(ONE, "1"), comment(ONE, "2")]
    source = lines.write(tmp_path / "a.lines", items)
    pipeline.build([source], index)
    before = everything(index)
    lines.write(source, [*items[:2], lines.CUT])
    pipeline.update([], index, partial=True)
    assert everything(index) == before


def test_what_is_read_may_tell_that_two_posts_of_the_index_are_one(tmp_path: Path, index: Settings) -> None:
    one = lines.write(tmp_path / "a.lines", [post(NUMBERED, "of the number", native_id="7"), comment(NUMBERED, "1")])
    two = lines.write(tmp_path / "b.pages", [post(ONE, "of the permalink"), comment(ONE, "2", "gamma")])
    pipeline.build([one, two], index)
    assert len(texts(index)) == 4
    one.unlink()
    lines.write(two, [post(ONE, "of the permalink", aliases=[NUMBERED]), comment(ONE, "2", "gamma")])
    pipeline.update([], index, partial=True)
    assert texts(index) == ["beta", "gamma", "of the number"]
    assert {document.thread for document in held(index)} == {digest("b.example/2008/one")}


def test_no_copy_of_its_rank_replaces_what_is_not_read_again(tmp_path: Path, index: Settings) -> None:
    one = lines.write(tmp_path / "a.lines", [post(ONE, "the whole text"), comment(ONE, "1", "whole")])
    two = lines.write(tmp_path / "b.lines", [post(ONE, "half"), comment(ONE, "1", "hal"), post(TWO)])
    page = lines.write(tmp_path / "c.pages", [post(ONE, "a page, though longer than any"), comment(ONE, "1", "ha")])
    pipeline.build([one, two, page], index)
    before = everything(index)
    one.unlink()
    report = pipeline.update([], index, partial=True)
    assert (report.changes["kept"], report.changes["changed"], report.skipped["duplicate"]) == (2, 0, 4)
    assert everything(index) == before
    log = (Generations(index.index_dir).current().path / IMPORT_REPORT).read_text()
    assert {json.loads(line)["detail"] for line in log.splitlines()} == {
        "the same as a.lines#1",
        "the same as a.lines#2",
    }
    # Where its own source gives it again, what that says now counts.
    lines.write(one, [post(ONE, "the whole text, edited"), lines.CUT])
    pipeline.update([], index, partial=True)
    assert texts(index) == ["alpha", "the whole text, edited", "whole"]
    # But not another copy of it, and none that is poorer.
    lines.write(one, [post(TWO, "gamma"), post(ONE, "in part"), lines.CUT])
    pipeline.update([], index, partial=True)
    assert "the whole text, edited" in texts(index)
    folder = tmp_path / "folder"
    folder.mkdir()
    lines.write(folder / "a.lines", [post(ONE, "the whole text")])
    lines.write(folder / "b.pages", [post(ONE, "a page, though longer than any")])
    pipeline.build([folder], index)
    lines.write(folder / "a.lines", [lines.CUT])
    assert pipeline.update([], index, partial=True).changes["kept"] == 1
    assert texts(index) == ["the whole text"]


def test_a_better_copy_replaces_what_is_not_read_again(tmp_path: Path, index: Settings) -> None:
    page = lines.write(tmp_path / "a.pages", [post(ONE, "of the page"), comment(ONE, "1", "pag"), comment(ONE, "2")])
    pipeline.build([page], index)
    page.unlink()
    export = lines.write(tmp_path / "b.lines", [post(ONE, "export", title="New"), comment(ONE, "1", "exported")])
    pipeline.update([export], index, partial=True)
    assert texts(index) == ["beta", "export", "exported"]
    # What its source has no more goes, though the thread has comments of the one that is gone.
    lines.write(export, [post(ONE, "export", title="New")])
    pipeline.update([], index, partial=True)
    assert texts(index) == ["beta", "export"]


def test_a_run_that_another_one_overtook_changes_nothing(
    tmp_path: Path, index: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = lines.write(tmp_path / "a.lines", [post(ONE)])
    pipeline.build([source], index)
    find = sources.find

    def overtaken(*args: Any) -> Any:
        monkeypatch.setattr(sources, "find", find)
        lines.write(source, [post(ONE), post(TWO)])
        pipeline.build([source], index)
        return find(*args)

    monkeypatch.setattr(sources, "find", overtaken)
    with pytest.raises(IndexLockedError, match="in the meantime"):
        pipeline.update([], index)
    assert texts(index) == ["alpha", "alpha"]


def test_redactions_hold_for_what_was_not_read_again(tmp_path: Path, index: Settings) -> None:
    source = lines.write(
        tmp_path / "a.lines",
        [
            post(ONE, "Jane Doe"),
            comment(ONE, "1"),
            comment(ONE, "2", "mine", author="Bob"),
            post(TWO),
            comment(TWO, "3"),
        ],
    )
    pipeline.build([source], index)
    lines.write(source, [lines.CUT])
    rules = tmp_path / "redactions.toml"
    rules.write_text(
        '[[phrase]]\ntext = "jane doe"\n[[author]]\nname = "Bob"\n[[document]]\n'
        f'url = "{TWO}"\n[[document]]\nurl = "{ONE}#comment-1"\n'
    )
    report = pipeline.update([], replace(index, redactions=rules), partial=True)
    assert report.redactions == {"document 1": 1, "document 2": 1, "author 1": 1, "phrase 1": 1}
    assert texts(index) == ["[redacted]"]


def test_a_new_phrase_reaches_addresses_and_names_of_files_in_the_index(tmp_path: Path, index: Settings) -> None:
    source = tmp_path / "jane-doe"
    source.mkdir()
    kept, cut = source / "kept.lines", source / "jane_doe.lines"
    url, other = "http://b.example/jane-doe/", "http://b.example/jane-doe-again/"
    lines.write(kept, [post(url, title=""), comment(url, "1")])
    lines.write(cut, [post(other, title=""), comment(other, "2"), post(ONE)])
    pipeline.build([kept, cut], index)
    before = {d.id: d for d in everything(index)[0]}
    rules = tmp_path / "r.toml"
    rules.write_text('[[phrase]]\ntext = "jane doe"\n')
    cleared = replace(index, redactions=rules)
    report = pipeline.update([], cleared)
    assert report.changes == {"added": 0, "changed": 5, "removed": 0, "unchanged": 0, "kept": 0}
    assert "jane" not in repr([(d.locator, d.permalink, d.domains) for d in held(index)])
    assert {d.id for d in held(index)} == before.keys()
    # The same of what is not read again; and an address names a post that does not show it any more.
    pipeline.build([kept, cut], index)
    lines.write(cut, [lines.CUT])
    pipeline.update([], cleared, partial=True)
    assert "jane" not in repr([(d.locator, d.permalink, d.domains) for d in held(index)])
    rules.write_text(f'[[phrase]]\ntext = "jane doe"\n[[document]]\nurl = "{other}"\n')
    report = pipeline.update([], cleared, partial=True)
    assert report.redactions["document 1"] == 1
    assert {d.id for d in held(index)} == {id for id, d in before.items() if other not in d.permalink}


def held(index: Settings) -> list[Document]:
    with closing(engine.open_searcher(index)) as searcher:
        return list(searcher.documents())


def test_what_the_blog_is_called_is_what_the_sources_say(tmp_path: Path, index: Settings) -> None:
    one, two = tmp_path / "a.lines", tmp_path / "b.lines"
    lines.write(one, [blog("Tides", "of Jane Doe"), post(ONE)])
    lines.write(two, [blog("Shores"), post(TWO)])
    pipeline.build([one, two], index)
    lines.write(one, [post(ONE), lines.CUT])
    rules = tmp_path / "redactions.toml"
    rules.write_text('[[phrase]]\ntext = "Jane Doe"\n')
    for _ in range(2):  # what is not read again is kept, and cleared
        pipeline.update([], replace(index, redactions=rules), partial=True)
        assert told(index)[0][0] == {"name": "Tides", "description": "of [redacted]", "url": ""}
    lines.write(one, [post(ONE)])
    pipeline.update([], index)
    assert told(index)[0][0]["name"] == "Shores"
    lines.write(two, [post(TWO)])
    pipeline.update([], index)
    assert told(index)[0][0] == {}


def test_the_blogs_name_is_the_one_that_a_rebuild_would_have(tmp_path: Path, index: Settings) -> None:
    header = '{"type":"backfile","version":1}\n'
    item = '{"type":"post","permalink":"http://b.example/2008/one/","title":"One","html":"<p>alpha</p>"}\n'
    named = header + '{"type":"blog","name":"The Tides of Jane"}\n' + item
    source = tmp_path / "blog.jsonl"

    def name_after(content: str, **more: Any) -> str:
        source.write_text(content)
        pipeline.update([], index, **more)
        return Generations(index.index_dir).current().manifest.blog.get("name", "")

    source.write_text(named)
    pipeline.build([source], index)
    assert name_after(header + item[:-30], partial=True) == "The Tides of Jane"  # cut before its end
    assert name_after(named) == "The Tides of Jane"
    assert name_after(header + item) == ""


def test_a_document_that_moved_in_the_archive_is_found_where_it_is(tmp_path: Path, index: Settings) -> None:
    source = tmp_path / "blog"
    source.mkdir()
    lines.write(source / "old.lines", [post(ONE)])
    lines.write(source / "other.lines", [post(TWO)])
    pipeline.build([source], index)
    (source / "old.lines").rename(source / "new.lines")
    report = pipeline.update([], index)
    assert (report.changes["changed"], report.changes["unchanged"]) == (1, 1)
    assert [document.locator for document in held(index)] == ["new.lines#1", "other.lines#1"]
    assert pipeline.update([], index).changes["unchanged"] == 2


def test_an_update_keeps_the_language_of_the_index(tmp_path: Path, index: Settings) -> None:
    source = lines.write(tmp_path / "a.lines", [post(ONE, "nous mangeons")])
    pipeline.build([source], replace(index, language="french"))
    pipeline.update([], index)
    assert Generations(index.index_dir).current().manifest.language == "french"
    with pytest.raises(SettingError, match="is in french, and the setting language says german"):
        pipeline.update([], replace(index, language="german"))
    with pytest.raises(NoIndexError):
        pipeline.update([], Settings(index_dir=tmp_path / "none"))


def test_what_was_skipped_is_accounted_for_again(tmp_path: Path, index: Settings) -> None:
    source = lines.write(tmp_path / "a.lines", [post(ONE), comment(TWO, "1")])
    pipeline.build([source], index)
    report = pipeline.update([], index)
    assert (report.total("read"), report.skipped) == (2, {"orphan": 1})
    log = (Generations(index.index_dir).current().path / IMPORT_REPORT).read_text()
    assert [json.loads(line)["reason"] for line in log.splitlines()] == ["orphan"]


# --- any history ------------------------------------------------------------------------------------------------------

words = st.lists(st.sampled_from("alpha beta gamma delta one".split()), min_size=1, max_size=5).map(" ".join)
posts = st.builds(
    lambda url, text, title, day, categories: post(
        url, text, title=title, categories=categories, **({"published": f"2008-05-0{day}T12:00:00+00:00"} if day else {})
    ),
    st.sampled_from([ONE, TWO, THREE, "http://b.example/?p=7"]), words, st.sampled_from(["", "Title one", "Two"]),
    st.integers(0, 4), st.lists(st.sampled_from(["News", "Bread"]), unique=True, max_size=2),
)  # fmt: skip
comments = st.builds(
    lambda of, number, text, kind: comment(of, number, text, kind=kind),
    st.sampled_from([ONE, TWO, THREE]), st.sampled_from(["", "1", "2", "3"]), words, st.sampled_from(["comment", "pingback"]),
)  # fmt: skip
archives = st.lists(st.one_of(posts, comments, st.sampled_from(["Tides", "Shores"]).map(blog)), max_size=8)
rounds = st.lists(st.tuples(archives, archives), min_size=2, max_size=5)


@settings(max_examples=25)
@given(archives, archives, archives, st.booleans(), st.sampled_from(["a.lines", "a.pages"]))
def test_a_source_that_is_gone_for_a_while_changes_nothing(
    one: list[Line], two: list[Line], later: list[Line], first: bool, name: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        index, rebuilt = (Settings(index_dir=Path(folder, name)) for name in ("index", "rebuilt"))
        paths = [Path(folder, name), Path(folder, "b.lines")]
        base = post("http://b.example/2008/always-there/", "constant")
        for path, items in zip(paths, (one, two), strict=True):
            lines.write(path, [base, *items])
        pipeline.build(paths, index)
        before = everything(index)
        away, there = paths if first else paths[::-1]
        kept = away.read_text()
        away.unlink()
        pipeline.update([], index, partial=True)
        assert everything(index) == before
        # Whatever becomes of the other one, nothing of it is lost.
        lines.write(there, [base, *later])
        for _ in range(2):
            pipeline.update([], index, partial=True)
            assert {d.id for d in before[0] if d.archive == str(away)} <= {d.id for d in held(index)}
        away.write_text(kept)
        pipeline.update([], index)
        pipeline.build(paths, rebuilt)
        assert everything(index) == everything(rebuilt)


# Sources that know more or less of the addresses of one post, which is number 7 of its blog, and of others.
numbered = st.builds(
    lambda known, text, title: post(known[1], text, native_id=known[0], title=title, published="2008-05-04T12:00:00+00:00"),
    st.sampled_from([("7", ONE), ("", ONE), ("", NUMBERED), ("7", NUMBERED), ("8", TWO), ("", TWO), ("9", THREE)]),
    words, st.sampled_from(["", "Title one"]),
)  # fmt: skip
answers = st.builds(comment, st.sampled_from([ONE, TWO, NUMBERED]), st.sampled_from(["", "1", "2"]), words)
mixed = st.lists(st.one_of(numbered, numbered, answers), max_size=6)
SOURCES = ("a.lines", "b.pages", "c.lines")
RANKS = {row.name: row.rank for row in lines.FORMATS}


@settings(max_examples=30)
@given(st.lists(st.tuples(mixed, mixed, mixed, st.sampled_from([None, 0, 1, 2])), min_size=1, max_size=4))
def test_partial_updates_lose_nothing_and_leave_nothing_behind(
    history: Sequence[tuple[list[Line], list[Line], list[Line], int | None]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        index, rebuilt = (Settings(index_dir=Path(folder, name)) for name in ("index", "rebuilt"))
        paths = [Path(folder, name) for name in SOURCES]
        always = post("http://b.example/2008/always-there/", "constant")
        for number, (*archives, missing) in enumerate([*history, ([], [], [], None), (*history[0][:3], None)]):
            for path, items in zip(paths, archives, strict=True):
                lines.write(path, [always, *items])
            if number and missing is not None:
                before = held(index)
                paths[missing].unlink()
                pipeline.update([], index, partial=True)
                nothing_is_lost(str(paths[missing]), before, held(index))
                continue
            pipeline.update(paths, index)
            pipeline.build(paths, rebuilt)
            assert everything(index) == everything(rebuilt)
            assert told(index) == told(rebuilt)


def nothing_is_lost(archive: str, before: list[Document], after: list[Document]) -> None:
    """Of the archive that was not there everything is, no post stands twice, and none in a poorer copy."""
    posts = [document for document in after if document.kind == "post"]
    named = {name: d for d in posts for name in (d.id, normalise(d.permalink), *d.addresses)}
    ids = {document.id for document in after}
    new = {(d.author, d.text) for d in after if d.id not in {document.id for document in before}}
    own = {document.text for document in before if document.archive == archive}
    for document in before:
        if document.archive != archive:
            continue
        if document.kind == "post":
            found = named.get(document.id) or named[normalise(document.permalink)]
            # Two of its own posts may turn out to be one.
            assert found.text in own or RANKS[found.source] > RANKS[document.source]
        else:  # a better copy of a comment may have a number, which this one had not
            assert document.id in ids or (document.author, document.text) in new
    names = [name for d in posts for name in {normalise(d.permalink), *d.addresses}]
    assert len(names) == len(set(names))


@settings(max_examples=25)
@given(rounds)
def test_updates_come_to_what_a_rebuild_comes_to(history: Sequence[tuple[list[Line], list[Line]]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        updated, rebuilt = (Settings(index_dir=Path(folder, name)) for name in ("updated", "rebuilt"))
        paths = [Path(folder, name) for name in ("a.lines", "b.lines")]
        base = post("http://b.example/2008/always-there/", "constant")
        for number, archive in enumerate(history):
            for path, items in zip(paths, archive, strict=True):
                lines.write(path, [base, *items])
            report = pipeline.build(paths, updated) if number == 0 else pipeline.update([], updated)
            assert report.total("read") == sum(report.counts.values()) + report.skipped.total()
        pipeline.build(paths, rebuilt)
        assert everything(updated) == everything(rebuilt)
        assert told(updated) == told(rebuilt)
