"""What a page's head says of the post: ``<meta>``, ``<link>`` and JSON-LD, and the classes of ``<body>``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from indexer.sources.savedpage.element import Tag
from indexer.sources.savedpage.tree import Tree, attr, words

# schema.org types of a post (https://schema.org/Article) as SEO plugins write them.
LD_POSTS = frozenset("BlogPosting Article NewsArticle SocialMediaPosting TechArticle Report".split())
# A page's JSON-LD holds some dozen objects; more is not about one post.
MAX_LD_NODES = 10_000


@dataclass(frozen=True, slots=True)
class Head:
    """``meta`` by name or property (all values, in order), ``links`` as (relations, address, title), ``post`` the JSON-LD."""

    meta: dict[str, list[str]]
    links: list[tuple[list[str], str, str]]
    body_classes: frozenset[str]
    language: str
    title: str
    post: dict[str, Any] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)

    def first(self, *names: str) -> str:
        """The first non-empty value of these ``<meta>`` names."""
        return next((value for name in names for value in self.meta.get(name, ()) if value), "")

    def link(self, relation: str) -> Iterator[tuple[str, str]]:
        """Addresses and titles of the ``<link>`` elements with this relation."""
        return ((href, title) for relations, href, title in self.links if relation in relations)

    def said(self, name: str) -> list[str]:
        """The texts of a JSON-LD property of the post; an author's is the name."""
        return [text for value in _each(self.post.get(name)) if (text := self._text(value))]

    def _text(self, value: object) -> str:
        if isinstance(value, dict):
            named = value.get("name") or self.people.get(str(value.get("@id")), "")
            return named.strip() if isinstance(named, str) else ""
        return value.strip() if isinstance(value, str) else ""


def read_head(tree: Tree) -> Head:
    """Collect it. Values are plain text, entities resolved."""
    meta: dict[str, list[str]] = {}
    for tag in tree.by_name.get("meta", ()):
        name = (attr(tag, "property") or attr(tag, "name") or attr(tag, "http-equiv")).strip().lower()
        if name and (content := attr(tag, "content").strip()):
            meta.setdefault(name, []).append(content)
    links = [
        (attr(tag, "rel").lower().split(), attr(tag, "href").strip(), attr(tag, "title").strip())
        for tag in tree.by_name.get("link", ())
        if attr(tag, "href")
    ]
    html, body = tree.html, tree.body
    titles = [tag for tag in tree.by_name.get("title", ()) if tag.parent and tag.parent.name != "svg"]
    # An error message that was printed above the page puts its head into its body.
    title = next((tag.string for tag in sorted(titles, key=_is_displaced)), "")
    post, people = _linked_data(tree)
    return Head(
        meta=meta,
        links=links,
        body_classes=frozenset(words(body)) if body else frozenset(),
        language=(attr(html, "lang") or attr(html, "xml:lang")) if html else "",
        title=" ".join(title.split()),
        post=post,
        people=people,
    )


def _is_displaced(tag: Tag) -> bool:
    return tag.parent is None or tag.parent.name != "head"


def _linked_data(tree: Tree) -> tuple[dict[str, Any], dict[str, str]]:
    """The first JSON-LD object about a post, and the names of the objects it may refer to."""
    post: dict[str, Any] = {}
    people: dict[str, str] = {}
    for script in tree.by_name.get("script", ()):
        if "ld+json" not in attr(script, "type").lower():
            continue
        try:
            data = json.loads(script.string)
        except (ValueError, RecursionError):
            continue
        for thing in _things(data):
            if not post and LD_POSTS & {kind for kind in _each(thing.get("@type")) if isinstance(kind, str)}:
                post = thing
            if isinstance(name := thing.get("name"), str):
                people.setdefault(str(thing.get("@id")), name)
    return post, people


def _things(data: object) -> Iterator[dict[str, Any]]:
    """The objects of a JSON-LD document: the top, lists, and what ``@graph`` holds."""
    stack, seen = [data], 0
    while stack and seen < MAX_LD_NODES:
        value = stack.pop()
        seen += 1
        if isinstance(value, list):
            stack.extend(reversed(value))
        elif isinstance(value, dict):
            yield value
            stack.append(value.get("@graph"))


def _each(value: object) -> list[object]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
