"""The reading view: a post as it was, with its comments and pingbacks."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue

from indexer.engine.port import Searcher, SearchRequest
from indexer.engine.requests import query_text
from webapp.crosslinks import CrossLinks
from webapp.old import old_path
from webapp.params import post_path, post_paths, request_from
from webapp.state import state
from webapp.thread import Company, reading_page

blueprint = Blueprint("reading", __name__)

# Entries of a thread that a search within it lists, in their order; all of them are marked.
WITHIN = 50


@blueprint.get("/post/<id>")
def post(id: str) -> ResponseReturnValue:
    """The thread of a post. A comment's id leads to its place in its thread."""
    app = state()
    wanted = request_from(request.args, app.settings)
    thread = app.searcher.thread(id)
    if thread is None:
        document = app.searcher.document(id)
        if document is None or document.thread == id:
            old = old_path(request.path, request.full_path, app)  # the blog may have had a folder of this name, too
            return redirect(old) if old else abort(404)
        return redirect(post_path(document.thread, wanted, app.settings, document.id))
    within = query_text(request.args.get("within", ""))
    marked = within or wanted.text
    highlighter = app.searcher.highlighter(marked) if marked else None
    site = app.refresh()
    paths = post_paths(wanted, app.settings)
    page = reading_page(
        thread,
        wanted,
        app.settings,
        highlighter,
        company=_company(app.searcher, id, within),
        site=request.host_url.rstrip("/"),
        blog=site.name,
        inward=CrossLinks(thread.post, site.url, app.searcher.find, lambda other: paths(other, "")),
    )
    return render_template("post.html", site=site, page=page)


def _company(searcher: Searcher, id: str, within: str) -> Company:
    previous, following = searcher.around(id)
    search = SearchRequest(text=within, thread=id, group="none", sort="oldest", page_size=WITHIN, facets=())
    return Company(
        previous=previous,
        next=following,
        related=searcher.related(id),
        within=within,
        found=searcher.search(search) if within else None,
    )
