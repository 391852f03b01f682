"""Static files, the owner's colour and logo, with a version in their address, so that browsers keep them for a year and
still see a new one at once.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from flask import Flask, Response, request, url_for

from indexer.errors import SettingError
from indexer.settings import LOGO_TYPES, Settings
from webapp.colours import stylesheet

_YEAR = 365 * 24 * 3600
# An SVG file is a document: opened by itself it may style itself, and nothing else.
_LOGO_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


def install(app: Flask, settings: Settings) -> None:
    """Give templates ``asset("style.css")``, ``theme_url`` and ``logo_url`` ("" without), and versioned files a long life.

    Raises `SettingError` when the logo cannot be read.
    """
    versions = _versions(Path(app.static_folder or ""))

    @app.template_global()
    def asset(name: str) -> str:
        return url_for("static", filename=name, v=versions[name])

    app.jinja_env.globals["theme_url"] = ""
    app.jinja_env.globals["logo_url"] = ""
    if settings.accent:
        content = stylesheet(settings.accent).encode()
        app.jinja_env.globals["theme_url"] = _serve(app, "/theme.css", content, "text/css", {})
    if settings.logo:
        mimetype = LOGO_TYPES[Path(settings.logo).suffix.lower()]
        headers = {"Content-Security-Policy": _LOGO_POLICY}
        app.jinja_env.globals["logo_url"] = _serve(app, "/logo", _read(settings.logo), mimetype, headers)

    @app.after_request
    def keep(response: Response) -> Response:
        known = request.view_args and versions.get(request.view_args.get("filename", ""))
        if request.endpoint == "static" and known and request.args.get("v") == known:
            _keep(response)
        return response


def _serve(app: Flask, path: str, content: bytes, mimetype: str, headers: dict[str, str]) -> str:
    """Answer ``path`` with ``content``; returns its address with the version."""
    version = _version(content)

    def answer() -> Response:
        response = Response(content, mimetype=mimetype, headers=headers)
        if request.args.get("v") == version:
            _keep(response)
        return response

    app.add_url_rule(path, path.strip("/").replace(".", "_"), answer)
    return f"{path}?v={version}"


def _keep(response: Response) -> None:
    response.cache_control.no_cache = None
    response.cache_control.public = True
    response.cache_control.max_age = _YEAR
    response.cache_control.immutable = True


def _read(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise SettingError(f"Cannot read the logo {file}: {error.strerror}.") from error


def _version(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:10]


def _versions(folder: Path) -> dict[str, str]:
    """File name to ten hexadecimal digits of its content's hash."""
    return {
        path.relative_to(folder).as_posix(): _version(path.read_bytes()) for path in folder.rglob("*") if path.is_file()
    }
