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


@pytest.mark.parametrize(
    ("text", "spelt", "cleared"),
    [
        ("Jane Doe", "2008-05-04-jane-doe.md", "2008-05-04-[redacted].md"),
        ("Jane Doe", "its post 'http://b.example/JANE_Doe/' is gone", "its post 'http://b.example/[redacted]/' is gone"),
        ("Jane Doe", "a/jane%20doe/jane+doe/x", "a/[redacted]/[redacted]/x"),
        ("Zoë O'Neil", "zoe-oneil zoe-o-neil Zo%C3%AB%20O%27Neil/zoe\u0308_oneil", "[redacted] [redacted] [redacted]/[redacted]"),
        ("Зоя", "%D0%97%D0%BE%D1%8F/%D0%B7%D0%BE%D1%8F%21", "[redacted]/[redacted]%21"),
        ("doe", "doesnt/doe%FF.html%zz", "doesnt/[redacted]%FF.html%zz"),
        ("C++", "c/c++/c%2B%2B", "c/[redacted]/[redacted]"),
        ("Doe", "janedoe/doe#post=12", "janedoe/[redacted]#post=12"),
        ("12", "12.xml#post=12/comment=12", "[redacted].xml#post=12/comment=12"),
    ],
)  # fmt: skip
def test_a_phrase_is_found_as_addresses_and_names_of_files_spell_it(
    tmp_path: Path, text: str, spelt: str, cleared: str
) -> None:
    found = rules(tmp_path, f'[[phrase]]\ntext = "{text}"')
    assert found.text(spelt) == cleared
    assert found.address(spelt) == ""


def test_a_pattern_is_found_with_spaces_for_hyphens_but_in_no_number_of_an_item(tmp_path: Path) -> None:
    found = rules(tmp_path, "[[phrase]]\nregex = 'J\\w+ [Dd]oe|[0-9]{7}'")
    assert (
        found.text("J. Jane_doe, J%C3%A9_Doe: 5551234#post=5551234")
        == "J. [redacted], [redacted]: [redacted]#post=5551234"
    )
    assert found.address("http://b.example/x/#comment-5551234") == "http://b.example/x/#comment-5551234"


def test_a_phrase_goes_from_where_a_document_was_found_and_leads(tmp_path: Path) -> None:
    found = rules(tmp_path, '[[phrase]]\ntext = "Jane Doe"')
    draft = Draft("s", "jane-doe.md#post=1", "post", url="http://b.example/on-jane-doe/", anchor="#comment-7")
    hits: Counter[str] = Counter()
    assert found.apply(draft, hits) == Draft("s", "[redacted].md#post=1", "post", anchor="#comment-7")
    assert hits == {"phrase 1": 1}


def test_matches_with_and_without_hyphens_may_overlap(tmp_path: Path) -> None:
    found = rules(tmp_path, "[[phrase]]\nregex = 'a-b-c|b c-?d?|b'")
    assert found.text("x a-b-c-d b y") == "x [redacted]-d [redacted] y"


addresses = st.lists(
    st.sampled_from(["zoë", "Zoe", "zo%C3%AB", "doe", "-", "_", "%20", "/", "x", "\u0308", "%C3", "ß", "#post=1", "ﬁ"])
)


@given(addresses)
def test_no_address_is_left_with_the_phrase_and_no_other_is_changed(parts: list[str]) -> None:
    address = "".join(parts)
    # A replacement without letters might join the words beside it to the phrase again.
    rule = redaction._Phrase(
        "phrase 1", redaction._pattern(Path("f"), 1, {"text": "Zoë Doe"}), redaction._spelt("Zoë Doe"), "x"
    )
    assert rule.spelt
    cleared = rule.sub_spelt(address)
    letters = [redaction._letters(part, bare=True)[0] for part in redaction._PLACE.split(address)[0::2]]
    if not any(map(rule.spelt.search, letters)):
        assert cleared == address
    else:
        assert not any(
            rule.spelt.search(redaction._letters(part, bare=True)[0]) for part in redaction._PLACE.split(cleared)[0::2]
        )
        assert cleared != address


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
    rule = redaction._Phrase(
        "phrase 1", redaction._pattern(Path("f"), 1, {"text": "secret"}), redaction._spelt("secret"), ""
    )
    cleared = redaction._html_without(rule, html)
    assert safe_html(cleared) == cleared

    def plain(markup: str) -> str:  # a paragraph ends a word
        return redaction._TAG.sub("", markup.replace("<p>", " ").replace("</p>", " "))

    if "secret" not in plain(html):
        assert cleared == html
    assert "secret" not in plain(cleared).split()
