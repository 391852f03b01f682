"""The search page, the lists of all values of a facet, and the help on how to search."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, abort, render_template, request

from indexer.engine.port import FACET_FIELDS, SearchRequest, SearchResults
from webapp.examples import examples
from webapp.facetlist import MAX_CONTAINS, facet_page, wanted_values
from webapp.facets import ASKED, order
from webapp.params import blank, request_from, with_page
from webapp.state import State, state
from webapp.timeline import timeline_view
from webapp.timing import spent, timed
from webapp.view import search_page

blueprint = Blueprint("search", __name__)


@blueprint.get("/")
def index() -> str:
    """Results, or the whole archive newest first when nothing is asked."""
    app = state()
    wanted = request_from(request.args, app.settings)
    found = app.searcher.search(replace(wanted, facets=order(app.settings), facet_values=ASKED, timeline="auto"))
    spent({"search": found.took_ms, **found.timings})
    results = replace(found, request=wanted)  # what the page shows of facets is not part of its links
    with timed("render"):
        highlighter = app.searcher.highlighter(wanted.text) if wanted.text else None
        archive = None if results.listed else _archive(app)
        site = app.refresh()
        page = search_page(results, app.settings, highlighter, _count, site, archive)
        timeline = timeline_view(results, wanted, app.settings)
        return render_template("search.html", site=site, page=page, timeline=timeline)


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


def _count(wanted: SearchRequest) -> int:
    """How much another search finds, for the tabs and the ways out of finding nothing."""
    with timed("counts"):
        return state().searcher.count(wanted)


def _archive(app: State) -> SearchResults:
    """The blank search with its most frequent categories."""
    everything = blank(app.settings)
    asked = replace(everything, facets=("category",), facet_values=ASKED, page_size=1)
    with timed("counts"):
        return replace(app.searcher.search(asked), request=everything)
