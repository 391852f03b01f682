"""A post's categories and tags, as links on its page, as classes, or in the page's head."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from indexer.sources.savedpage.element import Tag
from indexer.sources.savedpage.head import Head
from indexer.sources.savedpage.post import Found
from indexer.sources.savedpage.tree import Region, Tree, attr, text, words

_TAG_PATH = re.compile(r"/tags?/|[?&]tag=|technorati\.com/|/etiqueta/|/schlagwort/|/mot-cle/|/tematy/", re.IGNORECASE)
# WordPress's categories, Blogger's labels, Movable Type's category archives.
_CATEGORY_PATH = re.compile(r"/category/|[?&]cat=|/search/label/|/cat_[\w-]+\.html", re.IGNORECASE)
_CATEGORY_CLASS = re.compile(r"category-([\w%-]+)\Z")


def terms(found: Found, tree: Tree, head: Head) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Categories and tags, each in the page's order."""
    categories: dict[str, None] = {}
    tags: dict[str, None] = {}
    page = Region(tree, tree.root)
    for link in found.around.elements("a"):
        _add_term(link, categories, tags)
    if not categories:
        # Themes older than microformats print them after the post's container.
        for link in page.elements("a"):
            if "category" in words(link, "rel"):
                _add_term(link, categories, tags)
    if not categories:
        categories = dict.fromkeys(_from_classes(found.root, tree))
    if not categories:
        categories = dict.fromkeys([*head.meta.get("article:section", ()), *head.said("articleSection")])
    if not tags:
        tags = dict.fromkeys(name for name in _tags_in_body(found, tree) if name not in categories)
    if not tags:
        keywords = head.said("keywords")
        stated = [*head.meta.get("article:tag", ()), *(w.strip() for k in keywords for w in k.split(","))]
        # Some plugins state every category as a tag too.
        tags = dict.fromkeys(name for name in stated if name not in categories)
    return tuple(name for name in categories if name), tuple(name for name in tags if name)


def _add_term(link: Tag, categories: dict[str, None], tags: dict[str, None]) -> None:
    relations, classes = words(link, "rel"), words(link)
    name = text([link])
    if "category" in relations and not _TAG_PATH.search(attr(link, "href")):
        categories.setdefault(name)
    elif "tag" in relations:
        is_category = _CATEGORY_PATH.search(attr(link, "href")) or _in_categories(link)
        (categories if is_category else tags).setdefault(name)
    elif "p-category" in classes:
        tags.setdefault(name)


def _in_categories(link: Tag) -> bool:
    """Whether a link stands in Movable Type's list of categories."""
    return any("entry-categories" in words(above) for above in islice(link.parents, 4))


def _tags_in_body(found: Found, tree: Tree) -> Iterator[str]:
    """Tags that authors wrote below their posts, as Technorati asked for (https://microformats.org/wiki/rel-tag)."""
    for node in found.body:
        if isinstance(node, Tag):
            links = (link for link in tree.below(node) if link.name == "a" and words(link, "rel") == ["tag"])
            yield from (text([link]) for link in links if not _CATEGORY_PATH.search(attr(link, "href")))


def _from_classes(root: Tag, tree: Tree) -> Iterator[str]:
    """Categories of a theme that prints none: WordPress writes their slugs into the container's classes.

    A slug's name is taken from any link to the category (the sidebar has them), else from the slug.
    """
    slugs = [m[1] for name in words(root) if (m := _CATEGORY_CLASS.match(name))]
    if not slugs:
        return
    names: dict[str, str] = {}
    for link in tree.links:
        path = attr(link, "href").partition("?")[0].rstrip("/")
        names.setdefault(path.rsplit("/", 1)[-1], text([link]) if "/category/" in path + "/" else "")
    for slug in slugs:
        yield names.get(slug) or slug.replace("-", " ")
