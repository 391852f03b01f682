"""What to try when nothing was found: each way out with what it finds, so that none leads nowhere. Pure but for the counting."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from indexer.engine import query
from indexer.engine.analysis import fold
from indexer.engine.port import SearchRequest, SearchResults
from indexer.engine.query.text import write
from indexer.settings import Settings
from webapp.chips import removals
from webapp.facets import FacetBox, facet_box
from webapp.params import search_path, with_text, without_filters
from webapp.wording import number

Count = Callable[[SearchRequest], int]
# With "any of the words" and "no filter" at most twelve searches for one page without results.
MAX_WORDS = 5
MAX_REMOVALS = 5


@dataclass(frozen=True, slots=True)
class WayOut:
    """Another search with its number of results; ``url`` is "" where there are none. ``label`` is a filter's name."""

    text: str
    count: str
    url: str
    label: str = ""
    excluded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Empty:
    """``words`` are the parts of the query alone, found or not; of the rest only what finds something is there."""

    searched: str
    filtered: bool
    words: tuple[WayOut, ...]
    any_words: WayOut | None
    removals: tuple[WayOut, ...]
    unfiltered: WayOut | None
    categories: FacetBox | None


def empty(request: SearchRequest, count: Count, archive: SearchResults | None, settings: Settings) -> Empty:
    """Ways out of a search without results; ``archive`` (everything there is) offers its categories."""

    def way(text: str, changed: SearchRequest, label: str = "", excluded: bool = False) -> WayOut:
        found = count(changed)
        return WayOut(text, number(found), search_path(changed, settings) if found else "", label, excluded)

    parts = list(dict.fromkeys(words_of(request.text)))[:MAX_WORDS]
    words = [way(part, with_text(request, part)) for part in parts] if len(parts) > 1 else []
    loose = any_words(request.text)
    # When no word alone is found, neither is one of them.
    loosely = way(loose, with_text(request, loose)) if loose and any(word.url for word in words) else None
    active = list(removals(request))
    fewer = [way(one.value, one.request, one.label, one.excluded) for one in active[:MAX_REMOVALS]]
    bare = without_filters(request)
    unfiltered = way(request.text, bare) if len(active) > 1 else None
    facet = archive.facets.get("category") if archive else None
    return Empty(
        searched=request.text,
        filtered=bool(active),
        words=tuple(words),
        any_words=loosely if loosely and loosely.url else None,
        removals=tuple(one for one in fewer if one.url),
        unfiltered=unfiltered if unfiltered and unfiltered.url else None,
        categories=facet_box(facet, archive.request, settings) if archive and facet else None,
    )


def any_words(text: str) -> str:
    """A query that any word of ``text`` satisfies, "" when it has one word or an operator, which would mean something else."""
    words = text.replace('"', " ").split()
    plain = all(word not in ("AND", "OR", "NOT") and not re.search(r"^-|[:()*\[\]]", word) for word in words)
    return " OR ".join(words) if plain and len(words) > 1 else ""


def words_of(text: str) -> Iterator[str]:
    """Each part of a query that asks for words, as a query of its own; plain words as they were typed."""
    typed = {fold(word): word for word in text.split()}
    for leaf in query.positive(query.parse(text).root):
        written = write(leaf)
        yield typed.get(written, written)
