"""Links that hand a page's own address to another site ("Digg this"): they reveal the address, and are no part of the post.

No list of such sites is needed, as there have been hundreds: what tells them is that the address is in the link.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from indexer.sources.savedpage.element import Node, Tag
from indexer.sources.savedpage.tree import Tree, attr

_URL = re.compile(r"https?://[^\s&\"'<>#]+", re.I)
# No link that a browser follows is longer.
MAX_LINK = 4096


def carried(href: str) -> list[str]:
    """The addresses in a link's query (``http://digg.example/submit?url=http%3A%2F%2F...``, ``?status=Fog%20http://...``)."""
    _, _, query = href[:MAX_LINK].partition("?")
    return _URL.findall(unquote(query)) if href.startswith("http") and "http" in query else []


def boxes(nodes: Iterable[Node], tree: Tree, url: str) -> set[int]:
    """The ids of the elements in a post's body with such links, all to the post's address ``url``, and no others."""
    links = [link for link in _links(nodes, tree) if attr(link, "href")]
    sharing = {id(link) for link in links if _is(url, carried(attr(link, "href")))}
    parents = {id(link.parent): link.parent for link in links if id(link) in sharing and link.parent is not None}
    by_parent: dict[int, list[Tag]] = {}
    for link in links:
        by_parent.setdefault(id(link.parent), []).append(link)
    # A single link to an archive's copy of the page may stand in a sentence.
    return {key for key in parents if len(by_parent[key]) > 1 and all(id(link) in sharing for link in by_parent[key])}


def _links(nodes: Iterable[Node], tree: Tree) -> Iterator[Tag]:
    for node in nodes:
        if isinstance(node, Tag):
            yield from (tag for tag in tree.below(node) if tag.name == "a")


def _is(url: str, addresses: list[str]) -> bool:
    return bool(url) and any(address.rstrip("/") == url.rstrip("/") for address in addresses)
