"""Where a query's words stand in a text, and the passage that shows it best."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.engine import query
from indexer.engine.analysis import Analyzer
from indexer.engine.port import Snippet
from indexer.engine.snippets import LENGTH, QueryHighlighter

ENGLISH = Analyzer("english")
FILLER = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen " * 4
)


def highlighter(text: str) -> QueryHighlighter:
    return QueryHighlighter(query.parse(text).root, ENGLISH)


def marked(text: str, passage: str) -> list[str]:
    return [passage[a:b] for a, b in highlighter(text).spans(passage)]


@pytest.mark.parametrize(
    ("text", "passage", "expected"),
    [
        ("run", "He runs; RUNNING, outrun.", ["runs", "RUNNING"]),
        ('"run"', "run runs", ["run"]),
        ('"quds force"', "The Quds Force and a force.", ["Quds Force"]),
        ('quds "quds force"', "The Quds Force.", ["Quds Force"]),
        ("al-Sadr", "al‑Sadr’s men, not al and Sadr", ["al‑Sadr"]),
        ("café", "CAFE cafés", ["CAFE", "cafés"]),
        ("milit*", "militia and mil", ["militia"]),
        ("a -b", "a b", ["a"]),
        ("author:aj category:iraq in:posts", "aj iraq posts", []),
        ("title:iran", "iran", ["iran"]),
        ("", "anything", []),
    ],
)
def test_spans(text: str, passage: str, expected: list[str]) -> None:
    assert marked(text, passage) == expected


def test_a_short_text_is_its_own_snippet() -> None:
    assert highlighter("force").snippet("The Quds\nForce acts") == Snippet(
        (("The Quds ", False), ("Force", True), (" acts", False))
    )


def test_the_passage_with_most_of_the_query_wins() -> None:
    text = f"iran alone. {FILLER} here iran and iraq meet. {FILLER}"
    snippet = highlighter("iran iraq").snippet(text)
    assert [piece for piece, match in snippet.fragments if match] == ["iran", "iraq"]
    assert snippet.fragments[0][0].startswith("…")
    assert snippet.fragments[-1][0].endswith("…")


def test_a_row_of_words_is_preferred_to_its_words_apart() -> None:
    text = f"force of quds and force. {FILLER} the quds force itself. {FILLER}"
    assert ("quds force", True) in highlighter('"quds force" force').snippet(text).fragments


def test_quoted_words_are_shown_when_only_they_match() -> None:
    snippet = highlighter("frosty").snippet("Own words.", "A frosty reception.")
    assert snippet == Snippet((("A ", False), ("frosty", True), (" reception.", False)), quoted=True)


def test_without_a_match_the_beginning_is_shown() -> None:
    assert highlighter("zzz").snippet("Own words.", "Quoted.") == Snippet((("Own words.", False),))
    assert highlighter("zzz").snippet("", "Quoted.") == Snippet((("Quoted.", False),), quoted=True)
    assert highlighter("zzz").snippet("", "").fragments == ()


@given(st.lists(st.sampled_from(["iran", "iraq", "a", "café", "x" * 90, "\n", "force"]), max_size=200).map(" ".join))
def test_a_snippet_is_a_passage_of_the_text_cut_at_words(text: str) -> None:
    snippet = highlighter("iran force").snippet(text)
    shown = "".join(piece for piece, _ in snippet.fragments)
    inner = shown.removeprefix("…").removesuffix("…")
    assert inner in text.replace("\n", " ")
    assert set(inner.split()) <= set(text.split())
    assert len(inner) <= LENGTH + 100
    assert ("iran" in text or "force" in text) == any(match for _, match in snippet.fragments)
