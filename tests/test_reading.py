"""The reading view as a client gets it: old places, marks, the search within a thread, what a post leads to, the citation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from indexer import engine
from indexer.engine.port import Document, Searcher
from indexer.settings import Settings
from tests import corpus
from webapp import create_app
from webapp.reading import WITHIN


def text(tag: object) -> str:
    return " ".join(tag.get_text(" ").split())  # type: ignore[attr-defined]


def page(client: FlaskClient, address: str) -> BeautifulSoup:
    response = client.get(address)
    assert response.status_code == 200
    return BeautifulSoup(response.text, "lxml")


def links(soup: BeautifulSoup, selector: str) -> list[str]:
    return [str(link["href"]) for link in soup.select(selector)]


@pytest.fixture
def client(blog_settings: Settings, blog_searcher: Searcher) -> FlaskClient:
    return create_app(blog_settings, blog_searcher).test_client()


@contextmanager
def served(root: Path, *documents: Document) -> Iterator[FlaskClient]:
    """A client of a blog of these documents."""
    corpus.build(root, documents)
    settings = Settings(index_dir=root)
    searcher = engine.open_live(settings)
    try:
        yield create_app(settings, searcher).test_client()
    finally:
        searcher.close()


def test_marks_are_numbered_and_the_first_is_linked(client: FlaskClient) -> None:
    soup = page(client, "/post/p1?q=quds+OR+iran")
    marks = soup.select("mark")
    assert [(mark["id"], mark.get_text()) for mark in marks] == [
        ("match-1", "Iran"),
        ("match-2", "Quds"),
        ("match-3", "Iran"),
    ]
    assert text(soup.select(".matches .many")[0]) == "3 matches for “quds OR iran”"
    assert links(soup, ".matches .first") == ["#match-1"]
    assert not page(client, "/post/p1?q=bread").select(".matches")
    assert not page(client, "/post/p1").select(".matches, mark")


def test_the_matches_say_what_is_marked(client: FlaskClient) -> None:
    def said(address: str) -> str:
        return text(page(client, address).select(".matches .many")[0])

    assert said("/post/p1?q=quds") == "1 match for “quds”"
    assert said("/post/p1?q=quds&within=frosty") == "1 match for “frosty”"
    assert said(f"/post/p1?q=quds+OR+{'x' * 100}") == f"1 match for “quds OR {'x' * 72}…”"


def test_a_post_without_comments_or_text_says_so(tmp_path: Path) -> None:
    ping = replace(corpus.DANKING, kind="pingback", thread="p2")
    bare = replace(corpus.BREAD, html="<p> </p>\n<ul></ul>")
    with served(tmp_path, bare, ping, replace(corpus.SHORT, html="<p>x</p>")) as client:
        soup = page(client, "/post/p2")
        assert text(soup.select(".post .prose")[0]) == "This post has no text."
        assert text(soup.select(".post .meta")[0]).endswith("No comments")
        assert len(soup.select("#comments .pingbacks")) == 1
        other = page(client, "/post/p3")
        assert text(other.select(".post .prose")[0]) == "x"
        assert text(other.select("#comments")[0]) == "No comments"
        assert not other.select("section#comments, a[href='#comments']")


def test_old_places_of_comments_are_there_beside_ours(client: FlaskClient) -> None:
    soup = page(client, "/post/p1")
    assert [tag.find_parent("article")["id"] for tag in soup.select("#comment-1")] == ["comment-c1"]  # type: ignore[index]
    assert links(soup, ".comment .anchor") == ["#comment-c1", "#comment-c2", "#comment-k1"]


def test_old_places_never_repeat_a_name(tmp_path: Path) -> None:
    """Whatever the archive says: fragments of other comments' ids, of the page's own places, one of them twice."""
    fragments = ("comment-7", "comment-7", "comment-2", "main", "match-1", "q", "comments", "c12", "", "a b1", "x" * 99)
    comments = [
        replace(corpus.DANKING, id=str(n), permalink=f"http://blog.example.com/#{fragment}")
        for n, fragment in enumerate(fragments)
    ]
    with served(tmp_path, corpus.IRAN, *comments) as client:
        soup = page(client, "/post/p1?q=iran")
    ids = [str(tag["id"]) for tag in soup.select("[id]")]
    assert len(ids) == len(set(ids))
    # "comment-7" is the name that the comment of this id has here.
    assert [str(tag["id"]) for tag in soup.select(".old")] == ["c12"]


def test_the_search_within_a_thread_marks_its_words_and_lists_what_has_them(client: FlaskClient) -> None:
    soup = page(client, "/post/p1?q=quds&category=Iran&within=miscalculates+OR+frosty")
    assert [mark.get_text() for mark in soup.select(".post mark, .comments mark")] == ["frosty", *["miscalculates"] * 2]
    assert text(soup.select("#found-heading")[0]) == "Found in 2 entries"
    assert links(soup, ".found .meta a") == ["#main", "#comment-c1"]
    assert [text(tag) for tag in soup.select(".found .meta")] == [
        "The post 4 May 2008 1 match",
        "danking_70 4 May 2008 1 match",
    ]
    assert [mark.get_text() for mark in soup.select(".found .snippet mark")] == ["frosty", "miscalculates"]
    assert not soup.select(".found mark[id]")
    form = soup.select("form.within")[0]
    assert form["action"] == "/post/p1"
    assert [(field["name"], field.get("value")) for field in form.select("input")] == [
        ("q", "quds"),
        ("category", "Iran"),
        ("within", "miscalculates OR frosty"),
    ]
    assert links(soup, ".found > p a") == ["/post/p1?q=quds&category=Iran"]


def test_a_search_within_a_thread_finds_nothing_of_another(client: FlaskClient) -> None:
    assert text(page(client, "/post/p1?within=bread").select("#found-heading")[0]) == "Nothing in this thread matches"
    assert not page(client, "/post/p1?within=+").select(".found")


@pytest.mark.parametrize(
    "query", ["((", "-iran", '"', "*", "\x00iran", "a" * 3000, "before:2008", "<script>", "iran OR", "in:comments"]
)
def test_any_search_within_a_thread_is_answered(client: FlaskClient, query: str) -> None:
    assert client.get("/post/p1", query_string={"within": query}).status_code == 200


def test_what_is_found_within_a_thread_is_listed_up_to_a_bound(tmp_path: Path) -> None:
    comments = [replace(corpus.DANKING, id=f"d{n}", permalink="") for n in range(WITHIN + 3)]
    with served(tmp_path, corpus.IRAN, *comments) as client:
        soup = page(client, "/post/p1?within=miscalculates")
    assert len(soup.select(".found li")) == WITHIN
    assert text(soup.select("#found-heading")[0]) == f"Found in {WITHIN + 3} entries"
    assert text(soup.select(".found .count")[0]) == "and 3 more"
    assert len(soup.select("#comments mark")) == WITHIN + 3


def test_a_post_leads_to_those_before_and_after_it(client: FlaskClient) -> None:
    soup = page(client, "/post/p2?q=bread")
    assert links(soup, ".neighbours a") == ["/post/p1?q=bread", "/post/p3?q=bread"]
    assert [link["rel"] for link in soup.select(".neighbours a")] == [["prev"], ["next"]]
    assert links(page(client, "/post/p3"), ".neighbours a") == ["/post/p2"]
    assert not page(client, "/post/g1").select(".neighbours")


def test_related_posts_are_those_of_the_engine(client: FlaskClient, blog_searcher: Searcher) -> None:
    for post in ("p1", "p2", "p3", "g1"):
        related = [f"/post/{other.id}" for other in blog_searcher.related(post)]
        assert links(page(client, f"/post/{post}"), ".related a") == related


def test_links_out_have_copies_of_their_time(client: FlaskClient) -> None:
    soup = page(client, "/post/p1")
    day = "https://web.archive.org/web/20080504/http://"
    assert links(soup, ".post a + .wayback") == [
        f"{day}blog.example.com/emblem.png",
        f"{day}blog.example.com/2008/05/04/last-efforts/",
    ]
    assert links(soup, "#comment-c1 .site .wayback") == [f"{day}danking.example.net/"]
    for link in soup.select(".wayback"):
        assert link["aria-label"]
        assert {"nofollow", "noopener", "noreferrer"} <= set(link["rel"])


def test_the_citation_says_who_what_when_and_where(client: FlaskClient) -> None:
    assert text(page(client, "/post/p1?q=iran").select("details #citation")[0]) == (
        "AJ. “Last efforts between US and Iran”. Literal blog. 4 May 2008. "
        "http://blog.example.com/2008/05/04/last-efforts/ http://localhost/post/p1"
    )
    assert text(page(client, "/post/g1").select("#citation")[0]) == (
        "“About”. Literal blog. undated. http://localhost/post/g1"
    )
