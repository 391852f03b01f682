"""Rules of searching that hold for any blog and any request, checked against a search written with loops over the documents."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Literal

from hypothesis import given, settings
from hypothesis import strategies as st

from indexer import engine
from indexer.engine import analysis, query
from indexer.engine.edits import edits
from indexer.engine.port import FACET_FIELDS, UNCUT, Document, FacetField, Searcher, SearchRequest, TimeUnit
from indexer.engine.query import parse
from indexer.settings import Settings
from tests import corpus

WORDS = ["iran", "iraq", "running", "runs", "to", "be", "or", "sadr", "al", "café", "mail", "e", "C++"]
CATEGORIES = ["Iran", "Iraq", "Sadr/Mahdi Army"]
AUTHORS = ["AJ", "danking_70", ""]
SITES = ["a.example", "b.example", "deep.a.example"]

texts = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)
dates = st.none() | st.integers(0, 900).map(lambda days: datetime(2007, 6, 1, 12) + timedelta(days=days))
names = st.lists(st.sampled_from(CATEGORIES), max_size=2, unique=True).map(tuple)
sites = st.lists(st.sampled_from(SITES), max_size=2, unique=True).map(tuple)


@st.composite
def blogs(draw: st.DrawFn) -> list[Document]:
    """A few posts with their comments and pingbacks."""
    documents: list[Document] = []
    for p in range(draw(st.integers(1, 5))):
        post = Document(
            id=f"p{p}",
            thread=f"p{p}",
            kind=draw(st.sampled_from(["post", "post", "page"])),
            title=draw(texts),
            author=draw(st.sampled_from(AUTHORS)),
            published=draw(dates),
            categories=draw(names),
            tags=draw(names),
            text=draw(texts),
            quoted=draw(texts),
            domains=draw(sites),
        )
        documents.append(post)
        for c in range(draw(st.integers(0, 4))):
            documents.append(
                Document(
                    id=f"p{p}c{c}",
                    thread=post.id,
                    kind=draw(st.sampled_from(["comment", "comment", "comment", "pingback"])),
                    author=draw(st.sampled_from(AUTHORS)),
                    published=draw(dates),
                    categories=draw(st.just(post.categories) | names),
                    tags=post.tags,
                    text=draw(texts),
                    domains=draw(sites),
                )
            )
    return documents


terms = st.sampled_from(
    """iran|run|"to be"|"to be or"|al-sadr|e-mail|C++|cafe|ir*|title:iran|author:aj|category:iraq|in:comments|date:2008
    |in:own|in:quotes|own:run|quotes:"to be"|own:ir*|quotes:iran~|link:a.example|link:deep.a.example
    |before:2008-06|"running"|tag:army|title:"to be"|iarn~|rnuning~|title:iarq~2|zzz""".split("|")
)
queries = st.recursive(
    terms,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(" ".join),
        st.tuples(inner, inner).map(" OR ".join),
        inner.map(lambda q: f"-({q})"),
        inner.map(lambda q: f"({q})"),
    ),
    max_leaves=5,
)
_values: dict[FacetField, st.SearchStrategy[tuple[str, ...]]] = {
    "category": st.lists(st.sampled_from(CATEGORIES), min_size=1, max_size=2, unique=True).map(tuple),
    "author": st.sampled_from([("AJ",), ("danking_70", "AJ")]),
    "post_author": st.sampled_from([("AJ",), ("danking_70", "AJ")]),
    "comment_author": st.sampled_from([("AJ",), ("danking_70", "AJ")]),
    "kind": st.sampled_from([("comment",), ("post",), ("comment", "post"), ("page",)]),
    "site": st.lists(st.sampled_from(SITES), min_size=1, max_size=2, unique=True).map(tuple),
    "year": st.sampled_from([("2008",), ("2007", "2009")]),
    "month": st.just(("2008-05", "2008-06")),
}
selections = st.dictionaries(st.sampled_from(sorted(_values)), st.none(), max_size=3).flatmap(
    lambda names: st.fixed_dictionaries({name: _values[name] for name in names})
)
requests = st.builds(
    SearchRequest,
    text=st.just("") | queries,
    filters=selections,
    excluded=st.just({}) | selections,
    since=st.none() | st.dates(datetime(2007, 1, 1).date(), datetime(2010, 1, 1).date()),
    until=st.none() | st.dates(datetime(2007, 1, 1).date(), datetime(2010, 1, 1).date()),
    thread=st.sampled_from(["", "", "", "p0", "p1", "p0c0", "none"]),
    sort=st.sampled_from(["relevance", "newest", "oldest", "discussed"]),
    page_size=st.integers(1, 4),
    group=st.sampled_from(["thread", "thread", "none"]),
)


units = st.sampled_from(["auto", "auto", "year", "month", "day"])


@contextmanager
def indexed(documents: list[Document]) -> Iterator[Searcher]:
    with tempfile.TemporaryDirectory() as folder:
        corpus.build(Path(folder), documents)
        with closing(engine.open_searcher(Settings(index_dir=Path(folder)))) as searcher:
            yield searcher


def every_hit(searcher: Searcher, request: SearchRequest) -> list[str]:
    """The ids of all pages, one after the other."""
    ids: list[str] = []
    for page in range(1, 100):
        results = searcher.search(replace(request, page=page))
        ids += [hit.id for hit in results.hits]
        if page >= results.pages:
            return ids
    raise AssertionError("paging does not end")


@settings(max_examples=40)
@given(blogs(), st.lists(requests, min_size=1, max_size=3))
def test_a_facet_value_counts_what_its_link_leads_to(documents: list[Document], asked: list[SearchRequest]) -> None:
    with indexed(documents) as searcher:
        for request in asked:
            for name, facet in searcher.search(request).facets.items():
                for value in facet.values:
                    only = replace(request, filters={**request.filters, name: (value.value,)})
                    assert searcher.search(only).listed == searcher.count(only) == value.count, (name, value)


@settings(max_examples=40)
@given(blogs(), requests, st.integers(0, 5))
def test_fewer_facet_values_are_the_first_of_all(documents: list[Document], request: SearchRequest, limit: int) -> None:
    with indexed(documents) as searcher:
        every, few = (searcher.search(replace(request, facet_values=n)).facets for n in (1000, limit))
        for name in FACET_FIELDS:
            selected = [value.selected for value in few[name].values]
            first = every[name].values if name in UNCUT else every[name].values[:limit]
            assert few[name].values[: len(first)] == first
            assert all(selected[len(first) :])
            assert set(few[name].values) <= set(every[name].values)
            left = [value for value in every[name].values if value.count and value not in few[name].values]
            assert (few[name].other, few[name].missing) == (len(left), every[name].missing)


@settings(max_examples=60)
@given(blogs(), st.lists(st.tuples(requests, units), min_size=1, max_size=2))
def test_a_timelines_bars_are_searches_and_cover_its_span(
    documents: list[Document], asked: list[tuple[SearchRequest, TimeUnit | Literal["auto"]]]
) -> None:
    with indexed(documents) as searcher:
        for request, unit in asked:
            timeline = searcher.search(replace(request, timeline=unit, facets=())).timeline
            assert timeline is not None
            bars = timeline.bars
            span = _span(documents, request)
            assert [bars[0].since, bars[-1].until] == span if bars else not span
            assert all(a.until + timedelta(days=1) == b.since for a, b in pairwise(bars))
            letters = {"year": 4, "month": 7, "day": 10}[timeline.unit]
            names = [{str(bar.since)[:letters], str(bar.until)[:letters]} for bar in bars]
            assert all(len(name) == 1 for name in names)
            assert len(set.union(set(), *names)) == len(bars)
            # Every bar that has something, and some that have nothing.
            for bar in [*bars[:5], *bars[-5:], *(bar for bar in bars if any(bar[2:]))]:
                for asked_for, counts in ((request, bar[2:4]), (SearchRequest(), bar[4:6])):
                    inside = replace(asked_for, since=bar.since, until=bar.until, facets=())
                    total = searcher.search(inside).total
                    assert (total.posts, total.comments) == counts


def _span(documents: list[Document], request: SearchRequest) -> list[date]:
    """First and last day of the archive inside the request's dates."""
    days = [d.published.date() for d in documents if d.published and d.kind != "pingback"]
    if not days:
        return []
    span = [max(min(days), request.since or date.min), min(max(days), request.until or date.max)]
    return span if span[0] <= span[1] else []


@settings(max_examples=30)
@given(blogs(), st.data())
def test_an_updated_index_counts_as_a_new_one(documents: list[Document], data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(documents)))
    gone = data.draw(st.sets(st.sampled_from([document.id for document in documents])))
    request = SearchRequest(timeline="auto")
    with tempfile.TemporaryDirectory() as folder, indexed([d for d in documents if d.id not in gone]) as fresh:
        generation = corpus.build(Path(folder), documents[:first])
        with engine.open_writer(generation.path, "english") as writer:
            for document in documents[first:]:
                writer.add(document)
            writer.delete(gone)
        with closing(engine.open_generation(generation, Settings(index_dir=Path(folder)))) as updated:
            one, other = fresh.search(request), updated.search(request)
            assert (one.total, one.facets, one.timeline) == (other.total, other.facets, other.timeline)


@settings(max_examples=40)
@given(blogs(), st.lists(requests, min_size=1, max_size=3))
def test_paging_neither_repeats_nor_drops(documents: list[Document], asked: list[SearchRequest]) -> None:
    with indexed(documents) as searcher:
        for request in asked:
            paged = every_hit(searcher, request)
            whole = searcher.search(replace(request, page_size=100))
            assert paged == [hit.id for hit in whole.hits]
            assert len(set(paged)) == len(paged) == whole.listed


@settings(max_examples=60)
@given(blogs(), st.lists(requests, min_size=1, max_size=4))
def test_a_search_finds_what_a_loop_over_the_documents_finds(
    documents: list[Document], asked: list[SearchRequest]
) -> None:
    with indexed(documents) as searcher:
        for request in asked:
            expected = _expected(documents, request)
            results = searcher.search(request)
            assert results.total.threads == len({d.thread for d in expected})
            assert results.total.comments == len([d for d in expected if d.kind == "comment"])
            assert results.total.posts == len(expected) - results.total.comments
            listed = {d.thread for d in expected} if request.grouped else {d.id for d in expected}
            assert set(every_hit(searcher, request)) == listed


def _expected(documents: list[Document], request: SearchRequest) -> list[Document]:
    """What the request finds."""
    by = {document.id: document.author for document in documents}
    return [d for d in documents if d.kind != "pingback" and _matches(d, by[d.thread], request)]


def _matches(document: Document, post_author: str, request: SearchRequest) -> bool:
    day = document.published.date() if document.published else None
    if (request.since or request.until) and day is None:
        return False
    if day and ((request.since and day < request.since) or (request.until and day > request.until)):
        return False
    values: dict[FacetField, tuple[str, ...]] = {
        "category": document.categories,
        "tag": document.tags,
        "author": (document.author,),
        "post_author": (post_author,),
        "comment_author": (document.author,) if document.kind == "comment" else (),
        "kind": (document.kind,),
        "site": document.domains,
        "year": (f"{day:%Y}",) if day else (),
        "month": (f"{day:%Y-%m}",) if day else (),
    }
    chosen = all(set(values[name]) & set(wanted) for name, wanted in request.filters.items())
    spared = not any(set(values[name]) & set(unwanted) for name, unwanted in request.excluded.items())
    within = request.thread in ("", document.thread)
    return chosen and spared and within and _holds(parse(request.text).root, document)


def _holds(node: query.Node, document: Document) -> bool:
    match node:
        case query.And(nodes):
            return all(_holds(n, document) for n in nodes)
        case query.Or(nodes):
            return any(_holds(n, document) for n in nodes)
        case query.Not(inner):
            return not _holds(inner, document)
        case query.In(group):
            return (document.kind == "comment") == (group == "comments")
        case query.Has(part):
            return any(_rows(document, part))
        case query.Linked(host):
            return any(f".{domain}".endswith(f".{host}") for domain in document.domains)
        case query.Dated(since, until):
            day = document.published.date() if document.published else None
            return day is not None and (since is None or day >= since) and (until is None or day <= until)
        case query.Words(words, field, exact):
            rows = _rows(document, field)
            if len(words) == 1 and not exact and field in ("any", "title", "own", "quotes"):
                stem = analysis.Analyzer("english").stem
                return any(stem(word) == stem(words[0]) for row in rows for word in row)
            return any(tuple(row[i : i + len(words)]) == words for row in rows for i in range(len(row)))
        case query.Prefix(letters, field):
            return any(word.startswith(letters) for row in _rows(document, field) for word in row)
        case query.Fuzzy(word, allowed, field):
            return any(edits(word, other) <= allowed for row in _rows(document, field) for other in row)
        case query.Everything():
            return True
        case query.Nothing():
            return False


def _rows(document: Document, field: query.TextField) -> list[list[str]]:
    values = {
        "any": (document.title, document.text, document.quoted, document.author),
        "title": (document.title,),
        "own": (document.title, document.text),
        "quotes": (document.quoted,),
        "author": (document.author,),
        "category": document.categories,
        "tag": document.tags,
    }
    return [analysis.words(value) for value in values[field]]


@settings(max_examples=150)
@given(text=st.text(max_size=200) | st.lists(terms | st.sampled_from(list('()"*-: ')), max_size=30).map("".join))
def test_any_string_is_a_query(blog_searcher: Searcher, text: str) -> None:
    results = blog_searcher.search(SearchRequest(text=text))
    assert results.listed >= len(results.hits)
