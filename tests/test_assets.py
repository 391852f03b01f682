"""The owner's colour and logo, as the app serves them."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import accumulate
from pathlib import Path

import pytest
from flask.testing import FlaskClient

import webapp
from indexer.engine.port import Searcher
from indexer.errors import SettingError
from indexer.settings import Settings
from webapp import create_app

STATIC = Path(webapp.__file__).parent / "static"
LOGO = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture
def owned(blog_settings: Settings, blog_searcher: Searcher, tmp_path: Path) -> FlaskClient:
    (tmp_path / "logo.svg").write_text(LOGO)
    settings = replace(blog_settings, accent="#1d6fd1", logo=str(tmp_path / "logo.svg"), interface="fr")
    return create_app(settings, blog_searcher).test_client()


def test_the_accent_is_a_stylesheet_after_the_others_kept_by_the_browser(owned: FlaskClient) -> None:
    styles = re.findall(r'rel="stylesheet" href="([^"]+)"', owned.get("/").text)
    assert styles[-1].startswith("/theme.css?v=")
    answer = owned.get(styles[-1])
    assert answer.mimetype == "text/css"
    assert "--accent: light-dark(" in answer.text
    assert answer.cache_control.immutable
    assert not owned.get("/theme.css?v=old").cache_control.immutable


def test_a_logo_is_shown_and_nothing_in_it_may_run(owned: FlaskClient) -> None:
    (address,) = re.findall(r'<img src="(/logo[^"]+)" alt="">', owned.get("/").text)
    answer = owned.get(address)
    assert answer.mimetype == "image/svg+xml"
    assert answer.text == LOGO
    assert answer.headers.getlist("Content-Security-Policy") == [
        "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    ]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.cache_control.immutable


def test_without_them_there_is_no_address(blog_settings: Settings, blog_searcher: Searcher) -> None:
    client = create_app(blog_settings, blog_searcher).test_client()
    assert client.get("/theme.css").status_code == client.get("/logo").status_code == 404
    assert "/theme.css" not in client.get("/").text


def test_a_logo_that_cannot_be_read_is_named(blog_settings: Settings, blog_searcher: Searcher) -> None:
    with pytest.raises(SettingError, match=r"Cannot read the logo no-such.svg"):
        create_app(replace(blog_settings, logo="no-such.svg"), blog_searcher)


def test_the_page_says_its_language(owned: FlaskClient) -> None:
    page = owned.get("/")
    assert '<html lang="fr">' in page.text
    assert "Aller aux résultats" in page.text
    assert "Accept-Language" not in page.vary


def test_the_owner_chooses_the_filters_and_their_order(blog_settings: Settings, blog_searcher: Searcher) -> None:
    page = create_app(replace(blog_settings, facets=("year", "kind")), blog_searcher).test_client().get("/").text
    shown = [name for name in re.findall(r"facet-(\w+)", page) if name in Settings().facets]
    assert list(dict.fromkeys(shown)) == ["year", "kind"]


@pytest.mark.parametrize("name", sorted(path.name for path in STATIC.glob("*.css")))
def test_a_stylesheet_closes_what_it_opens(name: str) -> None:
    """A brace too few makes every later rule a part of the one before, and no browser complains."""
    rules = re.sub(r"/\*.*?\*/|\"[^\"]*\"", "", (STATIC / name).read_text(encoding="utf-8"), flags=re.DOTALL)
    depths = list(accumulate({"{": 1, "}": -1}.get(letter, 0) for letter in rules))
    assert min(depths) == depths[-1] == 0
