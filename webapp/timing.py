"""What an answer cost, by part, as the header ``Server-Timing``: browsers show it beside the request.

https://www.w3.org/TR/server-timing/
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from flask import Flask, Response, g


def install(app: Flask) -> None:
    """Time every request. To be installed first: what comes before it is not in the total."""

    @app.before_request
    def start() -> None:
        g.started, g.parts = time.perf_counter(), {}

    @app.after_request
    def tell(response: Response) -> Response:
        total = (time.perf_counter() - g.started) * 1000
        response.headers["Server-Timing"] = server_timing({**g.parts, "total": total})
        return response


def spent(parts: Mapping[str, float]) -> None:
    """Milliseconds by part, which the answer to the current request then tells."""
    g.parts |= parts


@contextmanager
def timed(name: str) -> Iterator[None]:
    """Adds what a block takes to a part, but for what timed blocks inside it take, which is theirs alone."""
    inner, started = sum(g.parts.values()), time.perf_counter()
    try:
        yield
    finally:
        took = (time.perf_counter() - started) * 1000 - (sum(g.parts.values()) - inner)
        g.parts[name] = g.parts.get(name, 0.0) + took


def server_timing(parts: Mapping[str, float]) -> str:
    """Milliseconds by part as the header's value, whose names are tokens (RFC 9110, section 5.6.2)."""
    return ", ".join(f"{re.sub('[^A-Za-z0-9]+', '-', name)};dur={took:.1f}" for name, took in parts.items())
