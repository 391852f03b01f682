"""Addresses of saved pages: what a page says, what it reveals, what the mirror's file names keep."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.archive import Item, Post
from indexer.sources.savedpage import page_items
from indexer.sources.savedpage.address import clean, file_path

FOLDER = Path(__file__).parent / "archives" / "savedpage"


def items(page: str, name: str = "") -> list[Item]:
    return list(page_items((FOLDER / page).read_bytes(), name or page))


def post_of(html: str, name: str = "index.html", address: str = "") -> Post:
    (post,) = (item for item in page_items(html.encode(), name, address=address) if isinstance(item, Post))
    return post


@pytest.mark.parametrize(
    "name", ["2008/05/rope/?replytocom=3/index.html", "notes/2008/05/rope/comment-page-2/index.html"]
)
def test_a_copy_has_the_address_of_its_original(name: str) -> None:
    """The host from the one absolute address that is left, the path from how far up the blog's root is."""
    first = next(item for item in items("replytocom.html", name) if isinstance(item, Post))
    assert first.url == "http://harbour.example/notes/2008/05/rope/"


def test_a_known_address_completes_a_relative_one() -> None:
    data = (FOLDER / "replytocom.html").read_bytes()
    found = page_items(data, "x", address="http://other.example/2008/05/rope/?replytocom=3")
    first = next(item for item in found if isinstance(item, Post))
    assert first.url == "http://other.example/2008/05/rope/"


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("http://a.example/x/?replytocom=5#respond", "http://a.example/x/"),
        ("http://a.example/x/comment-page-12/#comment-3", "http://a.example/x/"),
        ("http://a.example/?p=12&share=twitter", "http://a.example/?p=12"),
        ("https://a.example", "https://a.example/"),
        ("http://a.example/x/index.html", "http://a.example/x/"),
        ("index.html", ""),
        ("mailto:a@b.example", ""),
        ("http://[", ""),
    ],
)
def test_addresses_are_cleaned(url: str, wanted: str) -> None:
    assert clean(url) == wanted


@given(st.text(max_size=60))
def test_cleaning_an_address_twice_is_cleaning_it_once(path: str) -> None:
    url = clean("http://a.example/" + path)
    assert clean(url) == url


def test_file_paths_become_the_blogs_paths() -> None:
    assert [file_path(n) for n in ("2008/05/x/index.html", "2008/05/x/?replytocom=5/index.html", "pages/012.html")] == [
        "/2008/05/x/",
        "/2008/05/x/",
        "/pages/012.html",
    ]


def test_without_any_address_the_path_below_the_blogs_root_is_the_native_id() -> None:
    html = """<html><head><title>Fog - Log</title></head><body><h1><a href="../../../">Log</a></h1>
    <h2>Fog</h2> 03.02.2008, 16:50 <a rel="category tag" href="../../../c/">Air</a> <p>Grey.</p></body></html>"""
    post = post_of(html, "saved/2008/02/fog/index.html")
    assert (post.url, post.native_id, post.title, post.html) == ("", "2008/02/fog", "Fog", "<p>Grey.</p>")
    assert (post.published, post.categories) == (datetime(2008, 2, 3, 16, 50, tzinfo=UTC), ("Air",))


def page(inside: str) -> str:
    return f"""<html><body><div class="post"><h2>Fog</h2><small>May 4th, 2008</small>
    <div class="entry"><p>Grey.</p>{inside}</div></div></body></html>"""


def test_what_chooses_the_page_stays_in_its_path() -> None:
    names = ["index.html?p=12", "index.html@p=12.html", "blog/?p=12&replytocom=5/index.html", "index-p=12.html"]
    assert [file_path(name) for name in names] == ["/?p=12", "/?p=12", "/blog/?p=12", "/?p=12"]
    names = ["2008/05/x/index.html%3Fshare=facebook.html", "2008/05/x.html?showComment=12.html", "2008/05/x.html?m=1"]
    assert [file_path(name) for name in names] == ["/2008/05/x/", "/2008/05/x.html", "/2008/05/x.html"]
    assert file_path("index/@home/100%25/index.html") == "/index/@home/100%25/"


def test_a_front_page_asked_for_a_post_is_that_post() -> None:
    html = page('<form action="http://a.example/wp-comments-post.php"></form>')
    post = post_of(html.replace("<body>", '<body><h1><a href="./">Log</a></h1>'), "index.html?p=12.html")
    assert (post.url, post.title) == ("http://a.example/?p=12", "Fog")


def test_views_for_printers_are_copies_but_for_a_post_called_print() -> None:
    urls = ["http://a.example/2008/05/fog/print/", "http://a.example/2008/05/print/", "http://a.example/print/"]
    assert [clean(url) for url in urls] == ["http://a.example/2008/05/fog/", urls[1], urls[2]]


def test_buttons_that_share_a_post_tell_its_address_and_are_no_part_of_it() -> None:
    here = "http%3A%2F%2Fa.example%2F2008%2F05%2Ffog%2F"
    html = page(f"""<p>Add to: <a href="http://digg.example/submit?url={here}">D</a>,
    <a href="http://twit.example/?status=Fog%20http://a.example/2008/05/fog/">T</a></p>""")
    post = post_of(html, "2008/05/fog/index.html")
    assert (post.url, post.html) == ("http://a.example/2008/05/fog/", "<p>Grey.</p>")


def test_a_link_to_another_post_reveals_no_address() -> None:
    html = page('<p><a href="http://b.example/2008/05/mist/">Mist</a></p>')
    assert post_of(html, "2008/05/fog/index.html").url == ""


@pytest.mark.parametrize(
    "link",
    [
        '<a href="http://a.example/fog.html" title="permanent link">5:00 PM</a>',
        '<a class="permalink" href="http://a.example/fog.html">#</a>',
        '<p class="post-canonical">Now at <a href="http://a.example/fog.html">its new place</a></p>',
        '<a href="http://a.example/fog.html#comments">3 Comments</a>',
        '<!-- <rdf:Description rdf:about="http://a.example/fog.html" trackback:ping="http://a.example/tb/3" /> -->',
    ],
)
def test_links_that_name_the_post(link: str) -> None:
    assert post_of(page(link), "a.html").url == "http://a.example/fog.html"


def test_other_addresses_of_a_post() -> None:
    """Its short link, where it was fetched, and the name that the mirror has for it."""
    html = page('<form action="http://a.example/wp-comments-post.php"></form>').replace(
        "<body>",
        """<head><link rel="canonical" href="http://a.example/2008/05/fog/"><link rel="shortlink"
        href="http://s.example/x"></head><body>""",
    )
    post = post_of(html, "index.html?p=12", "http://a.example/?p=12&utm_source=feed")
    assert (post.url, post.aliases) == (
        "http://a.example/2008/05/fog/",
        ("http://s.example/x", "http://a.example/?p=12"),
    )
