"""The JSON of a search."""

from __future__ import annotations

import json

from indexer.engine.payload import search_payload
from indexer.engine.port import Searcher, SearchRequest


def test_the_whole_object(blog_searcher: Searcher) -> None:
    request = SearchRequest(
        text="miscalculates", excluded={"category": ("Bread",)}, facets=("category", "year"), timeline="year"
    )
    found = search_payload(blog_searcher.search(request))
    score, took = found["hits"][0]["score"], found["took_ms"]
    assert found == {
        "query": "miscalculates",
        "understood": "miscalculates",
        "excluded": {"category": ["Bread"]},
        "total": {"threads": 1, "posts": 0, "comments": 1},
        "page": 1,
        "page_size": 10,
        "sort": "relevance",
        "hits": [
            {
                "id": "p1",
                "kind": "post",
                "title": "Last efforts between US and Iran",
                "permalink": "http://blog.example.com/2008/05/04/last-efforts/",
                "path": "/post/p1",
                "author": "AJ",
                "published": "2008-05-04T11:40:00",
                "categories": ["Iran", "Sadr/Mahdi Army"],
                "tags": ["quds"],
                "score": score,
                "snippet": [
                    ["The Quds Force answers to nobody. To be or not to be, that is al-Sadr's question.", False]
                ],
                "comments": {
                    "total": 1,
                    "best": [
                        {
                            "id": "c1",
                            "author": "danking_70",
                            "published": "2008-05-04T13:05:00",
                            "path": "/post/p1#comment-c1",
                            "snippet": [
                                ["Hard to believe, unless Iran totally ", False],
                                ["miscalculates", True],
                                [".", False],
                            ],
                        }
                    ],
                },
            }
        ],
        "facets": {
            "category": {
                "values": [
                    {"value": "Iran", "count": 1, "selected": False},
                    {"value": "Sadr/Mahdi Army", "count": 1, "selected": False},
                ],
                "other": 0,
                "missing": 0,
            },
            "year": {"values": [{"value": "2008", "count": 1, "selected": False}], "other": 0, "missing": 0},
        },
        "suggestion": None,
        "suggestion_listed": 0,
        "notices": [],
        "partial": False,
        "took_ms": took,
        "timeline": {
            "unit": "year",
            "bars": [
                {
                    "since": "2008-05-04",
                    "until": "2008-12-31",
                    "posts": 0,
                    "comments": 1,
                    "all_posts": 2,
                    "all_comments": 2,
                },
                {
                    "since": "2009-01-01",
                    "until": "2009-01-02",
                    "posts": 0,
                    "comments": 0,
                    "all_posts": 1,
                    "all_comments": 0,
                },
            ],
        },
    }
    assert took > 0
    json.dumps(found)


def test_what_was_not_asked_for_is_not_there(blog_searcher: Searcher) -> None:
    found = search_payload(blog_searcher.search(SearchRequest(text="Quds forec")))
    assert (found["suggestion"], found["suggestion_listed"], found["excluded"]) == ("Quds Force", 1, {})
    assert "timeline" not in found
