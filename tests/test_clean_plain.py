"""A title or a name becomes one line of text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.clean.plain import plain

TITLES = {
    "Iraq Update": "Iraq Update",
    " Iraq\n\t Update ": "Iraq Update",
    "Q&amp;A: <em>Iraq</em>&nbsp;&#8211; AT&T": "Q&A: Iraq – AT&T",
    "&amp;lt;b&amp;gt;": "&lt;b&gt;",
    "One<br>two<p>three": "One two three",
    "I <3 you, 5 > 4": "I <3 you, 5 > 4",
    "It\x92s a\x00b\x07 <script>x</script>\ud800": "It’s ab",
    "cafe\u0301 so\u00adft": "café soft",
    "[gallery] and [sic]": "[gallery] and [sic]",
    "<blockquote>quoted</blockquote>": "quoted",
    "": "",
}


@pytest.mark.parametrize("title", TITLES)
def test_plain(title: str) -> None:
    assert plain(title) == TITLES[title]


@given(st.text() | st.text("ab <>&;\n\x01\x92/p", max_size=20))
def test_any_string_becomes_one_line(title: str) -> None:
    line = plain(title)
    assert line == " ".join(line.split())
