"""Where a query's words stand in a text, and the passage that shows it best."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.engine import analysis, query
from indexer.engine.analysis import Analyzer
from indexer.engine.edits import edits
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


@given(
    text=st.lists(st.sampled_from("iran Iran's iran-iraq runs the, of café cafe U.S. 1,234 — to be".split())).map(
        " ".join
    ),
    asked=st.sampled_from(["iran", '"iran iraq"', "run*", "cafe~", '"to be" the', "iran OR u.s", '"the the"', "1"]),
)
def test_marks_are_those_of_reading_word_by_word(text: str, asked: str) -> None:
    """Looking a text through by its chunks finds what comparing every word with the query finds."""
    analyzer = Analyzer("english")
    leaves = list(query.positive(query.parse(asked).root))
    tokens = list(analysis.spans(text))
    expected = set()
    for place, (word, start, end) in enumerate(tokens):
        for leaf in leaves:
            if isinstance(leaf, query.Prefix):
                hit = end if word.startswith(leaf.letters) else 0
            elif isinstance(leaf, query.Fuzzy):
                hit = end if edits(leaf.word, word) <= leaf.edits else 0
            elif len(leaf.words) == 1 and not leaf.exact:
                hit = end if analyzer.stem(word) == analyzer.stem(leaf.words[0]) else 0
            else:
                row = tokens[place : place + len(leaf.words)]
                hit = row[-1][2] if tuple(w for w, _, _ in row) == leaf.words else 0
            if hit:
                expected.add((start, hit))
    found = QueryHighlighter(query.parse(asked).root, analyzer).matches(text)
    assert {(match.start, match.end) for match in found} == expected
    assert [match.start for match in found] == sorted(match.start for match in found)


@pytest.mark.parametrize(
    ("asked", "unit"),
    [("word", "123,{0} "), ("wo*", "word{0} "), ('"' + "the " * 60 + '"', "the "), ("word", "http://a.b/{0} ")],
)
def test_no_text_is_read_more_than_a_few_times(asked: str, unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "word " + "".join(unit.format(n) for n in range(2000))
    words = sum(1 for _ in analysis.spans(text))
    read = 0
    original = analysis.spans

    def counted(text: str, start: int = 0) -> Iterator[tuple[str, int, int]]:
        nonlocal read
        for token in original(text, start):
            read += 1
            yield token

    monkeypatch.setattr(analysis, "spans", counted)
    assert highlighter(asked).matches(text)
    assert read < 5 * words
