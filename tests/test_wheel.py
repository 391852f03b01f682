"""What users install: the wheel, in an empty environment, away from the source."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.lock"


def run(*command: object, cwd: Path) -> str:
    env = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env=env, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ``bin`` of an environment that holds the built wheel and its dependencies, at the locked versions."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    run(*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, ROOT, cwd=folder)
    (wheel,) = folder.glob("backfile-*.whl")
    venv.create(folder / "env", with_pip=True)
    python = folder / "env" / "bin" / "python"
    constraints = folder / "constraints.txt"
    pins = [
        line.removesuffix(" \\") for line in LOCK.read_text().splitlines() if "==" in line and not line.startswith(" ")
    ]
    constraints.write_text("\n".join(pins))
    run(python, *pip[1:], "install", "--constraint", constraints, wheel, cwd=folder)
    return python.parent


def test_the_installed_command_indexes_and_searches(installed: Path, tmp_path: Path) -> None:
    run(installed / "backfile", "index", ROOT / "examples" / "sample-blog.xml", cwd=tmp_path)
    found = json.loads(run(installed / "backfile", "search", "coefficient", "--json", cwd=tmp_path))
    assert found["total"]["posts"] == 5


def test_the_installed_app_has_its_templates_and_static_files(installed: Path, tmp_path: Path) -> None:
    run(installed / "backfile", "index", ROOT / "examples" / "sample-blog.xml", cwd=tmp_path)
    port = _free_port()
    server = subprocess.Popen([installed / "backfile", "serve", "--port", str(port), "--workers", "1"], cwd=tmp_path)
    try:
        assert "Fog Signal" in _get(f"http://127.0.0.1:{port}/?q=coefficient")
        assert "--" in _get(f"http://127.0.0.1:{port}/static/style.css")
    finally:
        server.terminate()
        server.wait(30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _get(address: str) -> str:
    """The body of a page, as soon as the server answers."""
    deadline = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                body: bytes = answer.read()
                return body.decode()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
