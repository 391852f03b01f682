"""Browse: years and months, lists of values, and everything that a name said."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from indexer.engine.port import Bar, Facet, FacetValue, Searcher, SearchRequest, SearchResults, Total
from indexer.settings import Settings
from webapp import create_app
from webapp.browse import calendar, value_list

SETTINGS = Settings()


@pytest.fixture
def client(sample_searcher: Searcher) -> FlaskClient:
    return create_app(Settings(), sample_searcher).test_client()


def test_months_lead_to_their_searches_and_years_add_up() -> None:
    bars = [
        Bar(date(2007, 12, 9), date(2007, 12, 31), 1, 2, 1, 2),
        Bar(date(2008, 1, 1), date(2008, 1, 31), 0, 0, 0, 0),
        Bar(date(2008, 2, 1), date(2008, 2, 29), 3, 1, 3, 1),
    ]
    newest, oldest = calendar(bars, SETTINGS)
    assert (newest.text, newest.whole.text, oldest.whole.text) == ("2008", "4", "3")
    assert newest.months[0].url == ""
    assert newest.months[1].url == "/?from=2008-02-01&to=2008-02-29"
    assert newest.months[1].name == "February 2008: 3 posts, 1 comment"
    assert oldest.whole.url == "/?from=2007-12-09&to=2007-12-31"


def test_lists_are_filtered_and_paged() -> None:
    values = tuple(FacetValue(name, 9 - place) for place, name in enumerate(("Élan", "elm", "oak")))
    results = SearchResults(
        request=SearchRequest(), total=Total(), listed=0, hits=(), facets={"tag": Facet("tag", values)}
    )
    page = value_list("tags", results, "EL", 2, SETTINGS, 1)
    assert [link.text for link, _count in page.values] == ["elm"]
    assert page.previous == "/browse/tags?contains=EL&page=1"
    assert page.next == ""
    assert page.values[0][0].url == "/?tag=elm"


def test_pages_answer_and_unknown_lists_do_not(client: FlaskClient) -> None:
    for path in ("/browse", "/browse/categories", "/browse/tags", "/browse/commenters?contains=a&page=99999999999"):
        assert client.get(path).status_code == 200
    assert client.get("/browse/nosuch").status_code == 404
    page = client.get("/browse/tags", query_string={"contains": '"><script>'}).text
    assert '"><script>' not in page


def test_a_commenters_page_is_the_search_for_the_name(client: FlaskClient) -> None:
    answer = client.get("/by/A%2FB%20%26%20C?q=fog")
    assert answer.status_code == 302
    assert parse_qs(urlsplit(answer.location).query) == {"q": ["fog"], "author": ["A/B & C"], "sort": ["newest"]}
