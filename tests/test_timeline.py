"""The timeline above the results: bars in, links that are dates out."""

from __future__ import annotations

from datetime import date
from html import escape

import pytest
from flask.testing import FlaskClient

from indexer.engine.port import Bar, Searcher, SearchRequest, SearchResults, Timeline, Total
from indexer.settings import Settings
from webapp import create_app
from webapp.charts import HEIGHT, LEAST, columns, height
from webapp.timeline import TimelineView, timeline_view

SETTINGS = Settings()


@pytest.fixture
def client(sample_searcher: Searcher) -> FlaskClient:
    return create_app(Settings(), sample_searcher).test_client()


MAY, JUNE = (
    Bar(date(2008, 5, 1), date(2008, 5, 31), 14, 112, 30, 400),
    Bar(date(2008, 6, 1), date(2008, 6, 30), 0, 0, 5, 0),
)


def view(request: SearchRequest, *bars: Bar, posts: int = 0, comments: int = 0) -> TimelineView | None:
    results = SearchResults(
        request=request,
        total=Total(1, posts, comments),
        listed=1,
        hits=(),
        facets={},
        timeline=Timeline("month", bars),
    )
    return timeline_view(results, request, SETTINGS)


def test_a_bar_is_a_link_with_a_name_to_its_days() -> None:
    shown = view(SearchRequest(text="surge", page=3), MAY, JUNE, posts=14, comments=115)
    assert shown
    assert shown.bars[0].name == "May 2008: 14 posts, 112 comments"
    assert shown.bars[0].url == "/?q=surge&from=2008-05-01&to=2008-05-31"
    assert shown.bars[1].url == ""
    assert shown.undated == "3 without a date are not shown"
    assert (shown.highest, shown.archive_highest) == ("126", "430")
    assert shown.hidden == (("q", "surge"),)
    assert shown.outwards == ()


def test_ways_out_are_all_years_the_year_and_the_month() -> None:
    day = SearchRequest(since=date(2008, 5, 4), until=date(2008, 5, 4))
    shown = view(day, Bar(date(2008, 5, 4), date(2008, 5, 4), 1, 0, 1, 0))
    assert shown
    assert [(way.text, way.url) for way in shown.outwards] == [
        ("All years", "/"),
        ("2008", "/?from=2008-01-01&to=2008-12-31"),
        ("May 2008", "/?from=2008-05-01&to=2008-05-31"),
    ]
    assert shown.bars[0].url == ""
    year = view(SearchRequest(since=date(2008, 1, 1), until=date(2008, 12, 31)), MAY)
    assert year
    assert [way.text for way in year.outwards] == ["All years"]


def test_nothing_found_without_dates_has_no_timeline_and_with_dates_a_way_out() -> None:
    assert view(SearchRequest(text="x"), JUNE) is None
    assert view(SearchRequest(text="x")) is None
    assert view(SearchRequest(text="x", since=date(2008, 6, 1)), JUNE)


def test_what_is_there_is_seen_and_stays_in_the_chart() -> None:
    assert height(0, 100) == 0
    assert height(1, 100_000) == LEAST
    bars = [Bar(date(2008, 5, 1), date(2008, 5, 31), posts, 1000, posts, 1000) for posts in range(40)]
    for column in columns(bars):
        assert 0 <= column.comments_top <= column.posts_top <= HEIGHT


def test_the_link_of_a_bar_finds_what_the_bar_says(client: FlaskClient) -> None:
    page = client.get("/", query_string={"q": "fog"}).text
    assert 'class="timeline"' in page
    assert escape("/?q=fog&from=") in page
    assert "Whole archive" not in page
    assert "whole archive, on its own scale" in page
