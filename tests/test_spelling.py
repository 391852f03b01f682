"""Near words: the array way finds what comparing one by one finds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.engine.edits import edits
from indexer.engine.whoosh.arrayfile import ArrayFile, ArrayFileWriter
from indexer.engine.whoosh.postings import Terms, write_terms
from indexer.engine.whoosh.spelling import near

words = st.text(alphabet="abcdé漢", min_size=1, max_size=8)


CASES = """iran iran 0, iran irna 1, iran iraan 1, iran irn 1, iran iraq 1, iran icy 3, ab acb 1, abcd acbd 1, iran uran 1000,
abcd badc 1000"""


@pytest.mark.parametrize(("a", "b", "distance"), [case.split() for case in CASES.split(",")])
def test_edits(a: str, b: str, distance: str) -> None:
    assert edits(a, b) == int(distance)


@given(vocabulary=st.sets(words, max_size=60), word=words, allowed=st.integers(0, 2))
def test_near_finds_exactly_the_words_within_reach(
    tmp_path_factory: pytest.TempPathFactory, vocabulary: set[str], word: str, allowed: int
) -> None:
    terms = sorted(name.encode() for name in vocabulary)
    path = tmp_path_factory.mktemp("terms") / "file"
    with ArrayFileWriter(path) as writer:
        write_terms("f", terms, writer)
    file = ArrayFile(path)
    found = near(Terms(file.bytes("f.terms"), file.numbers("f.term_at")), word, allowed)
    expected = [number for number, term in enumerate(terms) if edits(word, term.decode()) <= allowed]
    assert found == expected
    assert np.array_equal(np.sort(found), found)
