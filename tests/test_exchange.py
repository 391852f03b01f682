"""The exchange format: what is written is as the schema says and reads back to equal documents; what others write is read."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import islice
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import engine, pipeline, sources
from indexer import exchange as writing
from indexer.archive import Blog, Cleaned, Comment, Item, Post, Skipped
from indexer.clean.safe import safe_html
from indexer.documents import Place, Thread, document, draft, key
from indexer.engine.generations import Generations
from indexer.engine.port import About, Document
from indexer.errors import IncompleteSourceError, SourceError
from indexer.settings import Settings
from indexer.sources import exchange as reading
from indexer.sources.base import InputFile
from tests.fuzzing import damaged, read_damaged

ROOT = Path(__file__).resolve().parents[1]
SCHEMA = json.loads((ROOT / "docs" / "exchange.schema.json").read_text(encoding="utf-8"))
VALID = jsonschema.Draft202012Validator(SCHEMA)
ABOUT = About(
    generation="g",
    created=datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC),
    blog_name="Tide & Time",
    blog_description="",
    blog_url="https://tide.example/",
    language="english",
    counts={},
)
POST = Document(
    id="00000000000000a1",
    thread="00000000000000a1",
    kind="post",
    permalink="https://tide.example/2008/05/ebb/",
    title="Ebb & <flow>",
    author="Ann",
    published=datetime(2008, 5, 1, 23, 30),
    categories=("Sea", "Q&A"),
    tags=("café",),
    text="Own words [gallery] cafÃ©.",
    quoted="Quoted.",
    domains=("other.example",),
    addresses=("tide.example/short", "tide.example?p=12", "old.example?p=7"),
    html='<p>Own <a href="https://other.example/" rel="nofollow noopener noreferrer">words</a> &#91;gallery] cafÃ©.</p>'
    "<blockquote>Quoted.</blockquote>",
)
COMMENT = Document(
    id="00000000000000b1",
    thread=POST.id,
    kind="comment",
    permalink=POST.permalink + "#comment-34",
    author="Cy",
    author_url="http://cy.example/",
    published=datetime(2008, 5, 2, 8, 0, 1),
    categories=POST.categories,
    tags=POST.tags,
    text="Yes.",
    html="<p>Yes.</p>",
)
UNNUMBERED = replace(
    COMMENT, id="00000000000000b2", permalink=POST.permalink, text="No.", html="No.", parent=COMMENT.id
)
PING = replace(COMMENT, id="00000000000000b3", kind="pingback", permalink=POST.permalink + "#comment-36", text="[…]")
PAGE = Document(
    id="00000000000000a2", thread="00000000000000a2", kind="page", title="About", html="Nobody.", text="Nobody."
)
TWINS = tuple(
    replace(COMMENT, id=f"00000000000000c{n}", thread=PAGE.id, permalink="", categories=(), tags=()) for n in (1, 2)
)
DOCUMENTS = (POST, COMMENT, UNNUMBERED, PING, PAGE, *TWINS)


def file_of(folder: Path, lines: Iterable[str], name: str = "export.jsonl") -> InputFile:
    path = folder / name
    path.write_bytes("".join(line + "\n" for line in lines).encode())
    return InputFile(path, name)


def read(folder: Path, *rows: str | dict[str, Any]) -> list[Item]:
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    return list(reading.read(file_of(folder, lines)))


def test_lines() -> None:
    assert list(writing.lines(ABOUT, [POST, UNNUMBERED, PAGE])) == [
        '{"type":"backfile","version":1,"created":"2024-05-06T07:08:09+00:00","language":"english"}',
        '{"type":"blog","name":"Tide & Time","url":"https://tide.example/"}',
        '{"type":"post","id":"00000000000000a1","text":"Own words [gallery] cafÃ©.",'
        '"permalink":"https://tide.example/2008/05/ebb/","title":"Ebb & <flow>","categories":["Sea","Q&A"],"tags":["café"],'
        '"addresses":["tide.example/short","tide.example?p=12","old.example?p=7"],'
        '"author":"Ann","published":"2008-05-01T23:30:00","quoted":"Quoted.","domains":["other.example"],'
        '"html":"<p>Own <a href=\\"https://other.example/\\" rel=\\"nofollow noopener noreferrer\\">words</a> &#91;gallery] '
        'cafÃ©.</p><blockquote>Quoted.</blockquote>"}',
        '{"type":"comment","id":"00000000000000b2","text":"No.","permalink":"https://tide.example/2008/05/ebb/",'
        '"post":"00000000000000a1","parent":"00000000000000b1","author_url":"http://cy.example/","author":"Cy",'
        '"published":"2008-05-02T08:00:01","html":"No."}',
        '{"type":"page","id":"00000000000000a2","text":"Nobody.","title":"About","html":"Nobody."}',
    ]


def test_what_is_written_is_as_the_schema_says() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    for line in writing.lines(ABOUT, DOCUMENTS):
        VALID.validate(json.loads(line))
    assert writing.VERSION == reading.VERSION == SCHEMA["$defs"]["backfile"]["properties"]["version"]["const"]


@pytest.mark.parametrize(
    "row",
    [
        {"type": "post"},
        {"type": "comment", "html": "a"},
        {"type": "post", "id": "a", "titel": "typing error"},
        {"type": "post", "id": "a", "published": "May 2008"},
        {"type": "backfile", "version": 2},
    ],
)
def test_what_the_schema_refuses(row: dict[str, Any]) -> None:
    assert not VALID.is_valid(row)


def indexed(lines: Iterable[str], folder: Path) -> dict[str, Document]:
    """The documents of an index built from these lines, without where they came from."""
    path = file_of(folder, lines).path
    settings = Settings(index_dir=folder / "index")
    pipeline.build([path], settings)
    with closing(engine.open_generation(Generations(settings.index_dir).current(), settings)) as searcher:
        threads = [thread for d in DOCUMENTS if d.id == d.thread and (thread := searcher.thread(d.id))]
        about = searcher.about()
    assert (about.blog_name, about.blog_url) == (ABOUT.blog_name, ABOUT.blog_url)
    found = [d for thread in threads for d in (thread.post, *thread.comments, *thread.pingbacks)]
    return {d.id: replace(d, source="", locator="", archive="") for d in found}


@pytest.mark.parametrize("backwards", [False, True])
def test_what_is_written_reads_back_to_equal_documents(tmp_path: Path, backwards: bool) -> None:
    lines = list(writing.lines(ABOUT, DOCUMENTS))
    again = lines[:1] + lines[:0:-1] if backwards else lines
    assert indexed(again, tmp_path) == {d.id: d for d in DOCUMENTS}


_TEXT = st.text(max_size=40)
_HTML = st.text(alphabet="ab <>/&;pbr=\"'[]!-\n:#", max_size=60)


@given(title=_TEXT, author=_TEXT, body=_HTML, category=_TEXT)
def test_any_post_reads_back_to_an_equal_document(title: str, author: str, body: str, category: str) -> None:
    raw = Post(source="", locator="", native_id="1", url="https://e.example/a", title=title, author=author, html=body)
    raw = replace(raw, author=sources.base.person_name(author), categories=(category,))
    first = _document(raw, "00000000000000a1")
    lines = list(writing.lines(ABOUT, [first]))
    VALID.validate(json.loads(lines[-1]))
    [post] = read_damaged(reading.FORMAT, lines[-1].encode() + b"\n", "x.jsonl")
    assert isinstance(post, Post)
    assert replace(_document(post, first.id), source="", locator="") == first


def _document(post: Post, id: str) -> Document:
    drafted = draft(post, str)
    names = key(post, drafted, drafted)
    thread = Thread(id, post.url, drafted.title, drafted.author, drafted.published, drafted.categories, drafted.tags)
    assert not post.cleaned or names.id == id
    return document(drafted, Place(post.kind, id, "", thread), "")


def test_lines_of_other_hands(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        {"type": "backfile", "version": 1},
        {"type": "blog", "name": "Tide"},
        {"type": "post", "id": "p", "title": "A & b", "html": "<p>Hi", "published": "2008-05-01T10:00:00-04:00"},
        {"type": "post", "permalink": "https://t.example/x", "author": "ann@mail.example", "text": "a < b\n\nc"},
        {"type": "comment", "id": "c", "post": "p", "html": "x", "parent": "b", "author_url": "mailto:a@mail.example"},
        "",
        {
            "type": "pingback",
            "post": "p",
            "permalink": "https://t.example/x#comment-9",
            "id": "00000000000000b1",
            "text": "",
        },
    )
    common: dict[str, Any] = {"source": "backfile"}
    assert found == [
        Blog(name="Tide", **common),
        Post(
            locator="export.jsonl#line=3",
            native_id="p",
            url="",
            title="A &amp; b",
            html="<p>Hi",
            published=datetime(2008, 5, 1, 10, tzinfo=timezone(timedelta(hours=-4))),
            **common,
        ),
        Post(
            locator="export.jsonl#line=4",
            native_id="",
            url="https://t.example/x",
            title="",
            author="ann",
            html="a &lt; b\n\nc",
            autop=True,
            **common,
        ),
        Comment(locator="export.jsonl#line=5", native_id="c", post="p", parent="b", html="x", **common),
        Comment(
            locator="export.jsonl#line=7",
            native_id="9",
            post="p",
            kind="pingback",
            cleaned=Cleaned(id="00000000000000b1", text=""),
            **common,
        ),
    ]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "no JSON in UTF-8"),
        ("[" * 100_000, "no JSON in UTF-8"),
        ("[]", "no JSON object"),
        ('{"type":"poem"}', "its type is none of backfile, blog, post, page, comment, pingback"),
        ('{"type":"post"}', "it has neither id, permalink, title nor html"),
        ('{"type":"comment","html":"secret"}', "it names no post"),
        ('{"type":"post","id":1}', "'id' is no string"),
        ('{"type":"post","id":"a","tags":"b"}', "'tags' is no list of strings"),
        ('{"type":"post","id":"a","published":"secret"}', "'published' is no date of ISO 8601"),
    ],
)
def test_a_line_that_cannot_be_read_is_skipped_with_its_number(tmp_path: Path, line: str, why: str) -> None:
    found = read(tmp_path, {"type": "backfile", "version": 1}, line, {"type": "post", "id": "p"})
    skipped = Skipped(source="backfile", locator="export.jsonl#line=2", reason="unreadable", detail=f"line 2: {why}")
    assert found == [skipped, Post(source="backfile", locator="export.jsonl#line=3", native_id="p", url="", title="")]


def test_a_line_that_is_too_long_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_LINE", 1000)
    found = read(tmp_path, '{"type":"post","title":"' + "x" * 5000 + '"}', {"type": "post", "id": "p"})
    assert [getattr(item, "reason", item.locator) for item in found if not isinstance(item, Blog)] == [
        "unreadable",
        "export.jsonl#line=2",
    ]


def test_a_file_that_breaks_off_is_incomplete(tmp_path: Path) -> None:
    whole = "\n".join(writing.lines(ABOUT, DOCUMENTS))
    path = tmp_path / "cut.jsonl"
    path.write_bytes(whole.encode()[:-5])
    found = reading.read(InputFile(path, "cut.jsonl"))
    with pytest.raises(IncompleteSourceError, match=r"cut\.jsonl breaks off in line 9\. .*--partial"):
        list(found)


def test_a_later_version_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="another version of Backfile's exchange format"):
        read(tmp_path, {"type": "backfile", "version": 2})


def test_detection(tmp_path: Path) -> None:
    for line in ('{"type":"backfile","version":1}', '\ufeff { "version": 1, "type" : "backfile" }\n{"type":"post"}'):
        assert next(f.name for f in sources.formats() if f.sniff(line.encode(), Path("x"))) == "backfile"
    for line in ('{"type":"post"}', '{"a":{"type":"backfile"}}', '[{"type":"backfile"}]', ""):
        assert not reading.sniff(line.encode(), Path("x"))


def test_hostile_html_is_sanitised_though_the_line_says_it_was(tmp_path: Path) -> None:
    row = {"type": "post", "id": "00000000000000a1", "text": "x", "html": "<script>alert(1)</script><p onclick=x>x"}
    [post] = read(tmp_path, row)
    assert isinstance(post, Post)
    assert draft(post, str).html == "<p>x</p>"


SAMPLES = ["\n".join(writing.lines(ABOUT, DOCUMENTS)).encode()]


@given(damaged(SAMPLES))
def test_damage_raises_nothing_else(data: bytes) -> None:
    read_damaged(reading.FORMAT, data, "x.jsonl")


@given(_HTML, st.booleans())
def test_sanitising_is_idempotent(html: str, autop: bool) -> None:
    safe = safe_html(html, autop=autop, base_url="https://e.example/a/")
    assert safe_html(safe, base_url="https://e.example/a/") == safe


def test_sanitising_the_real_archives_is_idempotent(archives: Path) -> None:
    checked = 0
    for folder in ("wxr", "feed"):
        for file in sources.find(archives / folder, lambda n: None):
            items = sources.read(file, None, False)
            with suppress(SourceError):
                for item in islice(items, 100):
                    if isinstance(item, Post | Comment):
                        safe = safe_html(item.html, autop=item.autop, base_url="https://e.example/")
                        assert safe_html(safe, base_url="https://e.example/") == safe, item.locator
                        checked += 1
    assert checked > 500
