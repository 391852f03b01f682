"""What `benchmarks.fidelity` says was lost: of two made-up archives, and of every real mirror."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from benchmarks import fidelity
from benchmarks.mirrors import looks_like_a_post
from indexer.archive import Comment, Post
from indexer.sources import find, read

HERE = Path(__file__).parent / "archives"
# Blogs whose pages are read a second time, for what stands in them.
SMALL = (
    "lahso-wordpress-com lasthalo-blogger lecomte lesscode lukem-polish nokto-french ouseful-movabletype peiratikos "
    "veganyumyum".split()
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an export of which the manifest counts one comment too many, and a mirror of two pages."""
    wxr, blog = tmp_path / "wxr", tmp_path / "mirror" / "harbour"
    wxr.mkdir()
    shutil.copy(HERE / "wordpress" / "small.xml", wxr)
    for name, page in {"2005/08/14/tides": "kubrick-2005.html", "2005/08": "listing.html"}.items():
        (blog / name).mkdir(parents=True, exist_ok=True)
        shutil.copy(HERE / "savedpage" / page, blog / name / "index.html")
    (blog / "2005" / "08" / "20").mkdir()
    (blog / "2005" / "08" / "20" / "gone.html").write_text("<html><body><p>Not found.</p></body></html>")
    items = list(read(next(iter(find(wxr, lambda size: None))), None, False))
    posts = sum("comment=" not in getattr(item, "locator", "comment=") for item in items)
    counted = {"items": posts, "comments": sum("comment=" in getattr(item, "locator", "") for item in items) + 1}
    (tmp_path / "MANIFEST.json").write_text(json.dumps([{"format": "wxr", "file": "small.xml", "counted": counted}]))
    return tmp_path


def run(*arguments: str) -> str:
    result = CliRunner().invoke(fidelity.main, arguments)
    assert result.exit_code == 0, result.output
    return result.output


def test_what_is_missing_is_said(folder: Path) -> None:
    found = {archive["name"]: archive for archive in json.loads(run(str(folder), "--json"))["archives"]}
    wxr, mirror = found["wxr/small.xml"], found["mirror/harbour"]
    assert (wxr["missing"], wxr["surplus"], len(wxr["differences"])) == (1, 0, 1)
    assert (mirror["posts"], mirror["comments"], mirror["skipped"]) == (
        1,
        3,
        {"listing": 1, "not-a-post": 1, "unapproved": 1},
    )
    assert [(check["what"], check["expected"], check["missing"]) for check in mirror["checks"]] == [
        ("post pages", 2, 1),
        ("announced comments", 3, 0),
        ("numbered comments", 3, 0),
    ]
    assert mirror["differences"] == ["2005/08/20/gone.html: a post page that gave no post"]


def test_one_archive_for_a_person_to_read(folder: Path) -> None:
    output = run(str(folder), "--only", "harbour")
    assert "small.xml" not in output
    assert "mirror/harbour: 2005/08/20/gone.html: a post page that gave no post" in output
    assert "100.00% of announced comments" in output
    assert "50.00% of post pages" in output


@pytest.mark.parametrize(
    ("html", "name", "likely"),
    [
        ('<html><body class="single postid-3">', "a.html", True),
        ('<html><body class="archive single-column">', "2008/05/fog/index.html", False),
        ('<html><body><form action="x/wp-comments-post.php">', "a.html", True),
        ("<html><body>", "2008/05/fog/index.html", True),
        ("<html><body>", "blog/2008/05/46/index.html", True),
        ("<html><body>", "2008/05/04/49/index.html", True),
        ("<html><body>", "2008/05/fog/comment-page-2/index.html", True),
        ("<html><body>", "2008/05/index.html", False),
        ("<html><body>", "2008/05/04/index.html", False),
        ("<html><body>", "2008/05/page/2/index.html", False),
        ("<html><body>", "about/index.html", False),
        ("<?xml version='1.0'?><rss><channel>", "2008/05/fog/index.html", False),
    ],
)
def test_what_looks_like_a_post(html: str, name: str, likely: bool) -> None:
    assert looks_like_a_post(html, name) == likely


# --- real mirrors --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def mirrors(archives: Path) -> dict[str, Any]:
    output = CliRunner().invoke(fidelity.main, [str(archives), "--only", "mirror/", "--json"]).output
    report: dict[str, Any] = json.loads(output)
    return report


def test_nothing_is_lost_in_the_mirrors(mirrors: dict[str, Any]) -> None:
    """Posts and comments, copies folded; pages and announced and numbered comments expected, none missing or surplus."""
    found = {}
    for archive in mirrors["archives"]:
        assert (archive["missing"], archive["surplus"]) == (0, 0), archive["differences"]
        expected = tuple(check["expected"] for check in archive["checks"])
        found[archive["name"].removeprefix("mirror/")] = (archive["posts"], archive["comments"], *expected)
    assert found == {
        "8bitspaghetti": (9, 92, 101, 92, 92),
        "eightbar": (212, 1071, 215, 1071, 837),
        "lahso-wordpress-com": (12, 30, 12, 30, 27),
        "lasthalo-blogger": (25, 0, 25, 0, 0),
        "lecomte": (12, 48, 12, 48, 48),
        "lesscode": (12, 134, 12, 134, 134),
        "lukem-polish": (12, 66, 12, 0, 66),
        "nokto-french": (12, 9, 12, 9, 9),
        "ouseful-movabletype": (12, 8, 12, 0, 0),
        "pandasthumb-movabletype": (13, 647, 13, 647, 647),
        "peiratikos": (12, 47, 12, 0, 47),
        "veganyumyum": (14, 258, 14, 258, 228),
    }
    assert mirrors["shares"] == {"announced comments": 1.0, "post pages": 1.0}


def test_what_is_skipped_in_the_mirrors(mirrors: dict[str, Any]) -> None:
    skipped = {archive["name"]: archive["skipped"] for archive in mirrors["archives"] if archive["skipped"]}
    assert skipped == {
        "mirror/8bitspaghetti": {"listing": 2},
        "mirror/eightbar": {"listing": 80, "not-a-post": 1},
        "mirror/lasthalo-blogger": {"listing": 11, "unrecognised": 1},
        "mirror/lesscode": {"listing": 2},
        "mirror/pandasthumb-movabletype": {"listing": 1},
    }
    divided = [line for archive in mirrors["archives"] for line in archive["differences"] if "comment-page" in line]
    assert [line.partition(": ")[2] for line in divided] == [
        "50 of 68, comment-page (newest) is not in the mirror",
        "50 of 130, comment-page 2 is not in the mirror",
        "34 of 134, comment-page 2 is not in the mirror",
    ]


def every(archives: Path) -> Iterator[tuple[str, Post | Comment]]:
    for blog in SMALL:
        for file in find(archives / "mirror" / blog, lambda size: None):
            for item in read(file, None, False):
                if isinstance(item, Post | Comment):
                    yield blog, item


def test_every_post_and_comment_of_nine_blogs(archives: Path) -> None:
    """All have what their pages print; no IP number or e-mail address of theirs gets into a name or an address."""
    items = list(every(archives))
    posts = [(blog, item) for blog, item in items if isinstance(item, Post)]
    comments = [item for _, item in items if isinstance(item, Comment)]
    assert all(post.title and post.published and post.html for _, post in posts)
    # The theme of one blog names no author; of two no page names the blog's host.
    assert {blog for blog, post in posts if not post.author} == {"lukem-polish"}
    assert {blog for blog, post in posts if not post.url} == {"nokto-french", "ouseful-movabletype"}
    # A few themes print no date beside a pingback.
    assert all(comment.author and (comment.published or comment.kind == "pingback") for comment in comments)
    personal = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b|[\w.]+@[\w-]+\.\w+")
    assert not [c.locator for c in comments if personal.search(c.author) or personal.search(c.author_url)]
    assert not [c.locator for c in comments if re.search(r"title=.\d{1,3}(?:\.\d{1,3}){3}", c.html)]
