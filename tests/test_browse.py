"""Browse: years and months, lists of values, and everything that a name said."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from indexer.engine.port import Bar, Facet, FacetValue, Searcher
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


def test_a_list_has_the_most_frequent_values_and_leads_to_all() -> None:
    found = value_list(Facet("tag", (FacetValue("Élan", 1200), FacetValue("elm", 8)), other=3), "Tags", SETTINGS)
    assert [(link.text, link.url, count) for link, count in found.values] == [
        ("Élan", "/?tag=%C3%89lan", "1,200"),
        ("elm", "/?tag=elm", "8"),
    ]
    assert (found.url, found.total) == ("/facet/tag", "5")
    assert value_list(Facet("tag", (FacetValue("elm", 8),)), "Tags", SETTINGS).url == ""


def test_the_page_answers_and_so_do_the_lists_that_it_leads_to(client: FlaskClient) -> None:
    page = BeautifulSoup(client.get("/browse").text, "lxml")
    leads = [str(link["href"]) for link in page.select("main a") if str(link["href"]).startswith("/facet/")]
    assert leads
    assert {client.get(path).status_code for path in leads} == {200}


def test_a_commenters_page_is_the_search_for_the_name(client: FlaskClient) -> None:
    answer = client.get("/by/A%2FB%20%26%20C?q=fog")
    assert answer.status_code == 302
    assert parse_qs(urlsplit(answer.location).query) == {"q": ["fog"], "author": ["A/B & C"], "sort": ["newest"]}
