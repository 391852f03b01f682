"""The page about the archive: what was read, what was left out, and nothing of what is private."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from indexer import pipeline
from indexer.engine.generations import Generations
from indexer.settings import Settings
from webapp import about, create_app
from webapp.wording import REASONS, WITHHELD

SAMPLE = Path(__file__).resolve().parents[1] / "examples" / "sample-blog.xml"


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    settings = Settings(index_dir=tmp_path / "index_data")
    (tmp_path / "feed").mkdir()
    (tmp_path / "feed" / "<b>copy.xml").write_bytes(SAMPLE.read_bytes())
    (tmp_path / "feed" / "empty.txt").touch()
    pipeline.build([SAMPLE, tmp_path / "feed"], settings)
    return create_app(settings).test_client()


def test_the_audit_adds_up_and_names_no_folder(client: FlaskClient, tmp_path: Path) -> None:
    page = client.get("/about/archive").text
    assert "74 posts, 2 pages, 289 comments, 10 pingbacks. Indexed on " in page
    assert "sample-blog.xml" in page
    assert str(tmp_path) not in page
    assert str(SAMPLE.parent) not in page
    assert "Drafts" in page
    assert "Further copies of what is here" in page


def test_items_are_listed_by_reason_a_page_at_a_time(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(about, "PAGE", 300)
    first = client.get("/about/archive?reason=duplicate").text
    assert "&lt;b&gt;copy.xml#post=" in first
    assert "the same as sample-blog.xml#post=" in first
    assert "page=2" in first
    second = client.get("/about/archive?reason=duplicate&page=2").text
    assert 'start="301"' in second
    assert "More of them" not in second
    assert "empty.txt" in client.get("/about/archive?reason=empty&page=x").text


def test_what_is_private_is_counted_and_not_listed(client: FlaskClient) -> None:
    for code in ("draft", "password", "spam", "nosuch", "<script>"):
        assert "<ol" not in client.get("/about/archive", query_string={"reason": code}).text
    assert set(REASONS) >= WITHHELD


def test_a_report_that_went_with_its_generation_lists_nothing(client: FlaskClient, tmp_path: Path) -> None:
    generation = Generations(tmp_path / "index_data").current()
    client.get("/about/archive")
    (generation.path / "import-report.jsonl").unlink()
    assert client.get("/about/archive?reason=duplicate").status_code == 200


def test_the_archive_at_a_glance_links_to_its_searches(client: FlaskClient) -> None:
    page = client.get("/about/archive").text
    assert "Posts and comments per month" in page
    assert "Busiest threads" in page
    assert "Most frequent commenters" in page
    assert "?author=" in page
    assert "What set each year apart" in page
    assert re.search(r"&amp;from=(20\d\d)-01-01&amp;to=\1-12-31", page)
