"""Exceptions to pages, in one place: HTML for people, JSON under ``/api/``; a message, never a traceback."""

from __future__ import annotations

from flask import Flask, Response, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from indexer.errors import BackfileError
from webapp.i18n import gettext
from webapp.i18n import gettext_noop as _
from webapp.old import likely_search
from webapp.state import state

# What a page says, by status. The rest of the statuses say what HTTP calls them.
_SAYS = {
    400: (_("Bad request"), _("Your browser sent something this site does not understand.")),
    404: (
        _("Not found"),
        _("There is nothing at this address. It may have been mistyped, or the item left the archive."),
    ),
    405: (_("Not possible"), _("This address can be read, not written to.")),
    500: (
        _("Something broke"),
        _("That is a fault of this site, not yours. It was written to the log; please try again."),
    ),
}


def install(app: Flask) -> None:
    """Answer every exception. An unforeseen one arrives as a 500, after Flask logged it."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(BackfileError, _backfile)


def error_json(status: int, message: str) -> Response:
    """The one shape of a JSON error."""
    response = jsonify({"error": {"status": status, "message": message}})
    response.status_code = status
    return response


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.code is None:
        return error.get_response()
    title, message = map(gettext, _SAYS.get(error.code, (error.name, error.name)))
    response = _answer(error.code, title, message if message != title else "")
    for name, value in error.get_headers():
        if name == "Allow":  # RFC 9110, section 15.5.6: a 405 names what is allowed
            response.headers[name] = value
    return response


def _backfile(error: BackfileError) -> Response:
    response = _answer(503, gettext("The index is not available"), str(error))
    response.headers["Retry-After"] = "30"
    return response


def _answer(status: int, title: str, message: str) -> Response:
    if request.path.startswith("/api/"):
        return error_json(status, message or title)
    search = likely_search(state()) if status == 404 else None
    page = render_template("error.html", site=state().site, status=status, title=title, message=message, search=search)
    return make_response(page, status)
