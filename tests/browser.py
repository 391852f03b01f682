"""What the browser tests and the screenshots share: archives in, a real server and a real browser out.

`index` and `serving` run the command line in a process of its own, as users do; `browser` is the system's Chromium.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "examples" / "sample-blog.xml"
# The machines that run this are shared and slow at times; nothing waits this long unless something is wrong.
PATIENCE = 6.0
# No sandbox, as test machines run as root in containers; the rest keeps the browser from calling its maker.
_CHROMIUM_ARGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()


def chromium() -> str | None:
    """The path of the system's Chromium or Chrome, None where there is none."""
    found = map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))
    return next(filter(None, found), None)


@contextmanager
def browser() -> Iterator[Browser]:
    """The system's Chromium, without a window."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium(), args=_CHROMIUM_ARGS)
        try:
            yield running
        finally:
            running.close()


def index(directory: Path, *archives: Path) -> None:
    """``backfile index`` of ``archives`` into ``directory``; raises `subprocess.CalledProcessError` when it fails."""
    command = _backfile("index", *archives, "--index", directory)
    subprocess.run(command, cwd=directory.parent, env=_environment(), stdout=subprocess.DEVNULL, timeout=120, check=True)


@contextmanager
def serving(directory: Path, wait_for: str = "/readyz") -> Iterator[str]:
    """The address of ``backfile serve`` on the index in ``directory``, once ``wait_for`` answers 200.

    Raises `AssertionError` when the server does not come up, and at the end when it logged a traceback.
    """
    site = f"http://127.0.0.1:{_free_port()}"
    log = directory.parent / f"{directory.name}.log"
    command = _backfile("serve", "--index", directory, "--port", site.rpartition(":")[2], "--workers", "1")
    with log.open("wb") as output:
        server = subprocess.Popen(command, cwd=directory.parent, env=_environment(), stdout=output, stderr=output)
    try:
        _wait(server, site + wait_for, log)
        yield site
    finally:
        server.terminate()
        server.wait(PATIENCE)
    assert "Traceback" not in log.read_text(), log.read_text()


def fetch(address: str) -> tuple[int, str]:
    """Status and body of a page, redirects followed."""
    try:
        with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def _backfile(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "indexer.cli", *map(str, arguments)]


def _environment() -> dict[str, str]:
    """The checkout's code, and none of the settings of whoever runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BACKFILE_")}
    return {**kept, "PYTHONPATH": str(ROOT)}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(server: subprocess.Popen[bytes], address: str, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            if fetch(address)[0] == 200:
                return
        except OSError:
            pass
        assert server.poll() is None, f"The server ended: {log.read_text()}"
        assert time.monotonic() < deadline, f"The server does not answer {address}: {log.read_text()}"
        time.sleep(0.05)
