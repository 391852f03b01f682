"""The search page and the help on how to search."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request

from webapp.params import blank, request_from
from webapp.state import state
from webapp.view import search_page

blueprint = Blueprint("search", __name__)


@blueprint.get("/")
def index() -> Response:
    """Results, or the whole archive newest first when nothing is asked."""
    app = state()
    wanted = request_from(request.args, app.settings)
    results = app.searcher.search(wanted)
    highlighter = app.searcher.highlighter(wanted.text) if wanted.text else None
    archive = None if results.listed else app.searcher.search(blank(app.settings))
    page = search_page(results, app.settings, highlighter, archive)
    response = make_response(render_template("search.html", site=app.refresh(), page=page))
    response.headers["Server-Timing"] = f"search;dur={results.took_ms:.1f}"
    return response


@blueprint.get("/help")
def help() -> str:
    """How to search; needs no index."""
    return render_template("help.html", site=state().refresh())
