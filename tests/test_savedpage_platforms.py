"""Saved pages of Blogger, Movable Type and TypePad: one tiny page per generation of their templates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from indexer.archive import Blog, Comment, Item, Post, Skipped
from indexer.sources.savedpage import page_items

FOLDER = Path(__file__).parent / "archives" / "savedpage"
CET = timezone(timedelta(hours=1))


def items(page: str) -> list[Item]:
    return list(page_items((FOLDER / page).read_bytes(), page))


def reason(html: str, name: str) -> str:
    (skipped,) = page_items(html.encode(), name)
    assert isinstance(skipped, Skipped)
    return skipped.reason


def test_blogger_2005() -> None:
    """The day over the post and the time below it; "Name said..."; a comment removed; numbers without their letter."""
    name, url = "blogger-minima.html", "http://canal.example/2005/03/locks.html"
    assert items(name) == [
        Blog(
            source="savedpage", name="Canal log", description="Slow boats", url="http://canal.example/", language="en"
        ),
        Post(
            source="savedpage",
            locator=name,
            native_id="111220603245531976",
            url=url,
            title="Locks",
            author="Wim",
            published=datetime(2005, 3, 31, 2, 5, tzinfo=UTC),
            html='<div><div style="clear:both;"></div>Nine in a row.'
            '<div style="clear:both; padding-bottom:0.25em"></div></div>',
        ),
        Comment(
            source="savedpage",
            locator=f"{name}#comment-111230000000000001",
            native_id="111230000000000001",
            post=url,
            author="Ada",
            author_url="http://www.blogger.com/profile/77",
            published=datetime(2005, 3, 31, 9, 15, tzinfo=UTC),
            html="<p>Which <i>canal</i>?</p>",
        ),
        Comment(
            source="savedpage",
            locator=f"{name}#comment-111230000000000002",
            native_id="111230000000000002",
            post=url,
            author="Anonymous",
            html="<p>The long one.</p>",
        ),
        Skipped(
            source="savedpage",
            locator=f"{name}#comment-111230000000000003",
            reason="deleted",
            detail="removed by who wrote it, or by the blog",
        ),
    ]


def test_blogger_2012() -> None:
    """All of the page is widgets; labels are categories; replies inside replies; microdata."""
    name, url = "blogger-threaded.html", "http://mosslog.example/2012/05/fern.html"
    assert items(name) == [
        Blog(source="savedpage", name="Moss log", url="http://mosslog.example/"),
        Post(
            source="savedpage",
            locator=name,
            native_id="4411",
            url=url,
            title="Fern",
            author="Lea",
            published=datetime(2012, 5, 4, 11, 40, tzinfo=timezone(timedelta(hours=2))),
            categories=("Wood",),
            html='Unrolls.<div style="clear: both;"></div>',
        ),
        Comment(
            source="savedpage",
            locator=f"{name}#comment-5501",
            native_id="5501",
            post=url,
            author="Per",
            author_url="http://www.blogger.com/profile/9",
            published=datetime(2012, 5, 4, 12, 6, tzinfo=UTC),
            html="Green?",
        ),
        Comment(
            source="savedpage",
            locator=f"{name}#comment-5502",
            native_id="5502",
            post=url,
            parent="5501",
            author="Lea",
            published=datetime(2012, 5, 4, 13, 13, tzinfo=UTC),
            html="Very.",
        ),
    ]


def test_movable_type_2() -> None:
    """Title and byline inside the body; the address in trackback's RDF; comments without a number; no e-mail address."""
    name, url = "movabletype-2.html", "http://attic.example/archives/000712.html"
    assert items(name) == [
        Blog(source="savedpage", name="Attic", description="Old things"),
        Post(
            source="savedpage",
            locator=name,
            native_id="",
            url=url,
            title="Lamps",
            author="jo",
            published=datetime(2004, 1, 13, 16, 54, tzinfo=UTC),
            tags=("lamp",),
            html='<p>Two of them.</p><a name="more"></a><p>One works.</p>'
            '<p>Tags: <a href="http://technorati.com/tag/lamp" rel="tag">lamp</a></p>',
        ),
        Comment(
            source="savedpage",
            locator=f"{name}#1",
            native_id="",
            post=url,
            author="Al",
            published=datetime(2004, 1, 14, 18, 26, tzinfo=UTC),
            html="<p>Which?</p>",
        ),
        Comment(
            source="savedpage",
            locator=f"{name}#comment-0000042",
            native_id="0000042",
            post=url,
            author="Bea",
            published=datetime(2004, 1, 17, 10, 50, tzinfo=UTC),
            html='<a name="c0000042"></a><p>The tall one.</p>',
        ),
    ]


def test_movable_type_4() -> None:
    """Categories and tags by their lists; pings have numbers of their own; "replied to comment from"."""
    name, url = "movabletype-4.html", "http://hearth.example/2009/02/stoves.html"
    assert items(name) == [
        Blog(source="savedpage", name="Hearth", url="http://hearth.example/"),
        Post(
            source="savedpage",
            locator=name,
            native_id="31",
            url=url,
            title="Stoves",
            author="Kit",
            published=datetime(2009, 2, 3, 18, 20, tzinfo=CET),
            categories=("Iron",),
            tags=("heat",),
            html='<div class="asset-body"><p>Cast iron.</p></div><div id="more" class="asset-more"><p>Heavy.</p></div>',
        ),
        Comment(
            source="savedpage",
            locator=f"{name}#comment-ping-7",
            native_id="ping-7",
            post=url,
            author="Ash",
            published=datetime(2009, 2, 5, 8, tzinfo=CET),
            html="<p>He likes iron.</p>",
            kind="pingback",
        ),
        Comment(
            source="savedpage",
            locator=f"{name}#comment-501",
            native_id="501",
            post=url,
            author="Una",
            author_url="http://una.example/",
            published=datetime(2009, 2, 4, 7, tzinfo=CET),
            html="<p>How heavy?</p>",
        ),
        Comment(
            source="savedpage",
            locator=f"{name}#comment-502",
            native_id="502",
            post=url,
            parent="501",
            author="Kit",
            published=datetime(2009, 2, 4, 9, tzinfo=CET),
            html="<p>Ninety kilos.</p>",
        ),
    ]


def test_typepad() -> None:
    """Numbers of posts and comments are hexadecimal."""
    name, url = "typepad.html", "http://rust.typepad.example/rust/2010/06/hinges.html"
    number = "6a00d8341c5e0053ef013480aa11bb970c"
    assert items(name) == [
        Blog(source="savedpage", name="Rust", url="http://rust.typepad.example/rust/"),
        Post(
            source="savedpage",
            locator=name,
            native_id="6a00d8341c5e0053ef0120a5e2ffff970c",
            url=url,
            title="Hinges",
            author="Max",
            published=datetime(2010, 6, 8, 7, 30, tzinfo=UTC),
            html='<div class="entry-body"><p>They squeak.</p></div>',
        ),
        Comment(
            source="savedpage",
            locator=f"{name}#comment-{number}",
            native_id=number,
            post=url,
            author="Ned",
            author_url="http://ned.example",
            published=datetime(2010, 6, 8, 21, 12, tzinfo=UTC),
            html="<p>Oil helps.</p>",
        ),
    ]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("2005_05_01_archive.html", "listing"),
        ("archives/2004_05.html", "listing"),
        ("archives/cat_boats.html", "listing"),
        ("archives/2013/02/index.html", "listing"),
        ("search/label/Boats/index.html", "listing"),
        ("index.html?s=boats", "listing"),
        ("index.html@cat=3.html", "listing"),
        ("index.html?feed=rss2", "feed"),
    ],
)
def test_a_listing_of_one_post_is_told_by_its_place(name: str, wanted: str) -> None:
    html = """<html><body><div class="post"><h3 class="post-title">T</h3>
    <div class="post-body">x</div></div></body></html>"""
    assert reason(html, name) == wanted


@pytest.mark.parametrize(
    "classes", ["mt-main-index", "mt-archive-listing mt-monthly-archive", "feed-view", "label-view"]
)
def test_body_classes_of_listings(classes: str) -> None:
    html = (
        f'<html><body class="{classes}"><div class="hentry"><h2 class="entry-title">T</h2><p>x</p></div></body></html>'
    )
    assert reason(html, "a.html") == "listing"
