"""``backfile serve``: gunicorn with the web app, which it imports by name, so that the indexer does not depend on it."""

from __future__ import annotations

import gc
import os
import socket
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.util import import_app

from indexer.errors import BackfileError
from indexer.settings import Settings

# A page takes milliseconds of one core, so more processes than cores only wait for each other. The threads keep slow
# readers and idle browser connections from occupying a process.
_THREADS = 8
# A query of a thousand characters outside ASCII takes nine bytes each in an address; past that the app would cut it anyway.
_REQUEST_LINE = 8190
_APPLICATION = "webapp:create_app"


class _Server(BaseApplication):
    """gunicorn, configured from our settings alone."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        chosen = self._settings
        options: dict[str, Any] = {
            "bind": address(chosen),
            "workers": chosen.workers or os.cpu_count() or 1,
            "threads": _THREADS,
            "worker_class": "gthread",
            "preload_app": False,
            "limit_request_line": _REQUEST_LINE,
            "loglevel": "warning",
            "proc_name": "backfile",
            "control_socket_disable": True,
        }
        for name, value in options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        create_app: Any = import_app(_APPLICATION)
        app = create_app(self._settings)
        # What is loaded by now stays: a collection that looked through it took 40 ms in the middle of a request.
        gc.collect()
        gc.freeze()
        return app


def address(settings: Settings) -> str:
    """``host:port``, an IPv6 host in brackets."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"{host}:{settings.port}"


def check_port(settings: Settings) -> None:
    """Raises `BackfileError` when the port cannot be listened on, before gunicorn retries and prints its own words."""
    try:
        family, kind, _, _, where = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where)
    except socket.gaierror as error:
        raise BackfileError(f"Cannot listen on {settings.host!r}: {error.strerror}.", "Check --host.") from error
    except OSError as error:
        other = settings.port % 65535 + 1
        raise BackfileError(
            f"Cannot listen on {address(settings)}: {error.strerror or error}.",
            f"Choose another port: backfile serve --port {other} (make run PORT={other})",
        ) from error


def run(settings: Settings) -> None:
    """Serve until stopped."""
    _Server(settings).run()
