"""Links between archived posts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from indexer.engine.port import Document
from tests import corpus
from tests.test_reading import links, page, served
from webapp.crosslinks import MAX_LOOKUPS, CrossLinks

POST = Document(
    id="p",
    thread="p",
    kind="post",
    permalink="http://blog.example.com/2008/title/",
    addresses=("blog.example.com?p=12", "old.example.net/12.html"),
)
OTHER = Document(id="o", thread="o", kind="post", permalink="http://blog.example.com/2008/other/")


class Archive:
    """Finds `OTHER`, and counts how often it was asked."""

    asked = 0

    def find(self, address: str) -> Document | None:
        self.asked += 1
        return OTHER if address in ("blog.example.com/2008/other", "front.example/other", "old.example.net/o") else None


@pytest.mark.parametrize(
    ("address", "here"),
    [
        ("http://blog.example.com/2008/other/", "/post/o"),
        ("https://www.blog.example.com/2008/other?utm_source=x#comment-7", "/post/o#comment-7"),
        ("http://old.example.net/o", "/post/o"),
        ("http://front.example/other", "/post/o"),
        ("http://blog.example.com/2008/title/", "#main"),
        ("http://blog.example.com/2008/title/#comment-7", "#comment-7"),
        ("http://blog.example.com/?p=12#comments", "#comments"),
        ("http://old.example.net/12.html", "#main"),
        ("http://blog.example.com/picture.jpg", ""),
        ("http://blog.example.com/", ""),
        ("http://stranger.example/2008/other/", ""),
        ("http://[bad", ""),
    ],
)
def test_where_links_of_a_thread_lead(address: str, here: str) -> None:
    assert CrossLinks(POST, "http://front.example/", Archive().find, "/post/{}".format)(address) == here


def test_a_page_is_looked_up_once_and_only_so_many() -> None:
    archive = Archive()
    inward = CrossLinks(POST, "", archive.find, "/post/{}".format)
    for n in range(MAX_LOOKUPS + 100):
        assert inward(f"http://blog.example.com/2008/other/#c{n}") == f"/post/o#c{n}"
        inward(f"http://stranger.example/{n}/")
    assert archive.asked == 1
    for n in range(MAX_LOOKUPS + 100):
        inward(f"http://blog.example.com/{n}/")
    assert archive.asked == MAX_LOOKUPS
    assert inward("http://blog.example.com/2008/other/") == "/post/o"


def test_a_comment_leads_to_another_post_and_to_its_neighbour(tmp_path: Path) -> None:
    bread = replace(corpus.BREAD, permalink="http://blog.example.com/2008/12/31/loaf/")
    html = (
        f'<p>See <a href="{bread.permalink}#comment-5">bread</a>,'
        f' <a href="{corpus.IRAN.permalink}#comment-1">above</a></p>'
    )
    comment = replace(corpus.DANKING, html=html)
    ping = replace(corpus.DANKING, id="k9", kind="pingback", author_url=bread.permalink, permalink="")
    with served(tmp_path, corpus.IRAN, comment, ping, bread) as client:
        soup = page(client, "/post/p1?q=iran")
    assert links(soup, ".comment .prose a:not(.wayback)")[:2] == ["/post/p2?q=iran#comment-5", "#comment-1"]
    assert links(soup, "#comment-k9 .site a")[0] == "/post/p2?q=iran"
    assert soup.select("#comment-1")
