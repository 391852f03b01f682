"""The query string and the request it stands for."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict
from werkzeug.urls import iri_to_uri
from werkzeug.wrappers import Request

from indexer.engine import requests
from indexer.engine.port import FACET_FIELDS, SORTS, FacetField, SearchRequest
from indexer.settings import Settings
from webapp import params

SETTINGS = Settings()
TEXT = st.text(st.characters(exclude_characters="\0", codec="utf-8"))
VALUES: dict[FacetField, st.SearchStrategy[str]] = {
    "category": TEXT.filter(str.strip),
    "tag": TEXT.filter(str.strip),
    "author": TEXT.filter(str.strip),
    "post_author": TEXT.filter(str.strip),
    "comment_author": TEXT.filter(str.strip),
    "kind": st.sampled_from(("post", "page", "comment")),
    "site": TEXT.filter(str.strip),
    "year": st.integers(1, 9999).map("{:04}".format),
    "month": st.dates().map(lambda day: f"{day:%Y-%m}".rjust(7, "0")),
}
FILTERS = st.fixed_dictionaries(
    {},
    optional={
        name: st.lists(values, min_size=1, max_size=4, unique=True).map(sorted).map(tuple)
        for name, values in VALUES.items()
    },
)
REQUESTS = st.builds(
    SearchRequest,
    text=TEXT.map(requests.query_text),
    filters=FILTERS,
    excluded=FILTERS,
    since=st.none() | st.dates(),
    until=st.none() | st.dates(),
    sort=st.sampled_from(SORTS),
    page=st.integers(1, requests.MAX_PAGE),
    page_size=st.integers(1, 100),
    facets=st.sets(st.sampled_from(FACET_FIELDS)).map(lambda chosen: tuple(f for f in FACET_FIELDS if f in chosen)),
    group=st.sampled_from(("thread", "none")),
)


# Of a value that is both selected and excluded, only the exclusion is canonical; dates are in order.
REQUESTS = REQUESTS.filter(
    lambda request: (
        (not request.since or not request.until or request.since <= request.until)
        and not any(set(values) & set(request.unwanted(name)) for name, values in request.filters.items())
    )
)


def read(query: str, settings: Settings = SETTINGS) -> SearchRequest:
    """The request of an address's query string, parsed by the server's own parser."""
    environ = {"QUERY_STRING": iri_to_uri("?" + query)[1:]}
    return params.request_from(Request(environ).args, settings)


@given(REQUESTS)
def test_a_canonical_request_survives_the_round_trip(request: SearchRequest) -> None:
    assert read(params.query_string(request, SETTINGS)) == request


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["q", *FACET_FIELDS, *(f"-{name}" for name in FACET_FIELDS), "from", "to", "sort", "page", "per_page"]
            ),
            st.text(),
        )
    )
)
def test_whatever_is_in_the_address_is_a_request_that_survives_the_round_trip(given: list[tuple[str, str]]) -> None:
    request = params.request_from(MultiDict(given), SETTINGS)
    assert read(params.query_string(request, SETTINGS)) == request


def test_every_parameter_is_understood() -> None:
    assert read(
        "q=quds+force&category=Iran&category=Sadr/Mahdi+Army&tag=t&author=AJ&kind=post&kind=page&year=2008&month=2008-05"
        "&from=2008-05-01&to=2008-05-31&sort=oldest&page=3&per_page=50&group=none&facets=year&facets=category"
    ) == SearchRequest(
        text="quds force",
        filters={
            "category": ("Iran", "Sadr/Mahdi Army"),
            "tag": ("t",),
            "author": ("AJ",),
            "kind": ("page", "post"),
            "year": ("2008",),
            "month": ("2008-05",),
        },
        since=date(2008, 5, 1),
        until=date(2008, 5, 31),
        sort="oldest",
        page=3,
        page_size=50,
        facets=("category", "year"),
        group="none",
    )


def test_a_minus_before_a_facets_name_excludes() -> None:
    assert read(
        "-category=Iran&category=Bread&-site=a.example&-year=x&post_author=AJ&comment_author=b"
    ) == SearchRequest(
        filters={"category": ("Bread",), "post_author": ("AJ",), "comment_author": ("b",)},
        excluded={"category": ("Iran",), "site": ("a.example",)},
    )
    assert read("category=Iran&-category=Iran") == SearchRequest(excluded={"category": ("Iran",)})


def test_what_is_invalid_is_ignored() -> None:
    query = (
        "q=%00&category=&tag=+&kind=pingback&year=0000&year=99&year=20O8&year=%D9%A2%D9%A0%D9%A0%D9%A8&month=2008-13"
        "&month=200805&from=2008-02-30&to=2008-W01-1&sort=best&page=0&per_page=-5&group=all&unknown=1"
    )
    assert read(query) == SearchRequest()


def test_numbers_stay_within_bounds() -> None:
    pages = {text: read(f"page={text}").page for text in ("2", "999999", "9" * 5000, "1e3", "-1", " 2", "²")}
    assert pages == {"2": 2, "999999": 10_000, "9" * 5000: 1, "1e3": 1, "-1": 1, " 2": 1, "²": 1}
    assert [read(f"per_page={n}").page_size for n in (1, 100, 101)] == [1, 100, 100]


def test_long_queries_are_cut_and_long_lists_too() -> None:
    request = read(f"q={'x' * 5000}&" + "&".join(f"tag=t{n}" for n in range(80)) + f"&category={'c' * 501}")
    assert request.text == "x" * requests.MAX_QUERY
    assert request.filters == {"tag": tuple(sorted(f"t{n}" for n in range(50)))}


def test_neither_order_nor_repetition_of_values_matters() -> None:
    assert read("tag=b&tag=a&tag=b").filters == {"tag": ("a", "b")}


def test_bytes_that_are_no_text_do_not_fail() -> None:
    assert params.request_from(Request({"QUERY_STRING": "q=caf%E9+%00x"}).args, SETTINGS).text == "caf%E9 x"
    assert requests.query_text("\ud800a") == "a"


def test_defaults_are_left_out_of_the_address() -> None:
    assert params.search_path(SearchRequest(), SETTINGS) == "/"
    assert params.search_path(SearchRequest(page_size=20), Settings(page_size=20)) == "/"
    assert params.search_path(params.blank(Settings(page_size=20)), Settings(page_size=20)) == "/"
    assert params.search_path(SearchRequest(facets=()), SETTINGS) == "/?facets="


def test_the_order_of_parameters_is_stable() -> None:
    request = SearchRequest(filters={"year": ("2008",), "category": ("B", "A & Ω")}, text="a+b", page=2, sort="newest")
    assert (
        params.search_path(request, SETTINGS)
        == "/?q=a%2Bb&category=B&category=A+%26+%CE%A9&year=2008&sort=newest&page=2"
    )


def test_the_reading_view_carries_the_search_and_the_comment() -> None:
    request = SearchRequest(text="x", filters={"year": ("2008",)}, page=2)
    assert params.post_path("p1", request, SETTINGS) == "/post/p1?q=x&year=2008&page=2"
    assert params.post_path("p 1", SearchRequest(), SETTINGS, "c/2") == "/post/p%201#comment-c%2F2"


BASE = SearchRequest(text="x", filters={"year": ("2008",), "tag": ("a", "b")}, since=date(2008, 1, 1), page=4)


def test_only_replaces_a_selection_and_removes_a_sole_one() -> None:
    assert params.only(BASE, "tag", "a").filters == {"year": ("2008",), "tag": ("a",)}
    assert params.only(BASE, "year", "2008").filters == {"tag": ("a", "b")}
    assert params.only(BASE, "year", "2009").filters == {"year": ("2009",), "tag": ("a", "b")}


def test_without_removes_one_value_and_without_filters_all() -> None:
    assert params.without(BASE, "tag", "b").filters == {"year": ("2008",), "tag": ("a",)}
    assert params.without(BASE, "tag", "missing").filters == BASE.filters
    assert params.without_filters(BASE) == SearchRequest(text="x")


def test_every_change_but_of_the_page_returns_to_the_first_page() -> None:
    changes = (
        params.only(BASE, "tag", "a"),
        params.without(BASE, "tag", "a"),
        params.without_filters(BASE),
        params.with_dates(BASE, None, None),
        params.with_text(BASE, "y"),
        params.with_sort(BASE, "oldest"),
    )
    assert [changed.page for changed in changes] == [1] * len(changes)
    assert [params.with_page(BASE, page).page for page in (0, 7, 10**6)] == [1, 7, 10_000]


def test_dates_in_the_wrong_order_are_swapped_as_periods() -> None:
    request = params.request_from(MultiDict({"from": "2009", "to": "2008"}), SETTINGS)
    assert (request.since, request.until) == (date(2008, 1, 1), date(2009, 12, 31))
