"""Why a hit is there: what was understood, and where each part of the query was found."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.engine import query
from indexer.engine.port import Document, Place, Searcher, SearchRequest
from indexer.engine.query import parse
from indexer.engine.query.text import write
from tests import corpus
from tests.test_engine_properties import _holds, blogs, indexed, queries

POST = replace(
    corpus.IRAN, title="Iran and the surge", author="AJ", text="Running out of time.", quoted="The quds force runs."
)
COMMENT = replace(corpus.DANKING, thread=POST.id, author="Quds", text="A surge of comments on Iran.", quoted="")


@pytest.fixture(scope="module")
def two() -> list[Document]:
    return [POST, COMMENT]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("iran", [("iran", ["title", "comments"])]),
        ("run", [("run", ["text", "quote"])]),
        ("run in:own", [("own:run", ["text"])]),
        ("run in:quotes", [("quotes:run", ["quote"])]),
        ("surge nowhere OR iran", [("surge", ["title", "comments"]), ("nowhere", []), ("iran", ["title", "comments"])]),
        ('"quds force" OR quds', [('"quds force"', ["quote"]), ("quds", ["quote", "comments"])]),
        ("runs ru* runing~", [("runs", ["text", "quote"]), ("ru*", ["text", "quote"]), ("runing~", ["text"])]),
        ("author:quds", [("author:quds", ["comments"])]),
        ("author:aj -zebra", [("author:aj", ["author"])]),
        ("comments", [("comments", ["comments"])]),
        ("category:iran in:posts", []),
        ("", []),
    ],
)
def test_where_each_part_of_a_query_is(two: list[Document], text: str, expected: list[tuple[str, list[Place]]]) -> None:
    with indexed(two) as searcher:
        (hit,) = searcher.search(SearchRequest(text=text)).hits
    assert [(match.text, list(match.places)) for match in hit.why] == expected


def test_the_passage_is_of_the_part_that_was_asked_for(two: list[Document]) -> None:
    with indexed(two) as searcher:
        (quoted,) = searcher.search(SearchRequest(text="run in:quotes")).hits
        (own,) = searcher.search(SearchRequest(text="run in:own")).hits
        (any_quote,) = searcher.search(SearchRequest(text="in:quotes")).hits
    assert (quoted.snippet.quoted, quoted.snippet.fragments[1]) == (True, ("runs", True))
    assert (own.snippet.quoted, own.snippet.fragments[0]) == (False, ("Running", True))
    assert (any_quote.snippet.quoted, any_quote.snippet.fragments) == (True, ((POST.quoted, False),))


def test_what_was_understood_is_in_the_results(blog_searcher: Searcher) -> None:
    assert blog_searcher.search(SearchRequest(text="Iran in:own OR NOT x")).understood == "iran (in:own OR -x)"
    assert blog_searcher.search(SearchRequest()).understood == ""


@settings(max_examples=60)
@given(blogs(), st.lists(queries, min_size=1, max_size=4), st.sampled_from(["thread", "none"]))
def test_places_are_those_of_a_loop_over_the_documents(documents: list[Document], asked: list[str], group: str) -> None:
    with indexed(documents) as searcher:
        for text in asked:
            root = parse(text).root
            found = {d.id: d for d in documents if d.kind != "pingback" and _holds(root, d)}
            request = SearchRequest(text=text, group="none" if group == "none" else "thread", page_size=100)
            for hit in searcher.search(request).hits:
                comments = [
                    d for d in found.values() if d.thread == hit.id and d.kind == "comment" and group == "thread"
                ]
                leaves = [leaf for leaf in query.positive(root) if leaf.field not in ("category", "tag")]
                expected = [(write(leaf), _places(leaf, found.get(hit.id), comments)) for leaf in leaves]
                assert [(match.text, match.places) for match in hit.why] == expected


def _places(leaf: query.Leaf, shown: Document | None, comments: list[Document]) -> tuple[Place, ...]:
    nothing = Document(id="", thread="", kind="post")
    parts: dict[Place, Document] = {}
    if shown:
        parts = {
            "title": replace(nothing, title=shown.title),
            "text": replace(nothing, text=shown.text),
            "quote": replace(nothing, quoted=shown.quoted),
            "author": replace(nothing, author=shown.author),
        }
    places = [place for place, part in parts.items() if _holds(leaf, part)]
    return (*places, "comments") if any(_holds(leaf, comment) for comment in comments) else tuple(places)
