"""The API: the search page's parameters in, the JSON of `indexer.engine.payload` out; and completions of what is typed.

It sends no CORS headers: on the owner's own machine any page they visit could otherwise read a private archive.
"""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from indexer.engine.payload import search_payload
from indexer.engine.port import Completion
from indexer.engine.requests import query_text
from indexer.settings import Settings
from webapp.params import blank, only, post_path, request_from, search_path, with_text
from webapp.state import state
from webapp.timing import spent

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")

# Seconds for which a browser need not ask again for the same letters: while somebody types, the index hardly changes.
_COMPLETIONS_FRESH = 60


@blueprint.get("/search")
def search() -> Response:
    """One page of results; what cannot be understood in the parameters is ignored."""
    app = state()
    results = app.searcher.search(request_from(request.args, app.settings))
    spent({"search": results.took_ms, **results.timings})
    response = _json(search_payload(results))
    response.cache_control.no_store = True
    return response


@blueprint.get("/suggest")
def suggest() -> Response:
    """Ways to complete ``q``, each with the address that it leads to on this site; none for less than two letters."""
    app = state()
    text = query_text(request.args.get("q", ""))
    found = [
        {"kind": each.kind, "text": each.text, "count": each.count, "path": completion_path(each, app.settings)}
        for each in app.searcher.suggest(text)
    ]
    response = _json({"query": text, "completions": found})
    response.cache_control.private = True
    response.cache_control.max_age = _COMPLETIONS_FRESH
    return response


def completion_path(completion: Completion, settings: Settings) -> str:
    """Where a completion leads: a title to its post, a name to what has it, a word to its search."""
    everything = blank(settings)
    match completion.kind:
        case "title":
            return post_path(completion.id, everything, settings)
        case "word":
            return search_path(with_text(everything, completion.text), settings)
        case name:
            return search_path(only(everything, name, completion.text), settings)


def _json(payload: object) -> Response:
    response = jsonify(payload)
    response.content_type = "application/json; charset=utf-8"
    return response
