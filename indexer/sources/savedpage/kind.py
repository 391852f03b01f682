"""What a saved page is: a post, a static page, or something that holds no single post.

WordPress since 2.8, Movable Type since 4 and Blogger's newest themes say so in the classes of ``<body>``. Older pages tell by
what is on them: a comment form stands only on a single post, several posts only on a listing, and a listing's address has a
shape of its own.
"""

from __future__ import annotations

import re
from typing import Literal

from indexer.sources.savedpage.element import Tag
from indexer.sources.savedpage.head import Head
from indexer.sources.savedpage.names import (
    BODY_CLASS_ATTACHMENT,
    BODY_CLASS_LISTING,
    BODY_CLASS_NOT_A_POST,
    BODY_CLASS_PAGE,
    BODY_CLASS_SINGLE,
    ENTRY,
    ENTRY_ITEM_TYPES,
)
from indexer.sources.savedpage.tree import Region, Tree, attr, words

PageKind = Literal["post", "page", "unknown", "listing", "feed", "attachment", "not-a-post", "password"]

# Addresses of listings: a month, a category, a page of the front page. Only asked when nothing on the page itself tells,
# as "/archives/2004/" may be the post with the number 2004.
_LISTING_PATH = re.compile(
    r"/(?:category|tag|author|topic|kategorie|categorie|categories|tags|search|label)/[^?]*$|/page/\d+/?$"
    r"|/(?:19|20)\d\d(?:/(?:0[1-9]|1[0-2])(?:/(?:0[1-9]|[12]\d|3[01]))?)?/?$"
    # Blogger: "2005_03_01_archive.html"; Movable Type: "archives/2004_05.html", "archives/cat_boats.html", "archives.html".
    r"|/\d{4}_\d\d(?:_\d\d)?(?:_[\w-]*archives?)?\.html?$|/cat_[\w-]+\.html?$|/archives?\.html?$"
)
_LISTING_QUERY = re.compile(r"[?&](?:s|q|cat|m|paged|author|tag|category_name|monthnum|w)=")
_POST_QUERY = re.compile(r"[?&](?:p|page_id|entry_id)=\d")
_FEED_QUERY = re.compile(r"[?&]feed=")
_FEED_PATH = re.compile(r"/(?:feed|rss2?|atom|rdf)(?:/(?:feed|rss2?|atom|rdf))?/?$")
_POST_ID = re.compile(r"(?:post|page|entry)-(\d+)\Z")


def kind_of(tree: Tree, head: Head, path: str) -> PageKind:
    """Decide; ``path`` is the page's path on the blog (`below_root`). ``unknown``: a post if one can be found on it."""
    classes = head.body_classes
    if "post_password" in tree.fields:
        return "password"
    if classes & BODY_CLASS_NOT_A_POST or _redirects(head):
        return "not-a-post"
    if classes & BODY_CLASS_ATTACHMENT:
        return "attachment"
    if classes & BODY_CLASS_PAGE and not classes & {"single"}:
        return "page"
    if classes & BODY_CLASS_SINGLE:
        return "post"
    if classes & BODY_CLASS_LISTING:
        return "listing"
    return _by_content(tree, path)


def entries(tree: Tree) -> list[Tag]:
    """The containers of posts on the page, the outermost of nested ones, in document order."""
    found = [tag for name in ENTRY for tag in tree.by_class.get(name, ()) if _is_entry(tag)]
    found += [tag for tag in tree.typed if attr(tag, "itemtype").rsplit("/", 1)[-1] in ENTRY_ITEM_TYPES]
    found += [
        tag for name, tag in tree.by_id.items() if _POST_ID.match(name) and tag.name in ("div", "article", "section")
    ]
    outer: list[Tag] = []
    for tag in sorted({id(tag): tag for tag in found}.values(), key=lambda tag: tag.start):
        if not outer or tag.start > outer[-1].end:
            outer.append(tag)
    return outer


def _is_entry(tag: Tag) -> bool:
    # Comments carry "post" (`<li class="post pingback">`), bylines "entry" on inline elements.
    return tag.name in ("div", "article", "section", "main", "td")


def _by_content(tree: Tree, path: str) -> PageKind:
    if _FEED_PATH.search(path) or _FEED_QUERY.search(path):
        return "feed"
    posts = len(entries(tree))
    # WordPress's own comment form names the post it is for.
    if "comment_post_ID" in tree.fields and posts <= 1:
        return "post"
    if _POST_QUERY.search(path) and posts <= 1:
        return "unknown"
    if posts > 1 or path == "/" or _LISTING_PATH.search(path) or _LISTING_QUERY.search(path):
        return "listing"
    return "unknown"


def _redirects(head: Head) -> bool:
    return "url=" in head.first("refresh").lower().replace(" ", "")


def is_listing_without_posts(tree: Tree) -> bool:
    """Whether a page without any post's text still lists posts: links that their theme calls bookmarks."""
    region = Region(tree, tree.root)
    return len({attr(link, "href") for link in region.elements("a") if "bookmark" in words(link, "rel")}) > 1
