"""Words and stems."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.engine import analysis
from indexer.engine.analysis import MAX_WORD, Analyzer, fold, spans, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("To be, or not to be?", ["to", "be", "or", "not", "to", "be"]),
        ("C++ and C# at R&D", ["c++", "and", "c#", "at", "r&d"]),
        ("c++11, notepad++", ["c++", "11", "notepad++"]),
        ("the U.S. (U.S.-backed)", ["the", "u.s", "u.s", "backed"]),
        ("e-mail al‑Sadr’s don’t", ["e", "mail", "al", "sadr", "don", "t"]),
        ("l’homme naïve CAFÉ cafe\u0301", ["l", "homme", "naive", "cafe", "cafe"]),
        ("Straße ŒUVRE ﬁn ５", ["strasse", "oeuvre", "fin", "5"]),
        ("so\u00adft zero\u200bwidth", ["soft", "zerowidth"]),
        ("danking_70 1,000", ["danking_70", "1", "000"]),
        ("日本語のblog", ["日", "本", "語", "の", "blog"]),
        ("salt&pepper", ["salt", "pepper"]),
        ("", []),
        ("-- !? …", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_stems_keep_what_is_no_plain_word() -> None:
    assert Analyzer("english").stems("Running runs ponies U.S. C++ Iran's") == [
        "run",
        "run",
        "poni",
        "u.s",
        "c++",
        "iran",
    ]


def test_another_language_has_other_stems() -> None:
    assert Analyzer("french").stems("continuellement Français") == ["continuel", "franc"]


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(max_size=300))
def test_spans_ascend_and_stay_inside(text: str) -> None:
    at = 0
    for word, start, end in spans(text):
        assert at <= start < end <= len(text)
        assert word
        assert len(word) <= MAX_WORD
        at = end


@given(st.text(alphabet="abcÉéß '’-.+#&_19", max_size=60))
def test_words_of_the_folded_text_are_the_same(text: str) -> None:
    assert [fold(word) for word in words(text)] == words(text)


@given(
    texts=st.lists(st.text(min_size=1, max_size=12)),
    language=st.sampled_from(["english", "french", "arabic", "turkish"]),
)
def test_stems_of_many_words_are_their_stems(texts: list[str], language: str) -> None:
    folded = [word for text in texts for word in analysis.words(text)]
    analyzer = Analyzer(language)
    assert analyzer.stem_all(folded) == [analyzer.stem(word) for word in folded]


@given(st.text(alphabet=st.sampled_from("ab1é'’.&+#-_,;:!?\"() \n\t\u00a0\u2028\u0301\u00ad漢"), max_size=40))
def test_no_word_crosses_white_space(text: str) -> None:
    assert analysis.words(text) == [word for chunk in text.split() for word in analysis.words(chunk)]
    assert all(analysis.chunk_words(chunk) == analysis.words(chunk) for chunk in text.split())
