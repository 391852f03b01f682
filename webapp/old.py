"""Addresses of the blog as it was lead to what the archive has of them, so that old links and bookmarks still work.

    /?url=http://blog.example/2008/05/04/title/    the post or comment there, or 404
    /?p=123   /?page_id=123                        WordPress's addresses by number
    /?s=words                                      WordPress's search
    /?m=2008   /?m=200805   /?m=20080504           WordPress's archive of a time
    /?cat=3                                        404: nobody knows which category had the number
    /2008/05/04/title/                             any path that this site does not have itself (`webapp.reading`: /post/title)
    /2008/05/04/title/feed/   .../trackback/   .../amp/     the same
    /2008/   /2008/05/   /2008/05/04/              the search of that time
    /category/slug/   /tag/slug/   /author/slug/   the search of the value whose name makes this slug

They redirect with 302, as the next index may know better. Browsers carry a ``#comment-456`` over to the reading view, which
has it as a second anchor of the comment.
"""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import unquote

from flask import Blueprint, abort, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from indexer.engine.analysis import fold
from indexer.engine.port import Document, FacetField
from indexer.engine.query import parse_period
from indexer.errors import BackfileError
from indexer.permalinks import path_alone
from webapp.hits import Link
from webapp.params import blank, only, post_path, search_path, with_dates, with_text
from webapp.state import State, state

blueprint = Blueprint("old", __name__)

_PERIOD = re.compile(r"/((?:19|20)\d\d(?:/\d\d){0,2})/?(?:page/\d+/?)?", re.ASCII)
_TERM = re.compile(r"(?:/[^/]+)*?/(category|categories|tags?|author)/(?:[^/]+/)*?([^/]+)/?(?:page/\d+/?)?", re.ASCII)
_NUMBER = re.compile(r"\d{1,18}", re.ASCII)
_DIGITS = re.compile(r"((?:19|20)\d\d)(\d\d)?(\d\d)?", re.ASCII)
# What WordPress and its plugins have behind the address of a page.
_BEHIND = re.compile(r"(?<=/)(?:feed(?:/(?:atom|rss2?|rdf))?|trackback|amp)/?\Z")
_WORD = re.compile(r"[^\W_]+")
_EXTENSION = re.compile(r"\.[a-z0-9]{2,5}\Z", re.I)
# All of them have to be found, so that more are of no use.
MAX_WORDS = 12
_FIELDS: dict[str, FacetField] = {"tag": "tag", "tags": "tag", "author": "post_author"}
# Names looked through for the one that makes a slug: more than any blog has.
_MOST_NAMES = 100_000


@blueprint.before_app_request
def follow() -> ResponseReturnValue | None:
    """Redirect from an old address; None where the request is for a page of this site."""
    if request.method not in ("GET", "HEAD"):
        return None
    if request.path == "/":
        path = _asked_path(state())
        return None if path is None else redirect(path) if path else abort(404)
    if not isinstance(request.routing_exception, NotFound) or request.path.startswith(("/api/", "/static/")):
        return None
    try:
        path = old_path(request.path, request.full_path, state())
    except BackfileError:  # without an index there is nothing here either, and the page that says so needs none
        return None
    return redirect(path) if path else None


def _asked_path(app: State) -> str | None:
    """Where the query string of the front page leads, "" for nowhere; None for one that asks for nothing of the old blog."""
    args = request.args
    numbers = [f"?{name}={args[name]}" for name in ("p", "page_id") if _NUMBER.fullmatch(args.get(name, ""))]
    if "url" in args or numbers:
        document = app.searcher.find(args.get("url", "").strip() or next(iter(numbers), ""))
        return _document_path(document, app) if document else ""
    if "q" in args:  # a search of this site
        return None
    if "s" in args:
        return search_path(with_text(blank(app.settings), args["s"]), app.settings)
    if digits := _DIGITS.fullmatch(args.get("m", "")):
        return _period_path("-".join(filter(None, digits.groups())), app)
    return "" if _NUMBER.fullmatch(args.get("cat", "")) else None


def old_path(path: str, full_path: str, app: State) -> str:
    """Where the path of an old address, or it with its query, leads on this site; "" for nowhere."""
    page = _BEHIND.sub("", path)
    for address in dict.fromkeys((full_path.removesuffix("?"), path, page)):
        if document := app.searcher.find(address):
            return _document_path(document, app)
    if dated := _PERIOD.fullmatch(page):
        return _period_path(dated[1].replace("/", "-"), app)
    if term := _TERM.fullmatch(page):
        name = _FIELDS.get(term[1], "category")
        if value := _value(name, term[2], app):
            return search_path(only(blank(app.settings), name, value), app.settings)
    return ""


def likely_search(app: State) -> Link | None:
    """The search for the words in the last part of the old address that was asked for, which were a title's; None without any."""
    path = request.path
    if path == "/":
        path = path_alone(request.args.get("url", "")).partition("?")[0]
    elif not isinstance(request.routing_exception, NotFound):
        return None
    last = _BEHIND.sub("", path).rstrip("/").rpartition("/")[2]
    words = [word for word in _WORD.findall(_EXTENSION.sub("", unquote(last))) if not word.isdecimal()]
    said = " ".join(words[:MAX_WORDS])
    return Link(said, search_path(with_text(blank(app.settings), said), app.settings)) if said else None


def _period_path(period: str, app: State) -> str:
    days = parse_period(period)
    return search_path(with_dates(blank(app.settings), *days), app.settings) if days else ""


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
