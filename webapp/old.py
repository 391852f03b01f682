"""Addresses of the blog as it was lead to what the archive has of them, so that old links and bookmarks still work.

    /?url=http://blog.example/2008/05/04/title/    the post or comment there, or 404
    /?p=123   /?page_id=123                        WordPress's addresses by number
    /2008/05/04/title/                             any path that this site does not have itself
    /2008/   /2008/05/   /2008/05/04/              the search of that time
    /category/slug/   /tag/slug/                   the search of the category or tag whose name makes this slug

They redirect with 302, as the next index may know better. Browsers carry a ``#comment-456`` over to the reading view, which
has it as a second anchor of the comment.
"""

from __future__ import annotations

import re
from dataclasses import replace

from flask import Blueprint, abort, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from indexer.engine.analysis import fold
from indexer.engine.port import Document, FacetField
from indexer.engine.query import parse_period
from indexer.errors import BackfileError
from webapp.params import blank, only, post_path, search_path, with_dates
from webapp.state import State, state

blueprint = Blueprint("old", __name__)

_PERIOD = re.compile(r"/((?:19|20)\d\d(?:/\d\d){0,2})/?(?:page/\d+/?)?", re.ASCII)
_TERM = re.compile(r"(?:/[^/]+)*?/(category|categories|tags?)/(?:[^/]+/)*?([^/]+)/?(?:page/\d+/?)?", re.ASCII)
_NUMBER = re.compile(r"\d{1,18}", re.ASCII)
# Names looked through for the one that makes a slug: more than any blog has.
_MOST_NAMES = 100_000


@blueprint.before_app_request
def follow() -> ResponseReturnValue | None:
    """Redirect from an old address; None where the request is for a page of this site."""
    if request.method not in ("GET", "HEAD"):
        return None
    if request.path == "/":
        address = _asked()
        if not address:
            return None
        document = state().searcher.find(address)
        return redirect(_document_path(document, state())) if document else abort(404)
    if not isinstance(request.routing_exception, NotFound) or request.path.startswith(("/api/", "/static/")):
        return None
    try:
        path = old_path(request.path, request.full_path, state())
    except BackfileError:  # without an index there is nothing here either, and the page that says so needs none
        return None
    return redirect(path) if path else None


def _asked() -> str:
    """The old address that the query string of the front page asks for, or ""."""
    if url := request.args.get("url", "").strip():
        return url
    numbered = ((name, request.args.get(name, "")) for name in ("p", "page_id"))
    return next((f"?{name}={number}" for name, number in numbered if _NUMBER.fullmatch(number)), "")


def old_path(path: str, full_path: str, app: State) -> str:
    """Where the path of an old address, or it with its query, leads on this site; "" for nowhere."""
    if document := app.searcher.find(full_path.removesuffix("?")) or app.searcher.find(path):
        return _document_path(document, app)
    if (dated := _PERIOD.fullmatch(path)) and (period := parse_period(dated[1].replace("/", "-"))):
        return search_path(with_dates(blank(app.settings), *period), app.settings)
    if term := _TERM.fullmatch(path):
        name: FacetField = "tag" if term[1].startswith("tag") else "category"
        if value := _value(name, term[2], app):
            return search_path(only(blank(app.settings), name, value), app.settings)
    return ""


def _document_path(document: Document, app: State) -> str:
    comment = "" if document.id == document.thread else document.id
    return post_path(document.thread, blank(app.settings), app.settings, comment)


def _value(name: FacetField, slug: str, app: State) -> str:
    """The value of a facet, the most frequent one, whose name makes this slug; "" when none does."""
    wanted = replace(blank(app.settings), facets=(name,), facet_values=_MOST_NAMES, page_size=1)
    letters = _letters(slug)
    values = app.searcher.search(wanted).facets[name].values
    return next((value.value for value in values if letters and _letters(value.value) == letters), "")


def _letters(name: str) -> str:
    """What a name and its slug have in common: letters and digits, folded."""
    return "".join(filter(str.isalnum, fold(name)))
