"""What an answer cost is told with every answer, and each millisecond once."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from indexer.engine.port import Searcher
from indexer.settings import Settings
from webapp import create_app, timing

PATHS = {
    "/": 200,
    "/?q=bread": 200,
    "/facet/tag": 200,
    "/help": 200,
    "/browse": 200,
    "/trends?q=fog": 200,
    "/trends.csv?q=fog": 200,
    "/about/archive": 200,
    "/api/v1/search?q=fog": 200,
    "/api/v1/suggest?q=fo": 200,
    "/api/v1/nothing": 404,
    "/post/nothing": 404,
    "/by/Odell": 302,
    "/nothing-here": 404,
    "/healthz": 200,
}


@pytest.fixture
def client(sample_searcher: Searcher) -> FlaskClient:
    return create_app(Settings(), sample_searcher).test_client()


def parts(header: str) -> dict[str, float]:
    """The parts of a header, in their order."""
    found = [re.fullmatch(r"([A-Za-z0-9-]+);dur=(\d+\.\d)", part) for part in header.split(", ")]
    return {one[1]: float(one[2]) for one in found if one} if all(found) else {}


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_tells_its_total_last(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == PATHS[path]
    assert list(parts(answer.headers["Server-Timing"]))[-1] == "total"


def test_a_page_without_an_index_tells_it_too(tmp_path: Path) -> None:
    answer = create_app(Settings(index_dir=tmp_path / "none")).test_client().get("/")
    assert answer.status_code == 503
    assert list(parts(answer.headers["Server-Timing"])) == ["total"]


@pytest.mark.parametrize("query", ["fog", "zzyzx horn"])
def test_the_results_page_tells_search_counting_and_rendering_apart(client: FlaskClient, query: str) -> None:
    """The search's steps are within the search; search, counts and render do not overlap."""
    told = parts(client.get("/", query_string={"q": query, "kind": "post"}).headers["Server-Timing"])
    assert next(iter(told)) == "search"
    assert {"filters", "facets", "hits", "counts", "render"} <= set(told)
    assert told["search"] + told["counts"] + told["render"] <= told["total"] + 0.2  # each is rounded


def test_the_api_tells_the_steps_of_its_search(client: FlaskClient) -> None:
    told = parts(client.get("/api/v1/search?q=fog").headers["Server-Timing"])
    assert {"search", "filters", "hits", "total"} <= set(told)
    assert "render" not in told


def test_a_timed_block_inside_another_is_counted_once() -> None:
    app = Flask(__name__)
    timing.install(app)

    @app.get("/")
    def page() -> str:
        with timing.timed("outer"):
            for _ in range(2):
                with timing.timed("inner"):
                    time.sleep(0.02)
        return ""

    told = parts(app.test_client().get("/").headers["Server-Timing"])
    assert told["inner"] >= 40
    assert told["outer"] < told["inner"]
    assert told["outer"] + told["inner"] <= told["total"] + 0.2


def test_names_of_parts_are_tokens() -> None:
    assert timing.server_timing({"did you, mean": 1.25, "hits": 0}) == "did-you-mean;dur=1.2, hits;dur=0.0"
