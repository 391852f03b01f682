"""Simple HTML: what it is, and that the short way through it gives what the parsers give."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.clean.safe import safe_html
from indexer.clean.simple import links, pieces
from indexer.clean.text import extract


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("", [""]),
        ("plain &amp; &#8217;", ["plain &amp; &#8217;"]),
        ("a <em>b</em><br />c", ["a ", "em", "b", "/em", "", "br", "c"]),
        ("<ul><li>a</li></ul>", ["", "ul", "", "li", "a", "/li", "", "/ul", ""]),
        (
            '<p><a href="http://a.example/?b&amp;c" title="d" rel="e">f</a></p>',
            ["", "p", "", "a", "f", "/a", "", "/p", ""],
        ),
        *[
            (html, None)
            for html in (
                "<p>a",
                "a</p>",
                "<b><i>a</b></i>",
                "<p><p>a</p></p>",
                "<p><ul></ul></p>",
                "<b><p>a</p></b>",
                "<ul>a<em>b</em></ul>",
                "<li>a</li>",
                "<EM>a</EM>",
                "<em class='x'>a</em>",
                "<em >a</em>",
                "a > b",
                "a < b",
                "a & b",
                "&copy;",
                "a\rb",
                "<!-- a -->",
                "<script>a</script>",
                '<a href="/b">a</a>',
                '<a href="javascript:b">a</a>',
                '<a href="http://1.2.3.4.5/">a</a>',
                '<a href="http://xn--a.example/">a</a>',
                '<a href="http://a.example/&quot;">a</a>',
                '<a href="http://a.example/"><a href="http://b.example/">a</a></a>',
            )
        ],
    ],
)
def test_pieces(html: str, found: list[str] | None) -> None:
    assert pieces(html) == found


def test_links() -> None:
    html = '<a href="http://a.example/?b&amp;c" title="d">f</a><a href="https://b.example">g</a>'
    assert links(html) == ["http://a.example/?b&amp;c", "https://b.example"]


ADDRESS = st.sampled_from(["http", "https", "ftp"]).flatmap(
    lambda scheme: st.text("ab.-_:@[%/?#'`{\\éß１\x7f\xad", max_size=8).map(lambda rest: f"{scheme}://{rest}")
)
ATTRIBUTES = st.one_of(
    st.just(""),
    st.just(' href="http://a.example"'),
    st.builds(' href="{}"'.format, ADDRESS),
    st.builds(
        ' href="https://a.example/{}" title="{}"'.format, st.sampled_from(["", "?b&amp;c"]), st.text("a '\n\xa0[")
    ),
    st.just(' href="http://www.a.example/b" rel="nofollow"'),
)
TEXT = st.text("ab \n\t\xa0\x01\x92é\u2028\u200b['\";#&>", max_size=6) | st.sampled_from(
    ["&amp;", "&lt;b", "&nbsp;", "&quot;", "&#8217;", "&amp;quot;", "&#8203;"]
)
NAMES = st.sampled_from("p p blockquote ul ol li em b strong i a a code q del h2 span".split())


def element(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(
        lambda name, attributes, content: f"<{name}{attributes if name == 'a' else ''}>{''.join(content)}</{name}>",
        NAMES,
        ATTRIBUTES,
        st.lists(inner | TEXT, max_size=4),
    )


HTML = st.lists(
    st.recursive(TEXT | st.sampled_from(["<br>", "<br />", "<br/>"]), element, max_leaves=12) | element(TEXT),
    max_size=5,
).map("".join)


@settings(max_examples=1500)
@given(HTML, st.booleans())
def test_the_short_way_is_no_other_way(html: str, autop: bool) -> None:
    short = safe_html(html, autop=autop), extract(html, autop=autop)
    with patch("indexer.clean.safe.pieces", return_value=None), patch("indexer.clean.text.pieces", return_value=None):
        assert short == (safe_html(html, autop=autop), extract(html, autop=autop))
