"""Ghost: exports of every version, and the documents of its editors."""

from __future__ import annotations

import json
import tracemalloc
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import engine, pipeline, sources
from indexer.archive import Blog, Comment, Item, Post, Repaired, Skipped
from indexer.errors import IncompleteSourceError, SourceError
from indexer.settings import Settings
from indexer.sources import ghost
from indexer.sources.base import InputFile
from indexer.sources.ghost import tables
from indexer.sources.ghost.body import body
from indexer.sources.ghost.cards import card
from indexer.sources.ghost.lexical import lexical_html
from indexer.sources.ghost.mobiledoc import mobiledoc_html
from indexer.sources.ghost.values import moment
from tests.fuzzing import damaged, read_damaged


def export(data: dict[str, Any], wrapped: bool = True) -> bytes:
    part = {"meta": {"exported_on": 1700000000000, "version": "5.75.0"}, "data": data}
    return json.dumps({"db": [part]} if wrapped else part).encode()


def read(tmp_path: Path, data: bytes) -> list[Item]:
    (tmp_path / "g.json").write_bytes(data)
    return list(ghost.read(InputFile(tmp_path / "g.json", "g.json")))


def skipped(place: str, reason: str, detail: str = "") -> Skipped:
    return Skipped(source="ghost", locator=f"g.json#{place}", reason=reason, detail=detail)


# Ghost 5: ids of 24 digits, tables in the order of the alphabet.
MODERN = {
    "comments": [
        {"id": "c1", "post_id": "p1", "member_id": "m1", "status": "published", "html": "<p>Aye</p>",
         "created_at": "2024-01-02T10:00:00.000Z"},
        {"id": "c2", "post_id": "p1", "member_id": None, "parent_id": "c1", "status": "published", "html": "<p>No</p>"},
        {"id": "c3", "post_id": "p1", "status": "hidden", "html": "x"},
        {"id": "c4", "post_id": "p1", "status": "deleted", "html": "x"},
        {"id": "c5", "post_id": "p3", "status": "published", "html": "x"},
        {"id": "c6", "post_id": None, "status": "published", "html": "x"},
    ],
    "members": [{"id": "m1", "name": "Mo mo@mail.example", "email": "mo@mail.example"}],
    "posts": [
        {"id": "p1", "title": "Salt & <i>", "slug": "salt", "html": '<p><img src="__GHOST_URL__/content/a.png"></p>',
         "type": "post", "status": "published", "visibility": "public", "published_at": "2024-01-01T23:30:00.000Z",
         "updated_at": "2024-07-01T12:00:00.000Z", "canonical_url": "https://first.example/salt/"},
        {"id": "p2", "title": "About", "slug": "about", "html": "<p>Us</p>", "type": "page", "status": "published",
         "visibility": "public", "published_at": None, "created_at": "2023-05-05T00:00:00.000Z"},
        {"id": "p3", "title": "x", "slug": "x", "html": "x", "type": "post", "status": "published", "visibility": "paid"},
        {"id": "p4", "title": "x", "slug": "x", "html": "x", "type": "post", "status": "draft"},
        {"id": "p5", "title": "x", "slug": "x", "html": "x", "type": "post", "status": "scheduled"},
        {"id": "p6", "title": "x", "slug": "x", "html": "x", "type": "post", "status": "sent"},
        {"id": "p7", "title": "x", "slug": "x", "html": "x", "type": "post", "status": "published", "visibility": "members"},
        {"title": "x", "status": "peculiar"},
        None,
    ],
    "posts_authors": [
        {"post_id": "p1", "author_id": "u2", "sort_order": 1},
        {"post_id": "p1", "author_id": "u1", "sort_order": 0},
    ],
    "posts_tags": [
        {"post_id": "p1", "tag_id": "t2", "sort_order": 1},
        {"post_id": "p1", "tag_id": "t3", "sort_order": 2},
        {"post_id": "p1", "tag_id": "t1", "sort_order": 0},
        {"post_id": "p1", "tag_id": "t9", "sort_order": 3},
    ],
    "settings": [
        {"key": "title", "value": "Tides"}, {"key": "description", "value": "Of the sea"},
        {"key": "timezone", "value": "Europe/Berlin"}, {"key": "url", "value": "https://tides.example/"},
    ],
    "tags": [
        {"id": "t1", "name": "Sea & land", "visibility": "public"}, {"id": "t2", "name": "Food", "visibility": "public"},
        {"id": "t3", "name": "#wide", "visibility": "internal"},
    ],
    "users": [
        {"id": "u1", "name": "Ada", "email": "ada@mail.example", "password": "$2a$10$secret"},
        {"id": "u2", "name": "", "slug": "bo", "email": "bo@mail.example"},
    ],
}  # fmt: skip

CET, CEST = timezone(timedelta(hours=1)), timezone(timedelta(hours=2))


def test_an_export_of_ghost_5(tmp_path: Path) -> None:
    """Public posts and comments with names from the other tables, in the blog's time; all else with its reason."""
    assert read(tmp_path, export(MODERN)) == [
        Blog(source="ghost", name="Tides", description="Of the sea", url="https://tides.example"),
        Comment(
            source="ghost",
            locator="g.json#comment=c1",
            native_id="ghost-c1",
            post="p1",
            author="Mo mo",
            published=datetime(2024, 1, 2, 11, tzinfo=CET),
            html="<p>Aye</p>",
        ),
        Comment(
            source="ghost",
            locator="g.json#comment=c2",
            native_id="ghost-c2",
            post="p1",
            parent="ghost-c1",
            html="<p>No</p>",
        ),
        skipped("comment=c3", "unapproved"),
        skipped("comment=c4", "deleted"),
        skipped("comment=c5", "private", "its post g.json#post=p3 is left out"),
        skipped("comment=c6", "orphan", "it names no post"),
        Post(
            source="ghost",
            locator="g.json#post=p1",
            native_id="p1",
            url="https://tides.example/salt/",
            title="Salt &amp; &lt;i&gt;",
            author="Ada, bo",
            published=datetime(2024, 1, 2, 0, 30, tzinfo=CET),
            modified=datetime(2024, 7, 1, 14, tzinfo=CEST),
            categories=("Sea & land", "Food"),
            html='<p><img src="https://tides.example/content/a.png"></p>',
            aliases=("https://first.example/salt/",),
        ),
        Post(
            source="ghost",
            locator="g.json#post=p2",
            native_id="p2",
            url="https://tides.example/about/",
            title="About",
            published=datetime(2023, 5, 5, 2, tzinfo=CEST),
            html="<p>Us</p>",
            kind="page",
        ),
        skipped("post=p3", "private"),
        skipped("post=p4", "draft"),
        skipped("post=p5", "future"),
        skipped("post=p6", "private"),
        skipped("post=p7", "private"),
        skipped("row=14", "unrecognised"),
        skipped("row=15", "unreadable", "a row of the table posts that is no object"),
    ]


def test_an_export_of_the_first_ghost(tmp_path: Path) -> None:
    """Numbers for dates, Markdown, a permalink with the date, no address of the blog, and no wrapping."""
    old = {
        "posts": [
            {"id": 7, "title": "Ebb", "slug": "ebb tide", "markdown": "Low *water*\nagain", "html": None, "page": 0,
             "status": "published", "author_id": 1, "created_at": 1283780649000, "published_at": "1283780649000"},
            {"id": 8, "title": "Me", "slug": "me", "markdown": "", "html": "<p>I</p>", "page": 1, "status": "published",
             "author_id": 1, "published_at": 1283780649000},
        ],
        "settings": [{"key": "permalinks", "value": "/:year/:month/:day/:slug/"}],
        "users": [{"id": 1, "name": "Cy", "email": "cy@mail.example"}],
        "tags": [{"id": 3, "name": "Sea"}],
        "posts_tags": [{"post_id": 7, "tag_id": 3}],
    }  # fmt: skip
    published = datetime(2010, 9, 6, 13, 44, 9, tzinfo=UTC)
    assert read(tmp_path, export(old, wrapped=False)) == [
        Post(
            source="ghost",
            locator="g.json#post=7",
            native_id="7",
            url="",
            title="Ebb",
            author="Cy",
            published=published,
            categories=("Sea",),
            html="<p>Low <em>water</em><br />\nagain</p>\n",
            aliases=("/2010/09/06/ebb%20tide/",),
        ),
        Post(
            source="ghost",
            locator="g.json#post=8",
            native_id="8",
            url="",
            title="Me",
            author="Cy",
            published=published,
            html="<p>I</p>",
            kind="page",
            aliases=("/me/",),
        ),
    ]


def test_names_inside_the_post(tmp_path: Path) -> None:
    """Tools that write for Ghost put authors, tags and addresses into the post itself."""
    row = {"id": 1, "title": "T", "slug": "t", "html": "x", "status": "published", "url": "https://tides.example/a/t/",
           "authors": [{"name": "Ada"}, {"name": "Bo"}], "tags": [{"name": "Sea"}, "Land", {"name": "#x"}]}  # fmt: skip
    (post,) = read(tmp_path, export({"posts": [row]}))
    assert isinstance(post, Post)
    assert (post.url, post.author, post.categories) == ("https://tides.example/a/t/", "Ada, Bo", ("Sea", "Land"))
    (post,) = read(tmp_path, export({"posts": [{**row, "authors": None, "author": "Cy cy@mail.example"}]}))
    assert isinstance(post, Post)
    assert post.author == "Cy cy"


@pytest.mark.parametrize(
    ("head", "ours"),
    [
        (export(MODERN)[:500], True),
        (export(MODERN, wrapped=False)[:500], True),
        (b'\xef\xbb\xbf{ "meta" :{"version":"000","exported_on":1}, "data"', True),
        (b'{"data": {"posts": [{"slug": "a", "status": "published"}]}, "meta": {}}', True),
        (b'{"data": {"posts": [{"id": 1, "body": "a"}]}}', False),
        (b'{"meta": {"page": 1}, "data": {"slug": "a", "status": "x"}}', False),
        (b'{"errors": [], "result": {"meta": {"exported_on": 1}, "data": {"posts": []}}}', False),
        (b'{"version": "https://jsonfeed.org/version/1.1", "items": []}', False),
        (b'[{"meta": {"exported_on": 1}}]', False),
        (b"<html>", False),
    ],
)
def test_recognised_by_its_content(head: bytes, ours: bool) -> None:
    assert ghost.sniff(head, Path("a.json")) == ours


@pytest.mark.parametrize(
    ("row", "html", "damaged"),
    [
        ({"html": "<p>1</p>", "lexical": "{}", "markdown": "2"}, "<p>1</p>", False),
        ({"html": " ", "lexical": '{"root": {"children": [{"type": "horizontalrule"}]}}'}, "<hr>", False),
        ({"lexical": "{", "mobiledoc": '{"markups": [], "sections": [[2, "a.png"]]}'}, '<img src="a.png">', False),
        ({"lexical": "{", "plaintext": "a & b\n\nc"}, "<p>a &amp; b</p><p>c</p>", True),
        ({"lexical": "[" * 100_000}, "", True),
        ({"mobiledoc": None}, "", False),
        ({"html": "half \ud83d"}, "half �", False),
        ({"html": 'a<!--kg-gated-block:begin nonMember:false memberSegment:"status:free" -->b<!--kg-gated-block:end-->c'},
         "ac", False),
        ({"html": "a<!--kg-gated-block:begin nonMember:true -->b<!--kg-gated-block:end-->c"}, "abc", False),
        ({"html": "a<!--kg-gated-block:begin memberSegment:x -->b"}, "a", False),
    ],
)  # fmt: skip
def test_the_text_of_a_post(row: dict[str, Any], html: str, damaged: bool) -> None:
    """What Ghost rendered wins, then the newest editor; parts for members are left out."""
    assert body(row, "https://tides.example") == (html, damaged)


def test_lexical() -> None:
    def words(text: str, format: int = 0) -> dict[str, Any]:
        return {"type": "extended-text", "text": text, "format": format}

    link = {"type": "link", "url": "https://a.example/?b&c", "children": [words("there")]}
    inner = {"type": "list", "listType": "number", "children": [{"type": "listitem", "children": [words("one")]}]}
    document = [
        {"type": "extended-heading", "tag": "h3", "children": [words("High < low")]},
        {"type": "paragraph", "children": [words("b", 1), words("i & b", 3), {"type": "linebreak"}, link]},
        {"type": "extended-quote", "children": [words("said")]},
        {"type": "list", "tag": "ul", "children": [{"type": "listitem", "children": [inner]}]},
        {"type": "codeblock", "code": "a < b", "language": "c"},
        {"type": "html", "html": "<b>for members</b>", "visibility": {"web": {"nonMember": False}}},
        {"type": "html", "html": "<i>all</i>", "visibility": {"web": {"nonMember": True}, "email": {}}},
        {"type": "something-new", "children": [words("new")]},
        None,
    ]
    assert lexical_html({"root": {"children": document}}) == (
        "<h3>High &lt; low</h3>"
        "<p><strong>b</strong><em><strong>i &amp; b</strong></em><br>"
        '<a href="https://a.example/?b&amp;c">there</a></p>'
        "<blockquote>said</blockquote>"
        "<ul><li><ol><li>one</li></ol></li></ul>"
        '<figure><pre><code class="language-c">a &lt; b</code></pre></figure>'
        "<i>all</i>"
        "<div>new</div>"
    )
    assert lexical_html(None) == lexical_html({"root": []}) == ""


def test_mobiledoc() -> None:
    document = {
        "version": "0.3.1",
        "markups": [["a", ["rel", "x", "href", "https://a.example/"]], ["strong"], ["blink"]],
        "atoms": [["soft-return", "", {}], ["mention", "@you", {}]],
        "cards": [["card-markdown", {"cardName": "card-markdown", "markdown": "# One"}], ["hr", {}]],
        "sections": [
            [1, "h2", [[0, [], 0, "Head"]]],
            [1, "p", [[0, [1], 0, "b & "], [0, [0], 2, "link"], [1, [], 0, 0], [1, [2], 1, 1], [0, [1], 0, "open"]]],
            [3, "ol", [[[0, [], 0, "one"]], [[0, [], 0, "two"]]]],
            [10, 0],
            [10, 1],
            [10, 99],
            [2, "a.png"],
        ],
    }
    assert mobiledoc_html(document) == (
        "<h2>Head</h2>"
        '<p><strong>b &amp; <a href="https://a.example/">link</a></strong><br>@you<strong>open</strong></p>'
        "<ol><li>one</li><li>two</li></ol>"
        "<h1>One</h1>\n<hr>"
        '<img src="a.png">'
    )
    older = {
        "version": "0.2.0",
        "sections": [[["em"]], [[1, "P", [[[0], 1, "i"], [[], 0, " t"]]], [10, "html", {"html": "<u>"}]]],
    }
    assert mobiledoc_html(older) == "<p><em>i</em> t</p><u>"
    assert mobiledoc_html([]) == ""


@pytest.mark.parametrize(
    ("name", "fields", "html"),
    [
        ("image", {"src": "a.png", "alt": '"A"', "href": "b", "caption": "<b>c</b>"},
         '<figure><a href="b"><img src="a.png" alt="&quot;A&quot;"></a><figcaption><b>c</b></figcaption></figure>'),
        ("gallery", {"images": [{"src": "a.png", "alt": "A"}, {"src": "b.png"}, 3]},
         '<figure><img src="a.png" alt="A"><img src="b.png" alt=""></figure>'),
        ("embed", {"html": "<iframe></iframe>", "url": "u"}, "<figure><iframe></iframe></figure>"),
        ("embed", {"url": "https://a.example/"}, '<figure><a href="https://a.example/">https://a.example/</a></figure>'),
        ("bookmark", {"url": "u", "metadata": {"title": "T<", "description": "D", "author": "A", "publisher": "P"}},
         '<figure><p><a href="u">T&lt;</a></p><p>D</p><p>A · P</p></figure>'),
        ("callout", {"calloutEmoji": "!", "calloutText": "<b>so</b>"}, "<div>! <b>so</b></div>"),
        ("toggle", {"heading": "H", "content": "<p>c</p>"}, "<h4>H</h4><div><p>c</p></div>"),
        ("button", {"buttonText": "Go", "buttonUrl": "u"}, '<p><a href="u">Go</a></p>'),
        ("product", {"productTitle": "T", "productDescription": "D", "productUrl": "u", "productButton": "B"},
         '<h4>T</h4><div>D</div><p><a href="u">B</a></p>'),
        ("header", {"header": "H", "subheader": "S"}, "<h2>H</h2><p>S</p>"),
        ("call-to-action", {"textValue": "<p>t</p>", "showButton": True, "buttonText": "B"}, "<div><p>t</p></div><p>B</p>"),
        ("file", {"src": "a.pdf", "fileTitle": "F", "fileCaption": "C"},
         '<figure><p><a href="a.pdf">F</a></p><p>C</p></figure>'),
        ("audio", {"src": "a.mp3", "title": "S"}, '<figure><p><a href="a.mp3">S</a></p></figure>'),
        ("before-after", {"beforeImage": {"src": "a"}, "afterImage": {"src": "b"}},
         '<figure><img src="a" alt=""><img src="b" alt=""></figure>'),
        ("email", {"html": "<p>Dear reader</p>"}, ""),
        ("html", {"html": "<p>h</p>", "visibility": {"showOnWeb": False, "showOnEmail": True}}, ""),
        ("markdown", {"markdown": "a\nb[^1]\n\n[^1]: c"}, None),
        ("new", {"markdown": "*m*"}, "<p><em>m</em></p>\n"),
        ("image", "no fields", ""),
    ],
)  # fmt: skip
def test_cards(name: str, fields: Any, html: str | None) -> None:
    if html is None:
        assert 'class="footnotes"' in card(name, fields)
    else:
        assert card(name, fields) == html


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1283780649000, datetime(2010, 9, 6, 13, 44, 9, tzinfo=UTC)),
        ("2017-09-27 11:09:58", datetime(2017, 9, 27, 11, 9, 58, tzinfo=UTC)),
        ("2017-09-27T11:09:58+02:00", datetime(2017, 9, 27, 9, 9, 58, tzinfo=UTC)),
        (0, None),
        (10**30, None),
        ("0000-00-00 00:00:00", None),
        (True, None),
        (float("nan"), None),
        (None, None),
        (["2017"], None),
    ],
)
def test_dates(value: object, expected: datetime | None) -> None:
    assert moment(value, UTC) == expected


def test_no_address_of_a_person_is_read(tmp_path: Path) -> None:
    assert not [i for i in read(tmp_path, export(MODERN)) if "@" in str(i) or "$2a$" in str(i)]


def test_a_cut_file_gives_what_came_before(tmp_path: Path) -> None:
    data = export(MODERN)
    (tmp_path / "g.json").write_bytes(data[: data.index(b'"p3", "title"')])
    items = ghost.read(InputFile(tmp_path / "g.json", "g.json"))
    read_before = [next(items) for _ in range(9)]
    assert [i.native_id for i in read_before if isinstance(i, Post)] == ["p1", "p2"]
    assert read_before[-1] == skipped("row=9", "truncated", "its end cannot be read")
    with pytest.raises(IncompleteSourceError, match=r"\(the file breaks off\); the last complete one is post p2"):
        next(items)


@pytest.mark.parametrize(
    ("cut", "truncated"),
    [
        (b'"p3", "title"', 1),  # in a post
        (b', {"id": "p3", "title"', 0),  # behind one
        (b'{"id": "p3", "title"', 0),  # before one
        (b'"c3", "post_id"', 1),  # in a comment
        (b'"posts_authors"', 0),
        (b'"t2", "name"', 0),  # in a row that is no item
    ],
)
def test_an_item_that_is_cut_is_counted_and_an_update_deletes_nothing(
    tmp_path: Path, cut: bytes, truncated: int
) -> None:
    whole, path, index = export(MODERN), tmp_path / "g.json", Settings(index_dir=tmp_path / "index")
    path.write_bytes(whole)
    pipeline.build([path], index)
    before = set(ids(index))
    path.write_bytes(whole[: whole.index(cut)])
    with pytest.raises(IncompleteSourceError):
        pipeline.update([], index)
    report = pipeline.update([], index, partial=True)
    assert report.sources[0].skipped["truncated"] == truncated
    assert report.sources[0].incomplete
    assert report.changes["removed"] == 0
    assert set(ids(index)) >= before


def ids(index: Settings) -> list[str]:
    with closing(engine.open_searcher(index)) as searcher:
        return [document.id for document in searcher.documents()]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"[]", "is not a Ghost export"),
        (b'{"meta": {}}', "is not a Ghost export"),
        (b'{"data": {"posts": []}} {}', "something follows"),
        (b'{"data": {"posts": [{"id": 1}, nonsense' + b" " * 100 + b"]}}", "it is no JSON there"),
        (b'{"data": {"posts": [' + b"[" * 50_000, "nested too deep"),
        (b'{"data": {"posts": [' + b"1" * 5_000 + b"]}}", "a number is too long"),
        (b'{"data": {"posts": [3 4]}}', ", or ] is missing"),
    ],
)
def test_what_is_no_json_is_told_once(tmp_path: Path, data: bytes, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        read(tmp_path, data)


def test_a_row_without_end_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MAX_ROW", 100_000)
    monkeypatch.setattr(tables, "CHUNK", 10_000)
    with pytest.raises(IncompleteSourceError, match="a row has more than"):
        read(tmp_path, b'{"data": {"posts": [{"html": "' + b"x" * 1_000_000)


def test_invalid_bytes_are_read_through_and_counted(tmp_path: Path) -> None:
    data = b'{"data": {"posts": [{"id": 1, "status": "published", "html": "caf\xe9\n\xef\xbf\xbd"}]}}'
    post, repaired = read(tmp_path, data)
    assert isinstance(post, Post)
    assert post.html == "caf�\n�"
    assert isinstance(repaired, Repaired)
    assert (repaired.reason, repaired.count) == ("invalid-bytes", 1)


def test_memory_does_not_grow_with_the_texts(tmp_path: Path) -> None:
    """Thirty megabytes of posts pass through less than six."""
    path = tmp_path / "g.json"
    row = json.dumps({"id": 1, "status": "published", "html": "water " * 10_000})
    with path.open("w") as file:
        file.write('{"data": {"posts": [' + ",".join([row] * 10))
        for _ in range(49):
            file.write("," + ",".join([row] * 10))
        file.write("]}}")
    tracemalloc.start()
    assert sum(1 for _ in ghost.read(InputFile(path, "g.json"))) == 500
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 6_000_000 < path.stat().st_size / 4


@pytest.mark.parametrize("chunk", [1, 2, 7, 64])
def test_any_cut_between_reads_gives_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    data = json.dumps(json.loads(export(MODERN)), ensure_ascii=False).replace("Ada", "Ådä \\u00e9 😀").encode()
    whole = read(tmp_path, data)
    monkeypatch.setattr(tables, "CHUNK", chunk)
    assert read(tmp_path, data) == whole


_EDITED = export(
    {
        "posts": [
            {
                "id": 1,
                "status": "published",
                "lexical": json.dumps({"root": {"children": [{"type": "bookmark", "url": "u"}]}}),
            },
            {"id": 2, "status": "published", "mobiledoc": json.dumps({"cards": [["hr", {}]], "sections": [[10, 0]]})},
        ]
    }
)


@given(damaged([export(MODERN), _EDITED]))
def test_damage_never_escapes(data: bytes) -> None:
    read_damaged(ghost.FORMAT, data, "g.json")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 12) | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                "id title status type children text tag url html markups cards sections root format".split()
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)
_COLUMNS = (
    "id status title slug html lexical mobiledoc markdown tags authors author url published_at visibility page".split()
)
_ROW = st.dictionaries(st.sampled_from(_COLUMNS), _JSON, max_size=8)


@given(_JSON)
def test_any_document_of_an_editor_is_rendered(document: Any) -> None:
    root = {"root": {"children": document}}
    assert isinstance(lexical_html(root) + lexical_html(document) + mobiledoc_html(document), str)
    assert isinstance(mobiledoc_html({"markups": document, "sections": document, "cards": document}), str)
    assert isinstance("".join(card(name, document) for name in ("image", "gallery", "bookmark", "new")), str)


@given(st.lists(_ROW | _JSON, max_size=6), st.lists(_JSON, max_size=4), _JSON)
def test_every_row_is_one_item(posts: list[Any], others: list[Any], strange: Any) -> None:
    data = {"posts": posts, "tags": others, "posts_tags": others, "settings": others, "users": strange}
    items = read_damaged(ghost.FORMAT, json.dumps({"data": data}).encode(), "g.json")
    assert sum(isinstance(i, Post | Skipped) for i in items) == len(posts)


def test_the_real_exports(archives: Path) -> None:
    """To the item what the manifest counted. ``ctx.json`` is the working state of a migration tool, and no export."""
    manifest = json.loads((archives / "MANIFEST.json").read_text())
    counted = {row["file"]: row["counted"] for row in manifest if row["format"] == "ghost"}
    files = {f.name: f for f in sources.find(archives / "ghost", lambda n: None)}
    assert files.keys() == counted.keys()
    for name, expected in counted.items():
        items = list(sources.read(files[name], None, alone=False))
        if expected["version"] is None:
            assert [(i.reason, i.detail) for i in items if isinstance(i, Skipped)] == [
                ("unrecognised", "is in no format that Backfile knows")
            ]
            continue
        posts = [i for i in items if isinstance(i, Post)]
        reasons = Counter(i.reason for i in items if isinstance(i, Skipped))
        assert (len(posts), reasons["draft"]) == (expected["status"]["published"], expected["status"].get("draft", 0))
        assert len(posts) + reasons.total() == expected["posts"]
        assert sum(p.kind == "page" for p in posts) == expected["pages"]
        dates = sorted(p.published.date().isoformat() for p in posts if p.published)
        assert (f"{dates[0]}..{dates[-1]}", len(dates)) == (expected["dates"], len(posts))
        assert all(p.html.strip() for p in posts)
        assert not any(isinstance(i, Repaired) for i in items)
        if expected["version"] == "001":
            assert len({tag for p in posts for tag in p.categories}) == expected["tags"]
