"""Old addresses: what they are made of, what the engine finds at them, where the web app leads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from indexer import engine
from indexer.documents import PostKey
from indexer.engine.port import Searcher
from indexer.joining import _other_addresses
from indexer.permalinks import path_alone
from indexer.settings import Settings
from tests import corpus
from tests.corpus import BREAD, CORPUS, IRAN, SHORT
from webapp import create_app
from webapp.old import MAX_WORDS

LOAF = replace(
    BREAD,
    permalink="http://blog.example.com/2008/12/31/loaf/",
    addresses=("blog.example.com?p=12", "old.example.net/archives/000123.html"),
)
# The same path on another host, and later.
TWIN = replace(
    SHORT, permalink="http://other.example.com/2008/12/31/loaf/", categories=("R&D", "Café crème"), tags=("C++",)
)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    root = tmp_path_factory.mktemp("old") / "index"
    changed = {LOAF.id: LOAF, TWIN.id: TWIN}
    corpus.build(root, [changed.get(document.id, document) for document in CORPUS])
    return Settings(index_dir=root)


@pytest.fixture(scope="module")
def searcher(settings: Settings) -> Iterator[Searcher]:
    with closing(engine.open_searcher(settings)) as found:
        yield found


@pytest.fixture
def client(settings: Settings, searcher: Searcher) -> FlaskClient:
    return create_app(settings, searcher).test_client()


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("http://www.blog.example/2008/05/title/?utm_source=x", "/2008/05/title"),
        ("/2008/05/title/#comment-1", "/2008/05/title"),
        ("?p=12", "?p=12"),
        ("/index.php?p=12", "?p=12"),
        ("//localhost/a/", "/a"),
        ("http://blog.example/", ""),
        ("", ""),
        ("words", ""),
    ],
)
def test_the_path_alone(address: str, path: str) -> None:
    assert path_alone(address) == path


@pytest.mark.parametrize(
    ("address", "id"),
    [
        (IRAN.permalink, "p1"),
        ("https://www.blog.example.com/2008/05/04/last-efforts", "p1"),
        ("/2008/05/04/last-efforts/", "p1"),
        (IRAN.permalink + "#comment-1", "c1"),
        ("/2008/05/04/last-efforts/#comment-1", "c1"),
        (IRAN.permalink + "#comment-99", "p1"),
        (IRAN.permalink + "#respond", "p1"),
        ("?p=12", "p2"),
        ("/?p=12", "p2"),
        ("http://blog.example.com/?p=12", "p2"),
        ("http://stranger.example/?p=12", None),
        ("http://old.example.net/archives/000123.html", "p2"),
        ("/archives/000123.html", "p2"),
        # A path of two posts: with a host its own, alone the older one, on an unknown host none.
        ("http://other.example.com/2008/12/31/loaf/", "p3"),
        ("/2008/12/31/loaf", "p2"),
        ("http://stranger.example/2008/12/31/loaf/", None),
        ("http://moved.example/2008/05/04/last-efforts/", "p1"),
        ("http://blog.example.com/", None),
        ("/", None),
        ("", None),
        ("nonsense", None),
        ("\0\ud800" * 20_000, None),
    ],
)
def test_what_stands_at_an_address(searcher: Searcher, address: str, id: str | None) -> None:
    found = searcher.find(address)
    assert (found.id if found else None) == id


@pytest.mark.parametrize(
    ("address", "location"),
    [
        ("/?url=http://blog.example.com/2008/05/04/last-efforts/", "/post/p1"),
        ("/?url=http://blog.example.com/2008/05/04/last-efforts/%23comment-1", "/post/p1#comment-c1"),
        ("/?p=12", "/post/p2"),
        ("/index.php?p=12", "/post/p2"),
        ("/2008/05/04/last-efforts/", "/post/p1"),
        ("/2008/05/04/last-efforts/?replytocom=4", "/post/p1"),
        ("/2008/05/04/last-efforts/?unknown=4", "/post/p1"),
        ("/archives/000123.html", "/post/p2"),
        ("/2008/", "/?from=2008-01-01&to=2008-12-31"),
        ("/2008/05/", "/?from=2008-05-01&to=2008-05-31"),
        ("/2008/05/page/2/", "/?from=2008-05-01&to=2008-05-31"),
        ("/2008/05/04", "/?from=2008-05-04&to=2008-05-04"),
        ("/category/iran/", "/?category=Iran"),
        ("/category/parent/sadr-mahdi-army/", "/?category=Sadr%2FMahdi+Army"),
        ("/category/rd/page/3/", "/?category=R%26D"),
        ("/blog/category/cafe-creme/", "/?category=Caf%C3%A9+cr%C3%A8me"),
        ("/tag/c/", "/?tag=C%2B%2B"),
        ("/tag/c/feed/", "/?tag=C%2B%2B"),
        ("/author/aj/page/2/", "/?post_author=AJ"),
        ("/2008/05/04/last-efforts/feed/", "/post/p1"),
        ("/2008/05/04/last-efforts/feed/atom/", "/post/p1"),
        ("/2008/05/04/last-efforts/trackback", "/post/p1"),
        ("/2008/05/04/last-efforts/amp/", "/post/p1"),
        ("/2008/05/feed/", "/?from=2008-05-01&to=2008-05-31"),
        ("/?s=quds+force", "/?q=quds+force"),
        ("/?s=a%26b&cat=3", "/?q=a%26b"),
        ("/?s=", "/"),
        ("/?m=2008", "/?from=2008-01-01&to=2008-12-31"),
        ("/?m=200805", "/?from=2008-05-01&to=2008-05-31"),
        ("/?m=20080504&paged=2", "/?from=2008-05-04&to=2008-05-04"),
    ],
)
def test_where_old_addresses_lead(client: FlaskClient, address: str, location: str) -> None:
    response = client.get(address)
    assert (response.status_code, response.headers["Location"]) == (302, location)
    assert client.get(location).status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/?url=http://nobody.example/x/",
        "/?p=999",
        "/?url=",
        "/?url=http://[bad",
        "/?m=200813",
        "/?cat=3",
        "/feed/",
        "/author/nobody/",
        "/2008/13/",
        "/category/nobody/",
        "/no/such/page",
        "/api/v1/2008/",
        "/%00",
    ],
)
def test_what_is_nowhere_is_not_found(client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/2008/05/04/last-eforts_2/", "last eforts"),
        ("/2008/05/04/last-eforts/feed/", "last eforts"),
        ("/archives/caf%C3%A9.html?x=1", "café"),
        ("/?url=http://blog.example.com/2008/caf%25C3%25A9-au-lait/%23comment-1", "café au lait"),
        ("/" + "-".join(["a1"] * 50), " ".join(["a1"] * MAX_WORDS)),
        ("/2008/13/", None),
        ("/?cat=3", None),
        ("/?url=", None),
        ("/post/nobody", None),
        ("/static/nothing.css", None),
    ],
)
def test_what_is_not_found_may_be_found_by_its_words(client: FlaskClient, address: str, words: str | None) -> None:
    response = client.get(address)
    assert response.status_code == 404
    found = BeautifulSoup(response.text, "lxml").select_one(".error a[rel=nofollow]")
    assert (found and found.get_text()) == words
    if found:
        assert client.get(str(found["href"])).status_code == 200


def test_pages_of_this_site_and_other_methods_are_left_alone(client: FlaskClient) -> None:
    for address in ("/?q=iran&p=twelve", "/?q=iran&s=x&m=2008&cat=3", "/?m=1", "/?cat=x", "/?author=AJ"):
        assert client.get(address).status_code == 200
    assert client.get("/post/nobody").status_code == 404
    assert client.post("/2008/05/04/last-efforts/").status_code == 404


def test_without_an_index_an_unknown_path_is_not_found(tmp_path: Path) -> None:
    client = create_app(Settings(index_dir=tmp_path / "none")).test_client()
    assert client.get("/2008/05/04/last-efforts/").status_code == 404


def test_addresses_are_those_of_all_copies_but_the_permalink() -> None:
    def key(**values: object) -> PostKey:
        known = {"url": "", "aliases": (), "native_id": "", "title": "", "shown_aliases": (), "shown_url": "", "id": ""}
        rest = {"source": "wordpress", "locator": "f", "kind": "post", "author": "", "published": datetime(2008, 5, 4)}
        more = {"modified": None, "captured": None, "categories": (), "tags": (), "length": 1, "shown_title": ""}
        return PostKey(**{**known, **rest, **more, **values})  # type: ignore[arg-type]

    export = key(
        native_id="12",
        url="http://b.example/2008/title/",
        shown_url="http://b.example/2008/title/",
        shown_aliases=("http://old.example/?p=12", "http://localhost/?p=7", "disqus name", "http://b.example/"),
    )
    page = key(shown_url="http://b.example/2008/title/index.html", shown_aliases=("http://b.example/a?b=1",))
    assert _other_addresses("http://b.example/2008/title/", [export, page]) == (
        "b.example?p=12",
        "b.example?page_id=12",
        "old.example?p=12",
        "b.example/a?b=1",
    )
    many = key(shown_aliases=tuple(f"http://b.example/{n}/x" for n in range(1000)))
    assert len(_other_addresses("", [many])) == 50
