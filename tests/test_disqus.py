"""Disqus: its export, and the WXR file that blogs wrote for it to import."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import sources
from indexer.archive import Comment, Item, Post, Repaired, Skipped
from indexer.errors import IncompleteSourceError, SourceError
from indexer.sources import disqus, wordpress
from indexer.sources.base import Format, InputFile
from tests.fuzzing import damaged, read_damaged

EXPORT = b"""<?xml version="1.0" encoding="utf-8"?>
<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://disqus.com/api/schemas/1.0/disqus.xsd">
<category dsq:id="1"><forum>tides</forum><title>General</title><isDefault>true</isDefault></category>
<thread dsq:id="10"><id>12 http://tides.example/?p=12</id><forum>tides</forum><category dsq:id="1" />
<link>http://tides.example/2009/spring-tide/</link><title>Spring tide</title><message />
<createdAt>2009-03-01T08:00:00Z</createdAt>
<author><name>Ada</name><isAnonymous>false</isAnonymous><username>ada</username><email>ada@mail.example</email></author>
<isClosed>false</isClosed><isDeleted>false</isDeleted></thread>
<thread dsq:id="11"><id>/2010/neap</id><link>http://localhost:4000/2010/neap/</link><isDeleted>false</isDeleted></thread>
<thread dsq:id="12"><id /><link>http://tides.example/silent/</link><isDeleted>false</isDeleted></thread>
<thread dsq:id="13"><id /><link>http://tides.example/gone/</link><isDeleted>true</isDeleted></thread>
<post dsq:id="100"><id>wp_id=7</id><message><![CDATA[<p>High &amp; dry</p>]]></message>
<createdAt>2009-03-02T10:11:12Z</createdAt><isDeleted>false</isDeleted><isSpam>false</isSpam>
<author><email>bo@mail.example</email><name>Bo &amp;amp; Co</name><isAnonymous>true</isAnonymous></author>
<ipAddress>192.0.2.9</ipAddress><thread dsq:id="10" /></post>
<post dsq:id="101"><id /><message>&lt;p&gt;Low&lt;/p&gt;</message><createdAt>2009-03-02T12:00:00Z</createdAt>
<isDeleted>false</isDeleted><isSpam>false</isSpam>
<author><name>cy@mail.example</name><isAnonymous>false</isAnonymous><username>cy</username></author>
<thread dsq:id="10" /><parent dsq:id="100" /></post>
<post dsq:id="102"><message>x</message><isDeleted>true</isDeleted><isSpam>false</isSpam><thread dsq:id="10" /></post>
<post dsq:id="103"><message>x</message><isDeleted>false</isDeleted><isSpam>true</isSpam><thread dsq:id="10" /></post>
<post dsq:id="104"><message>x</message><isApproved>false</isApproved><thread dsq:id="10" /></post>
<post dsq:id="105"><message>Ebb</message><createdAt>yesterday</createdAt><author><username>dot</username></author>
<thread dsq:id="11" /></post>
<post dsq:id="106"><message>x</message><thread dsq:id="13" /></post>
<post dsq:id="107"><message>x</message><thread dsq:id="99" /></post>
</disqus>
"""

IMPORT = b"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dsq="http://www.disqus.com/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.0/">
<channel>
<item><title>Spring tide</title><link>http://tides.example/spring/</link>
<content:encoded><![CDATA[<p>Twice a month</p>]]></content:encoded>
<dsq:thread_identifier>/spring</dsq:thread_identifier><wp:post_date_gmt>2010-09-20 09:13:44</wp:post_date_gmt>
<wp:comment_status>open</wp:comment_status>
<wp:comment><dsq:remote><dsq:id>u1</dsq:id><dsq:avatar>http://a.example/b.png</dsq:avatar></dsq:remote>
<wp:comment_id>65</wp:comment_id><wp:comment_author>Ada</wp:comment_author>
<wp:comment_author_email>ada@mail.example</wp:comment_author_email>
<wp:comment_author_url>http://ada.example/</wp:comment_author_url><wp:comment_author_IP>192.0.2.7</wp:comment_author_IP>
<wp:comment_date_gmt>2010-09-20 13:19:10</wp:comment_date_gmt>
<wp:comment_content><![CDATA[High]]></wp:comment_content><wp:comment_approved>1</wp:comment_approved>
<wp:comment_parent>64</wp:comment_parent></wp:comment>
<wp:comment><wp:comment_id>66</wp:comment_id><wp:comment_content>x</wp:comment_content>
<wp:comment_approved>0</wp:comment_approved></wp:comment></item>
<item><title>Neap</title><link>http://tides.example/neap/</link><content:encoded></content:encoded>
<dsq:thread_identifier>neap</dsq:thread_identifier>
<wp:comment><wp:comment_id>67</wp:comment_id><wp:comment_content>Low</wp:comment_content>
<wp:comment_approved>1</wp:comment_approved></wp:comment></item>
<item><title>Silent</title><link>http://tides.example/silent/</link><content:encoded></content:encoded></item>
</channel></rss>
"""


def read(tmp_path: Path, data: bytes, format: Format = disqus.FORMAT, name: str = "d.xml") -> list[Item]:
    path = tmp_path / name
    path.write_bytes(data)
    return list(format.read(InputFile(path, name)))


def skipped(place: str, reason: str, detail: str = "", source: str = "disqus") -> Skipped:
    return Skipped(source=source, locator=f"d.xml#{place}", reason=reason, detail=detail)


def test_an_export(tmp_path: Path) -> None:
    """Comments name their post by the thread's link, and by what its page may be called besides."""
    short = ("12 http://tides.example/?p=12", "http://tides.example/?p=12")
    assert read(tmp_path, EXPORT) == [
        Comment(
            source="disqus",
            locator="d.xml#comment=100",
            native_id="disqus-100",
            post="http://tides.example/2009/spring-tide/",
            author="Bo & Co",
            published=datetime(2009, 3, 2, 10, 11, 12, tzinfo=UTC),
            html="<p>High &amp; dry</p>",
            post_aliases=short,
        ),
        Comment(
            source="disqus",
            locator="d.xml#comment=101",
            native_id="disqus-101",
            post="http://tides.example/2009/spring-tide/",
            parent="disqus-100",
            author="cy",
            published=datetime(2009, 3, 2, 12, 0, tzinfo=UTC),
            html="<p>Low</p>",
            post_aliases=short,
        ),
        skipped("comment=102", "deleted"),
        skipped("comment=103", "spam"),
        skipped("comment=104", "unapproved"),
        Comment(
            source="disqus",
            locator="d.xml#comment=105",
            native_id="disqus-105",
            post="http://localhost:4000/2010/neap/",
            author="dot",
            html="Ebb",
            post_aliases=("/2010/neap", "http://tides.example/2010/neap"),
        ),
        skipped("comment=106", "deleted", "its thread was deleted"),
        skipped("comment=107", "orphan", "its thread is not in the export"),
        skipped("thread=12", "empty", "a thread without comments"),
    ]


def test_an_import_file(tmp_path: Path) -> None:
    """A page with its text is a post, one without is named by its comments, one with neither is accounted for."""
    post = "http://tides.example/spring/"
    assert read(tmp_path, IMPORT, disqus.IMPORT_FORMAT) == [
        Post(
            source="disqus-wxr",
            locator="d.xml#item=1",
            native_id="",
            url=post,
            title="Spring tide",
            published=datetime(2010, 9, 20, 9, 13, 44, tzinfo=UTC),
            html="<p>Twice a month</p>",
            autop=True,
            aliases=("/spring", "http://tides.example/spring"),
        ),
        Comment(
            source="disqus-wxr",
            locator="d.xml#comment=65",
            native_id="disqus-wxr-65",
            post=post,
            parent="disqus-wxr-64",
            author="Ada",
            author_url="http://ada.example/",
            published=datetime(2010, 9, 20, 13, 19, 10, tzinfo=UTC),
            html="High",
            autop=True,
            post_aliases=("/spring", "http://tides.example/spring"),
        ),
        skipped("comment=66", "unapproved", "0", source="disqus-wxr"),
        Comment(
            source="disqus-wxr",
            locator="d.xml#comment=67",
            native_id="disqus-wxr-67",
            post="http://tides.example/neap/",
            html="Low",
            autop=True,
            post_aliases=("neap",),
        ),
        skipped("item=3", "empty", "a thread without text and comments", source="disqus-wxr"),
    ]


@pytest.mark.parametrize(
    ("head", "format"),
    [
        (EXPORT, "disqus"),
        (b"\xef\xbb\xbf\n<!-- made by hand -->\n" + EXPORT[EXPORT.index(b"<disqus") :], "disqus"),
        (IMPORT, "disqus-wxr"),
        (IMPORT.replace(b'xmlns:dsq="http://www.disqus.com/"', b""), "wordpress"),
        (b"<html><body><pre>" + EXPORT, ""),
        (b"<disqus><post/></disqus>", ""),
        (b'<rss version="2.0" xmlns:dsq="http://www.disqus.com/"><channel/></rss>', ""),
    ],
)
def test_each_is_recognised_and_nothing_else(head: bytes, format: str) -> None:
    chosen = [f for f in (wordpress.FORMAT, disqus.FORMAT, disqus.IMPORT_FORMAT) if f.sniff(head, Path("a"))]
    assert [f.name for f in chosen] == ([format] if format else [])


def test_nothing_is_claimed_of_another_format(archives: Path) -> None:
    """Of all real archives only the Disqus ones, and those by no other reader."""
    claimed = {}
    for file in sources.find(archives, lambda n: None):
        head = file.head()
        found = [f.name for f in (wordpress.FORMAT, disqus.FORMAT, disqus.IMPORT_FORMAT) if f.sniff(head, file.where)]
        if any(name.startswith("disqus") for name in found):
            claimed[file.name.partition("/")[0]] = found
    assert claimed == {"disqus": ["disqus"], "disqus-wxr": ["disqus-wxr"]}


def test_no_address_of_a_person_is_read(tmp_path: Path) -> None:
    items = read(tmp_path, EXPORT) + read(tmp_path, IMPORT, disqus.IMPORT_FORMAT)
    assert not [i for i in items if "@" in str(i) or "192.0.2" in str(i)]


def test_a_cut_file_gives_what_came_before(tmp_path: Path) -> None:
    (tmp_path / "d.xml").write_bytes(EXPORT[: EXPORT.index(b'<post dsq:id="102"') - 1])
    items = disqus.read(InputFile(tmp_path / "d.xml", "d.xml"))
    assert [getattr(next(items), "locator", "") for _ in range(2)] == ["d.xml#comment=100", "d.xml#comment=101"]
    with pytest.raises(IncompleteSourceError, match=r"the last complete one is comment 101") as error:
        next(items)
    assert "tides" not in str(error.value)


def test_a_file_without_the_root_element_is_no_export(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is not a Disqus export"):
        read(tmp_path, b"<rss/>")


def test_control_characters_and_entities_are_read_through(tmp_path: Path) -> None:
    """No document type is believed: an entity that it declares is text."""
    start = EXPORT.index(b"<disqus")
    bomb = b'<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY x SYSTEM "file:///etc/hostname">]>'
    data = bomb + EXPORT[start:].replace(b"&lt;p&gt;Low", b"\x0b&a;&x;&#8;&lt;p&gt;Low\xff")
    items = read(tmp_path, data)
    assert [i.html for i in items if isinstance(i, Comment)][1] == "&a;&x;<p>Low�</p>"
    assert {i.reason: i.count for i in items if isinstance(i, Repaired)} == {
        "bare-ampersand": 2,
        "control-character": 2,
        "doctype": 1,
        "invalid-bytes": 1,
    }


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [
        ("", ()),
        ("4711", ("4711",)),
        ("4 https://tides.example/?p=4", ("4 https://tides.example/?p=4", "https://tides.example/?p=4")),
        ("/a/", ("/a/", "http://one.example/a/", "http://two.example/a/")),
        ("//a", ("//a",)),
        ("http://tides.example/a", ("http://tides.example/a",)),
    ],
)
def test_names_of_a_post(identifier: str, expected: tuple[str, ...]) -> None:
    assert disqus.names(identifier, ("http://one.example", "http://two.example")) == expected


def test_an_element_without_end_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disqus, "MAX_ELEMENT_BYTES", 10_000)
    endless = EXPORT.replace(b"Ebb", b"".join(b"<![CDATA[%d]]>" % n for n in range(40_000)))
    with pytest.raises(IncompleteSourceError, match="an element has more than"):
        read(tmp_path, endless)


def test_a_flood_of_markup_takes_linear_time(tmp_path: Path) -> None:
    """Megabytes of "<" without ">" are text, and no step looks at more than its own part of them."""
    root = EXPORT[EXPORT.index(b"<disqus") : EXPORT.index(b"<category")]
    data = (
        root
        + b'<post dsq:id="1">'
        + b"<a/>" * 200_000
        + b"<message>"
        + b"<" * 2_000_000
        + b"</message></post></disqus>"
    )
    skip, repaired = read(tmp_path, data)
    assert skip == skipped("comment=1", "orphan", "its thread is not in the export")
    assert isinstance(repaired, Repaired)
    assert (repaired.reason, repaired.count) == ("bare-less-than", 2_000_000)


@given(damaged([EXPORT, IMPORT]))
def test_damage_never_escapes(data: bytes) -> None:
    read_damaged(disqus.FORMAT, data, "d.xml")
    read_damaged(disqus.IMPORT_FORMAT, data, "d.xml")


_POSTS = st.lists(
    st.tuples(st.sampled_from(["10", "11", "12", "99", ""]), st.booleans(), st.booleans(), st.booleans()), max_size=12
)


@given(_POSTS)
def test_every_comment_and_every_silent_thread_is_one_item(posts: list[tuple[str, bool, bool, bool]]) -> None:
    threads = b"".join(b'<thread dsq:id="%d"><link>http://t.example/%d</link></thread>' % (n, n) for n in (10, 11, 12))
    body = "".join(
        f'<post dsq:id="{n}"><isDeleted>{str(deleted).lower()}</isDeleted><isSpam>{str(spam).lower()}</isSpam>'
        + (f'<thread dsq:id="{thread}" />' if named else "")
        + "</post>"
        for n, (thread, deleted, spam, named) in enumerate(posts)
    )
    root = EXPORT[EXPORT.index(b"<disqus") : EXPORT.index(b"<category")]
    items = read_damaged(disqus.FORMAT, root + threads + body.encode() + b"</disqus>", "d.xml")
    heard = {thread for thread, _, _, named in posts if named}
    assert len(items) == len(posts) + len({"10", "11", "12"} - heard)
    kept = [
        n
        for n, (thread, deleted, spam, named) in enumerate(posts)
        if named and not (deleted or spam) and thread[:1] == "1"
    ]
    assert [i.native_id for i in items if isinstance(i, Comment)] == [f"disqus-{n}" for n in kept]


def test_the_real_exports(archives: Path) -> None:
    """To the item what the manifest counted; a thread without comments is what it calls an orphan thread."""
    manifest = json.loads((archives / "MANIFEST.json").read_text())
    counted = {row["file"]: row["counted"] for row in manifest if row["format"] == "disqus"}
    files = {f.name: f for f in sources.find(archives / "disqus", lambda n: None)}
    assert files.keys() == counted.keys()
    for name, expected in counted.items():
        items = list(disqus.read(files[name]))
        comments = [i for i in items if isinstance(i, Comment)]
        reasons = Counter(i.reason for i in items if isinstance(i, Skipped))
        assert reasons == {
            "deleted": expected["deleted"],
            "spam": expected["spam"],
            "empty": expected["orphan_threads"],
        }
        assert len(items) == expected["posts"] + expected["orphan_threads"]
        dates = sorted(c.published.date().isoformat() for c in comments if c.published)
        assert f"{dates[0]}..{dates[-1]}" == expected["dates"]
        assert len(dates) == len(comments)
        assert not [c for c in comments if "@" in c.author.strip("@ ") and ".invalid" in c.author]
