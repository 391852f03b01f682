"""The API: the search page's parameters in, the JSON of `indexer.engine.payload` out.

It sends no CORS headers: on the owner's own machine any page they visit could otherwise read a private archive.
"""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from indexer.engine.payload import search_payload
from webapp.params import request_from
from webapp.state import state

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


@blueprint.get("/search")
def search() -> Response:
    """One page of results; what cannot be understood in the parameters is ignored."""
    app = state()
    response = jsonify(search_payload(app.searcher.search(request_from(request.args, app.settings))))
    response.content_type = "application/json; charset=utf-8"
    response.cache_control.no_store = True
    return response
