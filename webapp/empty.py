"""What to try when nothing was found: each way out with what it finds, so that none leads nowhere. Pure but for the counting."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from indexer.engine import query
from indexer.engine.analysis import fold, spans
from indexer.engine.port import SearchRequest, SearchResults
from indexer.engine.query.text import write
from indexer.settings import Settings
from webapp.chips import removals
from webapp.facets import FacetBox, facet_box
from webapp.params import search_path, with_text, without_filters
from webapp.wording import number

Count = Callable[[SearchRequest], int]
# With "any of the words", a beginning and "no filter" at most sixteen searches for one page without results.
MAX_WORDS = 5
MAX_REMOVALS = 8
# A link that repeats a long query names this many characters of it.
MAX_TEXT = 60
# Of a word nowhere found, its beginning may be: without so many letters, of which so many are left.
ENDING, BEGINNING = 3, 4


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
    """``words`` are the parts of the query alone, found or not; of the rest only what finds something is there.

    ``searched`` is the query, "" where none of it asks for anything; ``several``: it asks for more than one thing.
    """

    searched: str
    several: bool
    filtered: bool
    words: tuple[WayOut, ...]
    any_words: WayOut | None
    beginning: WayOut | None
    removals: tuple[WayOut, ...]
    unfiltered: WayOut | None
    categories: FacetBox | None


def empty(
    request: SearchRequest, understood: str, count: Count, archive: SearchResults | None, settings: Settings
) -> Empty:
    """Ways out of a search without results; ``archive`` (everything there is) offers its categories."""

    def way(text: str, changed: SearchRequest, label: str = "", excluded: bool = False) -> WayOut:
        found = count(changed)
        text = text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + "…"
        return WayOut(text, number(found), search_path(changed, settings) if found else "", label, excluded)

    parts = list(dict.fromkeys(words_of(request.text, understood)))
    several = len(parts) > 1
    # Of many the longest: short ones are everywhere, and tell nothing.
    telling = sorted(sorted(parts, key=len, reverse=True)[:MAX_WORDS], key=parts.index)
    words = [way(part, with_text(request, part)) for part in telling] if several else []
    loose = any_words(request.text)
    # When no word alone is found, neither is one of them.
    loosely = way(loose, with_text(request, loose)) if loose and any(word.url for word in words) else None
    lost = [word.text for word in words if not word.url] if several else parts
    starts = [f"{word[:-ENDING]}*" for word in lost if word.isalpha() and len(word) >= BEGINNING + ENDING]
    beginning = way(starts[0], with_text(request, starts[0])) if starts else None
    active = list(removals(request))
    fewer = [way(one.value, one.request, one.label, one.excluded) for one in active[:MAX_REMOVALS]]
    bare = without_filters(request)
    unfiltered = way(request.text, bare) if len(active) > 1 else None
    facet = archive.facets.get("category") if archive else None
    return Empty(
        searched=request.text if parts else "",
        several=several,
        filtered=bool(active),
        words=tuple(words),
        any_words=loosely if loosely and loosely.url else None,
        beginning=beginning if beginning and beginning.url else None,
        removals=tuple(one for one in fewer if one.url),
        unfiltered=unfiltered if unfiltered and unfiltered.url else None,
        categories=facet_box(facet, archive.request, settings) if archive and facet else None,
    )


def any_words(text: str) -> str:
    """A query that any word of ``text`` satisfies, "" when it has one word or an operator, which would mean something else."""
    words = text.replace('"', " ").split()
    plain = all(word not in ("AND", "OR", "NOT") and not re.search(r"^-|[:()*\[\]]", word) for word in words)
    return " OR ".join(words) if plain and len(words) > 1 else ""


def words_of(text: str, understood: str) -> Iterator[str]:
    """Each part of a query that asks for words, as a query of its own; plain words as they were typed in ``text``."""
    typed = {word: text[start:end] for word, start, end in spans(text)} | {fold(word): word for word in text.split()}
    for leaf in query.positive(query.parse(understood).root):
        written = write(leaf)
        yield typed.get(written, written)
