"""Static files with a version in their address, so that browsers keep them for a year and still see a new one at once."""

from __future__ import annotations

import hashlib
from pathlib import Path

from flask import Flask, Response, request, url_for

_YEAR = 365 * 24 * 3600


def install(app: Flask) -> None:
    """Give templates ``asset("style.css")`` and versioned files a long life in the browser's cache."""
    versions = _versions(Path(app.static_folder or ""))

    @app.template_global()
    def asset(name: str) -> str:
        return url_for("static", filename=name, v=versions[name])

    @app.after_request
    def keep(response: Response) -> Response:
        known = request.view_args and versions.get(request.view_args.get("filename", ""))
        if request.endpoint == "static" and known and request.args.get("v") == known:
            response.cache_control.no_cache = None
            response.cache_control.public = True
            response.cache_control.max_age = _YEAR
            response.cache_control.immutable = True
        return response


def _versions(folder: Path) -> dict[str, str]:
    """File name to ten hexadecimal digits of its content's hash."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:10]
        for path in folder.rglob("*")
        if path.is_file()
    }
