"""The view models of the search page, and the words they say."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from indexer.engine.port import Facet, FacetField, FacetValue, SearchRequest, SearchResults, Total
from indexer.settings import LANGUAGES, Settings
from webapp import wording
from webapp.facets import facet_box, facet_boxes
from webapp.hits import marked
from webapp.view import any_words, paging, search_page, sort_choices

SETTINGS = Settings()


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
    assert set(wording.LANGUAGE_TAGS) == set(LANGUAGES)


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


def test_a_long_facet_hides_its_rest_and_says_what_is_left_out() -> None:
    box = facet_box(facet("tag", *"abcdefghijkl", other=30, missing=1200), SearchRequest(), SETTINGS)
    assert "".join(row.label for row in box.rows) == "abcdefghij"
    assert "".join(row.label for row in box.rest) == "kl"
    assert (box.open, box.asides) == (False, ("and 30 rarer values", "1,200 without a tag"))
    assert facet_box(facet("tag", *"abcdefghijk"), SearchRequest(), SETTINGS).rest == ()
    assert facet_box(facet("tag", *"abcdefghijkl"), SearchRequest(filters={"tag": ("l",)}), SETTINGS).open


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
    assert [(row.label, row.count, row.selected) for row in rows] == [("rare", "", True), ("a", "1", False)]


def test_time_runs_backwards_and_months_wait_for_a_year() -> None:
    many = facet("month", *(f"{year}-{month:02}" for year in (2007, 2008) for month in range(1, 13)))
    years = facet("year", "2007", "2009", "2008")

    def shown(request: SearchRequest, months: Facet) -> list[tuple[str, str]]:
        answer = SearchResults(
            request=request, total=Total(), listed=1, hits=(), facets={"year": years, "month": months}
        )
        return [(box.name, box.rows[0].label) for box in facet_boxes(answer, SETTINGS)]

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
    page = search_page(results(WORDS, 1, 1, 0, notices=("Too long.",), partial=True), SETTINGS, None)
    assert page.notices[0] == "Too long."
    assert "cut short" in page.notices[1]
