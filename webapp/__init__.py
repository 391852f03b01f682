"""The web app behind ``backfile serve``: a Flask factory over the engine's port.

    request -> params -> SearchRequest -> Searcher -> view, hits, facets, thread -> templates -> response

``search``, ``reading``, ``about``, ``browse``, ``trends``, ``api``, ``health`` and ``old`` (addresses of the blog that was) are
the blueprints, one per face of the app; their functions fetch and hand over. ``params`` maps query strings to requests
and back, ``view`` (with ``hits`` and ``facets``), ``thread`` (with ``markup`` and ``crosslinks``), ``timeline`` and ``charts``
turn answers into what the templates show, ``wording`` holds the interface's words, ``i18n`` its languages: all pure.
``errors``, ``security`` and ``timing`` touch every response. The app opens nothing but a `Searcher`, which cannot write.
"""

from __future__ import annotations

from flask import Flask

from indexer.engine import open_live
from indexer.engine.port import Searcher
from indexer.settings import Settings
from webapp import (
    about,
    api,
    assets,
    browse,
    errors,
    health,
    i18n,
    old,
    reading,
    search,
    security,
    state,
    timing,
    trends,
)
from webapp.markup import wayback_link


def create_app(settings: Settings, searcher: Searcher | None = None) -> Flask:
    """The WSGI application.

    Without ``searcher`` it serves the index that the settings name, whichever generation is current; when there is
    none, every page answers 503 and says what to run, until there is one.
    """
    searcher = searcher or open_live(settings)
    app = Flask(__name__)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.jinja_options = {**app.jinja_options, "trim_blocks": True, "lstrip_blocks": True}
    timing.install(app)
    state.install(app, settings, searcher)
    assets.install(app, settings)
    i18n.install(app, settings)
    security.install(app, settings)
    errors.install(app)
    app.template_global()(wayback_link)
    for face in (search, reading, about, browse, trends, api, health, old):
        app.register_blueprint(face.blueprint)
    return app
