"""Trees of texts: small trees written for these tests, damage, and the real archives."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import sources
from indexer.archive import Blog, Comment, Item, Post, Repaired, Skipped
from indexer.sources import markdown
from indexer.sources.base import InputFile
from indexer.sources.markdown.frontmatter import FrontMatterError, split
from indexer.sources.markdown.render import to_html
from indexer.sources.markdown.rst import rst_html
from indexer.sources.markdown.values import moment, names
from tests.fuzzing import damaged, read_damaged

JEKYLL = """\
title: Hidden Rooms
description: A blog
url: https://rooms.example.net
baseurl: /blog
timezone: America/New_York
author: {name: Ann Author, email: ann@example.net}
"""
PARIS_TIME = datetime(2008, 5, 4, 10, 11, tzinfo=timezone(timedelta(hours=2)))
SAID = '"name": "Bob", "message": "From Bob", "date": "2008-05-05 10:11"'
POST = "---\ntitle: {title}\n{more}---\n{body}\n"


def post_text(title: str = "A title", body: str = "Words.", **more: str) -> str:
    return POST.format(title=title, body=body, more="".join(f"{key}: {value}\n" for key, value in more.items()))


def read_tree(root: Path, files: Mapping[str, str]) -> list[Item]:
    """The items of a tree of these files, without the ones about settings."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return [item for file in sources.find(root, lambda n: None) for item in sources.read(file, None, alone=False)]


def posts(items: Iterable[Item]) -> list[Post]:
    return [item for item in items if isinstance(item, Post)]


def comments(items: Iterable[Item]) -> list[Comment]:
    return [item for item in items if isinstance(item, Comment)]


def skipped(items: Iterable[Item]) -> dict[str, str]:
    return {item.locator: item.reason for item in items if isinstance(item, Skipped)}


def named(post: Post) -> set[str]:
    return {post.native_id, post.url, *post.aliases}


# --- posts ------------------------------------------------------------------------------------------------------------


def test_a_jekyll_post_with_its_site(tmp_path: Path) -> None:
    text = post_text(
        "Rooms & <em>Doors</em>, a < b",
        "Some *words*.",
        categories="[Big House, Keys]",
        tags="one, two",
        last_modified_at="2008-06-01 10:00:00 +0200",
        redirect_from="[/old/, https://elsewhere.example.org/a]",
        disqus_identifier="rooms-7",
    )
    items = read_tree(tmp_path, {"_config.yml": JEKYLL, "_posts/2008-05-04-hidden-rooms.md": text})
    assert items == [
        Blog(source="markdown", name="Hidden Rooms", description="A blog", url="https://rooms.example.net/blog"),
        Skipped(source="markdown", locator="_config.yml", reason="setting"),
        Post(
            source="markdown",
            locator="_posts/2008-05-04-hidden-rooms.md",
            native_id="_posts/2008-05-04-hidden-rooms.md",
            url="https://rooms.example.net/blog/big%20house/keys/2008/05/04/hidden-rooms.html",
            title="Rooms & <em>Doors</em>, a &lt; b",
            author="Ann Author",
            published=datetime(2008, 5, 4, tzinfo=timezone(timedelta(hours=-4))),
            modified=datetime(2008, 6, 1, 10, tzinfo=timezone(timedelta(hours=2))),
            categories=("Big House", "Keys"),
            tags=("one", "two"),
            html="<p>Some <em>words</em>.</p>",
            aliases=(
                "https://rooms.example.net/blog/old/",
                "https://elsewhere.example.org/a",
                "rooms-7",
                "/big%20house/keys/2008/05/04/hidden-rooms.html",
                "comments/hidden-rooms",
                "comments/2008-05-04-hidden-rooms",
            ),
        ),
    ]


@pytest.mark.parametrize(
    ("settings", "name", "more", "expected"),
    [
        ("permalink: pretty\n", "_posts/2008-05-04-a-b.md", {}, "/2008/05/04/a-b/"),
        ("permalink: /:year/:title\n", "_posts/2008-05-04-a-b.md", {}, "/2008/a-b"),
        ("", "_posts/2008-05-04-a-b.md", {"permalink": "/x/y/"}, "/x/y/"),
        ("", "_posts/2008-05-04-a-b.md", {"permalink": "https://first.example.org/7"}, "https://first.example.org/7"),
        ("", "_posts/2008-05-04-a-b.md", {"slug": "other"}, "/2008/05/04/other.html"),
        ("", "_posts/2008-05-04-a-b.md", {"date": "2009-01-02"}, "/2009/01/02/a-b.html"),
        ("", "_posts/2008-05-04-a-b.md", {"categories": "one two"}, "/one/two/2008/05/04/a-b.html"),
        ("", "garden/_posts/2008-05-04-a-b.html", {}, "/garden/2008/05/04/a-b.html"),
        (
            "",
            "_posts/2008-05-04-a-b.md",
            {"original_url": '"https://a.example.org/b.html "'},
            "https://a.example.org/b.html",
        ),
        ("", "about.md", {}, "/about.html"),
        ("permalink: pretty\n", "us/about.md", {}, "/us/about/"),
        ("collections:\n  work:\n    permalink: /:collection/:path/\n", "_work/x/one.md", {}, "/work/x/one/"),
        ("source_dir: source\n", "source/_posts/a-b.md", {"date": "2008-05-04 10:11:12"}, "/2008/05/04/a-b/"),
    ],
)
def test_addresses_that_jekyll_makes(
    tmp_path: Path, settings: str, name: str, more: dict[str, str], expected: str
) -> None:
    items = read_tree(tmp_path, {"_config.yml": "url: https://j.example.net\n" + settings, name: post_text(**more)})
    url = expected if expected.startswith("https:") else "https://j.example.net" + expected
    assert [post.url for post in posts(items)] == [url]


@pytest.mark.parametrize(
    ("settings", "name", "text", "expected"),
    [
        ("", "content/post/A Title.md", post_text(date="2008-05-04"), "/post/a-title/"),
        ("", "content/post/bundle/index.md", post_text(date="2008-05-04"), "/post/bundle/"),
        ("", "content/about.fr.md", post_text(), "/fr/about/"),
        ("uglyURLs = true\n", "content/about.md", post_text(), "/about.html"),
        (
            "[permalinks]\npost = '/:year/:month/:slug/'\n",
            "content/post/x.md",
            post_text(date="2008-05-04"),
            "/2008/05/a-title/",
        ),
        ("[permalinks.page]\npost = '/:filename/'\n", "content/post/x.md", post_text(date="2008-05-04"), "/x/"),
        ("", "content/post/x.md", '+++\ntitle = "T"\ndate = 2008-05-04\nurl = "/u/v/"\n+++\nWords', "/u/v/"),
        ("", "content/post/x.md", '{"title": "T", "date": "2008-05-04", "slug": "s"}\n\nWords', "/post/s/"),
    ],
)
def test_addresses_that_hugo_makes(tmp_path: Path, settings: str, name: str, text: str, expected: str) -> None:
    items = read_tree(tmp_path, {"config.toml": f'baseURL = "https://h.example.net/"\n{settings}', name: text})
    assert [post.url for post in posts(items)] == ["https://h.example.net" + expected]


def test_pelican_settings_are_read_and_never_run(tmp_path: Path) -> None:
    settings = (
        "import os\nopen('ran', 'w')\nSITENAME = 'Birds'\nSITEURL = ''\nAUTHOR = 'Ann'\nTIMEZONE = 'Europe/Paris'\n"
        "ARTICLE_URL = '{date:%Y}/{date:%m}/{category}/{slug}/'\nX = os.environ['HOME']\n"
    )
    files = {
        "pelicanconf.py": settings,
        "publishconf.py": "from pelicanconf import *\nSITEURL = 'https://p.example.net'\n",
        "content/sea/gulls.md": "Title: Of gulls\nDate: 2008-05-04 10:11\nTags: a, b\nSlug: gulls\n\nThey *fly*.",
        "content/terns.rst": "Terns\n=====\n\n:date: 2008-05-05\n:category: Sky\n:slug: terns\n\nThey **dive**.",
        "content/pages/me.md": "Title: Me\n\nI write.",
        "content/secret.md": "Title: S\nDate: 2008-01-01\nStatus: draft\n\nx",
    }
    items = read_tree(tmp_path, files)
    assert [(p.url, p.title, p.categories, p.tags, p.html, p.kind, p.author) for p in posts(items)] == [
        ("https://p.example.net/pages/me.html", "Me", (), (), "<p>I write.</p>", "page", "Ann"),
        (
            "https://p.example.net/2008/05/sea/gulls/",
            "Of gulls",
            ("sea",),
            ("a", "b"),
            "<p>They <em>fly</em>.</p>",
            "post",
            "Ann",
        ),
        (
            "https://p.example.net/2008/05/sky/terns/",
            "Terns",
            ("Sky",),
            (),
            "<p>They <strong>dive</strong>.</p>",
            "post",
            "Ann",
        ),
    ]
    assert posts(items)[1].published == PARIS_TIME
    assert skipped(items) == {"content/secret.md": "draft", "pelicanconf.py": "setting", "publishconf.py": "setting"}
    assert not Path("ran").exists()


def test_nikola_keeps_the_header_in_the_text_or_beside_it(tmp_path: Path) -> None:
    files = {
        "conf.py": "BLOG_TITLE = 'N'\nSITE_URL = 'https://n.example.net/'\nPOSTS = (('posts/*.rst', 'blog', 'post.tmpl'),)\n",
        "posts/one.rst": ".. title: One\n.. slug: first\n.. date: 2008-05-04 10:11 UTC+02:00\n.. tags: a\n.. category: C\n\nText",
        "posts/two.md": "Words *here*.",
        "posts/two.meta": ".. title: Two\n.. slug: two\n.. date: 2008-05-05\n",
        "posts/three.md": "<!--\n.. title: Three\n.. date: 2008-05-06\n.. tags: private\n-->\n\nx",
    }
    items = read_tree(tmp_path, files)
    assert [(p.url, p.title, p.published, p.categories, p.tags, p.html) for p in posts(items)] == [
        ("https://n.example.net/blog/first/", "One", PARIS_TIME, ("C",), ("a",), "<p>Text</p>"),
        (
            "https://n.example.net/blog/two/",
            "Two",
            datetime(2008, 5, 5, tzinfo=UTC),
            (),
            (),
            "<p>Words <em>here</em>.</p>",
        ),
    ]
    assert skipped(items) == {"conf.py": "setting", "posts/three.md": "private", "posts/two.meta": "data"}


def test_eleventy_knows_its_site_by_its_data(tmp_path: Path) -> None:
    files = {
        ".eleventy.js": "module.exports = {}",
        "_data/metadata.json": '{"title": "E", "url": "https://e.example.net/", "author": {"name": "Ann"}}',
        "posts/2008-05-04-first.md": post_text(tags="[a, b]"),
        "posts/hidden.md": post_text(permalink="false", date="2008-05-04"),
        "index.njk": "---\nlayout: home\n---\n{% for post in collections.posts %}{% endfor %}",
    }
    items = read_tree(tmp_path, files)
    assert [(p.url, p.tags, p.author) for p in posts(items)] == [
        ("https://e.example.net/posts/first/", ("a", "b"), "Ann")
    ]
    assert skipped(items) == {
        ".eleventy.js": "unrecognised",
        "_data/metadata.json": "data",
        "index.njk": "template",
        "posts/hidden.md": "draft",
    }


def test_a_site_without_an_address_leaves_paths_as_other_names(tmp_path: Path) -> None:
    """A path alone is no identity: the file is."""
    files = {"content/posts/x/index.md": post_text(publishDate="2008-05-04", legacyUrl="/2008/05/x.html")}
    (post,) = posts(read_tree(tmp_path, files))
    assert (post.url, post.native_id) == ("", "content/posts/x/index.md")
    assert "/2008/05/x.html" in post.aliases


def test_settings_that_change_are_read_again(tmp_path: Path) -> None:
    files = {"_config.yml": "url: https://a.example.net\n", "_posts/2008-05-04-x.md": post_text()}
    assert posts(read_tree(tmp_path, files))[0].url == "https://a.example.net/2008/05/04/x.html"
    files["_config.yml"] = "url: https://other.example.net\n"
    assert posts(read_tree(tmp_path, files))[0].url == "https://other.example.net/2008/05/04/x.html"


def test_a_tree_in_a_zip_file_is_read_alike(tmp_path: Path) -> None:
    files = {
        "blog/_config.yml": JEKYLL,
        "blog/_posts/2008-05-04-x.md": post_text(),
        "blog/_data/comments/x/c-1.yml": "name: A\nmessage: m\ndate: 2008-05-05\n",
        "blog/_data/comments/x/c-2.yml": "name: B\nmessage: n\ndate: 2008-05-06\nreplying_to: '1'\n",
    }
    unpacked = read_tree(tmp_path / "tree", files)
    with ZipFile(tmp_path / "tree.zip", "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    packed = [
        i for f in sources.find(tmp_path / "tree.zip", lambda n: None) for i in sources.read(f, None, alone=False)
    ]
    assert sorted(map(repr, packed)) == sorted(map(repr, unpacked))


# --- what is left out -------------------------------------------------------------------------------------------------


def test_whatever_readers_did_not_see_is_left_out(tmp_path: Path) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    secret = "Nobody must read this"
    cases = {
        "_drafts/a.md": ("draft", {}),
        "_posts/2008-01-01-b.md": ("draft", {"published": "false"}),
        "_posts/2008-01-01-c.md": ("draft", {"draft": "yes"}),
        "_posts/2008-01-01-d.md": ("draft", {"status": "Draft"}),
        "_posts/2008-01-01-e.md": ("private", {"status": "private"}),
        "_posts/2008-01-01-f.md": ("password", {"password": "x"}),
        f"_posts/{tomorrow}-g.md": ("future", {}),
        "_posts/2008-01-01-h.md": ("future", {"publishDate": tomorrow}),
        "_posts/2008-01-01-i.md": ("draft", {"typepad_status": '"Draft"'}),
        "_posts/2008-01-01-j.md": ("draft", {"broken": "a: b: c", "draft": "true"}),
    }
    items = read_tree(tmp_path, {name: post_text(secret, secret, **more) for name, (_, more) in cases.items()})
    assert skipped(items) == {name: reason for name, (reason, _) in cases.items()}
    assert not posts(items)
    assert secret not in repr(items)


def test_drafts_in_other_markup_are_left_out(tmp_path: Path) -> None:
    files = {
        "content/post/a.org": "#+TITLE: Secret\n#+DRAFT: true\n\nSecret",
        "content/post/b.adoc": "= Secret\nAnn <ann@example.org>\n:draft: true\n\nSecret",
        "content/post/c.rst": ":status: draft\n:title: Secret\n\nSecret",
        "content/post/d.org": "#+TITLE: Shown\n#+DATE: 2008-05-04\n\nOne *two*\n\nthree",
    }
    items = read_tree(tmp_path, files)
    assert skipped(items) == dict.fromkeys([f"content/post/{name}" for name in ("a.org", "b.adoc", "c.rst")], "draft")
    assert [(p.title, p.html) for p in posts(items)] == [("Shown", "<p>One *two*</p>\n<p>three</p>")]


def test_a_site_may_publish_the_future(tmp_path: Path) -> None:
    files = {"_config.yml": "future: true\n", "_posts/2199-01-01-x.md": post_text()}
    assert [p.published and p.published.year for p in posts(read_tree(tmp_path, files))] == [2199]


def test_files_that_are_no_posts_are_accounted_for(tmp_path: Path) -> None:
    front = "---\nlayout: default\n---\n"
    files = {
        "_config.yml": "title: x\n",
        "_data/nav.yml": "- a\n",
        "_data/people.csv": "a,b\n",
        "_includes/head.html": "<html><head></head></html>",
        "_layouts/post.html": front + "{{ content }}",
        "archetypes/default.md": "---\ntitle: x\n---\n",
        "assets/app.js": "alert(1)",
        "assets/main.scss": "---\n---\nbody {}",
        "feed.xml": front + "<?xml version='1.0'?>{% for post in site.posts %}",
        "index.html": front + "<html>{% for post in site.posts %}{{ post.title }}{% endfor %}",
        "404.md": post_text("Not found"),
        "LICENSE.md": "Words",
        "README.md": "# Read me",
        "tags.md": post_text("Tags", ""),
        "_posts/2008-05-04-post.md": post_text("post", ""),
        "_posts/2008-05-05-cut.md": "---\ntitle: x\ndraft: fal",
        "content/blog/_index.md": post_text("Blog"),
    }
    items = read_tree(tmp_path, files)
    assert skipped(items) == {
        "_config.yml": "setting",
        "_data/nav.yml": "data",
        "_data/people.csv": "data",
        "_includes/head.html": "template",
        "_layouts/post.html": "template",
        "archetypes/default.md": "template",
        "assets/app.js": "unrecognised",
        "assets/main.scss": "template",
        "feed.xml": "template",
        "index.html": "listing",
        "404.md": "not-a-post",
        "LICENSE.md": "not-a-post",
        "README.md": "not-a-post",
        "tags.md": "empty",
        "_posts/2008-05-04-post.md": "empty",
        "_posts/2008-05-05-cut.md": "unreadable",
        "content/blog/_index.md": "listing",
    }
    assert not posts(items)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("2008/05/04/page.html", "<!DOCTYPE html><html><head><title>x</title></head><body><p>x</p></body></html>"),
        ("dump.txt", "May 04 2008\nThe title\nPublished by Name at 11:40 am under Iran\n\nText\n"),
        ("export.txt", "AUTHOR: A\nTITLE: T\nDATE: 05/06/2023 10:06:41 PM\n-----\nBODY:\nx\n-----\n--------\n"),
        ("data.json", '{"title": "x"}'),
        ("export.xml", "<?xml version='1.0'?><rss version='2.0'><channel></channel></rss>"),
        ("config.yml", "database: x\n"),
        ("conf.py", "extensions = ['sphinx.ext.autodoc']\n"),
        ("notes.txt", "Title: x\n\nwords"),
        ("a.md", "\0\1\2"),
    ],
)
def test_other_files_are_not_claimed(name: str, content: str) -> None:
    assert not markdown.sniff(content.encode(), Path("/blog") / name)


def test_an_html_post_is_a_post(tmp_path: Path) -> None:
    body = "<p>One</p>\n\n    <p>Two {{ page.x }}</p>"
    (post,) = posts(read_tree(tmp_path, {"_posts/2008-05-04-x.html": post_text(body=body)}))
    assert post.html == "<p>One</p>\n\n    <p>Two </p>"


def test_titles_where_the_header_has_none(tmp_path: Path) -> None:
    files = {
        "_posts/2008-05-04-a-b.md": "---\nlayout: post\n---\n# From the *heading*\n\nWords",
        "_posts/2008-05-05-from-the-name.md": "---\nlayout: post\n---\nWords",
        "_posts/2008-05-06-bare.md": "Words without a header",
    }
    assert [(p.title, p.html) for p in posts(read_tree(tmp_path, files))] == [
        ("From the *heading*", "<p>Words</p>"),
        ("From The Name", "<p>Words</p>"),
        ("Bare", "<p>Words without a header</p>"),
    ]


# --- comments ---------------------------------------------------------------------------------------------------------

STATICMAN = """\
_id: ab143860-3642-11e7-8856-9b031097afe5
_parent: /2008/05/04/hidden-rooms.html
message: "I *like* it.\\r\\n\\r\\nReally."
name: Bob
email: 1ce71bc10b86565464b612093d89707e
url: 'https://bob.example.org'
hidden: ''
date: '2017-05-11T12:09:22.946Z'
"""


def test_a_staticman_comment(tmp_path: Path) -> None:
    files = {
        "_config.yml": "url: https://rooms.example.net\n",
        "_posts/2008-05-04-hidden-rooms.md": post_text(),
        "_data/comments/hidden-rooms/comment-1494504562946.yml": STATICMAN,
    }
    items = read_tree(tmp_path, files)
    assert comments(items) == [
        Comment(
            source="markdown",
            locator="_data/comments/hidden-rooms/comment-1494504562946.yml",
            native_id="static-ab143860-3642-11e7-8856-9b031097afe5",
            post="https://rooms.example.net/2008/05/04/hidden-rooms.html",
            author="Bob",
            author_url="https://bob.example.org",
            published=datetime(2017, 5, 11, 12, 9, 22, tzinfo=UTC),
            html="<p>I <em>like</em> it.</p>\n<p>Really.</p>",
            post_aliases=("/2008/05/04/hidden-rooms.html", "comments/hidden-rooms"),
        )
    ]
    assert comments(items)[0].post == posts(items)[0].url


COMMENT = "name: {0}\nmessage: From {0}\ndate: 2008-05-05 10:11\n"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("_data/comments/a-b/one.yml", COMMENT.format("Bob")),
        ("_data/comments/2008-05-04-a-b.yml", "comments:\n- author: Bob\n  body: From Bob\n  date: '2008-05-05 10:11'\n"),
        ("_data/comments/2008-05-04-a-b.yml", "- author: Bob\n  body: From Bob\n  date: '2008-05-05 10:11'\n"),
        ("_data/comments/deep/a-b/one.json", "{" + SAID + "}"),
        ("_data/comments.json", '[{"slug": "a-b", ' + SAID + "}]"),
        ("_data/comments.json", '{"a-b": [{' + SAID + "}]}"),
        ("_data/comments.json", '{"comments": [{"post_url": "/2008/05/04/a-b.html", ' + SAID + "}]}"),
        ("comments.json", '{"/2008/05/04/a-b.html": {"c1": {' + SAID + "}}}"),
        ("_comments/17.yml", "post_id: /2008/05/04/a-b\n" + COMMENT.format("Bob").replace("message", "comment")),
        ("data/comments/a-b/one.toml", 'name = "Bob"\nmessage = "From Bob"\ndate = 2008-05-05T10:11:00\n'),
        ("_comments/a-b/1.md", "---\nname: Bob\ndate: 2008-05-05 10:11\n---\nFrom Bob"),
        ("content/a-b/comments/1.yml", COMMENT.format("Bob")),
    ],
)  # fmt: skip
def test_comments_find_their_post_wherever_they_lie(tmp_path: Path, name: str, content: str) -> None:
    files = {"_config.yml": "title: x\n", "_posts/2008-05-04-a-b.md": post_text(), name: content}
    items = read_tree(tmp_path, files)
    (post,), (comment,) = posts(items), comments(items)
    assert (comment.author, comment.published) == ("Bob", datetime(2008, 5, 5, 10, 11, tzinfo=UTC))
    assert "From Bob" in comment.html
    assert named(post) & {comment.post, *comment.post_aliases}


def test_comments_in_front_matter_keep_the_numbers_of_wordpress(tmp_path: Path) -> None:
    stored = (
        "\n- id: 7\n  author: Bob\n  author_email: bob@example.org\n  author_url: http://bob.example.org\n"
        "  date: '2008-05-05 10:11:00 +0200'\n  date_gmt: '2008-05-05 08:11:00 +0200'\n  content: |-\n    One\n\n    Two\n"
        "- id: 8\n  author: bob@example.org\n  author_email: bob@example.org\n  author_url: mailto:bob@example.org\n"
        "  date: '2008-05-06 10:11:00 +0200'\n  date_gmt: x\n  content: Three\n  parent: 7\n"
        "- id: 9\n  author: Spam\n  author_email: ''\n  date_gmt: x\n  content: Buy\n  approved: false"
    )
    name = "_posts/2008-05-04-x.md"
    items = read_tree(tmp_path, {name: post_text(comments=stored)})
    base = Comment(
        source="markdown",
        locator=f"{name}#comment=1",
        native_id="7",
        post=name,
        author="Bob",
        author_url="http://bob.example.org",
        published=datetime(2008, 5, 5, 10, 11, tzinfo=timezone(timedelta(hours=2))),
        html="One\n\nTwo",
        autop=True,
    )
    second = replace(
        base,
        locator=f"{name}#comment=2",
        native_id="8",
        parent="7",
        author="bob",
        author_url="",
        published=datetime(2008, 5, 6, 10, 11, tzinfo=timezone(timedelta(hours=2))),
        html="Three",
    )
    assert items[1:] == [
        base,
        second,
        Skipped(source="markdown", locator=f"{name}#comment=3", reason="unapproved"),
    ]


def test_comments_of_a_draft_are_left_out_with_it(tmp_path: Path) -> None:
    text = post_text(draft="true", comments="\n- name: Bob\n  message: Hi\n  date: 2008-05-05")
    assert skipped(read_tree(tmp_path, {"_posts/2008-05-04-x.md": text})) == {
        "_posts/2008-05-04-x.md": "draft",
        "_posts/2008-05-04-x.md#comment=1": "draft",
    }


def test_replies_count_the_comments_of_the_folder(tmp_path: Path) -> None:
    files = {
        "_data/comments/x/comment-1000001.yml": COMMENT.format("Ann"),
        "_data/comments/x/comment-1000002.yml": COMMENT.format("Bob") + "replying_to: '1'\n",
        "_data/comments/x/comment-1000003.yml": COMMENT.format("Cid"),
        "_data/comments/x/comment-1000004.yml": COMMENT.format("Dan") + "replying_to: 2\n",
        "_data/comments/x/comment-1000005.yml": COMMENT.format("Eve") + "replying_to: 9\n",
    }
    assert [(c.author, c.native_id, c.parent) for c in comments(read_tree(tmp_path, files))] == [
        ("Ann", "static-1000001", ""),
        ("Bob", "static-1000002", "static-1000001"),
        ("Cid", "static-1000003", ""),
        ("Dan", "static-1000004", "static-1000003"),
        ("Eve", "static-1000005", ""),
    ]


def test_data_that_holds_no_comment_is_data(tmp_path: Path) -> None:
    files = {
        "_data/comments/x/bad.yml": 'name: "a\nmessage: b\nauthor: c',
        "_data/comments/x/hidden.yml": COMMENT.format("Ann") + "hidden: true\n",
        "_data/comments/x/spam.yml": COMMENT.format("Ann") + "spam: true\n",
        "_data/comments/x/empty.yml": "name: Ann\nmessage: ' '\ndate: 2008-05-05\n",
    }
    assert skipped(read_tree(tmp_path, files)) == {
        "_data/comments/x/bad.yml": "unreadable",
        "_data/comments/x/hidden.yml": "unapproved",
        "_data/comments/x/spam.yml": "spam",
        "_data/comments/x/empty.yml": "empty",
    }


def test_no_address_of_a_person_is_kept(tmp_path: Path) -> None:
    address = "someone@private.example.org"
    signed = (
        f"name: {address}\n  email: {address}\n  url: http://x.example/?{address}\n  message: Hi\n  ip: 203.0.113.9\n"
    )
    files = {
        "_config.yml": f"title: x\nemail: {address}\nauthor: {address}\n",
        "_posts/2008-05-04-x.md": post_text(author=address, email=address, comments=f"\n- {signed}"),
        "_data/comments/x/a.yml": signed.replace("\n  ", "\n"),
        "_data/authors.yml": f"ann:\n  name: Ann\n  email: {address}\n",
    }  # fmt: skip
    shown = repr(read_tree(tmp_path, files))
    assert "private.example.org" not in shown
    assert "203.0.113.9" not in shown


# --- parts ------------------------------------------------------------------------------------------------------------


def test_yaml_stays_text() -> None:
    header = split("---\ntags: [2008, no, 1e3, 10:30]\ndate: 2008-13-99\nx: !ruby/sym y\n<<: {a: b}\n---\n")
    assert header.values == {"tags": ["2008", "no", "1e3", "10:30"], "date": "2008-13-99", "x": "y", "<<": {"a": "b"}}


def test_front_matter_without_an_end_is_refused() -> None:
    with pytest.raises(FrontMatterError, match="no end"):
        split("---\ntitle: x\n\nWords\n")


@pytest.mark.parametrize(
    ("written", "zone", "expected"),
    [
        ("2008-05-04", "", "2008-05-04T00:00:00+00:00"),
        ("2008-05-04 10:11", "Europe/Paris", "2008-05-04T10:11:00+02:00"),
        ("2008-05-04T10:11:12.345Z", "Europe/Paris", "2008-05-04T10:11:12+00:00"),
        ("2008-05-04 10:11:12 -0530", "", "2008-05-04T10:11:12-05:30"),
        ("Sun, 04 May 2008 10:11:12 +0200", "", "2008-05-04T10:11:12+02:00"),
        ("4 May 2008", "Nowhere/City", "2008-05-04T00:00:00+00:00"),
        ("1209895872", "", "2008-05-04T10:11:12+00:00"),
        ("1209895872345", "", "2008-05-04T10:11:12+00:00"),
        ("May 2008", "", None),
        ("10:11", "", None),
        ("2008-13-45", "", None),
        ("soon", "", None),
        ("", "", None),
        (["2008-05-04"], "", None),
    ],
)
def test_dates(written: object, zone: str, expected: str | None) -> None:
    found = moment(written, zone)
    assert (found.isoformat() if found else None) == expected


def test_names_in_every_form() -> None:
    assert names(["a", "b", "a", None, {"name": "c"}]) == ("a", "b", "c")
    assert names("a, b") == ("a", "b")
    assert names("one name") == ("one name",)
    assert names(None) == ()


def test_template_tags_leave_what_they_say() -> None:
    body = (
        '{% highlight ruby %}\nx = *y*\n\nz\n{% endhighlight %}\n{% raw %}`{{ kept }}`{% endraw %} {% youtube abc %}\n'
        '<!--more-->\n\n{% figure caption:"Under it" %}\n![alt](/x.png)\n{% endfigure %}\n\n{% if a %}in{% endif %}{{ page.x }}\n'
        '{% comment %}gone{% endcomment %}[a]({{ site.url }}/b)\n\n## Title {#id}\n{: .cls}\n'
    )  # fmt: skip
    assert to_html(body, "md", "jekyll", "https://x.example") == (
        "<pre><code>x = *y*\n\nz</code></pre>\n"
        '<p><code>{{ kept }}</code> <a href="https://www.youtube.com/watch?v=abc">https://www.youtube.com/watch?v=abc</a></p>\n'
        '<p><img src="/x.png" alt="alt" /></p>\n<p>Under it</p>\n<p>in\n<a href="https://x.example/b">a</a></p>\n<h2>Title</h2>'
    )


def test_shortcodes_of_hugo_and_liquid_that_is_none() -> None:
    body = 'a {% if %} {{</* shown */>}} {{< ref "x" >}}{{% notice %}}in{{% /notice %}}\n\n{{< figure src="/a" caption="C" >}}'
    assert to_html(body, "md", "hugo") == ('<p>a {% if %} {{&lt; shown &gt;}} in</p>\n<img src="/a" alt="">\n<p>C</p>')


def test_html_in_a_markdown_file_stays_as_it_is() -> None:
    body = "<p>One</p>\n<pre>\n# no heading\n\n    * no list\n</pre>\n\n      <p>Two</p>"
    assert to_html(body, "md", "") == body


def test_restructured_text_is_reduced() -> None:
    text = (
        "Intro *em* ``co*de`` `link <http://a.example/>`_ and ref_.\n\n.. _ref: http://r.example/\n"
        "\nSection\n=======\n\n- one\n  more\n"
        "\nCode::\n\n    x = 1\n\n.. image:: /a.png\n   :alt: Alt\n\n.. note:: Careful\n\n.. a comment\n   of two lines\n"
    )
    assert rst_html(text) == (
        '<p>Intro <em>em</em> <code>co*de</code> <a href="http://a.example/">link</a> and <a href="http://r.example/">ref</a>.</p>\n'
        "<h2>Section</h2>\n<ul><li>one more</li></ul>\n<p>Code:</p>\n<pre>x = 1</pre>\n"
        '<img src="/a.png" alt="Alt">\n<p>Careful</p>'
    )


# --- damage -----------------------------------------------------------------------------------------------------------

SAMPLES = [
    post_text(
        categories="[a, b]", tags="a, b", date="2008-05-04 10:11 +0200", comments="\n- name: a\n  message: b"
    ).encode(),
    b'+++\ntitle = "x"\ndate = 2008-05-04T10:11:12Z\ntags = ["a"]\n+++\n{{< figure src="x" >}}\n{% raw %}x{% endraw %}',
    b'{"title": "x", "date": "2008-05-04", "tags": ["a"]}\n\nWords [^1]\n\n[^1]: note',
    b"Title: x\nDate: 2008-05-04\nTags: a, b\n\nWords\n\n> quoted\n",
    b"Title\n=====\n\n:date: 2008-05-04\n\n.. image:: x\n   :alt: y\n\nCode::\n\n  x\n",
    b".. title: x\n.. date: 2008-05-04\n\nWords",
    STATICMAN.encode(),
    b'{"comments": [{"post": "/a/", "name": "x", "body": "y", "date": 1209895872, "replies": [{"name": "z", "body": "w"}]}]}',
    JEKYLL.encode(),
    b"SITENAME = 'x'\nSITEURL = 'https://x.example'\nARTICLE_URL = '{slug}/'\n",
]
NAMES = [
    "_posts/2008-05-04-x.md",
    "content/x.rst",
    "_data/comments/x/1.yml",
    "comments.json",
    "_config.yml",
    "pelicanconf.py",
]


@given(damaged(SAMPLES), st.sampled_from(NAMES))
def test_any_damage_yields_items_or_skips(data: bytes, name: str) -> None:
    for item in read_damaged(markdown.FORMAT, data, name):
        assert not isinstance(item, Post) or item.published is None or item.published.tzinfo


_VALUE = st.recursive(
    st.none() | st.booleans() | st.text(max_size=12) | st.integers() | st.just("2008-05-04"),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["name", "message", "date", "id"]), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
_KEY = st.sampled_from(
    "title date tags categories category author slug permalink url comments aliases status taxonomies".split()
)


@given(st.dictionaries(_KEY, _VALUE, max_size=8))
def test_any_value_anywhere_in_front_matter_is_survived(values: dict[str, object]) -> None:
    import json

    data = (json.dumps(values) + "\n\nWords").encode()
    seen = read_damaged(markdown.FORMAT, data, "_posts/2008-05-04-x.md")
    if values:
        assert sum(isinstance(item, Post | Skipped) and "#" not in item.locator for item in seen) == 1


# --- the real archives ------------------------------------------------------------------------------------------------


def test_real_trees_to_the_item(archives: Path) -> None:
    """Counted independently: one item per file with a header; one comment per ``message:`` or ``body:`` key in data files."""
    for blog in sorted((archives / "markdown").iterdir()):
        items = [i for f in sources.find(blog, lambda n: None) for i in sources.read(f, None, alone=False)]
        texts = sum(f.read_bytes().startswith(b"---") for f in blog.rglob("*.md"))
        data = [f.read_text("utf-8") for f in blog.rglob("*.yml") if "comments" in f.parts]
        said = sum(len(re.findall(r"^(?:message|- author):", text, re.M)) for text in data)
        settings = sum(f.name in ("_config.yml", "config.toml") for f in blog.rglob("*"))
        counted = Counter(type(item).__name__ for item in items)
        left_out = Counter(item.reason for item in items if isinstance(item, Skipped))
        assert counted["Post"] + left_out["draft"] + left_out["empty"] == texts, blog.name
        assert counted["Comment"] + left_out["unapproved"] == said, blog.name
        assert left_out["setting"] == settings == counted["Blog"], blog.name
        assert (
            dict(left_out)
            == {
                "aec": {"draft": 13, "empty": 1},
                "f1blog-hugo": {"setting": 1},
                "justonesandzeros": {"empty": 1},
                "made-mistakes": {"setting": 1, "draft": 3, "unapproved": 1},
                "python-insider": {},
            }[blog.name]
        )
        assert not any(isinstance(item, Repaired) and item.reason != "control-character" for item in items)
        assert all(post.published for post in posts(items))


def test_real_pages_and_exports_are_not_claimed(archives: Path) -> None:
    for folder in ("mirror", "page", "wxr", "seed", "movabletype", "feed"):
        for file in sources.find(archives / folder, lambda n: None):
            assert not markdown.sniff(InputFile.head(file), file.where), file.name
