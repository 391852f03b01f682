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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Page,
    Request,
    Response,
    expect,
    sync_playwright,
)

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "examples" / "sample-blog.xml"
PHONE, DESKTOP, NARROW = 360, 1280, 320
# The machines that run this are shared and slow at times; nothing waits this long unless something is wrong.
PATIENCE = 30.0
# No sandbox, as test machines run as root in containers; the rest keeps the browser from calling its maker.
_CHROMIUM_ARGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()

# Address, width, javascript and further options of a browser context to an opened page.
Open = Callable[..., Page]

expect.set_options(timeout=PATIENCE * 1000)


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
    subprocess.run(
        command, cwd=directory.parent, env=_environment(), stdout=subprocess.DEVNULL, timeout=120, check=True
    )


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


class Witness:
    """Writes down what must not happen on any page of any test."""

    def __init__(self, context: BrowserContext) -> None:
        self.complaints: list[str] = []
        context.on("request", self._request)
        context.on("response", self._response)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.complaints.append(f"script error: {error.error}"))
        context.on("dialog", self._dialog)
        context.add_init_script(
            "document.addEventListener('securitypolicyviolation',"
            " event => console.error(`policy violated: ${event.violatedDirective} ${event.blockedURI}`))"
        )

    def _request(self, request: Request) -> None:
        if not request.url.startswith("http://127.0.0.1:"):
            self.complaints.append(f"request to {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 400 and not response.request.is_navigation_request():
            self.complaints.append(f"{response.status} for {response.url}")

    def _console(self, message: ConsoleMessage) -> None:
        # Chromium also writes this line for an error page that was asked for; the rest is `_response`'s.
        expected = message.text.startswith("Failed to load resource: the server responded with a status of")
        if message.type in ("error", "warning") and not expected:
            self.complaints.append(f"console: {message.text}")

    def _dialog(self, dialog: Dialog) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()


@contextmanager
def watched_profiles(running: Browser) -> Iterator[Open]:
    """Opens addresses, each in a fresh browser profile; fails at the end if anything happened that a `Witness` notes."""
    opened: list[tuple[BrowserContext, Witness]] = []

    def open_(address: str, width: int = DESKTOP, javascript: bool = True, **options: Any) -> Page:
        context = running.new_context(
            viewport={"width": width, "height": 800}, java_script_enabled=javascript, **options
        )
        context.set_default_timeout(PATIENCE * 1000)
        opened.append((context, Witness(context)))
        page = context.new_page()
        page.goto(address)
        return page

    yield open_
    for context, _ in opened:
        context.close()
    assert [complaint for _, witness in opened for complaint in witness.complaints] == []


def addresses(page: Page, links: str = ".hits h2 a") -> list[str]:
    """Where links lead, on a page that has come."""
    page.wait_for_load_state()
    found: list[str] = page.locator(links).evaluate_all(
        "links => links.map(link => new URL(link.getAttribute('href'), location).href)"
    )
    return found


def number(text: str) -> int:
    """A number as an English page writes it."""
    return int(text.replace(",", ""))


def listed(page: Page) -> int:
    """How many results the page says there are."""
    return int(page.locator("#summary").get_attribute("data-listed") or "")


def expect_listed(page: Page, total: int) -> None:
    expect(page.locator("#summary")).to_have_attribute("data-listed", str(total))


def titles(page: Page) -> list[str]:
    page.wait_for_load_state()  # a list is read at once, however little of the page has come
    return page.locator(".hits h2").all_inner_texts()


def show_filters(page: Page) -> None:
    """On a phone the filters are behind a button."""
    toggle = page.locator(".filters-toggle")
    if toggle.is_visible() and toggle.get_attribute("open") is None:
        toggle.locator("summary").click()


def tick(page: Page, facet: str, value: str) -> int:
    """Tick a box; its count."""
    row = page.locator(f".facet-{facet} li", has=page.get_by_role("checkbox", name=value, exact=True))
    count = number(row.locator(".count").inner_text())
    row.get_by_role("checkbox").click()
    return count


def apply(page: Page) -> None:
    """In the sheet of a phone, and without JavaScript, what is ticked waits for the button; beside the results it is applied."""
    page.locator(".filters").get_by_role("button", name="Apply").click()


def no_sideways_scroll(page: Page) -> bool:
    page.wait_for_load_state()
    wider: bool = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return not wider


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
