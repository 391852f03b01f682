"""Trends: queries over time, as lines, a table and CSV."""

from __future__ import annotations

import csv
import io

import pytest
from flask.testing import FlaskClient

from indexer.engine.port import Searcher, SearchRequest
from indexer.settings import Settings
from webapp import create_app
from webapp.charts import counts
from webapp.trends import queries, trends_page


@pytest.fixture
def client(sample_searcher: Searcher) -> FlaskClient:
    return create_app(Settings(), sample_searcher).test_client()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('iran, surge, "sons, of iraq"', ("iran", "surge", '"sons, of iraq"')),
        ("", ()),
        (" , ,", ()),
        ("a,a", ("a",)),
        ("a,b,c,d,e,f,g,h", tuple("abcdefgh")),
    ],
)
def test_queries_are_split_at_commas_outside_quotes(text: str, expected: tuple[str, ...]) -> None:
    assert queries(text) == expected


def test_numbers_add_up_to_what_the_search_finds(sample_searcher: Searcher) -> None:
    page = trends_page("fog, harbour", False, sample_searcher.search, Settings())
    for line in page.series:
        total = sample_searcher.search(SearchRequest(text=line.text)).total
        assert line.total == counts(total.posts, total.comments)
        assert line.first
        assert line.last
        assert line.first.url.startswith("/post/")
    assert len({line.dash for line in page.series}) == len(page.series)


def test_csv_has_the_months_and_no_formulas(client: FlaskClient) -> None:
    answer = client.get("/trends.csv", query_string={"q": "fog, =1+1"})
    assert answer.mimetype == "text/csv"
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows[0] == ["month", "fog", "'=1+1"]
    assert rows[1][0] == "2012-04"
    shares = list(csv.reader(io.StringIO(client.get("/trends.csv?q=fog&share=1").text)))
    assert all(0 <= float(row[1]) <= 100 for row in shares[1:])


def test_any_text_answers(client: FlaskClient) -> None:
    for text in ("", "nosuchword", '"', "<script>alert(1)</script>", ",,,\0", "date:2008"):
        answer = client.get("/trends", query_string={"q": text, "share": "1"})
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text
        assert client.get("/trends.csv", query_string={"q": text}).status_code == 200
