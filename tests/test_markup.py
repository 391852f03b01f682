"""Archived HTML on its way to the reading view."""

from __future__ import annotations

import re
from datetime import date

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from webapp.markup import Marker, reading_html, wayback, web_address

# The link to the Wayback Machine's copy, which stands behind every link.
COPY = re.compile('<a class="wayback"[^>]*></a>')
BASE = "http://blog.example.com/2008/05/04/title/"


class Words:
    """Marks every occurrence of a word; what the engine's highlighter does with stems is its own test's business."""

    def __init__(self, pattern: str) -> None:
        self._pattern = re.compile(pattern)

    def spans(self, text: str) -> list[tuple[int, int]]:
        return [match.span() for match in self._pattern.finditer(text)]


@pytest.mark.parametrize(
    ("html", "wanted"),
    [
        ("plain text", "plain text"),
        ("a &amp; b &lt;i&gt;", "a &amp; b &lt;i&gt;"),
        (
            '<a href="http://x.example/?a=1&amp;b=2" target="_blank">x</a>',
            '<a href="http://x.example/?a=1&amp;b=2" rel="nofollow noopener noreferrer">x</a>',
        ),
        (
            '<a href="../../03/other/" rel="tag">x</a>',
            '<a href="http://blog.example.com/2008/05/03/other/" rel="nofollow noopener noreferrer">x</a>',
        ),
        ('<a href="javascript:alert(1)">x</a>', "<a>x</a>"),
        ('<a href="mailto:a@b.example">x</a>', "<a>x</a>"),
        ('<a href="http://[bad">x</a>', "<a>x</a>"),
        (
            '<p><img src="a.jpg" alt=" A  cat "></p>',
            '<p><a class="picture" href="http://blog.example.com/2008/05/04/title/a.jpg" '
            'rel="nofollow noopener noreferrer">image: A cat</a></p>',
        ),
        (
            '<a href="/big.jpg"><img src="/small.jpg"></a>',
            '<a href="http://blog.example.com/big.jpg" rel="nofollow noopener noreferrer">'
            '<span class="picture">image: small.jpg</span></a>',
        ),
        ('<img src="data:image/png;base64,x">', '<span class="picture">image: without a description</span>'),
        ('<img src="data:," alt="<b>">', '<span class="picture">image: &lt;b&gt;</span>'),
    ],
)
def test_links_are_absolute_and_pictures_become_links(html: str, wanted: str) -> None:
    assert COPY.sub("", reading_html(html, BASE, False, Marker(None))) == wanted


def copies(html: str, written: date | None = date(2008, 5, 4)) -> list[str]:
    """Where the links to the Wayback Machine lead."""
    soup = BeautifulSoup(reading_html(html, BASE, False, Marker(None), written), "html.parser")
    assert all(link["aria-label"] for link in soup.select("a.wayback"))
    return [str(link["href"]) for link in soup.select("a + a.wayback")]


def test_behind_every_link_out_is_one_to_a_copy_of_its_time() -> None:
    day = "https://web.archive.org/web/20080504/"
    assert copies('<a href="http://x.example/?a=1&amp;b=2">x</a> <a href="/y">y</a>') == [
        f"{day}http://x.example/?a=1&b=2",
        f"{day}http://blog.example.com/y",
    ]
    assert copies('<img src="a.jpg">') == [f"{day}{BASE}a.jpg"]
    assert copies('<a href="/big.jpg"><img src="/small.jpg"></a>') == [f"{day}http://blog.example.com/big.jpg"]
    assert copies('<a href="http://x.example/">x</a>', None) == ["https://web.archive.org/web/*/http://x.example/"]
    assert (
        copies('<a href="javascript:x">x</a><a href="https://web.archive.org/web/2008/http://a.example/">x</a>') == []
    )


def test_a_year_has_four_digits_in_the_address_of_a_copy() -> None:
    assert wayback("http://a.example/", date(987, 1, 2)) == "https://web.archive.org/web/09870102/http://a.example/"


def test_pictures_stay_when_the_owner_allows_them_within_a_link() -> None:
    html = '<img src="a.jpg" width="9" srcset="b.jpg 2x"><img src="javascript:x" alt="none"><a href="/b"><img src="/c.jpg"></a>'
    there = 'loading="lazy" decoding="async" referrerpolicy="no-referrer" data-words='
    assert COPY.sub("(copy)", reading_html(html, BASE, True, Marker(Words("image")))) == (
        '<a class="shown" href="http://blog.example.com/2008/05/04/title/a.jpg" rel="nofollow noopener noreferrer">'
        f'<img src="http://blog.example.com/2008/05/04/title/a.jpg" alt="" width="9" {there}"image: a.jpg"></a>(copy)'
        '<span class="picture"><mark id="match-1">image</mark>: none</span>'
        '<a href="http://blog.example.com/b" rel="nofollow noopener noreferrer">'
        f'<img src="http://blog.example.com/c.jpg" alt="" {there}"image: c.jpg"></a>(copy)'
    )


def test_words_are_marked_in_text_only() -> None:
    html = '<p title="iran">Iran, &amp;, iran <b>iran</b></p>'
    assert reading_html(html, BASE, False, Marker(Words("(?i)iran|&"))) == (
        '<p title="iran"><mark id="match-1">Iran</mark>, <mark id="match-2">&amp;</mark>, '
        '<mark id="match-3">iran</mark> <b><mark id="match-4">iran</mark></b></p>'
    )
    assert reading_html("no tags >, iran", BASE, False, Marker(Words("iran|>"))) == (
        'no tags <mark id="match-1">&gt;</mark>, <mark id="match-2">iran</mark>'
    )


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("Second Life", ["Second Life"]),
        ("a second-life, Second\n \u2011 life", ["second-life", "Second\n \u2011 life"]),
        ("second, life – second/life", ["second", "life", "second", "life"]),
        ("secondlife second", ["secondlife second"]),
        ("second or life", ["second", "life"]),
    ],
)
def test_words_in_a_row_are_one_mark(text: str, marks: list[str]) -> None:
    marker = Marker(Words("(?i)second|life"))
    assert re.findall(r'<mark id="match-\d+">([^<]*)</mark>', marker.text(text)) == marks
    assert marker.count == len(marks)


def test_marks_are_numbered_through_the_page() -> None:
    marker = Marker(Words("iran"))
    pieces = [
        marker.text("iran"),
        reading_html("<p>iran &lt;<br>iran</p>", BASE, False, marker),
        reading_html('<div title="iran">iran</div>', BASE, False, marker),
    ]
    assert re.findall(r'id="match-(\d+)"', "".join(pieces)) == ["1", "2", "3", "4"]
    assert marker.count == 4


def test_an_address_alone_is_text() -> None:
    assert reading_html("http://x.example/?a&amp;b", BASE, False, Marker(None)) == "http://x.example/?a&amp;b"


def test_deep_nesting_is_no_trouble() -> None:
    html = "<b>" * 5000 + "x" + "</b>" * 5000
    assert reading_html(html, BASE, False, Marker(Words("x"))) == html.replace("x", '<mark id="match-1">x</mark>')


@pytest.mark.parametrize(
    "html", ["<p>a</b></p>", "<div><b>a", '<a href="http://a.example">a<a href="http://b.example">b']
)
def test_what_is_written_is_closed(html: str) -> None:
    written = reading_html(f"<dl>{html}", BASE, False, Marker(None))
    soup = BeautifulSoup(written, "html.parser")
    assert written.count("<") == len(soup.find_all(True)) * 2
    assert written.endswith("</dl>")


@given(
    st.lists(
        st.sampled_from(["<p>", "</p>", "<b>", "</b>", "a b", "iran", "&amp;", "<br>", "\n", "é", "<dl>", "</dl>"])
    ).map("".join)
)
def test_marking_changes_no_text(html: str) -> None:
    def letters(markup: str) -> list[str]:  # Beautiful Soup itself shortens runs of white space between tags
        return BeautifulSoup(markup, "html.parser").get_text().split()

    assert letters(reading_html(html, BASE, False, Marker(Words("a|iran|&")))) == letters(html)


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("http://a.example/", "http://a.example/"),
        (" HTTPS://a.example/x ", "HTTPS://a.example/x"),
        ("javascript:alert(1)", ""),
        ("java\nscript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("//a.example/", ""),
        ("http://", ""),
        ("http://[bad", ""),
        ("a.example", ""),
        ("", ""),
    ],
)
def test_only_web_addresses_are_linked(address: str, wanted: str) -> None:
    assert web_address(address) == wanted


def test_a_link_around_nothing_is_left_out() -> None:
    html = (
        '<p>See <a href="http://x.example/"> </a><a href="http://x.example/"><img src="/a.jpg" alt="the ferry"></a></p>'
    )
    shown = reading_html(html, "http://blog.example/", False, Marker(None), date(2008, 5, 4))
    assert shown.count("<a ") == 2, "the picture's link and its copy in the Wayback Machine"
    assert "the ferry" in shown


def test_links_within_the_archive_stay_on_this_site_and_have_their_copies() -> None:
    html = '<dl><a href="../a/#c" target="_blank">x</a> <a href="http://x.example/">y</a></dl>'
    places = {"http://blog.example.com/2008/05/04/a/#c": "/post/p1#c"}
    shown = reading_html(html, BASE, False, Marker(None), None, lambda address: places.get(address, ""))
    assert COPY.sub("", shown) == (
        '<dl><a href="/post/p1#c">x</a> <a href="http://x.example/" rel="nofollow noopener noreferrer">y</a></dl>'
    )
    assert shown.count('class="wayback"') == 2


@pytest.mark.parametrize("html", ["<figure></figure>", "<figure> <figure>\n</figure></figure>", "<figure>"])
def test_where_pictures_stood_the_page_says_so(html: str) -> None:
    shown = reading_html(f"<p>a</p>{html}", BASE, False, Marker(None))
    assert BeautifulSoup(shown, "html.parser").select_one("figure > .absent")
    assert shown.count('class="absent"') == 1
    assert "absent" not in reading_html("<figure>a</figure><figure><img src=a.png></figure>", BASE, False, Marker(None))
