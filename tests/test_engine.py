"""The engine contract on a tiny literal corpus: what a search means, whatever engine answers."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Literal

import pytest

from indexer import engine
from indexer.engine.generations import Generations
from indexer.engine.port import (
    Bar,
    CommentHit,
    Document,
    Facet,
    FacetValue,
    Group,
    Hit,
    Searcher,
    SearchRequest,
    SearchResults,
    Snippet,
    Sort,
    Thread,
    Timeline,
    TimeUnit,
    Total,
    WordMatch,
)
from indexer.settings import Settings
from tests import corpus
from tests.corpus import ABOUT, BREAD, CORPUS, DANKING, IRAN, PING, REPLY, SHORT, renamed


@contextmanager
def index_of(root: Path, *documents: Document) -> Iterator[Searcher]:
    """A searcher over ``documents``."""
    corpus.build(root, documents)
    with closing(engine.open_searcher(Settings(index_dir=root))) as searcher:
        yield searcher


def found(searcher: Searcher, text: str, **filters: tuple[str, ...]) -> list[str]:
    """Ids of the documents that match, in the order of ungrouped relevance."""
    request = SearchRequest(text=text, filters=filters, group="none", page_size=100)  # type: ignore[arg-type]
    return [hit.id for hit in searcher.search(request).hits]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("quds force", {"p1"}),
        ("hopelessly OR miscalculates", {"c1"}),
        ("author:danking_70", {"c1"}),
        ("author:AJ", {"p1", "c2", "p3"}),
        ("danking_70", {"c1"}),
        ("iran", {"p1", "c1"}),
        ("iranian", {"p3"}),
        ("run", {"c2", "p2"}),
        ('"run"', set()),
        ('"running"', {"c2"}),
        ('"to be or not to be"', {"p1"}),
        ('"to be"', {"p1", "p2"}),
        ('"not to be or"', set()),
        ("to be", {"p1", "p2"}),
        ("al-Sadr", {"p1"}),
        ("Al-Sadr’s", {"p1"}),
        ("sadr", {"p1"}),
        ("C++", {"c2"}),
        ("C#", set()),
        ("R&D", {"c2"}),
        ("U.S.", {"p2"}),
        ("us", {"p1"}),
        ("e-mail", {"p2"}),
        ("mail", {"p2"}),
        ("cafe", {"p2"}),
        ("CAFÉ", {"p2"}),
        ("naive", {"p3"}),
        ('"frosty reception"', {"p1"}),
        ('"iran aj"', set()),
        ('"iran the"', set()),
        ("iran -sadr", {"c1"}),
        ("-iran", {"c2", "p2", "p3", "g1"}),
        ("-iran -bread -page in:posts", {"p2"}),
        ("ir*", {"p1", "c1", "p3"}),
        ("zz*", set()),
        ("title:iran", {"p1"}),
        ('title:"between US"', {"p1"}),
        ("title:quds", set()),
        ("category:iran", {"p1", "c1", "c2", "p3"}),
        ('category:"Sadr/Mahdi Army"', {"p1", "c1", "c2"}),
        ('category:"Iran Sadr"', set()),
        ("tag:rye bake", {"p2"}),
        ("in:comments iran", {"c1"}),
        ("in:posts iran", {"p1"}),
        ("date:2008-05", {"p1", "c1"}),
        ("date:2008-05-04..2008-06-01", {"p1", "c1", "c2"}),
        ("before:2008-06", {"p1", "c1"}),
        ("after:2008-12-31", {"p2", "p3"}),
        ("(bread OR oven) -naive", {"p2"}),
        ("zpingback", set()),
        ("***", set()),
    ],
)
def test_what_a_query_finds(blog_searcher: Searcher, text: str, ids: set[str]) -> None:
    assert set(found(blog_searcher, text)) == ids


def test_an_empty_query_browses_newest_first_and_undated_last(blog_searcher: Searcher) -> None:
    results = blog_searcher.search(SearchRequest())
    assert [hit.id for hit in results.hits] == ["p3", "p2", "p1", "g1"]
    assert (results.total, results.listed) == (Total(threads=4, posts=4, comments=2), 4)


def test_a_hit_is_the_post_with_its_matching_comments_under_it(blog_searcher: Searcher) -> None:
    results = blog_searcher.search(SearchRequest(text="miscalculates"))
    (hit,) = results.hits
    snippet = Snippet((("Hard to believe, unless Iran totally ", False), ("miscalculates", True), (".", False)))
    comment = CommentHit(id="c1", author="danking_70", published=DANKING.published, snippet=snippet, score=hit.score)
    assert hit == Hit(
        id="p1",
        thread="p1",
        kind="post",
        title=IRAN.title,
        permalink=IRAN.permalink,
        author="AJ",
        published=IRAN.published,
        categories=IRAN.categories,
        tags=IRAN.tags,
        score=hit.score,
        snippet=Snippet(((IRAN.text.replace("\n", " "), False),)),
        comments_total=1,
        comments=(comment,),
        discussed=2,
        why=(WordMatch("miscalculates", ("comments",)),),
    )
    assert hit.score > 0
    assert results.total == Total(threads=1, posts=0, comments=1)


def test_kind_comment_lists_comments_one_by_one_under_their_posts_title(blog_searcher: Searcher) -> None:
    results = blog_searcher.search(SearchRequest(filters={"kind": ("comment",)}, sort="oldest"))
    assert [(hit.id, hit.thread, hit.title) for hit in results.hits] == [
        ("c1", "p1", IRAN.title),
        ("c2", "p1", IRAN.title),
    ]
    assert results.listed == 2


def test_filters_apply_to_documents_not_to_threads(blog_searcher: Searcher) -> None:
    june = SearchRequest(filters={"month": ("2008-06",)})
    assert [(hit.id, hit.comments_total) for hit in blog_searcher.search(june).hits] == [("p1", 1)]
    both = SearchRequest(text="quds", filters={"month": ("2008-06",)})
    assert blog_searcher.search(both).listed == 0


def test_selections_are_or_within_a_facet_and_and_across(blog_searcher: Searcher) -> None:
    assert set(found(blog_searcher, "", category=("Bread", "Sadr/Mahdi Army"))) == {"p1", "c1", "c2", "p2", "p3"}
    assert set(found(blog_searcher, "", category=("Bread", "Iran"), year=("2009",))) == {"p3"}
    assert set(found(blog_searcher, "", category=("No such",))) == set()


def test_a_posts_author_is_its_comments_too_and_a_commenter_no_posts(blog_searcher: Searcher) -> None:
    assert set(found(blog_searcher, "", post_author=("AJ",))) == {"p1", "c1", "c2", "p3"}
    assert set(found(blog_searcher, "", author=("AJ",))) == {"p1", "c2", "p3"}
    assert set(found(blog_searcher, "", comment_author=("AJ", "Marta"))) == {"c2"}


def test_sites_are_the_hosts_that_a_document_itself_links_to(tmp_path: Path) -> None:
    linking = replace(IRAN, domains=("a.example", "b.example"))
    with index_of(tmp_path, linking, replace(REPLY, domains=("b.example",)), BREAD) as searcher:
        assert found(searcher, "", site=("a.example",)) == ["p1"]
        assert found(searcher, "", site=("b.example",)) == ["c2", "p1"]
        (documents, threads) = (
            searcher.search(SearchRequest(facets=("site",), group=group)).facets["site"] for group in ("none", "thread")
        )
    assert documents == Facet("site", (FacetValue("b.example", 2), FacetValue("a.example", 1)), missing=1)
    assert threads == Facet("site", (FacetValue("a.example", 1), FacetValue("b.example", 1)), missing=1)


def test_a_document_with_an_excluded_value_is_never_found(blog_searcher: Searcher) -> None:
    request = SearchRequest(excluded={"category": ("Bread", "No such"), "comment_author": ("AJ",)}, group="none")
    assert [hit.id for hit in blog_searcher.search(request).hits] == ["c1", "p1", "g1"]
    assert blog_searcher.count(request) == 3
    assert blog_searcher.count(replace(request, filters={"category": ("Bread",)})) == 0


def test_a_facets_own_counts_mind_its_own_exclusions(blog_searcher: Searcher) -> None:
    request = SearchRequest(
        filters={"category": ("Bread",)}, excluded={"category": ("Iran",)}, facets=("category", "year")
    )
    facets = blog_searcher.search(request).facets
    assert facets["category"].values == (FacetValue("Bread", 1, selected=True),)
    assert facets["year"].values == (FacetValue("2008", 1),)


@pytest.mark.parametrize(("thread", "listed"), [("p1", 3), ("p3", 1), ("c1", 0), ("k1", 0), ("no such", 0), ("", 6)])
def test_a_thread_can_be_searched_alone(blog_searcher: Searcher, thread: str, listed: int) -> None:
    assert blog_searcher.count(SearchRequest(thread=thread, group="none")) == listed


def test_as_many_facet_values_as_wanted_and_the_selected(blog_searcher: Searcher) -> None:
    request = SearchRequest(filters={"tag": ("rye",)}, facets=("category", "tag", "year"), facet_values=1)
    facets = blog_searcher.search(replace(request, filters={})).facets
    assert facets["category"] == Facet("category", (FacetValue("Bread", 2),), other=2, missing=1)
    assert len(facets["year"].values) == 2
    assert blog_searcher.search(request).facets["tag"] == Facet(
        "tag", (FacetValue("oven", 1), FacetValue("rye", 1, selected=True)), other=1, missing=2
    )
    assert blog_searcher.search(replace(request, facet_values=0)).facets["category"] == Facet("category", other=1)


def timeline(searcher: Searcher, **asked: object) -> Timeline:
    """The timeline of a request, without the facets."""
    results = searcher.search(SearchRequest(**{"timeline": "auto", "facets": (), **asked}))  # type: ignore[arg-type]
    assert results.timeline is not None
    return results.timeline


def test_a_timeline_of_months_shows_the_empty_ones_and_the_archive(blog_searcher: Searcher) -> None:
    shown = timeline(blog_searcher, text="iran", timeline="auto")
    assert shown.unit == "month"
    assert [bar.since for bar in shown.bars] == [
        date(2008, 5, 4), *(date(2008, month, 1) for month in range(6, 13)), date(2009, 1, 1),
    ]  # fmt: skip
    assert shown.bars[0] == Bar(date(2008, 5, 4), date(2008, 5, 31), 1, 1, 1, 1)
    assert shown.bars[1] == Bar(date(2008, 6, 1), date(2008, 6, 30), 0, 0, 0, 1)
    assert shown.bars[2] == Bar(date(2008, 7, 1), date(2008, 7, 31), 0, 0, 0, 0)
    assert shown.bars[-1] == Bar(date(2009, 1, 1), date(2009, 1, 2), 0, 0, 1, 0)


@pytest.mark.parametrize(
    ("since", "until", "unit", "bars"),
    [
        (date(2008, 5, 1), date(2008, 7, 4), "day", 62),
        (date(2008, 5, 1), date(2008, 7, 5), "month", 3),
        (date(2000, 1, 1), date(2008, 5, 3), "day", 0),
        (date(2009, 2, 1), None, "day", 0),
        (date(2008, 12, 31), date(2008, 12, 31), "day", 1),
    ],
)
def test_a_timelines_unit_suits_its_span(
    blog_searcher: Searcher, since: date, until: date | None, unit: TimeUnit, bars: int
) -> None:
    shown = timeline(blog_searcher, since=since, until=until)
    assert len(shown.bars) == bars
    assert shown.unit == unit or not bars


@pytest.mark.parametrize(
    ("years", "wanted", "unit", "bars"),
    [
        (2, "auto", "month", 36),
        (3, "auto", "year", 4),
        (3, "day", "month", 48),
        (3, "month", "month", 48),
        (99, "month", "month", 1200),
        (100, "month", "year", 101),
        (1990, "day", "year", 1200),
    ],
)
def test_a_timeline_is_bounded(
    tmp_path: Path, years: int, wanted: TimeUnit | Literal["auto"], unit: TimeUnit, bars: int
) -> None:
    old = renamed(SHORT, "old", published=datetime(2008 - years, 1, 1))
    new = renamed(SHORT, "new", published=datetime(2008, 12, 31, 23, 59, 59))
    with index_of(tmp_path, old, new, ABOUT) as searcher:
        shown = timeline(searcher, timeline=wanted)
    assert (shown.unit, len(shown.bars), shown.bars[-1].until) == (unit, bars, date(2008, 12, 31))
    assert sum(bar.posts for bar in shown.bars) == (1 if years == 1990 else 2)


def test_a_timeline_is_made_when_it_is_asked_for(blog_searcher: Searcher) -> None:
    assert blog_searcher.search(SearchRequest()).timeline is None


def test_an_archive_without_dates_has_no_bars(tmp_path: Path) -> None:
    with index_of(tmp_path, ABOUT) as searcher:
        assert timeline(searcher) == Timeline("year")
        assert timeline(searcher, timeline="month") == Timeline("month")


def test_the_steps_of_a_search_are_timed(blog_searcher: Searcher) -> None:
    results = blog_searcher.search(SearchRequest(text="iran", timeline="auto"))
    assert list(results.timings) == ["words", "filters", "facets", "timeline", "hits"]
    assert 0 < sum(results.timings.values()) <= results.took_ms


def test_dates_are_inclusive_and_leave_out_the_undated(blog_searcher: Searcher) -> None:
    request = SearchRequest(since=date(2008, 6, 1), until=date(2008, 12, 31), group="none")
    assert [hit.id for hit in blog_searcher.search(request).hits] == ["p2", "c2"]


def test_facets_of_browsing(blog_searcher: Searcher) -> None:
    facets = blog_searcher.search(SearchRequest()).facets
    assert facets == {
        "category": Facet(
            "category", (FacetValue("Bread", 2), FacetValue("Iran", 2), FacetValue("Sadr/Mahdi Army", 1)), missing=1
        ),
        "tag": Facet("tag", (FacetValue("oven", 1), FacetValue("quds", 1), FacetValue("rye", 1)), missing=2),
        "author": Facet(
            "author", (FacetValue("AJ", 2), FacetValue("Marta", 1), FacetValue("danking_70", 1)), missing=1
        ),
        "post_author": Facet("post_author", (FacetValue("AJ", 2), FacetValue("Marta", 1)), missing=1),
        "comment_author": Facet("comment_author", (FacetValue("AJ", 1), FacetValue("danking_70", 1)), missing=4),
        "site": Facet("site", missing=4),
        "kind": Facet("kind", (FacetValue("post", 3), FacetValue("comment", 2), FacetValue("page", 1))),
        "year": Facet("year", (FacetValue("2009", 1), FacetValue("2008", 2)), missing=1),
        "month": Facet(
            "month",
            (FacetValue("2009-01", 1), FacetValue("2008-12", 1), FacetValue("2008-06", 1), FacetValue("2008-05", 1)),
            missing=1,
        ),
    }


def test_a_facets_own_counts_ignore_its_own_selection(blog_searcher: Searcher) -> None:
    request = SearchRequest(filters={"category": ("Bread",), "year": ("2008",)}, facets=("category", "year"))
    facets = blog_searcher.search(request).facets
    assert facets["category"].values == (
        FacetValue("Bread", 1, selected=True),
        FacetValue("Iran", 1),
        FacetValue("Sadr/Mahdi Army", 1),
    )
    assert facets["year"].values == (FacetValue("2009", 1), FacetValue("2008", 1, selected=True))


def test_a_selected_value_without_hits_stays_listed(blog_searcher: Searcher) -> None:
    request = SearchRequest(text="quds", filters={"category": ("Bread",)}, facets=("category",))
    assert FacetValue("Bread", 0, selected=True) in blog_searcher.search(request).facets["category"].values


@pytest.mark.parametrize(
    ("sort", "ids"),
    [
        ("newest", ["p3", "p2", "p1", "g1"]),
        ("oldest", ["p1", "p2", "p3", "g1"]),
        ("discussed", ["p1", "p3", "p2", "g1"]),
    ],
)
def test_sorting(blog_searcher: Searcher, sort: Sort, ids: list[str]) -> None:
    assert [hit.id for hit in blog_searcher.search(SearchRequest(sort=sort)).hits] == ids


def test_a_title_weighs_more_than_text_and_text_more_than_a_quotation(tmp_path: Path) -> None:
    filler = "and some other words to be of equal length"
    documents = [
        renamed(BREAD, "quoted", title="x y", text=f"z {filler}", quoted="sourdough"),
        renamed(BREAD, "own", title="x y", text=f"sourdough {filler}", quoted="z"),
        renamed(BREAD, "titled", title="sourdough y", text=f"z {filler}", quoted="x"),
    ]
    with index_of(tmp_path, *documents) as searcher:
        assert found(searcher, "sourdough") == ["titled", "own", "quoted"]


@pytest.mark.parametrize("group", ["thread", "none"])
def test_a_page_past_the_last_is_empty(blog_searcher: Searcher, group: Group) -> None:
    results = blog_searcher.search(SearchRequest(page=99, group=group))
    assert results.hits == ()
    assert results.pages == 1


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("miscalculatse", "miscalculates"),
        ("Quds forec", "Quds Force"),
        ("category:iran miscalclates", "category:iran miscalculates"),
        ("miscalculates", None),
        ("xqzw", None),
        ("quds bread", None),
    ],
)
def test_did_you_mean(blog_searcher: Searcher, text: str, suggestion: str | None) -> None:
    results = blog_searcher.search(SearchRequest(text=text))
    assert results.suggestion == suggestion
    assert results.suggestion_listed == (blog_searcher.count(SearchRequest(text=suggestion)) if suggestion else 0)


def test_a_thread_holds_comments_and_pingbacks_oldest_first(blog_searcher: Searcher) -> None:
    assert blog_searcher.thread("p1") == Thread(IRAN, (DANKING, REPLY), (PING,))
    assert blog_searcher.thread("c1") is None
    assert blog_searcher.thread("no such") is None


def test_documents_come_back_as_they_went_in(blog_searcher: Searcher) -> None:
    assert [blog_searcher.document(document.id) for document in CORPUS] == list(CORPUS)
    assert blog_searcher.document("no such") is None


def test_a_highlighter_marks_what_the_search_matched(blog_searcher: Searcher) -> None:
    text = "He ran, runs and is RUNNING to be; not tomorrow."
    spans = blog_searcher.highlighter('run "to be" tom* -he author:is').spans(text)
    assert [text[a:b] for a, b in spans] == ["runs", "RUNNING", "to be", "tomorrow"]


def test_deleted_documents_are_gone_and_others_stay(tmp_path: Path) -> None:
    generation = corpus.build(tmp_path)
    with engine.open_writer(generation.path, "english") as writer:
        writer.delete(["c1", "p2"])
        writer.add(replace(BREAD, text="A second segment about the oven."))
    with closing(engine.open_generation(generation, Settings(index_dir=tmp_path))) as searcher:
        assert found(searcher, "miscalculates") == []
        assert found(searcher, "oven") == ["p2"]
        assert found(searcher, "segment") == ["p2"]
        assert set(found(searcher, "")) == {"p1", "c2", "p2", "p3", "g1"}


def test_a_failed_run_leaves_nothing_behind(tmp_path: Path) -> None:
    before = corpus.build(tmp_path, [IRAN]).path

    def fail() -> None:
        with Generations(tmp_path).building() as path, engine.open_writer(path, "english") as writer:
            writer.add(BREAD)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert Generations(tmp_path).current().path == before
    assert [p.name for p in (tmp_path / "generations").iterdir()] == [before.name]


def test_a_query_is_bounded_in_time(tmp_path: Path) -> None:
    many = [renamed(SHORT, f"d{n}", text="word " * 3 + f"w{n}") for n in range(3000)]
    corpus.build(tmp_path, many)
    searcher = engine.open_generation(Generations(tmp_path).current(), Settings(index_dir=tmp_path, query_seconds=0))
    with closing(searcher):
        results: SearchResults = searcher.search(SearchRequest(text="w1 OR word"))
        assert results.partial
        assert results.listed == 1


def test_a_long_phrase_of_common_words_is_answered_at_once(tmp_path: Path) -> None:
    documents = [renamed(SHORT, f"d{n}", text="a " * 300 + "b " * 300 + "c") for n in range(50)]
    with index_of(tmp_path, *documents) as searcher:
        assert searcher.search(SearchRequest(text='"' + "a " * 40 + 'c"')).listed == 0
        assert searcher.search(SearchRequest(text='"' + "a " * 20 + "b " * 20 + '"')).listed == 50
        assert searcher.search(SearchRequest(text='"b c"')).took_ms < 2000


def test_an_index_without_documents_answers(tmp_path: Path) -> None:
    with index_of(tmp_path) as searcher:
        results = searcher.search(SearchRequest(text="anything"))
        assert (results.listed, results.hits) == (0, ())
        assert searcher.search(SearchRequest()).listed == 0


def test_threads_may_search_at_the_same_time(blog_searcher: Searcher) -> None:
    texts = ["iran", '"to be"', "runs OR iran", "ira*", "iarn~", "be -iran", ""] * 8
    alone = [blog_searcher.search(SearchRequest(text=text)).hits for text in texts]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda text: blog_searcher.search(SearchRequest(text=text)).hits, texts)) == alone


def test_a_date_before_1970_is_in_its_own_year(tmp_path: Path) -> None:
    corpus.build(tmp_path, [renamed(SHORT, "old", published=datetime(1969, 12, 31, 23, 59, 59, 500_000))])
    with closing(engine.open_searcher(Settings(index_dir=tmp_path))) as searcher:
        results = searcher.search(SearchRequest(until=date(1969, 12, 31)))
        assert (results.listed, [value.value for value in results.facets["year"].values]) == (1, ["1969"])
