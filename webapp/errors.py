"""Exceptions to pages, in one place: HTML for people, JSON under ``/api/``; a message, never a traceback."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, current_app, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from indexer.errors import BackfileError, CorruptIndexError, NoIndexError, SchemaVersionError
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
# What a page says where the index is not available, by the error; what is more special comes first.
_UNAVAILABLE = (
    (NoIndexError, _("Nothing has been indexed here yet.")),
    (SchemaVersionError, _("The index was made by another version of Backfile and has to be built anew.")),
    (CorruptIndexError, _("A file of the index is missing or damaged.")),
    (BackfileError, _("The archive cannot be searched at the moment.")),
)


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
    title, message = map(gettext, _SAYS.get(error.code, (error.name, "")))
    response = _answer(error.code, title, message, message or title)
    for name, value in error.get_headers():
        if name == "Allow":  # RFC 9110, section 15.5.6: a 405 names what is allowed
            response.headers[name] = value
    return response


def _backfile(error: BackfileError) -> Response:
    """503. What to run, and in which folder, is no visitor's business: they stand in the log, and on a page of this machine."""
    current_app.logger.warning("%s", error)
    message = gettext(next(said for kind, said in _UNAVAILABLE if isinstance(error, kind)))
    at_home = urlsplit(f"//{request.host}").hostname in ("localhost", "127.0.0.1", "::1")
    for_owner = str(error) if at_home else ""
    response = _answer(503, gettext("The index is not available"), message, for_owner or message, for_owner)
    response.headers["Retry-After"] = "30"
    return response


def _answer(status: int, title: str, message: str, json: str, for_owner: str = "") -> Response:
    """``json`` is the message under ``/api/``; ``for_owner`` is English, as at the terminal."""
    if request.path.startswith("/api/"):
        return error_json(status, json)
    page = render_template(
        "error.html",
        site=state().site,
        status=status,
        title=title,
        message=message,
        for_owner=for_owner,
        search=likely_search(state()) if status == 404 else None,
    )
    return make_response(page, status)
