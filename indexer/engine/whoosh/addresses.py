"""What stands at an old address: the postings of ``address``, which has each post's addresses whole and as paths alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np

from indexer.engine.port import Document
from indexer.engine.whoosh.facts import FactArrays
from indexer.engine.whoosh.segments import OpenSegment, documents_having
from indexer.permalinks import is_short, path_alone, spot

_WORD = re.compile(r"\w+")


def find(
    segments: Sequence[OpenSegment], facts: FactArrays, read: Callable[[int], Document], address: str
) -> Document | None:
    """The post at an address, or the comment that its anchor names, where the post has that; ``read`` reads a document.

    Of several posts with this path the one whose permalink it is comes first, then the oldest. With a host that is not known,
    the blog may have moved: a path of several words that only one post has will do.
    """
    page, comment = spot(address)
    path = path_alone(address)
    docs = _with_address(segments, facts, page) if page else _with_address(segments, facts, path)
    if not docs and page and len(_WORD.findall(path)) > 1 and not is_short(page):
        docs = _with_address(segments, facts, path)
        docs = docs if len(docs) == 1 else []
    posts = [read(number) for number in docs]
    own = (post for post in posts if path_alone(post.permalink) == path)
    post = next(own, posts[0] if posts else None)
    if post is None or not comment:
        return post
    thread = facts.thread[docs[posts.index(post)]]
    members = map(read, np.flatnonzero((facts.thread == thread) & facts.alive).tolist())
    return next((member for member in members if _number(member.permalink) == comment), post)


def _number(permalink: str) -> str:
    """The number of the comment in an address, "" when there is none."""
    return spot(permalink)[1]


def _with_address(segments: Sequence[OpenSegment], facts: FactArrays, key: str) -> list[int]:
    """The posts with this address, oldest first."""
    found = documents_having(segments, "address", key.encode("utf-8", "replace")) if key else ()
    return sorted((int(n) for n in found if facts.searchable[n]), key=lambda n: int(facts.oldest[n]))
