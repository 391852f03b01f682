"""The search page, the lists of all values of a facet, and the help on how to search."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import replace

from flask import Blueprint, Response, abort, make_response, render_template, request

from indexer.engine.port import FACET_FIELDS, SearchResults
from webapp.examples import examples
from webapp.facetlist import MAX_CONTAINS, facet_page, wanted_values
from webapp.facets import ASKED, order
from webapp.params import blank, request_from, with_page
from webapp.state import State, state
from webapp.timeline import timeline_view
from webapp.view import search_page

blueprint = Blueprint("search", __name__)


@blueprint.get("/")
def index() -> Response:
    """Results, or the whole archive newest first when nothing is asked."""
    app = state()
    wanted = request_from(request.args, app.settings)
    found = app.searcher.search(replace(wanted, facets=order(app.settings), facet_values=ASKED, timeline="auto"))
    results = replace(found, request=wanted)  # what the page shows of facets is not part of its links
    started = time.perf_counter()
    highlighter = app.searcher.highlighter(wanted.text) if wanted.text else None
    archive = None if results.listed else _archive(app)
    site = app.refresh()
    page = search_page(results, app.settings, highlighter, app.searcher.count, site, archive)
    timeline = timeline_view(results, wanted, app.settings)
    response = make_response(render_template("search.html", site=site, page=page, timeline=timeline))
    render = (time.perf_counter() - started) * 1000
    response.headers["Server-Timing"] = server_timing({"search": results.took_ms, **results.timings, "render": render})
    return response


@blueprint.get("/facet/<name>")
def facet(name: str) -> str:
    """All values of a facet in a search; ``contains`` filters them, ``page`` is the list's."""
    app = state()
    field = next((field for field in FACET_FIELDS if field == name), None)
    if field is None:
        abort(404)
    wanted = request_from(request.args, app.settings)
    search = with_page(wanted, 1)
    results = replace(app.searcher.search(wanted_values(search, field)), request=search)
    contains = request.args.get("contains", "").replace("\0", "").strip()[:MAX_CONTAINS]
    page = facet_page(results, field, contains, wanted.page, app.settings)
    return render_template("facet.html", site=app.refresh(), page=page)


@blueprint.get("/help")
def help() -> str:
    """How to search; needs no index."""
    app = state()
    return render_template("help.html", site=app.refresh(), examples=examples(app.searcher))


def server_timing(parts: Mapping[str, float]) -> str:
    """Milliseconds by part as the header ``Server-Timing`` (W3C Server Timing): names are tokens."""
    return ", ".join(f"{re.sub('[^A-Za-z0-9]+', '-', name)};dur={spent:.1f}" for name, spent in parts.items())


def _archive(app: State) -> SearchResults:
    """The blank search with its most frequent categories."""
    everything = blank(app.settings)
    asked = replace(everything, facets=("category",), facet_values=ASKED, page_size=1)
    return replace(app.searcher.search(asked), request=everything)
