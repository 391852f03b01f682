"""Feeds: posts, comments, what is skipped and repaired; floods and damage."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import sources
from indexer.archive import Blog, Comment, Item, Post, Repaired, Skipped
from indexer.permalinks import normalise
from indexer.sources import feed
from indexer.sources.base import HEAD_BYTES
from indexer.sources.feed.entry import moment
from tests.fuzzing import damaged, read_damaged

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0" xmlns:atom="http://www.w3.org/2005/Atom">
<channel><title>Tide &amp;amp; Time &#187; Gardens</title><link>https://tide.example/</link><description>Notes</description>
<atom:link rel="self" href="https://tide.example/feed/"/>
<item><title>Ebb &#8211; flow</title><link>http://feeds.feedburner.com/~r/tide/1</link>
 <feedburner:origLink>https://tide.example/2008/05/ebb/</feedburner:origLink>
 <guid isPermaLink="false">https://tide.example/?p=12</guid><dc:creator><![CDATA[Ann B&amp;B]]></dc:creator>
 <pubDate>Thu, 01 May 2008 23:30:00 +0200</pubDate><category><![CDATA[Q&amp;A]]></category><category>Sea</category>
 <description>Short &amp;hellip;</description>
 <content:encoded><![CDATA[<p>The <em>whole</em> text, <a href="/about">about</a>.</p>]]></content:encoded>
 <enclosure url="https://tide.example/ebb.mp3" length="1" type="audio/mpeg"/></item>
<item><title>Only a summary</title><link>/2008/04/summary/</link><author>joe@mail.example (Joe)</author>
 <pubDate>Wed, 30 Apr 2008 10:00:00 EST</pubDate><description>&lt;b&gt;All&lt;/b&gt; there is.</description></item>
<item><title>Linked</title><link>https://news.example/story</link><guid>https://tide.example/2008/04/linked/</guid>
 <author>joe@mail.example</author><description>Look.</description></item>
<item><title>Locked</title><link>https://tide.example/locked/</link>
 <description><![CDATA[<form action="/wp-login.php?action=postpass" method="post"></form>]]></description></item>
<item/></channel></rss>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://tide.example/blog/">
<title type="text">Tide &lt;3</title><link href="./"/><author><name>Ann</name><email>ann@mail.example</email></author>
<entry><id>tag:ann@mail.example,2008:1</id><title type="html">A &lt;i&gt;b&lt;/i&gt;</title><link href="one"/>
 <updated>2008-05-01T10:00:00-04:00</updated><category term="sea" label="The Sea"/>
 <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>x<br/><img src="a.png"/></p></div></content></entry>
<entry><id>urn:2</id><title>1 &lt; 2</title><author><name>Bob</name></author><published>2008-05-02T10:00:00Z</published>
 <updated>2008-05-03T10:00:00Z</updated><summary>Plain &lt; text</summary></entry>
<entry><id>urn:3</id><title>Not yet</title><control xmlns="http://www.w3.org/2007/app"><draft>yes</draft></control></entry>
</feed>"""

WORDPRESS_COMMENTS = """<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>Comments on: Ebb</title><link>https://tide.example/2008/05/ebb/</link>
<item><title>By: Cy</title><link>https://tide.example/2008/05/ebb/comment-page-2/#comment-34</link><dc:creator>Cy</dc:creator>
 <guid isPermaLink="false">https://tide.example/?p=12#comment-34</guid><pubDate>Fri, 02 May 2008 08:00:00 +0000</pubDate>
 <description>Yes.</description><content:encoded><![CDATA[<p>Yes.</p>]]></content:encoded></item>
<item><title>by: Dee</title><link>https://tide.example/2008/05/ebb/#comment-35</link>
 <description>No dc:creator, as in 2005.</description></item>
<item><title>By: Other blog &#187; Tides</title><link>https://tide.example/2008/05/ebb/#comment-36</link>
 <dc:creator>Other blog &#187; Tides</dc:creator>
 <content:encoded><![CDATA[<p>[&#8230;] as Ann says [&#8230;]</p>]]></content:encoded></item></channel></rss>"""

BLOGGER_COMMENTS = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:thr="http://purl.org/syndication/thread/1.0">
<id>tag:blogger.com,1999:blog-1.post-200.comments</id><title>Comments on Tide: Ebb</title>
<link rel="alternate" href="http://tide.example/2008/05/ebb.html"/><generator>Blogger</generator>
<entry><id>tag:blogger.com,1999:blog-1.post-456</id><published>2008-05-01T12:00:00.000+08:00</published>
 <updated>2008-05-01T12:00:00.000+08:00</updated><title>Hear...</title><content type="html">Hear, hear&lt;br /&gt;</content>
 <link rel="alternate" href="http://tide.example/2008/05/ebb.html?showComment=1209614400000#c456"/>
 <author><name>Eve</name><uri>http://eve.example/</uri><email>noreply@blogger.com</email></author>
 <thr:in-reply-to href="http://tide.example/2008/05/ebb.html" ref="tag:blogger.com,1999:blog-1.post-200"/></entry>
<entry><id>tag:blogger.com,1999:blog-1.post-457</id><title>x</title>
 <content type="html">This comment has been removed by the author.</content>
 <thr:in-reply-to href="http://tide.example/2008/05/ebb.html" ref="tag:blogger.com,1999:blog-1.post-200"/></entry></feed>"""

JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Tide & Time",
    "home_page_url": "https://tide.example/",
    "authors": [{"name": "Ann"}],
    "items": [
        {
            "id": 7,
            "url": "https://tide.example/7",
            "title": "Seven < eight",
            "content_html": "<p>Seven.</p>",
            "date_published": "2018-02-03T04:05:06+01:00",
            "tags": ["sea"],
            "attachments": [{"url": "https://tide.example/7.mp3"}],
        },
        {"id": "8", "content_text": "One.\n\nTwo & three.", "author": {"name": "bob@mail.example"}},
        "nonsense",
    ],
}


def items(text: str | bytes, name: str = "feed.xml") -> list[Item]:
    data = text.encode() if isinstance(text, str) else text
    return read_damaged(feed.FORMAT, data, name)


def post(place: int, **values: Any) -> Post:
    return replace(Post(source="feed", locator=f"feed.xml#item={place}", native_id="", url="", title=""), **values)


def skipped(place: int, reason: str, detail: str = "") -> Skipped:
    return Skipped(source="feed", locator=f"feed.xml#item={place}", reason=reason, detail=detail)


def test_posts_of_an_rss_feed() -> None:
    assert items(RSS) == [
        Blog(source="feed", name="Tide & Time", description="Notes", url="https://tide.example/"),
        post(
            1,
            native_id="https://tide.example/?p=12",
            url="https://tide.example/2008/05/ebb/",
            title="Ebb – flow",
            author="Ann B&B",
            published=datetime(2008, 5, 1, 23, 30, tzinfo=timezone(timedelta(hours=2))),
            categories=("Q&A", "Sea"),
            html='<p>The <em>whole</em> text, <a href="/about">about</a>.</p>'
            '\n<p><a href="https://tide.example/ebb.mp3">https://tide.example/ebb.mp3</a></p>',
            aliases=("http://feeds.feedburner.com/~r/tide/1", "https://tide.example/?p=12"),
        ),
        post(
            2,
            url="https://tide.example/2008/04/summary/",
            title="Only a summary",
            author="Joe",
            published=datetime(2008, 4, 30, 10, tzinfo=timezone(timedelta(hours=-5))),
            html="<b>All</b> there is.",
        ),
        post(
            3,
            native_id="https://tide.example/2008/04/linked/",
            url="https://tide.example/2008/04/linked/",
            title="Linked",
            author="joe",
            html='Look.\n<p><a href="https://news.example/story">https://news.example/story</a></p>',
        ),
        skipped(4, "password"),
        skipped(5, "empty"),
    ]


def test_posts_of_an_atom_feed() -> None:
    day = datetime(2008, 5, 1, 10, tzinfo=timezone(timedelta(hours=-4)))
    assert items(ATOM) == [
        Blog(source="feed", name="Tide <3", url="https://tide.example/blog/"),
        post(
            1,
            native_id="tag:ann,2008:1",
            url="https://tide.example/blog/one",
            title="A <i>b</i>",
            author="Ann",
            published=day,
            categories=("The Sea",),
            html='<p>x<br><img src="https://tide.example/blog/a.png"></p>',
        ),
        post(
            2,
            native_id="urn:2",
            title="1 &lt; 2",
            author="Bob",
            published=datetime(2008, 5, 2, 10, tzinfo=UTC),
            modified=datetime(2008, 5, 3, 10, tzinfo=UTC),
            html="Plain &lt; text",
            autop=True,
        ),
        skipped(3, "draft"),
    ]


def test_comments_of_a_wordpress_feed_have_their_numbers_and_the_address_of_their_post() -> None:
    common: dict[str, Any] = {"source": "feed", "post": "https://tide.example/2008/05/ebb/"}
    assert items(WORDPRESS_COMMENTS) == [
        Comment(
            locator="feed.xml#item=1",
            native_id="34",
            author="Cy",
            published=datetime(2008, 5, 2, 8, tzinfo=UTC),
            html="<p>Yes.</p>",
            **common,
        ),
        Comment(locator="feed.xml#item=2", native_id="35", author="Dee", html="No dc:creator, as in 2005.", **common),
        Comment(
            locator="feed.xml#item=3",
            native_id="36",
            author="Other blog » Tides",
            html="<p>[&#8230;] as Ann says [&#8230;]</p>",
            kind="pingback",
            **common,
        ),
    ]


def test_comments_of_a_blogger_feed() -> None:
    assert items(BLOGGER_COMMENTS) == [
        Comment(
            source="feed",
            locator="feed.xml#item=1",
            native_id="456",
            post="http://tide.example/2008/05/ebb.html",
            author="Eve",
            author_url="http://eve.example/",
            published=datetime(2008, 5, 1, 12, tzinfo=timezone(timedelta(hours=8))),
            html="Hear, hear<br />",
            post_aliases=("tag:blogger.com,1999:blog-1.post-200",),
        ),
        skipped(2, "deleted"),
    ]


def test_a_reply_names_the_comment_that_it_answers() -> None:
    text = BLOGGER_COMMENTS.replace('ebb.html" ref', 'ebb.html#comment-455" ref')
    comment = items(text)[0]
    assert isinstance(comment, Comment)
    assert (comment.parent, comment.post) == ("455", "http://tide.example/2008/05/ebb.html")


def test_comments_numbered_by_disqus_are_marked() -> None:
    text = WORDPRESS_COMMENTS.replace("<link>https://tide.example/2008/05/ebb/<", "<link>https://t.disqus.com/ebb/<", 1)
    assert [c.native_id for c in items(text) if isinstance(c, Comment)] == ["disqus-34", "disqus-35", "disqus-36"]


def test_a_json_feed() -> None:
    assert items(json.dumps(JSON_FEED)) == [
        Blog(source="feed", name="Tide & Time", url="https://tide.example/"),
        post(
            1,
            native_id="7",
            url="https://tide.example/7",
            title="Seven &lt; eight",
            author="Ann",
            published=datetime(2018, 2, 3, 4, 5, 6, tzinfo=timezone(timedelta(hours=1))),
            tags=("sea",),
            html='<p>Seven.</p>\n<p><a href="https://tide.example/7.mp3">https://tide.example/7.mp3</a></p>',
        ),
        post(2, native_id="8", author="bob", html="One.\n\nTwo &amp; three.", autop=True),
        skipped(3, "empty"),
    ]


@pytest.mark.parametrize("text", ['{"version": "https://jsonfeed.org/version/1", "items": [', "<rss", "<p>no feed</p>"])
def test_what_cannot_be_read_is_one_skipped(text: str) -> None:
    assert [(i.locator, i.reason) for i in items(text) if isinstance(i, Skipped)] == [("feed.xml", "unreadable")]


def test_a_feed_without_entries_is_empty() -> None:
    assert items("<rss><channel><title>T</title></channel></rss>") == [
        Blog(source="feed", name="T"),
        Skipped(source="feed", locator="feed.xml", reason="empty", detail="a feed without entries"),
    ]


DAMAGED = """<br />
<b>Warning</b>: mysql_connect() failed<br />
<?xml version="1.0" encoding="iso-8859-1"?><!DOCTYPE rss [<!ENTITY me SYSTEM "file:///etc/passwd">]>
<rss><channel><item><title>Caf&eacute; &me; B&B</title><link>https://t.example/a?b=1&c=2</link><dc:creator>Ann</dc:creator>
<content:encoded><![CDATA[<p>one & two &nbsp; x</p>]]></content:encoded></item>
<item><title>Cut</title><description><![CDATA[<p>half a"""


def test_a_damaged_feed_is_read_through() -> None:
    data = DAMAGED.encode() + "\x07 caf\xe9".encode("latin-1")
    assert items(data) == [
        post(
            1,
            url="https://t.example/a?b=1&c=2",
            title="Café &amp;me; B&amp;B",
            author="Ann",
            html="<p>one &amp; two \xa0 x</p>",
        ),
        Skipped(source="feed", locator="feed.xml#item=2", reason="truncated", detail="the feed breaks off here"),
        Repaired(source="feed", locator="feed.xml", reason="control-character"),
        Repaired(source="feed", locator="feed.xml", reason="not-well-formed", detail="line 1"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
def test_every_encoding_of_unicode(encoding: str) -> None:
    data = RSS.replace("UTF-8", "utf-16").encode(encoding)
    assert feed.sniff(data[:HEAD_BYTES], Path("x"))
    assert items(data) == items(RSS)


def test_what_is_a_feed() -> None:
    feeds = [RSS, ATOM, WORDPRESS_COMMENTS, BLOGGER_COMMENTS, json.dumps(JSON_FEED), DAMAGED]
    feeds += [
        '<rdf:RDF xmlns="http://purl.org/rss/1.0/"><item/></rdf:RDF>',
        '<a:feed xmlns:a="http://www.w3.org/2005/Atom"/>',
    ]
    feeds += [
        '<!-- <html> --><?xml-stylesheet href="a"?>\n<rss version="0.91"/>',
        '<CHANNEL><ITEM HREF="a"/></CHANNEL>',
    ]
    others = ['{"db": []}', "<html><rss></rss></html>", '<rdf:RDF xmlns="http://xmlns.com/foaf/0.1/"/>', "<opml/>", ""]
    others += [
        "```\n<rss>\n```",
        "<channel>no item</channel>",
        "<feed><id>tag:blogger.com,1999:blog-1.archive</id></feed>",
    ]
    others += ['<feed><category term="http://schemas.google.com/blogger/2008/kind#settings"/></feed>']
    found = [next((f.name for f in sources.formats() if f.sniff(text.encode(), Path("x"))), "") for text in feeds]
    assert found == ["feed"] * len(feeds)
    assert not any(feed.sniff(text.encode(), Path("x")) for text in others)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Thu, 01 May 2008 23:30:00 GMT", datetime(2008, 5, 1, 23, 30, tzinfo=UTC)),
        ("2008-05-01", datetime(2008, 5, 1, tzinfo=UTC)),
        ("2008-05-01T10:00:00.5+05:30", datetime(2008, 5, 1, 10, 0, 0, 500000, timezone(timedelta(hours=5.5)))),
        ("Mon, 30 Nov -0001 00:00:00 +0000", None),
        ("Thu, 01 Jan 1970 00:00:00 +0000", None),
        ("0000-00-00T00:00:00Z", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_dates(text: str, expected: datetime | None) -> None:
    assert moment(text) == expected


def test_no_address_of_a_person_is_read() -> None:
    for text in (RSS, ATOM, BLOGGER_COMMENTS, json.dumps(JSON_FEED)):
        assert "@mail" not in repr(items(text))
        assert "noreply" not in repr(items(text))


_TEXT = st.text(alphabet="a <>&;#x\n'\"é[]!-/", max_size=30)


@given(st.lists(st.tuples(_TEXT, _TEXT, _TEXT), max_size=5))
def test_every_entry_is_seen_with_its_words(rows: list[tuple[str, str, str]]) -> None:
    """Whatever is escaped comes back; each entry is one item."""
    rss = "<rss><channel>" + "".join(
        f"<item><title>{_escape(a)}</title><guid isPermaLink='false'>{_escape(b)}</guid>"
        f"<description>{_escape(c)}</description></item>"
        for a, b, c in rows
    )
    found = [i for i in items(rss + "</channel></rss>") if not isinstance(i, Blog)]
    assert len(found) == max(1, len(rows))
    for item, (_, _, said) in zip(found, rows, strict=False):
        if isinstance(item, Post):
            assert item.html == said.strip()


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


SAMPLES = [text.encode() for text in (RSS, ATOM, WORDPRESS_COMMENTS, BLOGGER_COMMENTS, DAMAGED, json.dumps(JSON_FEED))]


@given(damaged(SAMPLES))
def test_damage_raises_nothing_else(data: bytes) -> None:
    read_damaged(feed.FORMAT, data, "feed.xml")


FLOOD = 30_000
HEAD = "<rss version='2.0'><channel><item><description>"


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "<" * FLOOD,
        HEAD + '<a "' * (FLOOD // 4),
        HEAD + "&" * FLOOD,
        HEAD + "<![CDATA[" * (FLOOD // 9),
        "<!DOCTYPE [" * (FLOOD // 11) + HEAD,
        "<!--" * (FLOOD // 4) + HEAD,
        "<rss><channel><item>" + "".join(f"<x><category>{i}</category></x>" for i in range(FLOOD // 30)),
        "<rss><channel><item>" + "".join(f"<enclosure url='http://a/{i}'/>" for i in range(FLOOD // 30)),
        "<rss><channel><item><author>" + "a" * FLOOD + "</author></item></channel></rss>",
        "<rss><channel " + "".join(f"a{i}='' " for i in range(FLOOD // 10)) + "/></rss>",
        "<rss>" + "".join(f"<x{i}:a xmlns:x{i}='u:{i}'/>" for i in range(FLOOD // 30)) + "</rss>",
        "<rss><channel><item><description>" + "<b>" * (FLOOD // 3),
        '<!DOCTYPE r [<!ENTITY a0 "aaaa">' + "".join(f'<!ENTITY a{i + 1} "{f"&a{i};" * 9}">' for i in range(12))
        + "]><rss><channel><title>&a12;</title><item/></channel></rss>",
        '{"version": "https://jsonfeed.org/version/1", "items": ' + "[" * FLOOD,
    ],
)  # fmt: skip
def test_floods_take_no_time(text: str) -> None:
    started = time.process_time()
    assert items(text)
    assert time.process_time() - started < 3


def test_the_real_feeds_are_read(archives: Path) -> None:
    """MANIFEST.json counts no feeds: here every file of feedparser's own tests, where its entries are."""
    seen = {"Blog": 0, "Post": 0, "Skipped": 0, "Repaired": 0}
    for path in sorted((archives / "feed").rglob("*.xml")):
        with path.open("rb") as stream:
            assert feed.sniff(stream.read(HEAD_BYTES), path), path
        for item in feed.read(sources.find(path, lambda n: None)[0]):
            seen[type(item).__name__] += 1
            cut = path.name == "rss_incomplete_cdata.xml"
            assert not isinstance(item, Skipped) or item.reason == ("truncated" if cut else "empty")
    # Three know nothing of the blog but its language.
    assert seen == {"Blog": 25, "Post": 53, "Skipped": 67, "Repaired": 17}


def test_comment_feeds_in_a_mirror_hold_the_comments_of_its_pages(archives: Path) -> None:
    """Of this mirror's 67 comments in feeds, the pages have every one, under the same number and address."""
    by_source: dict[str, set[tuple[str, str]]] = {"feed": set(), "savedpage": set()}
    files = {file.name: file for file in sources.find(archives / "mirror" / "8bitspaghetti", lambda n: None)}
    feeds = [name for name in files if name.endswith("/feed/index.html")]
    for name in [*feeds, *(name.replace("/feed/", "/") for name in feeds)]:
        file = files[name]
        for item in sources.read(file, None, False):
            if isinstance(item, Comment):
                by_source[item.source].add((normalise(item.post), item.native_id))
    assert len(by_source["feed"]) == 67
    assert by_source["feed"] <= by_source["savedpage"]


def test_a_feed_that_breaks_off_says_so_and_gives_no_half_post() -> None:
    items = [
        f"<item><title>T{n}</title><link>http://b.example/{n}/</link><description>Words {n}</description></item>"
        for n in range(4)
    ]
    whole = ('<rss version="2.0"><channel><title>B</title>' + "".join(items) + "</channel></rss>").encode()
    for end in range(whole.index(b"</item>"), len(whole) - len(b"</rss>")):
        found = list(feed.feed_items(whole[:end], "f.xml"))
        closed = whole[:end].count(b"</item>")
        assert [i.html for i in found if isinstance(i, Post)] == [f"Words {n}" for n in range(closed)]
        assert [i.reason for i in found if isinstance(i, Skipped)] == ["truncated"]
