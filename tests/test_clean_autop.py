"""WordPress's paragraphs."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.clean.autop import autop, uses_autop

PARAGRAPHS = {
    "One": "<p>One</p>\n",
    "One\ntwo\n\nthree": "<p>One<br>\ntwo</p>\n<p>three</p>\n",
    "One\r\n \t\r\n\r\ntwo": "<p>One</p>\n<p>two</p>\n",
    "One<br /><br>two<br />\nthree": "<p>One</p>\n<p>two<br>\nthree</p>\n",
    "<em>One</em> <a\nhref=x>two</a>": "<p><em>One</em> <a\nhref=x>two</a></p>\n",
    "One<!--more-->\n\n<!-- two\n\nthree -->four": "<p>One</p>\n<p>four</p>\n",
    "<p>One\ntwo</p>": "<p>One<br>\ntwo</p>",
    "<p>One\n\ntwo</p>three": "<p>One</p>\n<p>two</p><p>three</p>\n",
    "One\n<ul>\n<li>a\nb</li>\n<li>c</li>\n</ul>\ntwo": (
        "<p>One</p>\n<ul>\n<li>a<br>\nb</li>\n<li>c</li>\n</ul><p>two</p>\n"
    ),
    "<blockquote>a\n\nb</blockquote>": "<blockquote><p>a</p>\n<p>b</p>\n</blockquote>",
    "<div>a</div><div>b\n\nc</div>": "<div>a</div><div><p>b</p>\n<p>c</p>\n</div>",
    "<h2>a</h2>b<hr>c": "<h2>a</h2><p>b</p>\n<hr><p>c</p>\n",
    "a<pre>b\n\n<p>c</p>\n</pre>d": "<p>a</p>\n<pre>b\n\n<p>c</p>\n</pre><p>d</p>\n",
    "<PRE>a\n\nb": "<PRE>a\n\nb",
    "<prefix>a</prefix> <param>": "<p><prefix>a</prefix> <param></p>\n",
    " \n\n ": "\n",
    "": "",
}


@pytest.mark.parametrize("html", PARAGRAPHS)
def test_autop(html: str) -> None:
    assert autop(html) == PARAGRAPHS[html]


def test_what_the_block_editor_wrote_is_left_alone() -> None:
    assert [uses_autop(html) for html in ("a\n\nb", "<!-- wp:paragraph -->\n<p>a</p>")] == [True, False]


@given(
    st.lists(
        st.sampled_from(["a", "b ", "\n", "\n\n", "<p>", "</p>", "<ul>", "<li>", "</li>", "<br>", "<pre>", "</pre>"])
    )
)
def test_only_paragraphs_and_line_breaks_are_added(pieces: list[str]) -> None:
    """No text is lost or moved."""
    html = "".join(pieces)
    assert "".join(re.sub("<[^>]*>", "", autop(html)).split()) == "".join(re.sub("<[^>]*>", "", html).split())
