"""Saved pages: one tiny page per family of WordPress themes, copies, what is no post, and damage."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.archive import Blog, Comment, Item, Post, Repaired, Skipped
from indexer.errors import SourceError
from indexer.sources.base import HEAD_BYTES, InputFile
from indexer.sources.savedpage import announced_comments, dates, page_items, read, sniff
from indexer.sources.savedpage.announced import count_in
from indexer.sources.savedpage.decode import decode
from indexer.sources.savedpage.tree import Tree

FOLDER = Path(__file__).parent / "archives" / "savedpage"
PAGES = sorted(FOLDER.glob("*.html"))


def items(page: str, name: str = "") -> list[Item]:
    return list(page_items((FOLDER / page).read_bytes(), name or page))


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0, offset: int = 0) -> datetime:
    zone = timezone(timedelta(hours=offset)) if offset else UTC
    return datetime(year, month, day, hour, minute, second, tzinfo=zone)


def reasons(html: str, name: str = "index.html") -> list[str]:
    return [item.reason for item in page_items(html.encode(), name) if isinstance(item, Skipped)]


def post_of(html: str, name: str = "index.html") -> Post:
    (post,) = (item for item in page_items(html.encode(), name) if isinstance(item, Post))
    return post


# --- one page per family of themes ---------------------------------------------------------------------------------


def test_kubrick_2005() -> None:
    """Byline inside the body, comments in a list, "Says:" loose beside the author, an IP number in a title attribute."""
    url = "http://harbour.example/2005/08/14/tides/"
    name = "kubrick-2005.html"
    assert items(name) == [
        Blog(source="savedpage", name="Harbour Notes", description="Boats, mostly", url="http://harbour.example/"),
        Post(
            source="savedpage",
            locator=name,
            native_id="59",
            url=url,
            title="Tides &amp; timetables",
            published=at(2005, 8, 14, 21, 5),
            categories=("Boats", "Time"),
            html="<p>The ferry keeps <em>its own</em> time.</p>\n<blockquote><p>No sailing today.</p></blockquote>",
        ),
        Comment(
            source="savedpage",
            locator=f"{name}#comment-7",
            native_id="7",
            post=url,
            author="Ana",
            author_url="http://ana.example/",
            published=at(2005, 8, 15, 0, 1),
            html="<p>Try the <strong>second</strong> boat.</p>",
        ),
        Comment(
            source="savedpage",
            locator=f"{name}#comment-8",
            native_id="8",
            post=url,
            author="Bo",
            published=at(2005, 8, 16, 19, 30),
            html="<p>I read it in <cite>The Pilot</cite>.</p>\n<ol><li>first</li><li>second</li></ol>",
        ),
        Skipped(source="savedpage", locator=f"{name}#comment-9", reason="unapproved", detail="awaiting moderation"),
    ]


def test_twenty_eleven_with_nested_comments() -> None:
    """Replies inside replies, a pingback without an id, share buttons, a script inside the body."""
    url = "https://workshop.example/2011/11/05/lamp/"
    name = "twenty-eleven.html"
    assert items(name) == [
        Blog(
            source="savedpage",
            name="Workshop",
            description="Things mended",
            url="https://workshop.example/",
            language="en-US",
        ),
        Post(
            source="savedpage",
            locator=name,
            native_id="106",
            url=url,
            title="A lamp, repaired",
            author="Ida",
            published=at(2011, 11, 5, 20, 8, 9, offset=1),
            categories=("Lamps",),
            tags=("brass",),
            html="<p>It glows &amp; hums.</p>",
            aliases=("https://workshop.example/?p=106",),
        ),
        Comment(
            source="savedpage",
            locator=f"{name}#comment-21",
            native_id="21",
            post=url,
            author="Jo",
            author_url="http://jo.example",
            published=at(2011, 11, 5, 22, 18, 59, offset=1),
            html="<p>Which bulb?</p>",
        ),
        Comment(
            source="savedpage",
            locator=f"{name}#comment-22",
            native_id="22",
            post=url,
            parent="21",
            author="Ida",
            published=at(2011, 11, 6, 8, offset=1),
            html="<p>An old one.</p>",
        ),
        Comment(
            source="savedpage",
            locator=f"{name}#comment-23",
            native_id="23",
            post=url,
            parent="22",
            author="Jo",
            published=at(2011, 11, 6, 9, 30, offset=1),
            html='<ul class="list"><li>Thanks!</li></ul>',
        ),
        Comment(
            source="savedpage",
            locator=f"{name}#4",
            native_id="",
            post=url,
            author="Lamps » Links",
            author_url="http://links.example/lamps/",
            kind="pingback",
        ),
    ]


def test_hatom_with_trackbacks_in_a_list_of_their_own() -> None:
    """Sandbox: the date in an abbr, an XML declaration before the page, no absolute address left."""
    name = "hatom-sandbox.html"
    assert items(name) == [
        Blog(source="savedpage", name="Garden log", language="en"),
        Post(
            source="savedpage",
            locator=name,
            native_id="12",
            url="",
            title="Moss",
            author="Lee",
            published=at(2007, 3, 4, 10, 15, offset=-5),
            categories=("Moss",),
            tags=("green",),
            html="<p>Soft.</p>",
        ),
        Comment(
            source="savedpage",
            locator=f"{name}#comment-40",
            native_id="40",
            post="12",
            author="Pat",
            author_url="https://pat.example/",
            published=at(2007, 3, 5, 18),
            html="<p>Lovely.</p>",
        ),
        Comment(
            source="savedpage",
            locator=f"{name}#comment-41",
            native_id="41",
            post="12",
            author="Other log",
            author_url="http://other.example/?p=3",
            published=at(2007, 3, 6, 7),
            html="<p>[…] moss […]</p>",
            kind="pingback",
        ),
    ]


def test_twenty_twenty_four() -> None:
    """A block theme: no container around the post, facts in JSON-LD and Open Graph, another post below it."""
    url = "https://kitchen.example/salt/"
    name = "twenty-twenty-four.html"
    assert items(name) == [
        Blog(source="savedpage", name="Kitchen", url="https://kitchen.example/", language="en-US"),
        Post(
            source="savedpage",
            locator=name,
            native_id="77",
            url=url,
            title="Salt",
            author="Noor",
            published=at(2024, 2, 3, 10, offset=1),
            modified=at(2024, 2, 5, 10),
            categories=("Basics",),
            tags=("salt", "pantry"),
            html='<p>A pinch.</p><figure class="wp-block-image">'
            '<img src="https://kitchen.example/salt.jpg" alt="Salt"></figure>',
        ),
        Comment(
            source="savedpage",
            locator=f"{name}#comment-5",
            native_id="5",
            post=url,
            author="Kim",
            author_url="https://kim.example",
            published=at(2024, 2, 4, 12, offset=1),
            html="<p>Two pinches.</p>",
        ),
        Comment(
            source="savedpage",
            locator=f"{name}#comment-6",
            native_id="6",
            post=url,
            parent="5",
            author="Noor",
            published=at(2024, 2, 4, 13, offset=1),
            html="<p>No.</p>",
        ),
    ]


def test_comments_in_a_definition_list() -> None:
    """Author in the term, words in one or two definitions; ``04.05.08`` read as the fourth of May."""
    url = "http://walks.example/archives/3"
    name = "definition-list.html"
    assert items(name) == [
        Blog(source="savedpage", name="Walks", url="http://walks.example/"),
        Post(
            source="savedpage",
            locator=name,
            native_id="3",
            url=url,
            title="Old bridge",
            author="Sam",
            published=at(2008, 5, 4, 17, 30),
            categories=("Stone",),
            html="<p>Three arches.</p>",
        ),
        Comment(
            source="savedpage",
            locator=f"{name}#comment-1",
            native_id="1",
            post=url,
            author="Uwe",
            author_url="http://uwe.example",
            published=at(2008, 5, 5, 8),
            html="<p>Seen it.</p><p>Twice.</p>",
        ),
        Comment(
            source="savedpage",
            locator=f"{name}#comment-2",
            native_id="2",
            post=url,
            author="Eva",
            published=at(2008, 5, 6, 21, 45),
            html="<p>Where?</p>",
        ),
    ]


def test_french_page_that_declares_no_encoding() -> None:
    """windows-1252 bytes; ``dimanche 4 mai 2008 à 16h46``; ``1er juin``."""
    url = "http://carnet.example/2008/05/04/le-cafe/"
    name = "french-undeclared.html"
    assert items(name) == [
        Blog(source="savedpage", name="Carnet", url="http://carnet.example/", language="fr-FR"),
        Post(
            source="savedpage",
            locator=name,
            native_id="8",
            url=url,
            title="Le café",
            author="Zoé",
            published=at(2008, 5, 4, 16, 46),
            categories=("Vie quotidienne",),
            html="<p>Déjà l’été…</p>",
        ),
        Comment(
            source="savedpage",
            locator=f"{name}#comment-9",
            native_id="9",
            post=url,
            author="Léa",
            published=at(2008, 6, 1, 9, 5),
            html="<p>Très bien.</p>",
        ),
    ]


def test_a_theme_that_names_nothing() -> None:
    """The body is where most paragraphs are; the title comes from Open Graph; a description of the author stays out."""
    post = post_of("""<html><head><title>Log » Blog Archive » Fog</title><meta property="og:title" content="Fog &amp; ice">
    <link rel="canonical" href="http://log.example/2008/05/04/fog/"></head><body class="single single-post postid-6">
    <h1>Log</h1><div class="x1"><p>Ada writes.</p></div>
    <div class="x2"><p>Grey all day, and <i>cold</i>.</p><p>Then rain.</p></div></body></html>""")
    assert (post.title, post.html) == ("Fog &amp; ice", "<p>Grey all day, and <i>cold</i>.</p><p>Then rain.</p>")
    assert (post.native_id, post.published) == ("6", at(2008, 5, 4))


def test_the_blogs_name_is_no_part_of_a_title_taken_from_the_page() -> None:
    html = """<html><head><title>A log with a long name » Blog Archive » Fog</title></head><body>
    <h1><a href="../../../">A log with a long name</a></h1><div class="post"><div class="entry"><p>Grey.</p></div>
    <small>May 4th, 2008</small></div></body></html>"""
    assert post_of(html, "2008/05/fog/index.html").title == "Fog"


def test_a_script_in_the_title_is_not_in_the_title() -> None:
    (post,) = items("script-in-title.html")
    assert isinstance(post, Post)
    assert (post.title, post.native_id) == ("Trick &lt;b&gt;", "4")
    assert "script" not in post.html


def test_a_static_page_is_a_page() -> None:
    assert items("static-page.html") == [
        Post(
            source="savedpage",
            locator="static-page.html",
            native_id="2",
            url="http://harbour.example/about/",
            title="About",
            html="<p>A boat and I.</p>",
            kind="page",
        )
    ]


def test_a_comment_without_letters_is_kept_and_a_wrapper_without_words_is_not() -> None:
    html = """<html><body class="single postid-1"><div class="hentry"><div class="entry-content">x</div></div>
    <ol class="commentlist"><li id="comment-1"><article><p class="x"><cite>Al</cite>:</p><p>:)</p>
    <p><small>comment at <a href="#comment-1">16. August 2005</a> </small></p></article></li>
    <li id="comment-2"><cite>Bo</cite> says: <br />No paragraph here.</li></ol></body></html>"""
    comments = [item for item in page_items(html.encode(), "a.html") if isinstance(item, Comment)]
    assert [(c.author, c.html, c.published) for c in comments] == [
        ("Al", "<p>:)</p>", at(2005, 8, 16)),
        ("Bo", "<br>No paragraph here.", None),
    ]


# --- what is no post -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "reason"), [("listing.html", "listing"), ("not-found.html", "not-a-post"), ("password.html", "password")]
)
def test_pages_that_hold_no_single_post(page: str, reason: str) -> None:
    (skipped,) = items(page)
    assert isinstance(skipped, Skipped)
    assert (skipped.reason, skipped.locator) == (reason, page)


@pytest.mark.parametrize(
    ("classes", "reason"),
    [
        ("home blog", "listing"),
        ("home blog paged paged-3", "listing"),
        ("archive date", "listing"),
        ("archive category category-x", "listing"),
        ("archive tag", "listing"),
        ("archive author", "listing"),
        ("search search-results", "listing"),
        ("error404", "not-a-post"),
        ("login login-action-login wp-core-ui", "not-a-post"),
        ("attachment single single-attachment", "attachment"),
    ],
)
def test_body_classes_tell_the_kind_of_page(classes: str, reason: str) -> None:
    entry = '<div class="hentry" id="post-1"><h2 class="entry-title">T</h2><div class="entry-content">x</div></div>'
    assert reasons(f'<html><body class="{classes}">{entry}</body></html>') == [reason]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("index.html", "listing"),
        ("2005/07/index.html", "listing"),
        ("category/boats/index.html", "listing"),
        ("page/3/index.html", "listing"),
        ("2005/07/14/tides/feed/index.html", "feed"),
    ],
)
def test_pages_of_old_themes_are_told_by_their_place(name: str, reason: str) -> None:
    up = "../" * name.count("/")
    html = f"""<html><body><h1><a href="{up or "./"}">Log</a></h1>
    <div class="post"><h2>T</h2><div class="entry">x</div></div></body></html>"""
    assert reasons(html, name) == [reason]


def test_an_empty_page_and_a_redirect_and_a_plain_page() -> None:
    assert reasons("<html><body> <script>x()</script></body></html>") == ["empty"]
    assert reasons("") == ["empty"]
    assert reasons('<html><head><meta http-equiv="refresh" content="0; url=/x"></head><body>Go</body></html>') == [
        "not-a-post"
    ]
    assert reasons(
        "<html><head><title>Hi</title></head><body><h1>Hi</h1><p>Home page.</p></body></html>", "a.html"
    ) == ["not-a-post"]


def test_sniffing_tells_pages_from_everything_else() -> None:
    assert all(sniff(page.read_bytes()[:HEAD_BYTES], page) for page in PAGES)
    others = {
        b'<?xml version="1.0"?><rss version="2.0"><channel><description>&lt;html></description>': "index.html",
        b'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>html</title>': "index.html",
        b'<svg xmlns="http://www.w3.org/2000/svg"><html></html></svg>': "a.html",
        b"body { color: red } /* <html> */": "style.css",
        b"document.write('<html><body>')": "script.js",
        b"\x89PNG\r\n\x1a\n": "a.png",
        b"<p>A fragment without a page around it.</p>": "a.html",
        b"": "a.html",
    }
    assert [name for data, name in others.items() if sniff(data, Path(name))] == []
    assert sniff('<!DOCTYPE html><html lang="de">'.encode("utf-16"), Path("a.html"))


# --- encodings and damage ------------------------------------------------------------------------------------------

_ENTRY = (
    '<body class="single postid-1"><div class="hentry" id="post-1"><div class="entry-content">{}</div></div></body>'
)


@pytest.mark.parametrize(
    ("declared", "actual"),
    [
        ("", "utf-8"),
        ("", "windows-1252"),
        ("iso-8859-1", "windows-1252"),
        ("iso-8859-1", "utf-8"),
        ("iso-8859-2", "iso-8859-2"),
        ("no-such-encoding", "utf-8"),
        ("utf-7", "utf-8"),
        ("", "utf-8-sig"),
        ("utf-8", "utf-16"),
    ],
)
def test_the_text_decides_where_the_declared_encoding_is_wrong(declared: str, actual: str) -> None:
    html = f'<html><head><meta charset="{declared}"></head>{_ENTRY.format("Née")}</html>'
    (post,) = page_items(html.encode(actual), "a.html")
    assert isinstance(post, Post)
    assert post.html == "Née"


def test_windows_bytes_in_a_utf8_page_and_control_characters_are_repaired_and_counted() -> None:
    page = '<html><meta charset="utf-8">' + _ENTRY.format("é LtownR \x01\x00hall") + "</html>"
    data = page.encode().replace(b"L", b"\x93").replace(b"R", b"\x94")
    encoding, controls, post = page_items(data, "a.html")
    assert isinstance(encoding, Repaired)
    assert (encoding.reason, encoding.count) == ("encoding", 2)
    assert isinstance(controls, Repaired)
    assert (controls.reason, controls.count) == ("control-character", 2)
    assert isinstance(post, Post)
    assert post.html == "é “town” hall"


def test_a_page_too_large_for_a_blog_is_refused() -> None:
    assert [type(item) for item in page_items(b"<" * 600_001, "a.html")] == [Skipped]
    assert reasons("x" * (20 * 1024 * 1024 + 1)) == ["unreadable"]


@pytest.mark.parametrize(
    "part",
    [
        "<div>",
        '<div class="hentry">',
        '<div class="entry-title">',
        "<h1>",
        '<span class="fn comment-text vcard">',
        '<ol class="commentlist"><li class="comment">',
        '<ul class="children"><li id="comment-5">',
        '<div class="entry-meta author date">',
        '<blockquote><p class="postmetadata">',
        '<div class="comments-body"><a name="c5005"></a><span class="comments-post">Posted by: <a href="#c5005">',
        '<p><a href="http://d.example/?u=http://a.example/2008/05/a/" rel="tag" title="permanent link">a</a>',
        '<ol class="commentlist"><li class="pingback">Pingback: <a href="http://b.example/">b</a>',
    ],
)
def test_hostile_nesting_neither_recurses_nor_takes_quadratic_time(part: str) -> None:
    """Eight times the depth takes some eight times as long; quadratic work would take sixty-four times."""
    start = '<html><body class="single"><div class="hentry" id="post-1"><div class="entry-content">x</div>'
    seconds = []
    for depth in (1_000, 8_000):
        began = time.process_time()
        assert list(page_items((start + part * depth).encode(), "a.html"))
        seconds.append(time.process_time() - began)
    assert seconds[1] < 32 * max(seconds[0], 0.05)


def test_hostile_linked_data_is_ignored() -> None:
    script = '<script type="application/ld+json">{}</script>'
    for json in ("[" * 100_000, "{", "null", '{"@graph": [1, {"@type": 5}]}', '{"@type": "Article", "author": [[]]}'):
        html = f"<html><head>{script.format(json)}</head>{_ENTRY.format('x')}</html>"
        assert post_of(html).html == "x"


@given(st.data())
def test_any_damage_to_a_page_yields_items(data: st.DataObject) -> None:
    """Cut, joined, or with bytes changed: whatever comes out can be written as UTF-8, and nothing is raised."""
    one, two = (data.draw(st.sampled_from(PAGES)).read_bytes() for _ in range(2))
    damaged = bytearray(one[: data.draw(st.integers(0, len(one)))] + two[data.draw(st.integers(0, len(two))) :])
    for place, byte in data.draw(st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=30)):
        if place < len(damaged):
            damaged[place] = byte
    sniff(bytes(damaged[:HEAD_BYTES]), Path("a.html"))
    for item in page_items(bytes(damaged), "2008/05/a/index.html"):
        repr(item).encode()


@given(st.binary(max_size=200), st.text(max_size=60))
def test_any_bytes_yield_items(data: bytes, name: str) -> None:
    for item in page_items(b"<html><body>" + data, name):
        repr(item).encode("utf-8", "surrogatepass")


def test_a_file_that_cannot_be_opened_is_a_source_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"none\.html"):
        list(read(InputFile(tmp_path / "none.html", "none.html")))


# --- dates and counts ----------------------------------------------------------------------------------------------

MAY_4 = datetime(2008, 5, 4, 11, 40, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "May 4th, 2008 at 11:40 am",
        "Sunday, May 4, 2008 @ 11:40",
        "4 May 2008, 11:40 AM",
        "on 4. May 2008 by Somebody at 11:40 a.m.",
        "2008-05-04 11:40:00",
        "2008/05/04 — 11:40",
        "04.05.2008, 11:40",
        "04.05.08 um 11.40 Uhr",
        "dimanche 4 mai 2008 à 11h40",
        "4. Mai 2008, 11:40 Uhr",
        "4 de mayo de 2008 a las 11:40",
        "4 maja 2008 o godz. 11:40",
        "4 maggio 2008 alle 11:40",
        "4 мая 2008 в 11:40",
        "2008年5月4日 11:40",
        "11:40 am, May 4, 2008",
    ],
)
def test_dates_as_blogs_print_them(text: str) -> None:
    found = dates.visible(text)
    assert found == dates.Found(MAY_4, timed=True)


@pytest.mark.parametrize(
    "text",
    ["", "May 2008", "4 May", "2008", "04/05/2008", "at 11:40 am", "31.02.2008", "May 40, 2008", "version 1.2.2008.1"],
)
def test_no_date_is_made_up(text: str) -> None:
    assert dates.visible(text) is None


def test_the_pages_language_or_the_permalink_tells_the_day_from_the_month() -> None:
    day = {order: dates.visible("04/05/2008", dates.order_of(order)) for order in ("en-US", "en-GB", "fr", "en", "")}
    assert {order: found and found.moment.date().isoformat() for order, found in day.items()} == {
        "en-US": "2008-04-05",
        "en-GB": "2008-05-04",
        "fr": "2008-05-04",
        "en": None,
        "": None,
    }
    hinted = dates.visible("04.05.08", hint=dates.in_path("/2008/04/05/slug/"))
    assert hinted
    assert hinted.moment.date().isoformat() == "2008-04-05"
    without_year = dates.visible("May 4th", hint=dates.in_path("/2008/05/slug/"))
    assert without_year
    assert without_year.moment.date().isoformat() == "2008-05-04"


@given(st.datetimes(datetime(1990, 1, 1), datetime(2099, 12, 31)))
def test_a_printed_date_is_read_back(moment: datetime) -> None:
    wanted = moment.replace(second=0, microsecond=0, tzinfo=UTC)
    for printed in (f"{moment:%B} {moment.day}, {moment.year} at {moment:%I:%M %p}", f"{moment:%d.%m.%Y %H:%M}"):
        assert dates.visible(printed) == dates.Found(wanted, timed=True)
    assert dates.machine(wanted.isoformat()) == dates.Found(wanted, timed=True)


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("12 Responses to “Tides”", 12),
        ("One thought on “Tides”", 1),
        ("No comments yet", 0),
        ("1,024 Comments »", 1024),
        ("Comments (7)", 7),
        ("Un commentaire sur « Le café »", 1),
        ("Keine Kommentare", 0),
        ("3 komentarze do wpisu", 3),
        ("Leave a Comment", None),
        ("Laisser un commentaire", None),
        ("Comments are closed.", None),
        ("Comments", None),
    ],
)
def test_counts_that_pages_announce(line: str, count: int | None) -> None:
    assert count_in(line) == count


def test_what_the_pages_announce_is_what_is_found() -> None:
    """Comments, pingbacks and the one awaiting moderation together, as the themes count them."""
    counted = {}
    for page in PAGES:
        announced = announced_comments(Tree(decode(page.read_bytes()).text).root)
        found = sum(isinstance(i, Comment) or (isinstance(i, Skipped) and "#" in i.locator) for i in items(page.name))
        counted[page.stem] = (announced, found)
    assert counted == {
        "blogger-minima": (3, 3),
        "blogger-threaded": (2, 2),
        "definition-list": (2, 2),
        "french-undeclared": (1, 1),
        "hatom-sandbox": (1, 2),
        "kubrick-2005": (3, 3),
        "listing": (None, 0),
        # Without its trackback, which Movable Type counts apart.
        "movabletype-2": (None, 2),
        "movabletype-4": (2, 3),
        "not-found": (None, 0),
        "password": (None, 0),
        "replytocom": (None, 1),
        "script-in-title": (None, 0),
        "static-page": (None, 0),
        "twenty-eleven": (4, 4),
        "twenty-twenty-four": (2, 2),
        "typepad": (None, 1),
    }
