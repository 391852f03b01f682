"""The WordPress export source: what it yields, what it leaves out, and what it reads through."""

from __future__ import annotations

import contextlib
import gzip
import json
import re
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from lxml import etree

from indexer.archive import Blog, Comment, Item, Post, Repaired, Skipped
from indexer.errors import IncompleteSourceError, SourceError
from indexer.sources import wxr_parser, wxr_repair
from indexer.sources.base import HEAD_BYTES, InputFile
from indexer.sources.wordpress import FORMAT

HERE = Path(__file__).parent / "archives" / "wordpress"
RSS = (
    b'<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    b'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/">\n'
)


def read(path: Path) -> list[Item]:
    return list(FORMAT.read(InputFile(path, path.name)))


def read_bytes(folder: Path, data: bytes) -> list[Item]:
    path = folder / "x.xml"
    path.write_bytes(data)
    return read(path)


def export(*items: str, encoding: str = "UTF-8") -> bytes:
    head = b'<?xml version="1.0" encoding="%s"?>\n' % encoding.encode()
    return head + RSS + f"<channel>\n{''.join(items)}</channel>\n</rss>\n".encode(encoding)


def item(inner: str = "", number: int = 1, body: str = "b") -> str:
    return (
        f"<item><title>t{number}</title><link>http://x.example/{number}</link>"
        f"<content:encoded><![CDATA[{body}]]></content:encoded><wp:post_id>{number}</wp:post_id>"
        f"<wp:status>publish</wp:status><wp:post_type>post</wp:post_type>{inner}</item>\n"
    )


def post(number: int = 1, body: str = "b") -> Post:
    return Post(
        source="wordpress",
        locator=f"x.xml#post={number}",
        native_id=str(number),
        url=f"http://x.example/{number}",
        title=f"t{number}",
        html=body,
        autop=True,
    )


def repairs(items: list[Item]) -> dict[str, int]:
    return {i.reason: i.count for i in items if isinstance(i, Repaired)}


def only_post(items: list[Item]) -> Post:
    (found,) = [i for i in items if isinstance(i, Post)]
    return found


# --- a whole export ---------------------------------------------------------------------------------------------------

EAST = timezone(timedelta(hours=2))
FIRST = Post(
    source="wordpress",
    locator="small.xml#post=7",
    native_id="7",
    url="https://tea.example/blog/2008/05/first/",
    title="First & last",
    author="Anna Böll",
    published=datetime(2008, 5, 1, 12, 30, tzinfo=EAST),
    modified=datetime(2009, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=1))),
    categories=("R&D", "Uncategorized"),
    tags=("rain",),
    html="Rain.\n\n<em>Tea</em> and ]]>more",
    autop=True,
    aliases=("https://tea.example/blog/?p=7",),
)
REPLY = Comment(
    source="wordpress",
    locator="small.xml#comment=22",
    native_id="22",
    post="7",
    post_aliases=("https://tea.example/blog/2008/05/first/",),
    parent="21",
    author="dan",
    html="Yes",
    autop=True,
)
SMALL: list[Item] = [
    Blog(source="wordpress", name="Tea & Rain", description="Notes from the north", url="https://tea.example/blog"),
    FIRST,
    Comment(
        source="wordpress",
        locator="small.xml#comment=21",
        native_id="21",
        post="7",
        post_aliases=("https://tea.example/blog/2008/05/first/",),
        author="Bob & Carol",
        author_url="https://bob.example/",
        published=datetime(2008, 5, 2, 0, 10, tzinfo=EAST),
        html="Nice.\n\nReally.",
        autop=True,
    ),
    REPLY,
    replace(
        REPLY,
        locator="small.xml#comment=23",
        native_id="23",
        parent="",
        author="Elsewhere",
        author_url="http://else.example/p",
        html="[...] rain [...]",
        kind="pingback",
    ),
    Skipped(source="wordpress", locator="small.xml#comment=24", reason="spam", detail="spam"),
    Skipped(source="wordpress", locator="small.xml#comment=25", reason="unapproved", detail="0"),
    Skipped(source="wordpress", locator="small.xml#comment=26", reason="trash", detail="post-trashed"),
    Skipped(source="wordpress", locator="small.xml#comment=27", reason="comment-type", detail="order_note"),
    replace(REPLY, locator="small.xml#post=7/comment=8", native_id="", parent="", author="", html="Good tea"),
    Post(
        source="wordpress",
        locator="small.xml#post=8",
        native_id="8",
        url="https://tea.example/blog/about/",
        title="About",
        author="carl",
        html="<!-- wp:paragraph --><p>Us</p><!-- /wp:paragraph -->",
        kind="page",
    ),
    Skipped(source="wordpress", locator="small.xml#post=9", reason="password", detail="publish"),
    Skipped(
        source="wordpress",
        locator="small.xml#comment=31",
        reason="password",
        detail="its post small.xml#post=9 is left out",
    ),
    Skipped(source="wordpress", locator="small.xml#comment=32", reason="spam", detail="spam"),
    Skipped(source="wordpress", locator="small.xml#post=10", reason="attachment", detail="attachment"),
    Skipped(source="wordpress", locator="small.xml#post=11", reason="menu", detail="nav_menu_item"),
    Skipped(source="wordpress", locator="small.xml#post=12", reason="post-type", detail="product"),
    Skipped(source="wordpress", locator="small.xml#item=7", reason="draft", detail="auto-draft"),
]


def test_a_whole_export() -> None:
    assert read(HERE / "small.xml") == SMALL


def test_the_first_releases_wrote_comments_unescaped_and_without_ids() -> None:
    """WordPress 2.1 to 2.5: no XML declaration, no ids, every category and tag twice, comments as bare HTML."""
    place, url = "first-release.xml", "http://old.example/?p=1"
    assert read(HERE / "first-release.xml") == [
        Blog(source="wordpress", name="Old", url="http://old.example"),
        Post(
            source="wordpress",
            locator=f"{place}#item=1",
            native_id="",
            url=url,
            title="Fish & chips",
            author="Ann",
            published=datetime(2007, 1, 23, 9, tzinfo=UTC),
            categories=("Food",),
            tags=("Salt",),
            html="Two <b>pounds</b>",
            autop=True,
        ),
        Comment(
            source="wordpress",
            locator=f"{place}#item=1/comment=1",
            native_id="",
            post=url,
            author="Tim & Tom",
            author_url="http://tim.example/?a=1&b=2",
            html="I <3 <em>chips</em> &amp; fish<br>x < y & more",
            autop=True,
        ),
        repaired(place, "bare-ampersand", 3),
        repaired(place, "unescaped-markup", 2),
    ]


def repaired(name: str, reason: str, count: int = 1) -> Repaired:
    return Repaired(source="wordpress", locator=name, reason=reason, detail=wxr_repair.REASONS[reason], count=count)


def test_a_damaged_export_is_read_to_its_end() -> None:
    assert read(HERE / "damaged.xml") == [
        Blog(source="wordpress", name="Damaged"),
        Post(
            source="wordpress",
            locator="damaged.xml#post=1",
            native_id="1",
            url="http://d.example/1?a&b",
            title="AB  C \xa0&boom; &file; ’ ]]> end",
            html="code: <![CDATA[ x ]]> and <pre>]]></pre> bad \ufffd byte",
            autop=True,
        ),
        repaired("damaged.xml", "bare-ampersand", 3),
        repaired("damaged.xml", "bare-less-than"),
        repaired("damaged.xml", "control-character", 3),
        repaired("damaged.xml", "doctype"),
        repaired("damaged.xml", "invalid-bytes"),
        repaired("damaged.xml", "leading-junk"),
        repaired("damaged.xml", "named-entity"),
        repaired("damaged.xml", "nested-cdata", 3),
        repaired("damaged.xml", "trailing-junk"),
        repaired("damaged.xml", "undeclared-prefix", 2),
    ]


@pytest.mark.parametrize("name", ["small.xml", "first-release.xml", "damaged.xml"])
@pytest.mark.parametrize("size", [1, 2, 7, 64, 1000])
def test_it_does_not_matter_where_the_chunks_are_cut(name: str, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = read(HERE / name)
    monkeypatch.setattr(wxr_repair, "CHUNK", size)
    assert read(HERE / name) == whole


# --- posts ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ("<wp:status>publish</wp:status><wp:post_type>post</wp:post_type>", ""),
        ("<wp:status></wp:status><wp:post_type>page</wp:post_type>", ""),
        ("<wp:post_type>post</wp:post_type>", ""),
        ("", ""),
        ("<wp:status>draft</wp:status>", "draft"),
        ("<wp:status>auto-draft</wp:status>", "draft"),
        ("<wp:status>pending</wp:status>", "pending"),
        ("<wp:status>private</wp:status>", "private"),
        ("<wp:status>future</wp:status>", "future"),
        ("<wp:status>trash</wp:status>", "trash"),
        ("<wp:status>inherit</wp:status>", "revision"),
        ("<wp:status>wc-completed</wp:status>", "unrecognised"),
        ("<wp:status>draft</wp:status><wp:post_password>x</wp:post_password>", "password"),
        ("<wp:status>inherit</wp:status><wp:post_type>revision</wp:post_type>", "revision"),
        ("<wp:status>private</wp:status><wp:post_type>attachment</wp:post_type>", "attachment"),
        ("<wp:status>spam</wp:status><wp:post_type>feedback</wp:post_type>", "post-type"),
    ],
)
def test_why_a_post_is_left_out(fields: str, reason: str, tmp_path: Path) -> None:
    (found,) = read_bytes(tmp_path, export(f"<item><link>http://x.example/</link>{fields}</item>"))
    assert (found.reason if isinstance(found, Skipped) else "") == reason


@pytest.mark.parametrize(
    ("link", "guid", "url", "aliases"),
    [
        ("http://x.example/a/", "http://x.example/?p=1", "http://x.example/a/", ("http://x.example/?p=1",)),
        ("http://x.example/a/", "http://x.example/a/", "http://x.example/a/", ()),
        ("", "http://x.example/?p=1", "http://x.example/?p=1", ()),
        ("http://x.example/a/", "urn:1", "http://x.example/a/", ()),
        ("", "urn:1", "", ()),
    ],
)
def test_the_addresses_of_a_post(link: str, guid: str, url: str, aliases: tuple[str, ...], tmp_path: Path) -> None:
    data = export(item().replace("http://x.example/1</link>", f"{link}</link><guid>{guid}</guid>"))
    assert read_bytes(tmp_path, data) == [replace(post(), url=url, aliases=aliases)]


def test_who_wrote_a_comment(tmp_path: Path) -> None:
    people = [("joe@mail.example", "http://joe@mail.example/"), ("192.0.2.7", "mailto:a@b.example"), ("Ann", "http://")]
    people += [("A &amp;amp; B", "http://http://ab.example/c")]
    comments = "".join(
        f"<wp:comment><wp:comment_author>{name}</wp:comment_author>"
        f"<wp:comment_author_url>{url}</wp:comment_author_url></wp:comment>"
        for name, url in people
    )
    found = [(i.author, i.author_url) for i in read_bytes(tmp_path, export(item(comments))) if isinstance(i, Comment)]
    assert found == [("joe", ""), ("", ""), ("Ann", ""), ("A & B", "http://ab.example/c")]


def test_comments_of_a_post_without_id_and_address_are_orphans(tmp_path: Path) -> None:
    items = read_bytes(tmp_path, export("<item><title>t</title><wp:comment></wp:comment></item>"))
    assert [i.reason for i in items if isinstance(i, Skipped)] == ["orphan"]


@pytest.mark.parametrize(
    ("local", "utc", "pub_date", "expected"),
    [
        ("2008-05-01 12:30:00", "2008-05-01 10:30:00", "", datetime(2008, 5, 1, 12, 30, tzinfo=EAST)),
        ("2008-05-01 12:30:00", "2008-05-01 12:30:00", "", datetime(2008, 5, 1, 12, 30, tzinfo=UTC)),
        ("2008-05-01 12:30:00", "2008-05-01 06:45:00", "", datetime.fromisoformat("2008-05-01T12:30+05:45")),
        ("2008-05-01 12:30:00", "2008-05-01 12:29:58", "", datetime(2008, 5, 1, 12, 30, tzinfo=UTC)),
        ("2008-05-01 12:30:00", "2008-04-01 12:30:00", "", datetime(2008, 5, 1, 12, 30, tzinfo=UTC)),
        ("2008-05-01 12:30:00", "0000-00-00 00:00:00", "", datetime(2008, 5, 1, 12, 30, tzinfo=UTC)),
        ("0000-00-00 00:00:00", "2008-05-01 10:30:00", "", datetime(2008, 5, 1, 10, 30, tzinfo=UTC)),
        ("", "", "Thu, 01 May 2008 10:30:00 +0000", datetime(2008, 5, 1, 10, 30, tzinfo=UTC)),
        ("2008-02-31 10:30:00", "", "Thu, 01 Foo 2008 10:30:00 +0000", None),
        ("0000-00-00 00:00:00", "0000-00-00 00:00:00", "Mon, 30 Nov -0001 00:00:00 +0000", None),
        ("0000-00-00 00:00:00", "0000-00-00 00:00:00", "Tue, 30 Nov 1999 00:00:00 +0000", None),
        ("-0001-11-30 00:00:00", "0001-01-01 00:00:00", "", None),
    ],
)
def test_dates(local: str, utc: str, pub_date: str, expected: datetime | None, tmp_path: Path) -> None:
    dates = (
        f"<pubDate>{pub_date}</pubDate><wp:post_date>{local}</wp:post_date><wp:post_date_gmt>{utc}</wp:post_date_gmt>"
    )
    found = only_post(read_bytes(tmp_path, export(item(dates))))
    assert (found.published, found.published and found.published.utcoffset()) == (
        expected,
        expected and expected.utcoffset(),
    )


def test_content_in_several_sections_and_a_blank_one(tmp_path: Path) -> None:
    sections = "<content:encoded>\n<![CDATA[one]]><![CDATA[ two]]>\n<![CDATA[ three]]> four</content:encoded>"
    found = only_post(read_bytes(tmp_path, export(f"<item>{sections}<excerpt:encoded>x</excerpt:encoded></item>")))
    assert (found.html, found.autop) == ("\none two\n three four", True)


@pytest.mark.parametrize(
    ("sections", "content"),
    [
        ("<![CDATA[a]]> b <![CDATA[c]]> d", "a b c d"),
        ("<![CDATA[a <![CDATA[ b ]]> c <![CDATA[ d ]]>]]>", "a <![CDATA[ b ]]> c <![CDATA[ d ]]>"),
        ("<![CDATA[<pre>]]></pre> c]]>", "<pre>]]></pre> c"),
        ("<![CDATA[a ]]]]>\n<![CDATA[> b]]>", "a ]]\n> b"),
    ],
)
def test_where_a_section_ends(sections: str, content: str, tmp_path: Path) -> None:
    """Well-formed content is read as XML says, and what WordPress failed to escape as it was written."""
    found = only_post(read_bytes(tmp_path, export(f"<item><content:encoded>{sections}</content:encoded></item>")))
    assert found.html == content


def test_an_export_that_another_program_wrote_anew_with_its_own_prefixes(tmp_path: Path) -> None:
    data = export(item()).replace(b"wp:", b"ns0:").replace(b":wp=", b":ns0=")
    assert read_bytes(tmp_path, data) == [post()]


# --- repairs ----------------------------------------------------------------------------------------------------------


def test_cdata_in_cdata_does_not_swallow_what_follows(tmp_path: Path) -> None:
    """A section that stands in an element which is not to be repaired ends where XML says."""
    items = read_bytes(
        tmp_path, export("<![CDATA[x]]>", item(), item(number=2), "<wp:x><!-- c --><![CDATA[y]]> z</wp:x>")
    )
    assert items == [post(), post(2)]


@pytest.mark.parametrize(
    ("encoding", "declared", "counted"),
    [
        ("utf-8", "UTF-8", {}),
        ("utf-8", "ISO-8859-1", {"encoding": 1}),
        ("utf-8", "no-such", {}),
        ("iso-8859-1", "ISO-8859-1", {}),
        ("cp1252", "UTF-8", {"encoding": 1}),
        ("iso-8859-2", "ISO-8859-2", {}),
        ("utf-16", "UTF-16", {}),
        ("utf-16-be", "UTF-8", {}),
    ],
)
def test_the_encoding_is_what_the_bytes_are(
    encoding: str, declared: str, counted: dict[str, int], tmp_path: Path
) -> None:
    text = "é à ü ö ä ß ô î" if encoding != "iso-8859-2" else "é ü ö ä ß ř ő ě"
    data = export(item(body=text)).decode().replace('"UTF-8"', f'"{declared}"').encode(encoding)
    items = read_bytes(tmp_path, data)
    assert FORMAT.sniff(data[:HEAD_BYTES], Path("x"))
    assert (only_post(items), repairs(items)) == (post(body=text), counted)


def test_an_encoding_that_is_no_character_set_is_not_used(tmp_path: Path) -> None:
    for name in ("idna", "utf-7", "unicode_escape", "zlib", "undefined"):
        data = export(item(body="é\\x41+ADw-")).replace(b"UTF-8", name.encode())
        assert only_post(read_bytes(tmp_path, data)).html == "é\\x41+ADw-"


def test_a_byte_order_mark_is_no_junk(tmp_path: Path) -> None:
    assert read_bytes(tmp_path, b"\xef\xbb\xbf" + export(item())) == [post()]


def test_character_references(tmp_path: Path) -> None:
    found = read_bytes(
        tmp_path, export("<item><title>&#65;&#x42;&#xD800;&#xFFFF;&#8;&lt;&LT;&amp;lt;&x</title></item>")
    )
    assert only_post(found).title == "AB<<&lt;&x"
    assert repairs(found) == {"bare-ampersand": 1, "control-character": 3, "named-entity": 1}


@pytest.mark.parametrize(
    "subset",
    [
        '<!ENTITY a "' + "ha" * 500 + '">' + "".join(f'<!ENTITY a{i} "{"&a;" * 50}">' for i in range(5000)),
        '<!ENTITY % x SYSTEM "http://127.0.0.1:9/x"> %x;',
        '<!ENTITY a SYSTEM "file:///etc/passwd">',
    ],
)
def test_entities_are_never_expanded_nor_fetched(subset: str, tmp_path: Path) -> None:
    data = export("<item><title>&a; &a4999;</title></item>").replace(b"<rss", f"<!DOCTYPE rss [{subset}]><rss".encode())
    items = read_bytes(tmp_path, data)
    assert only_post(items).title == "&a; &a4999;"
    assert repairs(items) == {"doctype": 1, "bare-ampersand": 2}


# --- exports that cannot be read to their end -------------------------------------------------------------------------


def read_until_error(folder: Path, data: bytes) -> tuple[list[Item], str]:
    path = folder / "x.xml"
    path.write_bytes(data)
    items: list[Item] = []
    with pytest.raises(IncompleteSourceError) as caught:
        items.extend(FORMAT.read(InputFile(path, path.name)))
    return items, str(caught.value)


def test_a_truncated_export_says_how_far_it_was_read(tmp_path: Path) -> None:
    data = export(item(), item(number=2))
    cut = data.index(b"<title>t2") + 4
    items, message = read_until_error(tmp_path, data[:cut])
    assert items == [post(), truncated("x.xml#item=2")]
    assert message == (
        f'x.xml cannot be read beyond byte {cut} (the file breaks off); the last complete item is "t1" (post 1). '
        "Export it again, or keep what was read with --partial."
    )


def truncated(locator: str, detail: str = "its end cannot be read") -> Skipped:
    return Skipped(source="wordpress", locator=locator, reason="truncated", detail=detail)


def test_of_an_item_that_breaks_off_nothing_is_read_as_what_it_said_of_itself_may_be_missing(tmp_path: Path) -> None:
    comments = "".join(
        f"<wp:comment><wp:comment_id>{number}</wp:comment_id><wp:comment_approved>{approved}</wp:comment_approved></wp:comment>"
        for number, approved in ((7, 1), (8, "spam"), (9, 1))
    )
    data = export(item(), item(comments, number=2))
    items, _ = read_until_error(tmp_path, data[: data.index(b"9</wp:comment_id>")])
    its_post = "its post x.xml#post=2 is left out"
    assert items == [
        post(),
        truncated("x.xml#post=2"),
        truncated("x.xml#comment=7", its_post),
        Skipped(source="wordpress", locator="x.xml#comment=8", reason="spam", detail="spam"),
        truncated("x.xml#post=2/comment=3", its_post),
    ]


def test_where_the_reading_ended_is_not_told_by_the_title_of_what_is_private(tmp_path: Path) -> None:
    data = export(item().replace(">publish<", ">private<"), item(number=2))
    assert "; the last complete item is post 1. " in read_until_error(tmp_path, data[: data.index(b"t2")])[1]


def test_a_damaged_gzip_file_gives_what_was_read_of_it(tmp_path: Path) -> None:
    path = tmp_path / "x.xml.gz"
    data = gzip.compress(export(item(), *(item(number=n, body=str(n**99)) for n in range(2, 3000))))
    path.write_bytes(data[: len(data) // 2])
    items: list[Item] = []
    with pytest.raises(IncompleteSourceError, match="damaged"):
        items.extend(FORMAT.read(InputFile(path, "x.xml")))
    assert items[0] == post()
    assert isinstance(items[-1], Skipped)
    assert items[-1].reason == "truncated"


@pytest.mark.parametrize("size", [100, 100_000])
def test_mismatched_tags_end_the_reading_where_they_are(
    size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wxr_repair, "CHUNK", size)
    data = export(item(), "<oops>", item(number=2))
    items, message = read_until_error(tmp_path, data)
    assert items == [post()]
    assert f"beyond byte {data.index(b'</channel>') + 2} (mismatched tag)" in message


def test_two_exports_in_one_file_are_not_taken_for_one(tmp_path: Path) -> None:
    items, message = read_until_error(tmp_path, export(item()) + export(item(number=2)))
    assert [i for i in items if isinstance(i, Post)] == [post()]
    assert "junk after document element" in message


def test_a_file_that_only_lacks_its_last_tag_is_complete(tmp_path: Path) -> None:
    items = read_bytes(tmp_path, export(item()).removesuffix(b"</rss>\n"))
    assert items == [post(), repaired("x.xml", "missing-end")]


def test_a_file_without_rss_is_no_export(tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    path.write_bytes(b"<?xml version='1.0'?><feed/>")
    with pytest.raises(SourceError, match="no <rss> element"):
        read(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="Cannot read"):
        read(tmp_path / "x.xml")


def test_nesting_and_items_without_end_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, message = read_until_error(tmp_path, export("<item>" + "<a>" * 5000))
    assert "nested more than 100 deep" in message
    monkeypatch.setattr(wxr_parser, "MAX_ITEM_BYTES", 1024 * 1024)
    _, message = read_until_error(tmp_path, export(item(body="x" * 2_000_000)))
    assert "an item has more than 1 MB" in message


@pytest.mark.parametrize(
    "unit", ["<title><b>", "<", "&", "<![CDATA[", "]]>", "<!--", "<?", "<title><![CDATA[]]>", "<a>]]></b>", "x"]
)
def test_floods_of_markup_end_soon(unit: str, tmp_path: Path) -> None:
    """Half a megabyte of anything is read, or refused, without waiting for an end that never comes."""
    path = tmp_path / "x.xml"
    flood = unit.encode() * (500_000 // len(unit))
    for begin in (b"<title>", b"<title><![CDATA["):
        for end in (b"", b"</title>", b"]]></title>"):
            path.write_bytes(RSS + b"<channel><item>" + begin + flood + end)
            with pytest.raises(IncompleteSourceError):
                read(path)


# --- any bytes --------------------------------------------------------------------------------------------------------

VALID = (HERE / "small.xml").read_bytes()
POSITION = st.integers(0, len(VALID))
EDIT = st.tuples(POSITION, POSITION, st.sampled_from(["cut", "copy", "flip", "insert"]), st.binary(max_size=8))
LENIENT = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)


def edited(data: bytes, edits: list[tuple[int, int, str, bytes]]) -> bytes:
    for a, b, how, new in edits:
        low, high = sorted((a, b))
        if how == "cut":
            data = data[:low] + data[high:]
        elif how == "copy":
            data = data[:high] + data[low:]
        elif how == "flip" and low < len(data):
            data = data[:low] + bytes([data[low] ^ (1 << high % 8)]) + data[low + 1 :]
        else:
            data = data[:low] + new + data[low:]
    return data


@given(st.lists(EDIT, min_size=1, max_size=5))
@LENIENT
def test_whatever_happened_to_the_file_only_items_and_source_errors_come_out(
    tmp_path: Path, edits: list[tuple[int, int, str, bytes]]
) -> None:
    check(tmp_path, edited(VALID, edits))


@given(
    st.lists(st.sampled_from([b"<", b">", b"&", b"]]>", b"<![CDATA[", b"<title>", b"</title>", b"\0", b"\xff", b"a"]))
)
@example([b"<title>", b"<![CDATA[", b"]]>", b"]]>"])
@LENIENT
def test_any_sequence_of_tokens_inside_an_item(tmp_path: Path, tokens: list[bytes]) -> None:
    check(tmp_path, RSS + b"<channel><item>" + b"".join(tokens) + b"</item></channel></rss>")


def check(folder: Path, data: bytes) -> None:
    path = folder / "x.xml"
    path.write_bytes(data)
    items: list[Item] = []
    with contextlib.suppress(SourceError):
        items.extend(FORMAT.read(InputFile(path, path.name)))
    for found in items:
        assert isinstance(found, (Blog, Post, Comment, Skipped, Repaired))


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=60))
@example("a ]]> b <![CDATA[ c ]]> d")
@example("</content:encoded ]]>")
@LENIENT
def test_any_content_comes_back_as_it_went_in(tmp_path: Path, text: str) -> None:
    """Content in a CDATA section, with its ``]]>`` split the way WordPress splits it."""
    text = re.sub("[\ufffe\uffff]", "", text)
    items = read_bytes(tmp_path, export(item(body=text.replace("]]>", "]]]]><![CDATA[>"))))
    assert items == [replace(post(body=text), autop="<!-- wp:" not in text)]


# --- memory -----------------------------------------------------------------------------------------------------------


def test_memory_does_not_grow_with_the_export(tmp_path: Path) -> None:
    peaks = []
    for items in (300, 3000):
        path = tmp_path / f"{items}.xml"
        path.write_bytes(export(*(item(number=n, body="word " * 400) for n in range(items))))
        tracemalloc.start()
        count = sum(1 for _ in FORMAT.read(InputFile(path, path.name)))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert count == items
    # 0.6 MB and 6 MB of export; the difference is noise.
    assert peaks[1] < peaks[0] + 200_000


# --- recognising ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["small.xml", "first-release.xml", "damaged.xml"])
def test_an_export_is_known_by_its_content(name: str) -> None:
    head = (HERE / name).read_bytes()[:HEAD_BYTES]
    assert FORMAT.sniff(head, Path("blog.txt"))
    assert FORMAT.sniff(b"\xef\xbb\xbf" + head, Path("blog"))


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"plain text",
        b'<?xml version="1.0"?><rss version="2.0"><channel><title>Feed</title></channel></rss>',
        RSS.replace(b">", b' xmlns:dsq="http://www.disqus.com/">'),
        b"<!DOCTYPE html><html><body><pre>" + RSS,
        b"# How to export\n\n```xml\n" + RSS,
        b'<?xml version="1.0"?><feed><content>' + RSS,
    ],
)
def test_what_is_no_export(head: bytes) -> None:
    assert not FORMAT.sniff(head, Path("wordpress.xml"))


# --- real archives ----------------------------------------------------------------------------------------------------


def wxr(archives: Path) -> list[Path]:
    return sorted((archives / "wxr").iterdir())


def read_what_there_is(path: Path) -> list[Item]:
    items: list[Item] = []
    try:
        items.extend(FORMAT.read(InputFile(path, path.name)))
    except IncompleteSourceError:
        assert "malformed" in path.name
    return items


def kinds(items: list[Item]) -> Counter[str]:
    return Counter(
        f"-{i.reason}" if isinstance(i, Skipped) else i.kind for i in items if isinstance(i, (Post, Comment, Skipped))
    )


def test_only_exports_are_recognised(archives: Path) -> None:
    recognised = set()
    for path in archives.rglob("*"):
        if path.is_file():
            with path.open("rb") as stream:
                if FORMAT.sniff(stream.read(HEAD_BYTES), path):
                    recognised.add(path)
    assert recognised == set(wxr(archives))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "alienlebarge__alienlebarge.github.com--wordpress.xml",
            {"post": 571, "comment": 371, "pingback": 30, "-draft": 15, "-pending": 2, "-unapproved": 4},
        ),
        ("cc-archive__labs--docs__wordpress.xml", {"post": 219, "page": 5, "comment": 119, "pingback": 62}),
        (
            "brobertsaz__blog--wordpress.xml",
            {
                "post": 208,
                "page": 2,
                "comment": 130,
                "pingback": 14,
                "-attachment": 66,
                "-post-type": 51,
                "-menu": 3,
                "-draft": 3,
            },
        ),
        (
            "bitcoinfrance__bitcoinfrance.github.io--wordpress.xml",
            {
                "post": 78,
                "page": 10,
                "comment": 193,
                "pingback": 42,
                "-attachment": 193,
                "-draft": 24,
                "-private": 1,
                "-post-type": 1,
            },
        ),
        (
            "WordPress__theme-test-data--themeunittestdata.wordpress.xml",
            {
                "post": 55,
                "page": 21,
                "comment": 25,
                "pingback": 4,
                "-attachment": 37,
                "-menu": 70,
                "-password": 2,
                "-future": 1,
                "-draft": 1,
                "-unapproved": 3,
            },
        ),
    ],
)
def test_the_numbers_of_real_exports(name: str, expected: dict[str, int], archives: Path) -> None:
    assert kinds(read(archives / "wxr" / name)) == expected


def test_all_that_is_seen_is_yielded_or_skipped(archives: Path) -> None:
    """In every real export, one that is cut off included, as many items and comments as an independent script counted."""
    for entry in json.loads((archives / "MANIFEST.json").read_text()):
        path = archives / "wxr" / Path(entry["file"]).name
        if entry["format"] != "wxr":
            continue
        found = Counter(
            "comments" if "comment=" in i.locator else "items"
            for i in read_what_there_is(path)
            if isinstance(i, (Post, Comment, Skipped))
        )
        assert (path.name, found["items"], found["comments"]) == (
            path.name,
            entry["counted"]["items"],
            entry["counted"]["comments"],
        )


def value(block: bytes, name: bytes) -> bytes:
    found = re.search(rb"<%s>\s*(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?\s*</%s>" % (name, name), block, re.DOTALL)
    return found[1] if found else b""


def count_by_regex(data: bytes) -> Iterator[str]:
    """What is public in an export, counted a second time and without a parser."""
    for block in re.findall(rb"<item\b.*?</item>", data, re.DOTALL):
        own = block.partition(b"<wp:comment>")[0]
        kind = value(own, b"wp:post_type") or b"post"
        public = value(own, b"wp:status") in (b"publish", b"") and not value(own, b"wp:post_password")
        if kind not in (b"post", b"page") or not public:
            continue
        yield kind.decode()
        for comment in re.findall(rb"<wp:comment\b.*?</wp:comment>", block, re.DOTALL):
            if value(comment, b"wp:comment_approved") in (b"1", b""):
                yield "pingback" if value(comment, b"wp:comment_type") in (b"pingback", b"trackback") else "comment"


def test_public_posts_and_comments_as_a_plain_search_counts_them(archives: Path) -> None:
    for path in wxr(archives):
        found = {k: n for k, n in kinds(read_what_there_is(path)).items() if not k.startswith("-")}
        assert (path.name, found) == (path.name, dict(Counter(count_by_regex(path.read_bytes()))))


def test_repairing_changes_nothing_in_a_well_formed_export(archives: Path) -> None:
    """Titles, contents and comments are what lxml, which repairs nothing, reads in the same file."""
    compared = 0
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    for path in wxr(archives):
        try:
            root = etree.parse(str(path), parser).getroot()
        except etree.XMLSyntaxError:
            continue
        texts = {"".join(str(text) for text in element.itertext()) for element in root.iter(etree.Element)}
        for found in read(path):
            if isinstance(found, (Post, Comment)) and "wordpress.1.xml" not in path.name:
                assert not found.html or found.html in texts, found.locator
                assert not isinstance(found, Post) or not found.title or found.title in texts, found.locator
                compared += 1
    assert compared > 2000


_PRIVATE = re.compile(rb"<wp:(?:comment_author_email|comment_author_IP|author_email)>(?:<!\[CDATA\[)?([^<\]]+)")


def test_no_address_gets_into_an_item(archives: Path) -> None:
    """Neither e-mail nor IP of any commenter or author, unless somebody wrote it into a text."""
    checked = 0
    for path in [HERE / "small.xml", HERE / "first-release.xml", *wxr(archives)]:
        addresses = {a.decode().strip() for a in _PRIVATE.findall(path.read_bytes())} - {""}
        items = read_what_there_is(path)
        texts = "\n".join(i.html for i in items if isinstance(i, (Post, Comment)))
        shown = repr(items)
        for address in addresses:
            assert address in texts or address not in shown
            checked += address not in texts
    assert checked > 400
