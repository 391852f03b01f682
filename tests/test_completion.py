"""Completions: of the literal corpus exactly, and over HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.engine.port import Completion, Searcher, SearchRequest
from indexer.settings import Settings
from tests.corpus import BREAD, CORPUS, DANKING, IRAN, PING, renamed
from tests.test_engine import index_of
from webapp import create_app


def completed(searcher: Searcher, text: str) -> list[tuple[str, str, int | None]]:
    return [(each.kind, each.text, each.count) for each in searcher.suggest(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("i", []),
        ("!!", []),
        ("zpingb", []),
        (
            "ir",
            [("title", IRAN.title, 1), ("category", "Iran", 2), ("word", "Iran", None), ("word", "Iranian", None)],
        ),
        # The second "bread" is the first word of its title.
        (
            "Brea",
            [("title", "Bread again", 1), ("category", "Bread", 2), ("word", "bread", None)],
        ),
        ("last ef", [("title", IRAN.title, 1)]),
        ("efforts la", [("title", IRAN.title, 1)]),
        ("cafe", [("title", BREAD.title, 1)]),
        ("army sad", [("category", "Sadr/Mahdi Army", 1)]),
        ("ry", [("tag", "rye", 1)]),
        ("mar", [("author", "Marta", 1)]),
        ("The Quds an", [("word", "The Quds answers", None)]),
    ],
)
def test_what_completes(blog_searcher: Searcher, text: str, expected: list[tuple[str, str, int | None]]) -> None:
    assert completed(blog_searcher, text) == expected


def test_titles_with_more_discussion_come_first_and_share_the_room(tmp_path: Path) -> None:
    posts = [renamed(BREAD, f"b{n}", title=f"Baking {n}", categories=("Bakers",), text="baked bakes") for n in range(9)]
    talk = renamed(DANKING, "c9", thread="b4", text="baker")
    with index_of(tmp_path, *posts, talk) as searcher:
        found = searcher.suggest("bak")
        assert [each.kind for each in found] == ["title"] * 4 + ["category"] + ["word"] * 3
        assert found[0] == Completion("title", "Baking 4", 1, id="b4")
        assert len(searcher.suggest("bak", 3)) == 3
        assert searcher.suggest("bak", 0) == ()


def test_a_number_beside_a_completion_is_the_total_of_its_page(
    blog_settings: Settings, blog_searcher: Searcher
) -> None:
    counted = [each for text in ("ira", "br", "sad", "ry", "mar", "aj") for each in blog_searcher.suggest(text)]
    assert {each.kind for each in counted if each.count is not None} == {"title", "category", "tag", "author"}
    for each in counted:
        if each.count is not None and each.kind != "title":
            request = SearchRequest(filters={each.kind: (each.text,)})  # type: ignore[dict-item]
            assert blog_searcher.count(request) == each.count, each


def test_words_are_shown_as_their_documents_write_them(tmp_path: Path) -> None:
    texts = ["Événement à Genève.", "Un evenement, puis un événement", "C'était l'événement : Genève", "Le Événement"]
    posts = [renamed(BREAD, f"e{n}", title="Apéro", text=text, categories=(), tags=()) for n, text in enumerate(texts)]
    with index_of(tmp_path, *posts) as searcher:
        assert [each.text for each in searcher.suggest("evene") if each.kind == "word"] == ["événement"]
        assert [each.text for each in searcher.suggest("l'gen") if each.kind == "word"] == ["l'Genève"]
        for typed, meant in (("evenemant", "événement"), ("apero genve", "apero Genève"), ("aperro", "Apéro")):
            assert searcher.search(SearchRequest(text=typed)).suggestion == meant


def test_what_was_deleted_completes_nothing(tmp_path: Path) -> None:
    from indexer import engine

    with index_of(tmp_path, *CORPUS):
        pass
    path = next((tmp_path / "generations").iterdir())
    with engine.open_writer(path, "english") as writer:
        writer.delete(["p2", "c1"])
    with index_of(tmp_path, *(d for d in CORPUS if d not in (BREAD, DANKING))) as searcher:
        assert completed(searcher, "miscal") == completed(searcher, "marta") == completed(searcher, "cafe") == []


def test_completions_over_http(blog_settings: Settings, blog_searcher: Searcher) -> None:
    client = create_app(blog_settings, blog_searcher).test_client()
    response = client.get("/api/v1/suggest?q=Ir")
    assert response.json == {
        "query": "Ir",
        "completions": [
            {"kind": "title", "text": IRAN.title, "count": 1, "path": "/post/p1"},
            {"kind": "category", "text": "Iran", "count": 2, "path": "/?category=Iran"},
            {"kind": "word", "text": "Iran", "count": None, "path": "/?q=Iran"},
            {"kind": "word", "text": "Iranian", "count": None, "path": "/?q=Iranian"},
        ],
    }
    assert response.headers["Cache-Control"] == "private, max-age=60"
    answers = [client.get(f"/api/v1/suggest?q={q}").get_json() for q in ("mar", "rye")]
    paths = [each["path"] for answer in answers for each in answer["completions"]]
    assert paths == ["/?author=Marta", "/?tag=rye"]
    for text in ("", "x" * 10_000, "%00%00", "%ff%fe", "((((", '"a b', "*" * 500, PING.text):
        assert client.get("/api/v1/suggest", query_string={"q": text}).status_code == 200
