"""Archived HTML on its way to the reading view."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from webapp.markup import reading_html, web_address

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
    assert reading_html(html, BASE, False, None) == wanted


def test_pictures_stay_when_the_owner_allows_them() -> None:
    html = '<img src="a.jpg" srcset="b.jpg 2x"><img src="javascript:x" alt="none">'
    assert reading_html(html, BASE, True, None) == (
        '<img alt="" decoding="async" loading="lazy" referrerpolicy="no-referrer" '
        'src="http://blog.example.com/2008/05/04/title/a.jpg"/><span class="picture">image: none</span>'
    )


def test_words_are_marked_in_text_only() -> None:
    html = '<p title="iran">Iran &amp; iran <b>iran</b></p>'
    assert reading_html(html, BASE, False, Words("(?i)iran|&")) == (
        '<p title="iran"><mark>Iran</mark> <mark>&amp;</mark> <mark>iran</mark> <b><mark>iran</mark></b></p>'
    )
    assert reading_html("no tags > iran", BASE, False, Words("iran|>")) == (
        "no tags <mark>&gt;</mark> <mark>iran</mark>"
    )


def test_an_address_alone_is_text() -> None:
    assert reading_html("http://x.example/?a&amp;b", BASE, False, None) == "http://x.example/?a&amp;b"


def test_deep_nesting_is_no_trouble() -> None:
    html = "<b>" * 5000 + "x" + "</b>" * 5000
    assert reading_html(html, BASE, False, Words("x")) == html.replace("x", "<mark>x</mark>")


@given(
    st.lists(st.sampled_from(["<p>", "</p>", "<b>", "</b>", "a b", "iran", "&amp;", "<br>", "\n", "é"])).map("".join)
)
def test_marking_changes_no_text(html: str) -> None:
    def letters(markup: str) -> list[str]:  # Beautiful Soup itself shortens runs of white space between tags
        return BeautifulSoup(markup, "html.parser").get_text().split()

    assert letters(reading_html(html, BASE, False, Words("a|iran|&"))) == letters(html)


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
