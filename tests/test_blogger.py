"""The Blogger export source: what it yields of both forms, what it leaves out, and what it reads through."""

from __future__ import annotations

import json
import re
import tracemalloc
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from indexer.archive import Blog, Comment, Item, Post, Repaired, Skipped
from indexer.errors import IncompleteSourceError, SourceError
from indexer.sources import formats, xml_elements
from indexer.sources.base import HEAD_BYTES, InputFile
from indexer.sources.blogger import FORMAT
from tests.fuzzing import damaged, read_damaged

FEED = (
    "<?xml version='1.0' encoding='UTF-8'?><?xml-stylesheet href='x.css' type='text/css'?>"
    "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:gd='http://schemas.google.com/g/2005' "
    "xmlns:thr='http://purl.org/syndication/thread/1.0'><id>tag:blogger.com,1999:blog-1.archive</id>"
)
BLOG = (
    "<title type='text'>Fog &amp;amp; Tide</title><subtitle type='html'>By the sea</subtitle>"
    "<link rel='self' href='http://www.blogger.com/feeds/1/archive'/><link rel='alternate' href='http://fog.example/'/>"
    "<author><name>Ann</name><email>ann@mail.example</email></author>"
)
WEST = timezone(timedelta(hours=-5))
ANN = "<author><name>Ann</name><uri>http://www.blogger.com/profile/9</uri><email>noreply@blogger.com</email></author>"


def kind(name: str) -> str:
    term = f"http://schemas.google.com/blogger/2008/kind#{name}"
    return f"<category scheme='http://schemas.google.com/g/2005#kind' term='{term}'/>"


def entry(number: int = 2, more: str = "", of: str = "post", name: str = "post", body: str = "b") -> str:
    return (
        f"<entry><id>tag:blogger.com,1999:blog-1.{name}-{number}</id><published>2008-05-04T23:40:07.123-05:00</published>"
        f"{kind(of)}<title type='text'>t</title><content type='html'>{body}</content>{ANN}{more}</entry>"
    )


def comment(number: int, more: str = "", body: str = "c") -> str:
    return entry(number, more, of="comment", body=body)


def reply(post: int) -> str:
    return f"<thr:in-reply-to ref='tag:blogger.com,1999:blog-1.post-{post}' href='http://fog.example/{post}.html'/>"


def feed(*entries: str) -> str:
    return f"{FEED}{BLOG}{''.join(entries)}</feed>"


def read_bytes(folder: Path, data: bytes) -> list[Item]:
    path = folder / "x.xml"
    path.write_bytes(data)
    return list(FORMAT.read(InputFile(path, "x.xml")))


def read(folder: Path, text: str) -> list[Item]:
    return read_bytes(folder, text.encode())


def bodies(items: list[Item]) -> list[str]:
    return [item.html for item in items if isinstance(item, Post | Comment)]


def skipped(items: list[Item]) -> list[tuple[str, str]]:
    return [(item.locator, item.reason) for item in items if isinstance(item, Skipped)]


# --- whole exports ----------------------------------------------------------------------------------------------------

LABELS = (
    "<category scheme='http://www.blogger.com/atom/ns#' term='R&amp;D'/>"
    "<category scheme='http://www.blogger.com/atom/ns#' term='Sea'/>"
)
EXPORT = feed(
    "<entry><id>tag:blogger.com,1999:blog-1.layout</id>" + kind("template") + "<content>&lt;b:x/&gt;</content></entry>",
    "<entry><id>tag:blogger.com,1999:blog-1.settings.BLOG_SEND_EMAIL</id>"
    + kind("settings")
    + "<title>Where to send</title><content type='text'>ann@mail.example</content></entry>",
    entry(2, LABELS + "<link rel='replies' href='r'/><link rel='alternate' href='http://fog.example/2.html'/>"),
    entry(3, "<app:control xmlns:app='http://purl.org/atom/app#'><app:draft>yes</app:draft></app:control>"),
    entry(4, "<link rel='alternate' href='http://fog.example/p/4.html'/>", of="page", name="page"),
    comment(5, reply(2)),
    comment(6, reply(2) + "<link rel='related' href='http://www.blogger.com/feeds/1/2/comments/default/5'/>"),
    comment(7, "<link rel='self' href='http://www.blogger.com/feeds/1/3/comments/default/7'/>"),
    comment(8, reply(2) + "<gd:extendedProperty name='blogger.contentRemoved' value='true'/>", body="removed"),
)
DATE = datetime(2008, 5, 4, 23, 40, 7, tzinfo=WEST)
POST = Post(
    source="blogger",
    locator="x.xml#post=2",
    native_id="2",
    url="http://fog.example/2.html",
    title="t",
    author="Ann",
    published=DATE,
    categories=("R&D", "Sea"),
    html="b",
)
COMMENT = Comment(
    source="blogger",
    locator="x.xml#comment=5",
    native_id="5",
    post="2",
    author="Ann",
    author_url="http://www.blogger.com/profile/9",
    published=DATE,
    html="c",
    post_aliases=("http://fog.example/2.html",),
)


def test_an_export_with_everything(tmp_path: Path) -> None:
    assert read(tmp_path, EXPORT) == [
        Blog(source="blogger", name="Fog & Tide", description="By the sea", url="http://fog.example/"),
        Skipped(source="blogger", locator="x.xml#entry=1", reason="template", detail="template"),
        Skipped(source="blogger", locator="x.xml#settings=BLOG_SEND_EMAIL", reason="setting", detail="settings"),
        POST,
        Skipped(source="blogger", locator="x.xml#post=3", reason="draft"),
        replace(
            POST, locator="x.xml#page=4", native_id="4", url="http://fog.example/p/4.html", kind="page", categories=()
        ),
        COMMENT,
        replace(COMMENT, locator="x.xml#comment=6", native_id="6", parent="5"),
        Skipped(
            source="blogger", locator="x.xml#comment=7", reason="draft", detail="its post x.xml#post=3 is left out"
        ),
        Skipped(source="blogger", locator="x.xml#comment=8", reason="deleted", detail="its text was removed"),
    ]


TAKEOUT = """<?xml version='1.0' encoding='utf-8'?>
<feed xmlns='http://www.w3.org/2005/Atom' xmlns:blogger='http://schemas.google.com/blogger/2018'>
  <id>tag:blogger.com,1999:blog-1</id>
  <title>Fog</title>
  <entry>
    <id>tag:blogger.com,1999:blog-1.post-2</id>
    <blogger:type>POST</blogger:type>
    <blogger:status>LIVE</blogger:status>
    <author><name>Ann</name><uri></uri><blogger:type>BLOGGER</blogger:type></author>
    <title>t</title>
    <content type='html'>b</content>
    <blogger:metaDescription/>
    <blogger:created>2011-10-08T19:40:53.278Z</blogger:created>
    <published>2008-05-05T03:40:07Z</published>
    <updated>2008-05-06T03:40:07.997Z</updated>
    <blogger:location><blogger:name>Hull</blogger:name></blogger:location>
    <category scheme='tag:blogger.com,1999:blog-1' term='R&amp;D&#10;Sea'/>
    <category/>
    <blogger:filename>/2008/05/t.html</blogger:filename>
    <link/>
    <enclosure/>
    <blogger:trashed/>
  </entry>
  <entry>
    <id>tag:blogger.com,1999:blog-1.post-5</id>
    <blogger:parent>tag:blogger.com,1999:blog-1.post-2</blogger:parent>
    <blogger:inReplyTo>tag:blogger.com,1999:blog-1.post-4</blogger:inReplyTo>
    <blogger:type>COMMENT</blogger:type>
    <blogger:status>LIVE</blogger:status>
    <author><name>bob@mail.example</name><uri>mailto:bob@mail.example</uri></author>
    <content type='html'>c</content>
    <published>2008-05-05T03:40:07Z</published>
    <blogger:trashed/>
  </entry>
%s</feed>
"""
SETTINGS = (
    "blog_publishing_mode,blog_comment_email,blog_name,blog_description,blog_subdomain,blog_time_zone\n"
    'BLOGSPOT,ann@mail.example,Fog & Tide,"By the sea",fog,America/New_York\n'
)


def takeout(folder: Path, more: str = "", settings: str = SETTINGS) -> list[Item]:
    path = folder / "Takeout" / "Blogger" / "Blogs" / "Fog" / "feed.atom"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(TAKEOUT % more)
    if settings:
        (path.parent / "settings.csv").write_text(settings)
    return list(FORMAT.read(InputFile(path, path.relative_to(folder).as_posix())))


def test_a_takeout_takes_address_and_time_zone_from_its_settings(tmp_path: Path) -> None:
    name = "Takeout/Blogger/Blogs/Fog/feed.atom"
    blog, post, said = takeout(tmp_path)
    assert blog == Blog(source="blogger", name="Fog & Tide", description="By the sea", url="https://fog.blogspot.com")
    assert isinstance(post, Post)
    assert post.published is not None
    assert post.published.replace(tzinfo=None) == datetime(2008, 5, 4, 23, 40, 7)
    assert replace(post, published=None, modified=None) == replace(
        POST,
        locator=f"{name}#post=2",
        url="https://fog.blogspot.com/2008/05/t.html",
        published=None,
    )
    assert isinstance(said, Comment)
    assert replace(said, published=None) == Comment(
        source="blogger", locator=f"{name}#comment=5", native_id="5", post="2", parent="4", author="bob", html="c"
    )


@pytest.mark.parametrize("settings", ["", "blog_name\n", "\0", "blog_time_zone\n../../etc\n", "blog_subdomain\na/b\n"])
def test_a_takeout_without_settings_has_no_addresses_and_dates_in_utc(tmp_path: Path, settings: str) -> None:
    blog, post, _ = takeout(tmp_path, settings=settings)
    assert blog == Blog(source="blogger", name="Fog")
    assert isinstance(post, Post)
    assert (post.url, post.published) == ("", datetime(2008, 5, 5, 3, 40, 7, tzinfo=UTC))


@pytest.mark.parametrize(
    ("type", "status", "trashed", "reason"),
    [
        ("POST", "DRAFT", "", "draft"),
        ("POST", "SCHEDULED", "", "future"),
        ("PAGE", "SOFT_TRASHED", "", "trash"),
        ("POST", "LIVE", "2020-01-01T00:00:00Z", "trash"),
        ("COMMENT", "SPAM", "", "spam"),
        ("COMMENT", "PENDING", "", "unapproved"),
        ("COMMENT", "EMPTIED", "", "deleted"),
        ("COMMENT", "ANYTHING", "", "unrecognised"),
        ("WIDGET", "LIVE", "", "post-type"),
    ],
)
def test_what_a_takeout_marks_stays_out(tmp_path: Path, type: str, status: str, trashed: str, reason: str) -> None:
    more = (
        f"<entry><id>tag:blogger.com,1999:blog-1.post-9</id><blogger:type>{type}</blogger:type><blogger:status>{status}"
        f"</blogger:status><title>secret</title><blogger:trashed>{trashed}</blogger:trashed></entry>"
    )
    last = takeout(tmp_path, more)[-1]
    assert isinstance(last, Skipped)
    assert (last.reason, "secret" in repr(last)) == (reason, False)


# --- joining ----------------------------------------------------------------------------------------------------------


def test_a_comment_may_come_before_its_post_and_names_it_the_same(tmp_path: Path) -> None:
    items = read(tmp_path, feed(comment(5, reply(2)), entry(2)))
    assert [item.post for item in items if isinstance(item, Comment)] == ["2"]
    assert [item.native_id for item in items if isinstance(item, Post)] == ["2"]


def test_a_comment_that_names_its_post_by_address_alone(tmp_path: Path) -> None:
    link = "<link rel='alternate' href='http://fog.example/2.html?showComment=1#c5'/>"
    (found,) = [item for item in read(tmp_path, feed(comment(5, link))) if isinstance(item, Comment)]
    assert (found.post, found.post_aliases) == ("http://fog.example/2.html", ())


def test_a_comment_without_any_post_is_an_orphan(tmp_path: Path) -> None:
    assert skipped(read(tmp_path, feed(comment(5)))) == [("x.xml#comment=5", "orphan")]


def test_names_of_converters_are_read_like_blogger_s_own(tmp_path: Path) -> None:
    text = f"""<ns0:feed xmlns:ns0='http://www.w3.org/2005/Atom'>
    <ns0:entry>{kind("post").replace("<", "<ns0:")}<ns0:id>post-17</ns0:id><ns0:content>b</ns0:content></ns0:entry>
    <ns0:entry>{kind("comment").replace("<", "<ns0:")}<ns0:id>post-17.comment-8</ns0:id><ns0:content>c</ns0:content>
    <ns1:in-reply-to xmlns:ns1='http://purl.org/syndication/thread/1.0' ref='post-17'/></ns0:entry>
    <ns0:title>Late</ns0:title></ns0:feed>"""
    post, said, blog = read(tmp_path, text)
    assert isinstance(post, Post)
    assert isinstance(said, Comment)
    assert (post.native_id, said.native_id, said.post) == ("17", "8", "17")
    assert blog == Blog(source="blogger", name="Late")


def test_an_id_made_of_an_address_loses_it(tmp_path: Path) -> None:
    text = feed(entry().replace("tag:blogger.com,1999:blog-1.post-2", "tag:ann@mail.example,2008:/posts/1"))
    (post,) = [item for item in read(tmp_path, text) if isinstance(item, Post)]
    assert (post.native_id, post.locator) == ("tag:ann,2008:/posts/1", "x.xml#entry=1")


@pytest.mark.parametrize(
    "date", ["", "soon", "0000-00-00T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z"]
)
def test_no_date_is_invented(tmp_path: Path, date: str) -> None:
    items = read(tmp_path, feed(entry().replace("2008-05-04T23:40:07.123-05:00", date)))
    assert [item.published for item in items if isinstance(item, Post)] == [None]


# --- damage -----------------------------------------------------------------------------------------------------------


def repairs(items: list[Item]) -> dict[str, int]:
    return {item.reason: item.count for item in items if isinstance(item, Repaired)}


def test_a_prefix_that_nothing_declares(tmp_path: Path) -> None:
    items = read(tmp_path, feed(entry(2), entry(3, "<app:control><app:draft>yes</app:draft></app:control>")))
    assert skipped(items) == [("x.xml#post=3", "draft")]
    assert repairs(items) == {"undeclared-prefix": 2}


def test_control_characters_and_bare_ampersands_are_read_through(tmp_path: Path) -> None:
    items = read(tmp_path, feed(entry(body="a\x0bb &nbsp; c & d\x08")))
    assert bodies(items) == ["a b \xa0 c & d"]
    assert repairs(items) == {"control-character": 2, "named-entity": 1, "bare-ampersand": 1}


def test_entities_are_never_expanded_and_nothing_is_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("SECRET")
    doctype = f'<!DOCTYPE feed [<!ENTITY a "AAAA"><!ENTITY s SYSTEM "{secret.as_uri()}">]>'
    items = read(tmp_path, feed(entry(body="&a;&s;")).replace("<feed", doctype + "<feed", 1))
    assert bodies(items) == ["&a;&s;"]
    assert repairs(items) == {"doctype": 1, "bare-ampersand": 2}


@pytest.mark.parametrize("cut", [r"<entry><id>tag:blogger.com,1999:blog-1.page", r"</feed>"])
def test_a_file_that_breaks_off_fails_after_what_is_whole(tmp_path: Path, cut: str) -> None:
    path = tmp_path / "x.xml"
    path.write_text(EXPORT[: EXPORT.index(cut)])
    items: list[Item] = []
    with pytest.raises(IncompleteSourceError, match=r"x.xml .*beyond byte \d+ .*last complete entry is .*--partial"):
        items.extend(FORMAT.read(InputFile(path, "x.xml")))
    assert POST in items


def test_an_error_quotes_nothing(tmp_path: Path) -> None:
    with pytest.raises(IncompleteSourceError) as raised:
        read(tmp_path, feed(entry(), "<entry><ann@mail.example></entry>"))
    assert "mail.example" not in str(raised.value)


def test_text_behind_the_end_is_no_loss(tmp_path: Path) -> None:
    assert repairs(read(tmp_path, EXPORT + "<br/>Warning: time is up")) == {"trailing-junk": 1}
    with pytest.raises(IncompleteSourceError):
        read(tmp_path, EXPORT + " " * 200_000 + EXPORT)


def test_no_feed_at_all(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="not a Blogger export"):
        read(tmp_path, "<html></html>")


def test_an_entry_without_end_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_elements, "MAX_CHILD_BYTES", 1024 * 1024)
    monkeypatch.setattr(xml_elements, "MAX_CHILD_ELEMENTS", 1000)
    for flood in ("word ", "<a>", "<a/>", "<a b='c'>d</a>"):
        with pytest.raises(IncompleteSourceError):
            read(tmp_path, FEED + entry() + "<entry>" + flood * (2 * 1024**2 // len(flood)))


def test_a_post_with_pictures_inside_is_read_whole(tmp_path: Path) -> None:
    body = "x" * 11_000_000  # libxml2 refuses a text of 10 MB, unless it is told that it may be long
    assert [len(html) for html in bodies(read(tmp_path, feed(entry(body=body))))] == [len(body)]


def test_memory_grows_with_the_longest_entry_only(tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    path.write_text(feed(*(entry(number, body="&lt;p&gt;word" * 20_000) for number in range(2, 60))))
    tracemalloc.start()
    assert sum(isinstance(item, Post) for item in FORMAT.read(InputFile(path, "x.xml"))) == 58
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * 1024**2


@given(damaged([EXPORT.encode(), (TAKEOUT % "").encode()]))
def test_any_damage_is_borne(data: bytes) -> None:
    read_damaged(FORMAT, data, "x.xml")


@given(st.lists(st.sampled_from(["post", "page", "comment", "settings", "template", "other", ""]), max_size=8))
def test_each_entry_is_one_item(kinds: list[str]) -> None:
    text = feed(*(entry(number, reply(number - 1), of=name) for number, name in enumerate(kinds, 1)))
    items = read_damaged(FORMAT, text.encode(), "x.xml")
    assert len([item for item in items if isinstance(item, Post | Comment | Skipped)]) == len(kinds)


# --- recognising ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (EXPORT, True),
        (TAKEOUT, True),
        ("\ufeff" + EXPORT, True),
        (EXPORT.replace("<feed", "<ns0:feed"), True),
        ("<!-- a <b> --><feed xmlns:b='http://schemas.google.com/blogger/2018'>", True),
        ("<feed><id>tag:blogger.com,1999:blog-1</id></feed>", False),
        ("<rss><channel>schemas.google.com/blogger/2018</channel></rss>", False),
        ("<html><body>&lt;feed schemas.google.com/blogger/2018", False),
        ("", False),
    ],
)
def test_sniff(text: str, expected: bool) -> None:
    assert FORMAT.sniff(text.encode(), Path("x")) is expected


# --- the real archives ------------------------------------------------------------------------------------------------

# The manifest does not see drafts where the prefix app: is not declared; there are two.
DRAFTS = {"getpelican__pelican--pelican__tests__content__bloggerexport.xml": 2}
# Comments on drafts that were posts once, left out with them. The manifest does not tell.
COMMENTS_ON_DRAFTS = {"Nexusdecode__blogger2jekyll--blog-08-19-2012.FULL.xml": 26}


def test_real_exports_to_the_item(archives: Path) -> None:
    manifest = json.loads((archives / "MANIFEST.json").read_text())
    rows = [row for row in manifest if row["format"] == "blogger"]
    assert len(rows) == 5
    for row in rows:
        path, counted = archives / "blogger" / row["file"], row["counted"]
        assert next(f.name for f in formats() if f.sniff(path.read_bytes()[:HEAD_BYTES], path)) == "blogger"
        items = list(FORMAT.read(InputFile(path, path.name)))
        kinds = counted["kinds"]
        drafts, lost = DRAFTS.get(row["file"], counted["drafts"]), COMMENTS_ON_DRAFTS.get(row["file"], 0)
        reasons = Counter(item.reason for item in items if isinstance(item, Skipped))
        assert reasons == Counter(
            setting=kinds.get("settings", 0), template=kinds.get("template", 0), draft=drafts + lost
        )
        posts = [item for item in items if isinstance(item, Post)]
        assert len(posts) == kinds["post"] + kinds.get("page", 0) - drafts
        comments = [item for item in items if isinstance(item, Comment)]
        assert len(comments) == kinds["comment"] - lost
        assert {comment.post for comment in comments} <= {post.native_id for post in posts}
        assert len([item for item in items if isinstance(item, Blog) and item.name]) == 1


EMAIL = re.compile(r"<(?:\w+:)?email>([^<]+)<")


def test_no_address_of_a_real_export_comes_out(archives: Path) -> None:
    """None that stands in an <email>. One author wrote his into a text as well: it is looked for in all but the texts."""
    seen = 0
    for path in sorted((archives / "blogger").iterdir()):
        text = path.read_text()
        private = set(EMAIL.findall(text))
        written = {address for address in private if address in EMAIL.sub("", text)}
        seen += len(private)
        for item in FORMAT.read(InputFile(path, path.name)):
            bare = replace(item, html="") if isinstance(item, Post | Comment) else item
            assert not [address for address in private if address in repr(bare)]
            assert not [address for address in private - written if address in repr(item)]
    assert seen > 3


def test_a_child_holds_no_other() -> None:
    """What was yielded is removed, so that memory does not grow: `children` as any caller uses it."""
    data = b"<feed>" + b"<entry><id>1</id></entry>" * 3 + b"</feed>"
    found = [etree.tostring(element) for element in xml_elements.children(iter([data]), {})]
    assert found == [b"<entry><id>1</id></entry>"] * 3
