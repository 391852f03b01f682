"""The page on how to search: each of its examples is a search that does what the page says."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from bs4 import BeautifulSoup

from indexer.engine import query
from indexer.engine.port import Searcher, SearchRequest
from indexer.engine.query import parser
from indexer.settings import Settings
from webapp import create_app
from webapp.examples import Examples, examples


def test_examples_find_something_in_the_archive_they_are_shown_for(sample_searcher: Searcher) -> None:
    tried = examples(sample_searcher)
    assert tried.first != Examples().first
    both = SearchRequest(text=f'"{tried.first} {tried.second}"')
    assert sample_searcher.count(both)
    for text in (
        tried.third,
        f"{tried.first} -{tried.third}",
        f"title:{tried.first}",
        f"author:{tried.author}",
        f"category:{tried.category}",
        f"tag:{tried.tag}",
        f"link:{tried.host}",
        f"date:{tried.day}",
    ):
        assert sample_searcher.count(SearchRequest(text=text)), text


def test_each_example_is_a_link_that_runs_it(blog_settings: Settings, blog_searcher: Searcher) -> None:
    client = create_app(blog_settings, blog_searcher).test_client()
    links = BeautifulSoup(client.get("/help").get_data(as_text=True), "lxml").select(".syntax a")
    examples = [link.get_text() for link in links]
    assert [parse_qs(urlsplit(str(link["href"])).query)["q"] for link in links] == [[example] for example in examples]
    assert [query.parse(example).notices for example in examples] == [()] * len(examples)
    assert [client.get(str(link["href"])).status_code for link in links] == [200] * len(links)
    operators = [
        '"',
        " OR ",
        " -",
        "NOT ",
        "(",
        "*",
        "~",
        "~2",
        *(f"{name}:" for name in [*parser._FIELDS, *parser._FILTERS]),
    ]
    assert [operator for operator in operators if not any(operator in example for example in examples)] == []
