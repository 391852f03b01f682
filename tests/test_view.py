"""The view models of the search page, and the words they say."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from indexer.engine.port import (
    Facet,
    FacetField,
    FacetValue,
    Hit,
    Notice,
    SearchRequest,
    SearchResults,
    Snippet,
    Total,
    WordMatch,
)
from indexer.settings import Settings
from webapp import wording
from webapp.chips import chip_row
from webapp.choices import paging, size_choices, sort_choices
from webapp.empty import any_words, empty, words_of
from webapp.facetlist import PER_PAGE, facet_page
from webapp.facets import facet_box, facet_boxes
from webapp.hits import hit_views, marked
from webapp.state import site
from webapp.view import search_page

SETTINGS = Settings()
SITE = site(SETTINGS, None)


def results(
    request: SearchRequest, threads: int, posts: int, comments: int, listed: int = -1, **more: object
) -> SearchResults:
    """An answer without hits; ``listed`` are the threads unless said otherwise."""
    total = Total(threads, posts, comments)
    listed = threads if listed < 0 else listed
    return SearchResults(request=request, total=total, listed=listed, hits=(), facets={}, **more)  # type: ignore[arg-type]


WORDS = SearchRequest(text="x")
COMMENTS = SearchRequest(filters={"kind": ("comment",)})


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (results(WORDS, 12, 5, 14), "12 threads: 5 posts and 14 comments match"),
        (results(WORDS, 1, 1, 1), "1 thread: 1 post and 1 comment match"),
        (results(WORDS, 3, 3, 0), "3 posts match"),
        (results(WORDS, 1, 1, 0), "1 post matches"),
        (results(WORDS, 2, 0, 1400), "2 threads: 1,400 comments match"),
        (results(WORDS, 1, 0, 1), "1 thread: 1 comment matches"),
        (results(WORDS, 0, 0, 0), "Nothing matches"),
        (results(SearchRequest(), 10_000, 10_000, 100_000), "10,000 posts and 100,000 comments"),
        (results(COMMENTS, 2, 0, 14, 14), "14 comments match"),
        (results(SearchRequest(text="x", group="none"), 2, 2, 1, 3), "2 posts and 1 comment match"),
    ],
)
def test_the_summary_counts_in_words(answer: SearchResults, said: str) -> None:
    assert wording.summary(answer) == said


def test_dates_numbers_and_labels_are_for_reading() -> None:
    assert wording.day(date(2008, 5, 4)) == "4 May 2008"
    assert wording.day(None) == "undated"
    assert wording.machine_day(datetime(2008, 5, 4, 11, 40, 9)) == "2008-05-04T11:40"
    assert wording.count(1, "reply", "replies") == "1 reply"
    assert wording.count(1234, "reply", "replies") == "1,234 replies"
    assert wording.facet_label("month", "2008-05") == "May 2008"
    assert wording.facet_label("kind", "page") == "Pages"
    assert wording.facet_label("tag", "page") == "page"


@pytest.mark.parametrize(
    ("text", "loose"),
    [
        ("quds force", "quds OR force"),
        ('"quds force" iran', "quds OR force OR iran"),
        ("quds", ""),
        ("", ""),
        ("quds -force", ""),
        ("quds OR force", ""),
        ("title:a b", ""),
        ("(a b)", ""),
        ("mil* b", ""),
        ("al-Sadr city", "al-Sadr OR city"),
    ],
)
def test_any_of_the_words_is_offered_for_plain_words(text: str, loose: str) -> None:
    assert any_words(text) == loose


def pages(page: int, last: int) -> str:
    """The row of page numbers, the current one in brackets."""
    row = paging(SearchRequest(page=page), last, SETTINGS)
    shown = ("…" if choice is None else f"[{choice.text}]" if choice.current else choice.text for choice in row.pages)
    return " ".join([f"<{row.previous}" if row.previous else "", *shown, f"{row.next}>" if row.next else ""]).strip()


def test_paging_shows_a_window_with_both_ends() -> None:
    assert pages(1, 1) == ""
    assert pages(1, 2) == "[1] 2 /?page=2>"
    assert pages(1, 20) == "[1] 2 3 … 20 /?page=2>"
    assert pages(5, 20) == "</?page=4 1 2 3 4 [5] 6 7 … 20 /?page=6>"
    assert pages(6, 20) == "</?page=5 1 … 4 5 [6] 7 8 … 20 /?page=7>"
    assert pages(20, 20) == "</?page=19 1 … 18 19 [20]"
    assert pages(40, 20) == "</?page=20 1 … 19 20"
    assert pages(10_000, 10**6) == "</?page=9999 1 … 9,998 9,999 [10,000]"


def test_without_words_there_is_no_relevance_to_sort_by() -> None:
    browse = sort_choices(SearchRequest(), SETTINGS)
    assert [(choice.text, choice.url, choice.current) for choice in browse] == [
        ("Newest", "/", True),
        ("Oldest", "/?sort=oldest", False),
        ("Most discussed", "/?sort=discussed", False),
    ]
    search = sort_choices(SearchRequest(text="x", sort="newest", page=3), SETTINGS)
    assert [(choice.text, choice.url, choice.current) for choice in search] == [
        ("Relevance", "/?q=x", False),
        ("Newest", "/?q=x&sort=newest", True),
        ("Oldest", "/?q=x&sort=oldest", False),
        ("Most discussed", "/?q=x&sort=discussed", False),
    ]


def facet(name: FacetField, *values: str, **more: int) -> Facet:
    """A facet whose counts fall from the number of its values."""
    return Facet(name, tuple(FacetValue(value, len(values) - n) for n, value in enumerate(values)), **more)


def test_a_long_facet_shows_ten_and_leads_to_all_of_them() -> None:
    request = SearchRequest(text="x", page=2)
    box = facet_box(facet("tag", *"abcdefghijk", other=30, missing=1200), request, SETTINGS)
    assert "".join(row.label for row in box.rows) == "abcdefghij"
    assert (box.everything, box.total, box.aside) == ("/facet/tag?q=x", "41", "1,200 without a tag")
    eleven = facet_box(facet("tag", *"abcdefghijk"), request, SETTINGS)
    assert (len(eleven.rows), eleven.everything) == (11, "")
    chosen = facet_box(facet("tag", *"abcdefghijkl"), SearchRequest(filters={"tag": ("l",)}), SETTINGS)
    assert "".join(row.label for row in chosen.rows) == "abcdefghijl"
    assert chosen.everything == "/facet/tag?tag=l"


def test_a_value_that_finds_nothing_is_listed_only_when_selected() -> None:
    nothing = Facet("tag", (FacetValue("a", 2), FacetValue("b", 0), FacetValue("c", 0)))
    box = facet_box(nothing, SearchRequest(filters={"tag": ("c",)}), SETTINGS)
    assert [(row.label, row.count) for row in box.rows] == [("a", "2"), ("c", "0")]


def test_a_not_excludes_and_what_is_excluded_is_listed_apart() -> None:
    request = SearchRequest(text="x", filters={"tag": ("b",)}, excluded={"tag": ("z",), "year": ("2008",)}, page=3)
    box = facet_box(facet("tag", "a", "b", "z"), request, SETTINGS)
    assert [(row.label, row.exclude) for row in box.rows] == [
        ("a", "/?q=x&tag=b&-tag=a&-tag=z&-year=2008"),
        ("b", "/?q=x&-tag=b&-tag=z&-year=2008"),
    ]
    assert [(row.label, row.url) for row in box.excluded] == [("z", "/?q=x&tag=b&-year=2008")]
    plain = facet_box(facet("category", "a&b"), request, SETTINGS)
    assert [row.exclude for row in plain.rows] == ["/?q=x&-category=a%26b&tag=b&-tag=z&-year=2008"]


@pytest.mark.parametrize(
    ("since", "until", "said"),
    [
        (date(2008, 1, 1), date(2008, 12, 31), ["Year: 2008"]),
        (date(2008, 2, 1), date(2008, 2, 29), ["Month: February 2008"]),
        (date(9999, 12, 1), date(9999, 12, 31), ["From: 1 December 9999", "To: 31 December 9999"]),
        (date(2008, 5, 4), date(2008, 5, 4), ["Day: 4 May 2008"]),
        (date(2008, 1, 1), date(2009, 12, 31), ["From: 1 January 2008", "To: 31 December 2009"]),
        (date(2008, 2, 1), date(2008, 2, 28), ["From: 1 February 2008", "To: 28 February 2008"]),
        (None, date(2008, 2, 28), ["To: 28 February 2008"]),
    ],
)
def test_a_range_that_has_a_name_is_called_by_it(since: date | None, until: date | None, said: list[str]) -> None:
    chips = chip_row(SearchRequest(since=since, until=until), SETTINGS)
    assert [f"{chip.label}: {chip.value}" for chip in chips] == said
    if len(chips) == 1:
        assert chips[0].url == "/"


def test_the_list_of_all_values_is_paged_and_keeps_what_is_selected_elsewhere() -> None:
    names = [f"n{number:04}" for number in range(PER_PAGE + 1)]
    request = SearchRequest(text="x", filters={"tag": ("n0000",)})
    answer = SearchResults(request=request, total=Total(), listed=1, hits=(), facets={"tag": facet("tag", *names)})
    first, last = (facet_page(answer, "tag", "N", page, SETTINGS) for page in (1, 99))
    assert (len(first.rows), first.previous, first.next) == (
        PER_PAGE,
        "",
        "/facet/tag?q=x&tag=n0000&page=2&contains=N",
    )
    assert ([row.label for row in last.rows], last.first, last.next) == (["n0500"], 501, "")
    assert (first.hidden, last.hidden) == ((("q", "x"),), (("q", "x"), ("tag", "n0000")))


def test_a_query_falls_into_its_words() -> None:
    text = 'Été l’Orbe "quds force" al-Sadr -not title:x mil* petr~'
    assert list(words_of(text, 'ete orbe "quds force" al-sadr title:x mil* petr~')) == [
        "Été", "Orbe", '"quds force"', "al-Sadr", "title:x", "mil*", "petr~",
    ]  # fmt: skip


def test_ways_out_of_nothing_cost_sixteen_searches_at_most() -> None:
    asked: list[SearchRequest] = []

    def count(request: SearchRequest) -> int:
        asked.append(request)
        return len(asked) % 2

    words = ["longword" + letter for letter in "abcdefghij"]
    many = SearchRequest(text=" ".join(words), filters={"tag": tuple("abcdefghij")})
    ways = empty(many, many.text, count, None, SETTINGS)
    assert len(asked) == 16
    assert all(way.url for way in (*ways.removals, *filter(None, (ways.any_words, ways.unfiltered))))
    asked.clear()
    assert empty(SearchRequest(text="x"), "x", count, None, SETTINGS).words == ()
    assert asked == []


def test_a_result_says_why_it_is_there() -> None:
    hit = Hit(
        id="1", thread="1", kind="post", title="", permalink="", author="", published=None, categories=(), tags=(),
        score=1.0, snippet=Snippet(), comments_total=5, why=(WordMatch("iran", ("title", "quote")), WordMatch("x", ())),
    )  # fmt: skip
    (view,) = hit_views([hit], WORDS, SETTINGS, None)
    assert [(why.text, why.places) for why in view.why] == [("iran", ("in the title", "in a quotation")), ("x", ())]
    assert view.more
    assert view.more.text == "5 more in this thread"


def test_results_per_page_are_the_owners_the_readers_and_three_more() -> None:
    sizes = size_choices(SearchRequest(text="x", page=3, page_size=33), 40, Settings(page_size=20))
    assert [(size.text, size.url, size.current) for size in sizes] == [
        ("10", "/?q=x&per_page=10", False),
        ("20", "/?q=x", False),
        ("25", "/?q=x&per_page=25", False),
        ("33", "/?q=x&per_page=33", True),
        ("50", "/?q=x&per_page=50", False),
    ]
    assert size_choices(SearchRequest(text="x"), 10, Settings(page_size=20)) == ()


def test_the_query_as_understood_is_shown_when_it_differs() -> None:
    def said(understood: str) -> str:
        answer = results(SearchRequest(text="Iran  surge"), 1, 1, 0, understood=understood)
        return search_page(answer, SETTINGS, None, lambda request: 0, SITE).understood

    assert [said("iran surge"), said(""), said("iran OR surge")] == ["", "", "iran OR surge"]


def test_a_label_leads_to_its_value_alone() -> None:
    request = SearchRequest(text="x", filters={"tag": ("a", "b")}, page=2)
    rows = facet_box(facet("tag", "a", "b", "c"), request, SETTINGS).rows
    assert [(row.url, row.count, row.selected, row.sole) for row in rows] == [
        ("/?q=x&tag=a", "3", True, False),
        ("/?q=x&tag=b", "2", True, False),
        ("/?q=x&tag=c", "1", False, False),
    ]
    sole = facet_box(facet("tag", "a"), SearchRequest(filters={"tag": ("a",)}), SETTINGS).rows
    assert [(row.url, row.sole) for row in sole] == [("/", True)]


def test_a_selected_value_is_listed_even_when_the_engine_left_it_out() -> None:
    rows = facet_box(facet("tag", "a"), SearchRequest(filters={"tag": ("rare",)}), SETTINGS).rows
    assert [(row.label, row.count, row.selected) for row in rows] == [("a", "1", False), ("rare", "0", True)]


def test_time_runs_backwards_and_months_wait_for_a_year() -> None:
    many = facet("month", *(f"{year}-{month:02}" for year in (2007, 2008) for month in range(1, 13)))
    years = facet("year", "2007", "2009", "2008")

    def shown(request: SearchRequest, months: Facet) -> list[tuple[str, str]]:
        answer = SearchResults(
            request=request, total=Total(), listed=1, hits=(), facets={"year": years, "month": months}
        )
        return [(box.name, box.rows[0].label) for box in facet_boxes(answer, SETTINGS, own="")]

    assert shown(SearchRequest(), many) == [("year", "2009")]
    assert shown(SearchRequest(), facet("month", "2008-01", "2008-03")) == [("year", "2009"), ("month", "March 2008")]
    assert shown(SearchRequest(filters={"year": ("2008",)}), many) == [("year", "2009"), ("month", "December 2008")]


def test_fragments_cover_the_text() -> None:
    class Ends:
        def spans(self, text: str) -> list[tuple[int, int]]:
            return [(0, 1), (len(text) - 1, len(text))]

    assert marked("abc", Ends()) == (("a", True), ("b", False), ("c", True))
    assert marked("abc", None) == (("abc", False),)


def test_a_search_that_was_cut_short_says_so() -> None:
    page = search_page(
        results(WORDS, 1, 1, 0, notices=(Notice("no-word"),), partial=True), SETTINGS, None, lambda request: 0, SITE
    )
    assert page.notices[0] == "There is no word to search for in this query."
    assert "cut short" in page.notices[1]
