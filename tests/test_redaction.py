"""What an owner takes down stays down, in texts, names and markup, and a report does not repeat it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import redaction
from indexer.clean.safe import safe_html
from indexer.documents import Draft
from indexer.errors import SettingError
from indexer.redaction import Redactions


def rules(tmp_path: Path, text: str) -> Redactions:
    path = tmp_path / "redactions.toml"
    path.write_text(text, encoding="utf-8")
    return redaction.load(path)


def test_a_phrase_goes_from_everywhere_even_across_tags(tmp_path: Path) -> None:
    found = rules(
        tmp_path, '[[phrase]]\ntext = "Jane  Doe"\n[[phrase]]\nregex = "[0-9]{3}-[0-9]{4}"\nreplacement = "#"'
    )
    draft = Draft(
        source="s",
        locator="l",
        kind="post",
        title="About JANE DOE",
        author="Jane Doe",
        categories=("jane doe", "Bread"),
        text="Call Jane\nDoe, 555-1234. Jane Does not.",
        quoted="jane doe",
        html='<p>Call <b>Jane</b> Doe, <a href="http://x.example/jane-doe" title="Jane Doe">555-<i>1234</i></a>. '
        "Jane Does &amp; not.</p>",
    )
    hits: Counter[str] = Counter()
    cleared = found.apply(draft, hits)
    assert cleared == Draft(
        source="s",
        locator="l",
        kind="post",
        title="About [redacted]",
        author="[redacted]",
        categories=("[redacted]", "Bread"),
        text="Call [redacted], #. Jane Does not.",
        quoted="[redacted]",
        html="<p>Call <b>[redacted]</b>, <a>#<i></i></a>. Jane Does &amp; not.</p>",
    )
    assert hits == {"phrase 1": 1, "phrase 2": 1}
    linked = Draft(
        "s", "l", "comment", author_url="http://jane-doe.example/", domains=("jane.doe.example", "x.example")
    )
    assert found.apply(linked, hits) == Draft("s", "l", "comment", domains=("x.example",))
    assert found.text("draft by jane doe") == "draft by [redacted]"


def test_an_author_is_renamed_or_leaves_with_all_they_wrote(tmp_path: Path) -> None:
    found = rules(tmp_path, '[[author]]\nname = "jane  doe"\nreplacement = "a reader"\n[[author]]\nname = "Bob"')
    hits: Counter[str] = Counter()
    jane = Draft("s", "l", "comment", author="Jane Doe", author_url="http://jane.example/", text="Hello")
    assert found.apply(jane, hits) == Draft("s", "l", "comment", author="a reader", text="Hello")
    assert found.apply(Draft("s", "l", "comment", author="Bob"), hits) is None
    assert found.apply(Draft("s", "l", "comment", author="Bobby"), hits) == Draft("s", "l", "comment", author="Bobby")
    assert hits == {"author 1": 1, "author 2": 1}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[phrase]]\nregex = '('", "phrase 1 is no regular expression"),
        ("[[phrase]]\nregex = 'x*'", "matches nothing at all"),
        ("[[phrase]]\ntext = ' '", "needs regex or text"),
        ("[[phrase]]\ntext = 'a'\nregex = 'b'", "needs regex or text"),
        ("[[document]]\nurl = 5", "must be a table of texts"),
        ("[[document]]\nlink = 'x'", "there is no 'link'. It may have: id, url"),
        ("[[documents]]\nurl = 'x'", "there is no rule 'documents'"),
        ("[author]\nname = 'x'", "there is no rule 'author'"),
        ("[[", "is not valid TOML"),
    ],
)
def test_a_wrong_rule_is_refused_with_the_reason(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SettingError, match=message):
        rules(tmp_path, text)


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    assert redaction.load(tmp_path / "none.toml") == redaction.NONE
    with pytest.raises(SettingError, match="There is no"):
        redaction.load(tmp_path / "none.toml", required=True)


pieces = st.lists(
    st.sampled_from(
        [
            "secret",
            "sec",
            "ret",
            " ",
            "x",
            "<b>",
            "</b>",
            "<p>",
            "&amp;",
            "&lt;",
            '<a href="http://e.example/">',
            "</a>",
        ]
    )
)


@given(pieces)
def test_no_text_of_any_markup_holds_the_phrase_and_nothing_else_changes(parts: list[str]) -> None:
    html = safe_html("".join(parts))
    rule = redaction._Phrase("phrase 1", redaction._pattern(Path("f"), 1, {"text": "secret"}), "")
    cleared = redaction._html_without(rule, html)
    assert safe_html(cleared) == cleared
    plain = redaction._TAG.sub("", cleared)
    if "secret" not in redaction._TAG.sub("", html):
        assert cleared == html
    assert "secret" not in plain.split()
