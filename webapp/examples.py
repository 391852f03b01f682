"""Examples for the help and for trends: searches made of this archive's own words and names, so that they find something here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from indexer.engine.port import Facet, Searcher, SearchRequest
from indexer.errors import BackfileError

# Two words side by side in a title, neither too short to tell anything nor too long to read.
_PAIR = re.compile(r"(?<![^\W_])([^\W\d_]{4,12}) ([^\W\d_]{4,12})(?![^\W_])")
# Titles looked at: of the most discussed threads, whose words are the archive's subjects.
_TITLES = 50
# A value that needs quotes in a query.
_QUOTED = re.compile(r"[^\w.-]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """``first`` and ``second`` stand side by side in a title, ``third`` in another; the others are typed after a colon."""

    first: str = "quds"
    second: str = "force"
    third: str = "surge"
    author: str = "anna"
    category: str = "politics"
    tag: str = "recipe"
    host: str = "example.com"
    day: date = date(2008, 5, 4)


def examples(searcher: Searcher) -> Examples:
    """Of what ``searcher`` searches; what the archive has nothing for, and all without an index, is made up."""
    asked = SearchRequest(
        sort="discussed", facets=("category", "tag", "author", "site"), facet_values=5, page_size=_TITLES
    )
    try:
        found = searcher.search(asked)
        pairs = list(_pairs((hit.title for hit in found.hits), searcher))
    except BackfileError:
        return Examples()
    made_up = Examples()
    first, second = pairs[0] if pairs else (made_up.first, made_up.second)
    third = next((word for pair in pairs for word in pair if word not in (first, second)), made_up.third)
    dated: datetime | None = next((hit.published for hit in found.hits if hit.published), None)
    return Examples(
        first=first,
        second=second,
        third=third,
        author=_value(found.facets["author"]) or made_up.author,
        category=_value(found.facets["category"]) or made_up.category,
        tag=_value(found.facets["tag"]) or made_up.tag,
        host=_value(found.facets["site"]) or made_up.host,
        day=dated.date() if dated else made_up.day,
    )


def _pairs(titles: Iterator[str], searcher: Searcher) -> Iterator[tuple[str, str]]:
    """Two pairs at most, each of which is found as a phrase."""
    given = 0
    for title in titles:
        pair = _PAIR.search(title)
        if pair and searcher.count(SearchRequest(text=f'"{pair[0]}"')):
            yield pair[1].lower(), pair[2].lower()
            given += 1
        if given == 2:
            return


def _value(facet: Facet) -> str:
    """The most frequent value that can be typed, quoted where it must be; "" when there is none."""
    value = next((value.value for value in facet.values if '"' not in value.value and len(value.value) < 30), "")
    return f'"{value}"' if _QUOTED.search(value) else value
