"""A query as text, and whether it tells the reader something that was not typed."""

from __future__ import annotations

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from indexer.engine import analysis, query
from indexer.engine.query import MAX_CHARACTERS, MAX_DEPTH, parse
from indexer.engine.query.text import differs, with_accents, write

PIECES = """( | ) | -( | - | NOT | OR | AND | " | iran | al-sadr | c++ | u.s. | r&d | milit* | petreus~ | sadr~2 | title:a | 漢字
    | author:dan* | own:to | quotes:"to be" | in:own | in:quotes | in:posts | link:example.com | date:2008 | date:2008-02..2009
    | before:2009-05 | after:2008 | date:..9999 | date:2009..2008 | category:"b c" | tag:x~""".split("|")

typed = st.lists(st.sampled_from([piece.strip() for piece in PIECES]), max_size=25).map(" ".join)


@example("-( -( OR")
@given(typed | st.text(max_size=60))
def test_a_query_as_text_is_the_same_query(text: str) -> None:
    root = parse(text).root
    written = write(root)
    assume(len(written) <= MAX_CHARACTERS and written.count("(") <= MAX_DEPTH)
    assume(all(analysis.words(word) == [word] for word in _words(root)))
    assert parse(written).root == root
    assert write(parse(written).root) == written


def _words(node: query.Node) -> list[str]:
    match node:
        case query.And(nodes) | query.Or(nodes):
            return [word for n in nodes for word in _words(n)]
        case query.Not(inner):
            return _words(inner)
        case query.Words(words):
            return list(words)
        case query.Prefix(word) | query.Fuzzy(word):
            return [word]
        case _:
            return []


def test_words_keep_the_accents_they_were_typed_with() -> None:
    assert with_accents("ete OR or title:cafe*", "l'Été ÖR Title:CAFÉ*") == "été OR ör title:café*"
    assert with_accents("ete", "") == "ete"


@pytest.mark.parametrize(
    ("text", "expected", "says_more"),
    [
        ("", "", False),
        ("Quds  FORCE", "quds force", False),
        ("Iran's cafés, really?", "iran cafes really", False),
        ("“quds force”", '"quds force"', False),
        ("al-Sadr C++", "al-sadr c++", False),
        ("a OR (b -c)", "a OR (b -c)", False),
        ("a b OR c", "a (b OR c)", True),
        ("NOT a", "-a", True),
        ("iran in:own", "own:iran", True),
        ("before:2008 after:2008-05 date:2008-05", "before:2008 after:2008-05 date:2008-05", False),
        ('"unclosed phrase', "unclosed phrase", True),
        ("?!", '""', False),
        ("m* x", "m x", True),
    ],
)
def test_what_was_understood(text: str, expected: str, says_more: bool) -> None:
    assert write(parse(text).root) == expected
    assert differs(text, expected) is says_more
