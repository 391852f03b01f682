"""For whatever watches the process: ``/healthz`` (it lives) and ``/readyz`` (it can answer searches)."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from indexer.errors import BackfileError
from webapp.errors import error_json
from webapp.state import state

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """200 as long as the process answers at all."""
    return _fresh(Response("ok\n", mimetype="text/plain"))


@blueprint.get("/readyz")
def readyz() -> Response:
    """200 with the generation in use and its counts, or 503 with what to do."""
    try:
        about = state().searcher.about()
    except BackfileError as error:
        return _fresh(error_json(503, str(error)))
    return _fresh(jsonify(generation=about.generation, created=about.created.isoformat(), counts=dict(about.counts)))


def _fresh(response: Response) -> Response:
    response.cache_control.no_store = True
    return response
