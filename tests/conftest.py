"""What several test modules share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser

from indexer import engine, pipeline
from indexer.engine.port import Searcher
from indexer.settings import Settings
from tests import corpus
from tests.browser import SAMPLE, Open, browser, chromium, index, serving, watched_profiles

# The machines that run this are shared and slow at times: how long an example takes says nothing.
settings.register_profile("backfile", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("backfile")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where everything is there to run, a skipped test is a failure (``BACKFILE_NO_SKIPS=1``)."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("BACKFILE_NO_SKIPS") and reporter and reporter.stats.get("skipped"):
        reporter.write_line("Tests were skipped, and BACKFILE_NO_SKIPS is set.", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def archives() -> Path:
    """The folder of real archives beside the checkout; the test is skipped where there is none."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "archives"
    if not folder.is_dir():
        pytest.skip(f"no real archives in {folder}: they are not part of the project")
    return folder


@pytest.fixture(scope="session")
def sample_searcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searcher]:
    """A searcher over the sample blog."""
    settings = Settings(index_dir=tmp_path_factory.mktemp("sample") / "index_data")
    pipeline.build([SAMPLE], settings)
    with closing(engine.open_live(settings)) as searcher:
        yield searcher


@pytest.fixture(scope="session")
def blog_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings whose index holds the literal corpus."""
    root = tmp_path_factory.mktemp("literal") / "index_data"
    corpus.build(root)
    return Settings(index_dir=root)


@pytest.fixture(scope="session")
def blog_searcher(blog_settings: Settings) -> Iterator[Searcher]:
    """A searcher over the literal corpus (`tests.corpus`)."""
    with closing(engine.open_live(blog_settings)) as searcher:
        yield searcher


@pytest.fixture(scope="session")
def chrome() -> Iterator[Browser]:
    """The system's Chromium; the test is skipped where there is none."""
    if chromium() is None:
        pytest.skip("no Chromium on this machine: the site is not tested in a browser")
    with browser() as running:
        yield running


@pytest.fixture
def open_page(chrome: Browser) -> Iterator[Open]:
    """Opens addresses, each in a fresh profile; whatever a page must not do fails the test."""
    with watched_profiles(chrome) as open_:
        yield open_


@pytest.fixture(scope="session")
def sample_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the sample blog, indexed and served by the command."""
    directory = tmp_path_factory.mktemp("sample") / "index_data"
    index(directory, SAMPLE)
    with serving(directory) as site:
        yield site


@pytest.fixture(scope="session")
def real_site(archives: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real blog, saved page by page, indexed and served by the command; skipped like `archives`."""
    directory = tmp_path_factory.mktemp("real") / "index_data"
    index(directory, archives / "mirror" / "eightbar")
    with serving(directory) as site:
        yield site
