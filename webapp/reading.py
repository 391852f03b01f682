"""The reading view: a post as it was, with its comments and pingbacks."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue

from webapp.params import post_path, request_from
from webapp.state import state
from webapp.thread import reading_page

blueprint = Blueprint("reading", __name__)


@blueprint.get("/post/<id>")
def post(id: str) -> ResponseReturnValue:
    """The thread of a post. A comment's id leads to its place in its thread."""
    app = state()
    wanted = request_from(request.args, app.settings)
    thread = app.searcher.thread(id)
    if thread is None:
        document = app.searcher.document(id)
        if document is None or document.thread == id:
            abort(404)
        return redirect(post_path(document.thread, wanted, app.settings, document.id))
    highlighter = app.searcher.highlighter(wanted.text) if wanted.text else None
    page = reading_page(thread, wanted, app.settings, highlighter)
    return render_template("post.html", site=app.refresh(), page=page)
