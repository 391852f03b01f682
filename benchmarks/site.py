"""Backfile as it is used: `backfile index` of an export, the page of results, HTTP requests to `backfile serve`."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlencode

from benchmarks import BenchmarkError, memory
from benchmarks.blog import Blog
from benchmarks.measuring import alone, megabytes
from benchmarks.results import Indexing, Site
from benchmarks.timing import Timing, timed
from indexer import engine
from indexer.engine.port import SearchRequest
from indexer.settings import Settings

_ROOT = Path(__file__).resolve().parents[1]
# For a 95th percentile that is not just the worst.
REQUESTS = 20
# Nothing waits this long unless something is wrong.
_PATIENCE = 60.0


def measure(blog: Blog, folder: Path, seconds: float) -> Site:
    """Index the export of ``blog`` into a folder in ``folder``, and ask it every query in every way."""
    index_dir = folder / "index_data"
    indexing, stages = _index(blog, index_dir)
    page = alone(search_pages, index_dir, blog.queries(), seconds)
    with _serving(index_dir) as (server, port):
        http = _requests(port, blog.queries(), seconds)
        worker = sum(map(memory.anonymous, memory.children(server)))
    return Site(indexing=indexing, stages=stages, page=page, http=http, worker_mb=worker)


def _index(blog: Blog, index_dir: Path) -> tuple[Indexing, dict[str, float]]:
    """`backfile index`, and the seconds per stage that it reports."""
    output, errors = index_dir.parent / "index.json", index_dir.parent / "index.log"
    command = _backfile("index", blog.export, "--index", index_dir, "--json")
    started = time.perf_counter()
    with output.open("wb") as out, errors.open("wb") as err:
        run = subprocess.Popen(command, cwd=index_dir.parent, env=_environment(), stdout=out, stderr=err)
        with memory.Watch(run.pid) as watch:
            status = run.wait()
    taken = time.perf_counter() - started
    if status:
        raise BenchmarkError(f"`backfile index` ended with status {status}: {errors.read_text().strip()}")
    report = json.loads(output.read_text())
    if (report["posts"], report["comments"]) != (blog.posts, blog.comments):
        raise BenchmarkError(f"`backfile index` found {report['posts']} posts and {report['comments']} comments.")
    return Indexing(seconds=taken, peak_mb=watch.peak, size_mb=megabytes(index_dir)), report["stages"]


def search_pages(index_dir: Path, queries: Mapping[str, str], seconds: float) -> dict[str, Timing]:
    """Search as the page does: threads, all facets, stored fields, snippets."""
    with closing(engine.open_searcher(Settings(index_dir=index_dir))) as searcher:

        def page(query: str) -> Timing:
            request = SearchRequest(text=query)
            searcher.search(request)
            return timed(lambda: searcher.search(request), seconds)

        return {kind: page(query) for kind, query in queries.items()}


def _requests(port: int, queries: Mapping[str, str], seconds: float) -> dict[str, Timing]:
    """Ask for the page of each query, on one connection that stays open."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)) as connection:

        def get(path: str) -> None:
            try:
                connection.request("GET", path)
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException) as error:
                raise BenchmarkError(f"`backfile serve` did not answer {path}: {error!r}") from error
            if answer.status != http.HTTPStatus.OK:
                raise BenchmarkError(f"`backfile serve` answered {answer.status} to {path}")

        def page(query: str) -> Timing:
            path = f"/?{urlencode({'q': query})}"
            get(path)
            return timed(lambda: get(path), seconds, REQUESTS)

        return {kind: page(query) for kind, query in queries.items()}


@contextmanager
def _serving(index_dir: Path) -> Iterator[tuple[int, int]]:
    """`backfile serve` with one worker: the process id of its master, and its port."""
    port, log = _free_port(), index_dir.parent / "serve.log"
    command = _backfile("serve", "--index", index_dir, "--port", port, "--workers", 1)
    with log.open("wb") as output:
        server = subprocess.Popen(command, cwd=index_dir.parent, env=_environment(), stdout=output, stderr=output)
    try:
        _wait(server, port, log)
        yield server.pid, port
    finally:
        _stop(server)


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        server.kill()


def _wait(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)) as connection:
            try:
                connection.request("GET", "/readyz")
                if connection.getresponse().status == http.HTTPStatus.OK:
                    return
            except OSError:
                pass
        if server.poll() is not None or time.monotonic() > deadline:
            raise BenchmarkError(f"`backfile serve` does not answer: {log.read_text().strip()}")
        time.sleep(0.05)


def _backfile(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "indexer.cli", *map(str, arguments)]


def _environment() -> dict[str, str]:
    """The checkout's code, and none of the settings of whoever runs this."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BACKFILE_")}
    return {**kept, "PYTHONPATH": str(_ROOT)}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
