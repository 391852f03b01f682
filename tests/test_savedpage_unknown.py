"""Pages of no known theme, and the rules that find a body where a theme's names do not: one page per rule."""

from __future__ import annotations

import logging
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.archive import Comment, Item, Post, Skipped
from indexer.sources.savedpage import page_items, unknown

WORDS = (
    "The ferry keeps its own time, and nobody on the quay has ever asked it why it does so. It comes when the water is high "
    "enough, stays for as long as the talk is good, and leaves when the last of the baskets has been carried down. "
)
MORE = (
    "In winter it does not come at all, and then the island is only what one sees of it from the hill, on a clear day."
)
MENU = '<ul><li><a href="/">Home</a></li><li><a href="/about">About</a></li><li><a href="/links">Links</a></li></ul>'
FOOT = '<div class="foot">Copyright 1999 Harbour Notes. All rights reserved.</div>'
CERTAIN = datetime(2003, 5, 4, 11, 40, tzinfo=UTC)


def article(byline: str = "", *, over: str = "", head: str = "", after: str = "") -> str:
    """A page that no theme made: nothing in it has a name that says what it is."""
    return f"""<html><head><title>Harbour Notes: The ferry</title>{head}</head><body>
        <div>{MENU}</div><div>{over}<h2>The ferry</h2><font size=1>{byline}</font>
        <div><font><p>{WORDS}</p><p><b>{MORE}</b></p><p>{WORDS}</p></font></div></div>{after}{FOOT}</body></html>"""


def items(html: str, name: str = "ferry.html") -> list[Item]:
    return list(page_items(html.encode(), name))


def post_of(html: str) -> Post:
    (post,) = (item for item in items(html) if isinstance(item, Post))
    return post


def squeezed(html: str) -> str:
    return " ".join(html.replace("> <", "><").split())


BYLINE = "by Ana, 4 May 2003, 11:40"
OPEN_GRAPH = '<meta property="og:type" content="article">'


def test_an_article_without_a_name_on_anything_is_found() -> None:
    """Title, date and body; the menu and the copyright notice are no part of it."""
    (post,) = items(article(BYLINE))
    assert isinstance(post, Post)
    assert (post.title, post.published, post.kind) == ("The ferry", CERTAIN, "post")
    assert "Home" not in post.html
    assert "Copyright" not in post.html
    assert WORDS.strip() in " ".join(post.html.split())
    assert MORE in post.html


def test_an_article_that_only_divides_its_lines_is_found() -> None:
    """No paragraph at all, so that only trafilatura finds it; bold and links stay."""
    html = f"""<html><head><title>The ferry</title>{OPEN_GRAPH}</head><body><div>{MENU}</div><h1>The ferry</h1>
        <div><font>{WORDS}<br><br>It is <b>late</b>, says <a href="http://ana.example/">Ana</a>.<br><br>{WORDS}</font></div>{FOOT}"""
    post = post_of(html)
    assert post.title == "The ferry"
    assert WORDS.strip() in squeezed(post.html)
    assert '<a href="http://ana.example/">Ana</a>' in post.html


@pytest.mark.parametrize(
    ("page", "published"),
    [
        (article(BYLINE), CERTAIN),
        (article("posted on May 4th, 2003 at 11:40 am"), CERTAIN),
        (article(over='<div class="datum">4 May 2003</div>', head=OPEN_GRAPH), CERTAIN.replace(hour=0, minute=0)),
        (article(head='<meta name="date" content="2003-05-04T11:40:00Z">'), CERTAIN),
        (article(BYLINE, head='<meta name="date" content="2003-05-04">'), CERTAIN),
        # What htmldate would take for the date of the post.
        (article(head=OPEN_GRAPH), None),
        (article("2003", head=OPEN_GRAPH), None),
        (article("May 2003", head=OPEN_GRAPH), None),
        (article(head=OPEN_GRAPH + '<meta itemprop="copyrightYear" content="2003">'), None),
        (article(head=OPEN_GRAPH + '<meta property="article:modified_time" content="2003-05-04T11:40:00Z">'), None),
        (article(head=OPEN_GRAPH, after='<div class="date">2004-06-05</div>'), None),
        (article(head=OPEN_GRAPH, after='<p>Next: <a href="/n">The quay</a> (5 June 2004)</p>'), None),
        (article(head=OPEN_GRAPH, after="<!-- 2004-06-05T10:00:00 -->"), None),
    ],
)
def test_a_date_is_what_the_page_prints_at_the_title_or_nothing(
    page: str, published: datetime | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.sources.savedpage.find_post", lambda *args, **options: None)
    assert post_of(page).published == published


def test_comments_on_it_stay_comments() -> None:
    said = "".join(f'<li id="comment-{n}"><cite>Bo</cite> says: <p>{MORE} {n}</p></li>' for n in (7, 8))
    post, *comments = items(article(BYLINE, after=f'<ol class="commentlist">{said}</ol>'))
    assert isinstance(post, Post)
    assert f"{MORE} 7" not in post.html
    assert [(c.native_id, c.author, c.html) for c in comments if isinstance(c, Comment)] == [
        ("7", "Bo", f"<p>{MORE} 7</p>"),
        ("8", "Bo", f"<p>{MORE} 8</p>"),
    ]


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        (f"<html><head><title>Links</title>{OPEN_GRAPH}</head><body>{MENU * 20}</body></html>", "not-a-post"),
        (f"<html><head><title>Hello</title></head><body><p>Nothing here yet.</p>{MENU}</body></html>", "not-a-post"),
        # Running text, but nothing says that it is an article.
        (article(), "not-a-post"),
        (article(after="".join(f'<a rel="bookmark" href="/{n}">{n}</a>' for n in "abc")), "listing"),
    ],
)
def test_a_page_without_an_article_is_skipped(html: str, reason: str) -> None:
    (skipped,) = items(html)
    assert isinstance(skipped, Skipped)
    assert skipped.reason == reason


def test_a_header_found_by_guess_gives_way_to_the_article() -> None:
    """A post's page (it has a comment form) whose only paragraph outside the words is the blog's motto."""
    html = f"""<html><head><title>The ferry</title></head><body><div><h1><a href="/">Harbour Notes</a></h1><p>Boats</p></div>
        <div><h2>The ferry</h2><span>{WORDS}<br><br>{WORDS}</span></div>
        <form><input name="comment_post_ID" value="59"></form></body></html>"""
    post = post_of(html)
    assert (post.title, post.native_id) == ("The ferry", "59")
    assert WORDS.strip() in squeezed(post.html)


def test_nothing_is_fetched_logged_or_raised(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def refuse(*args: object) -> None:
        raise AssertionError("a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    with caplog.at_level(logging.DEBUG):
        assert post_of(article(BYLINE, head='<link rel="canonical" href="http://harbour.example/ferry">'))
        assert [item.reason for item in items("<html><body>http://harbour.example/") if isinstance(item, Skipped)]
    assert caplog.records == []


def test_an_error_of_the_library_is_no_article(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **options: object) -> None:
        raise RecursionError

    monkeypatch.setattr(unknown._library(), "extract_with_metadata", fail)
    monkeypatch.setattr("indexer.sources.savedpage.find_post", lambda *args, **options: None)
    assert [type(item) for item in items(article(BYLINE))] == [Skipped]


@pytest.mark.parametrize("part", ["<p>ab</p>", "<p><b>x", "ab<br>", '<div class="date">x 2008-05-04</div>'])
def test_a_hostile_page_takes_bounded_time(part: str) -> None:
    started = time.process_time()
    attributes = " ".join(f"a{n}=b" for n in range(20_000))
    assert items(f"<html><head><title>x</title>{OPEN_GRAPH}</head><body><p {attributes}>x</p>{part * 9500}")
    assert items(f"<html><head><title>x</title>{OPEN_GRAPH}</head><body>{part * 100_000}")
    assert time.process_time() - started < 15


def test_a_page_of_a_known_theme_does_not_load_the_library() -> None:
    """It takes half a second, which a command that reads an export should not wait for."""
    code = """if True:
        import sys
        from indexer.sources.savedpage import page_items
        page = b'<div class="hentry"><h1 class="entry-title">T</h1><div class="entry-content"><p>Fog.</p></div></div>'
        print([type(item).__name__ for item in page_items(page, "a.html")], "trafilatura" in sys.modules)"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "['Post'] False\n"


@given(st.text(max_size=300))
def test_any_words_yield_items(words: str) -> None:
    assert items(article(words, over=words, after=words))


# --- rules for bodies and titles -----------------------------------------------------------------------------------


def theme(inside: str, *, title: str = "Fog", before: str = "", classes: str = "single") -> Post:
    return post_of(
        f"<html><head><title>{title} | Harbour</title></head><body class='{classes}'>{before}"
        f"<article class='hentry'><h1 class='entry-title'>{title}</h1>{inside}</article></body></html>"
    )


@pytest.mark.parametrize(
    "inside",
    [
        '<div itemprop="articleBody"><p>Grey.</p></div><div><p>Register to read on, it is free of charge.</p></div>',
        '<div class="c-article__content"><p>Grey.</p></div><div><p>Share this article with all of them.</p></div>',
        '<div class="m-post-content"><p>Grey.</p></div><div class="m-author"><p>Ana writes about boats and harbours.</p></div>',
        '<div class="x"><p>Grey.</p><footer><a href="#respond">Write a comment</a></footer></div>',
        '<div class="x"><p>Grey.</p><article class="hentry"><p>A related article.</p></article></div>',
        '<div class="x"><p>– Advertisement –</p><p>Grey.</p><p>Anzeige, enthält Affiliate Links</p></div>',
    ],
)
def test_a_body_is_the_authors_words(inside: str) -> None:
    assert theme(inside).html.removeprefix('<div class="x">').removesuffix("</div>") == "<p>Grey.</p>"


def test_the_foot_of_a_quotation_says_who_is_quoted() -> None:
    quote = "<blockquote><p>Fog.</p><footer>Carl Sandburg</footer></blockquote>"
    assert theme(f'<div class="entry-content">{quote}</div>').html == quote


def test_a_paragraph_about_advertising_stays() -> None:
    words = "<p>Werbung am Hafen. Sie leuchtet durch den Nebel.</p>"
    assert theme(f'<div class="entry-content">{words}</div>').html == words


def test_a_sidebar_that_is_never_closed_ends_where_the_content_begins() -> None:
    html = """<html><head><title>Fog</title></head><body class="single"><div id="sidebar"><ul><li class="widget">Links
        <div id="content"><h2>Fog</h2><div class="entry-content"><p>Grey.</p></div></div></body></html>"""
    post = post_of(html)
    assert (post.title, post.html) == ("Fog", "<p>Grey.</p>")


def test_a_title_is_none_of_a_menu_nor_the_blogs() -> None:
    inside = """<div class="entry-content"><p>Grey.</p></div><nav><span class="title">An older post</span></nav>"""
    html = f"""<html><head><title>Fog</title><meta property="og:site_name" content="Harbour"></head><body class="single">
        <h1 class="title">Harbour</h1><h1>Fog</h1><article class="hentry">{inside}</article></body></html>"""
    assert post_of(html).title == "Fog"


def test_an_error_message_over_the_page_hides_no_title() -> None:
    html = """<br /><b>Warning</b>: mysql_connect() in <b>x.php</b><br />
        <html><head><title>Fog and more fog | Harbour</title></head><body class="single"><svg><title>icon</title></svg>
        <div class="entry-content"><p>Grey.</p></div></body></html>"""
    assert post_of(html).title == "Fog and more fog"


def test_numbered_parts_of_a_typo3_page_are_no_comments() -> None:
    parts = "".join(f'<div id="c109{n}" class="csc-default"><p>{MORE}</p></div>' for n in range(3))
    found = items(f"<html><head><title>Fog</title></head><body class='single'><h1>Fog</h1>{parts}</body></html>")
    assert [type(item) for item in found] == [Post]
