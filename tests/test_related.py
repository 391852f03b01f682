"""Neighbours of posts in time and in words, and the words of years: literal expectations."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import datetime
from math import log
from pathlib import Path

import numpy as np
import pytest

from indexer import engine
from indexer.engine.port import Document, Neighbour, Searcher
from indexer.engine.whoosh.distinctive import _g2
from indexer.settings import Settings
from tests import corpus
from tests.corpus import BREAD, DANKING, IRAN, SHORT, renamed
from tests.test_engine import index_of


def neighbour(document: object) -> Neighbour:
    return Neighbour(document.id, document.title, document.published)  # type: ignore[attr-defined]


def test_around_are_the_posts_before_and_after(blog_searcher: Searcher) -> None:
    assert blog_searcher.around("p1") == (None, neighbour(BREAD))
    assert blog_searcher.around("p2") == (neighbour(IRAN), neighbour(SHORT))
    assert blog_searcher.around("p3") == (neighbour(BREAD), None)


@pytest.mark.parametrize("id", ["g1", "c1", "k1", "nobody"])
def test_pages_comments_and_strangers_have_no_neighbours(blog_searcher: Searcher, id: str) -> None:
    assert blog_searcher.around(id) == (None, None)


def test_related_posts_share_significant_words(tmp_path: Path) -> None:
    ferries = renamed(IRAN, "a", title="Ferries", text="The ferry to Muscat was late, and the harbour was closed.")
    harbour = renamed(IRAN, "b", title="A closed harbour", text="The ferry did not sail.")
    sailing = renamed(IRAN, "c", title="Sailing", text="The ferry, and the rest of it.")
    other = renamed(IRAN, "d", title="Opera", text="Tenors.", quoted="")
    comment = renamed(DANKING, "e", thread="d", text="The ferry to Muscat was late, and the harbour was closed.")
    with index_of(tmp_path, ferries, harbour, sailing, other, comment) as searcher:
        assert [post.id for post in searcher.related("a")] == ["b", "c"]
        assert searcher.related("a", 1) == (neighbour(harbour),)
        assert searcher.related("d") == ()
        assert searcher.related("nobody") == ()
        assert searcher.related("e") == searcher.related("d")


def test_years_have_the_words_that_others_lack(tmp_path: Path) -> None:
    def posts(year: int, text: str, count: int) -> list[object]:
        when = datetime(year, 3, 1)
        return [renamed(BREAD, f"{year}-{text[:3]}-{n}", text=text, published=when) for n in range(count)]

    documents = [
        *posts(2007, "elections in town 2007", 6),
        *posts(2008, "olympics in town", 6),
        *posts(2009, "in town", 6),
    ]
    rare = posts(2009, "singular occurrence", 4)
    undated = replace(documents[0], id="u", thread="u", published=None, text="timeless " * 9)  # type: ignore[type-var]
    with index_of(tmp_path, *documents, *rare, undated) as searcher:  # type: ignore[arg-type]
        found = searcher.distinctive()
        assert list(found) == ["2007", "2008"]  # 2009 has only what others have, or too rarely
        assert found["2007"][0] == "elections"
        assert found["2008"][0] == "olympics"
        assert not {"2007", "singular", "timeless"} & {word for words in found.values() for word in words}
        assert searcher.distinctive(1) == {year: words[:1] for year, words in found.items()}
        assert searcher.distinctive(0) == {}


def test_stop_words_and_short_words_set_no_year_apart(tmp_path: Path) -> None:
    def posts(year: int, text: str) -> list[Document]:
        when = datetime(year, 3, 1)
        return [renamed(BREAD, f"{year}-{n}", text=text, published=when) for n in range(9)]

    texts = "nous avons été chez Célia en ef", "les plages, les vacances 漢", "pour les voyages", "le les"
    for language, others in (("french", set()), ("yiddish", {"nous", "avons", "été"})):  # for which there is no list
        documents = [post for year, text in enumerate(texts, 2007) for post in posts(year, f"{text} " * 9)]
        corpus.build(tmp_path / language, documents, language)
        with closing(engine.open_searcher(Settings(index_dir=tmp_path / language))) as searcher:
            found = searcher.distinctive()
        assert set(found["2007"]) == {"Célia", "chez", *others}
        assert set(found["2008"]) == {"plages", "vacances", "漢"}


def test_g2_is_dunnings() -> None:
    # Rayson and Garside's contingency table: a = 10 of c = 100 words, b = 5 of d = 300.
    found = _g2(np.array([[10, 5], [5, 10]]), np.array([100, 300]), 0)
    assert found[0] == pytest.approx(2 * (10 * log(10 / 3.75) + 5 * log(5 / 11.25)))
    assert found[1] == pytest.approx(2 * (5 * log(5 / 3.75) + 10 * log(10 / 11.25)))
    assert list(_g2(np.array([[1, 9]]), np.array([100, 300]), 0)) == [0]
