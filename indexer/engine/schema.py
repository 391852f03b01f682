"""The field table: what is indexed of a document, under which name, with which weight. Engines translate it.

words       stems of title, own text, quoted text and author in one, each part weighing as `WEIGHTS` says: the default search
title       stems of the title
*_row       the folded words of one part, with positions: phrases, compounds and prefixes
day kind    exact values, for the date operators and ``in:``
link        the hosts linked to and their parent domains, for ``link:``
address     of a post: its permalink and its other addresses, normalised, and the path of each alone
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from indexer.engine import analysis
from indexer.engine.query import TextField

# Raised whenever an index written before would no longer answer as one written now.
VERSION = 4

Part = Literal["title", "own", "quoted", "author"]
# How much one occurrence counts in BM25F. A title is short and chosen; quoted words are another's; a name is not a topic.
WEIGHTS: dict[Part, float] = {"title": 3.0, "own": 1.0, "quoted": 0.5, "author": 1.0}
# The weights are whole multiples of this, so that an index keeps them as small integers.
WEIGHT_UNIT = 0.5
# Parameters of BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009), at their usual values.
BM25_K1 = 1.2
BM25_B = 0.75

# Which rows of words a phrase is looked for in, per field of the query language.
ROWS: dict[TextField, tuple[str, ...]] = {
    "any": ("title_row", "own_row", "quoted_row", "author_row"),
    "title": ("title_row",),
    "own": ("title_row", "own_row"),
    "quotes": ("quoted_row",),
    "author": ("author_row",),
    "category": ("category_row",),
    "tag": ("tag_row",),
}
# Positions left free between two categories of a document, so that no phrase spans them.
GAP = 10


def link_keys(hosts: Iterable[str]) -> list[str]:
    """What ``link:`` finds a document by: the hosts that it links to and their parent domains of two labels or more."""
    keys = set()
    for host in hosts:
        keys.add(host)
        while (host := host.partition(".")[2]) and "." in host:
            keys.add(host)
    return sorted(keys)


def fingerprint() -> str:
    """What must be equal for an index to be readable: schema and analysis."""
    return f"{VERSION}.{analysis.VERSION}"
