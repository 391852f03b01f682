"""The search page: `SearchResults` in, a `SearchPage` out that the template only has to write down. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from indexer.engine.port import FACET_FIELDS, SORTS, Highlighter, SearchRequest, SearchResults
from indexer.engine.requests import MAX_PAGE
from indexer.settings import Settings
from webapp.facets import FacetBox, facet_box, facet_boxes
from webapp.hits import HitView, Link, hit_view
from webapp.params import (
    pairs,
    search_path,
    with_dates,
    with_page,
    with_sort,
    with_text,
    without,
    without_filters,
)
from webapp.wording import FACET_TITLES, SORT_NAMES, day, facet_label, heading, number, summary

# Pages linked on each side of the current one.
WINDOW = 2


@dataclass(frozen=True, slots=True)
class Choice:
    """A link among alternatives, one of which is the current one."""

    text: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Chip:
    """An active filter; ``url`` removes it."""

    label: str
    value: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """Links through the pages; a None among ``pages`` is a gap. Empty ``pages``: one page is all there is."""

    previous: str
    next: str
    pages: tuple[Choice | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FormState:
    """The state that the two forms carry in hidden fields: all but what each of them sets itself."""

    search: tuple[tuple[str, str], ...]
    filters: tuple[tuple[str, str], ...]
    since: str
    until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Empty:
    """What to try when nothing matches: the search without each filter, with any of its words, or a category."""

    searched: str
    removals: tuple[Chip, ...]
    any_words: Link | None
    categories: FacetBox | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage:
    """Everything on a results page. ``beyond`` leads to the last page when the one asked for lies behind it."""

    text: str
    title: str
    heading: str
    pristine: bool
    listed: int
    summary: str
    notices: tuple[str, ...]
    suggestion: Link | None
    chips: tuple[Chip, ...]
    clear: str
    sorts: tuple[Choice, ...]
    form: FormState
    facets: tuple[FacetBox, ...]
    hits: tuple[HitView, ...]
    paging: Paging
    beyond: Link | None
    empty: Empty | None


def search_page(
    results: SearchResults, settings: Settings, highlighter: Highlighter | None, archive: SearchResults | None = None
) -> SearchPage:
    """The page of ``results``.

    ``highlighter`` (None when nothing was typed) marks words in titles; ``archive``, the answer to the
    blank search, is wanted when nothing was found.
    """
    request = results.request
    chips, boxes = chip_row(request, settings), facet_boxes(results, settings)
    said = heading(request)
    beyond = results.listed > 0 and request.page > results.pages
    last = Link(f"last page, {number(results.pages)}", search_path(with_page(request, results.pages), settings))
    return SearchPage(
        text=request.text,
        title=f"{said}, page {number(request.page)}" if request.page > 1 else said,
        heading=said,
        pristine=not request.text and not chips and request.page == 1,
        listed=results.listed,
        summary=summary(results),
        notices=results.notices + _cut_short(results),
        suggestion=_suggestion(results, settings),
        chips=chips,
        clear=search_path(without_filters(request), settings) if len(chips) > 1 else "",
        sorts=sort_choices(request, settings),
        form=form_state(request, boxes, settings),
        facets=boxes,
        hits=tuple(hit_view(hit, request, settings, highlighter) for hit in results.hits),
        paging=paging(request, results.pages, settings),
        beyond=last if beyond else None,
        empty=empty(request, archive, settings) if not results.listed else None,
    )


def chip_row(request: SearchRequest, settings: Settings) -> tuple[Chip, ...]:
    """One chip per active filter, in the address's order."""
    return tuple(Chip(label, value, search_path(changed, settings)) for label, value, changed in _removals(request))


def _removals(request: SearchRequest) -> Iterator[tuple[str, str, SearchRequest]]:
    for name in FACET_FIELDS:
        for value in request.selected(name):
            yield FACET_TITLES[name], facet_label(name, value), without(request, name, value)
    if request.since:
        yield "From", day(request.since), with_dates(request, None, request.until)
    if request.until:
        yield "To", day(request.until), with_dates(request, request.since, None)


def sort_choices(request: SearchRequest, settings: Settings) -> tuple[Choice, ...]:
    """The orders to choose from. Without words there is no relevance: the default is the newest first."""
    offered = [(name, name) for name in SORTS]
    current = request.sort
    if not request.text:
        offered = [(name, "relevance" if name == "newest" else name) for name in SORTS if name != "relevance"]
        current = "newest" if request.sort == "relevance" else request.sort
    return tuple(
        Choice(SORT_NAMES[name], search_path(with_sort(request, sort), settings), name == current)
        for name, sort in offered
    )


def form_state(request: SearchRequest, boxes: tuple[FacetBox, ...], settings: Settings) -> FormState:
    """The search box keeps the filters, the filter form keeps the words; both return to the first page."""
    state = pairs(replace(request, page=1), settings)
    own = {"from", "to", *(box.name for box in boxes)}
    return FormState(
        search=tuple((name, value) for name, value in state if name != "q"),
        filters=tuple((name, value) for name, value in state if name not in own),
        since=request.since.isoformat() if request.since else "",
        until=request.until.isoformat() if request.until else "",
    )


def paging(request: SearchRequest, pages: int, settings: Settings) -> Paging:
    """Previous, next and a window of page numbers with the first and the last."""
    reachable = min(pages, MAX_PAGE)
    here = min(request.page, reachable + 1)

    def url(page: int) -> str:
        return search_path(with_page(request, page), settings)

    near = range(max(1, here - WINDOW), min(reachable, here + WINDOW) + 1)
    numbers = sorted({1, *near, reachable})
    row: list[Choice | None] = []
    for before, page in zip([0, *numbers], numbers, strict=False):
        if page - before == 2:  # a gap of one page is that page
            row.append(Choice(number(page - 1), url(page - 1), False))
        elif page - before > 2:
            row.append(None)
        row.append(Choice(number(page), url(page), page == request.page))
    return Paging(
        previous=url(here - 1) if here > 1 else "",
        next=url(here + 1) if here < reachable else "",
        pages=tuple(row) if reachable > 1 else (),
    )


def empty(request: SearchRequest, archive: SearchResults | None, settings: Settings) -> Empty:
    """Ways out of a search without results; ``archive`` (everything there is) offers its categories."""
    loose = any_words(request.text)
    facet = archive.facets.get("category") if archive else None
    return Empty(
        searched=request.text,
        removals=chip_row(request, settings),
        any_words=Link(loose, search_path(with_text(request, loose), settings)) if loose else None,
        categories=facet_box(facet, archive.request, settings) if archive and facet else None,
    )


def any_words(text: str) -> str:
    """A query that any word of ``text`` satisfies, "" when it has one word or an operator, which would mean something else."""
    words = text.replace('"', " ").split()
    plain = all(word not in ("AND", "OR", "NOT") and not re.search(r"^-|[:()*\[\]]", word) for word in words)
    return " OR ".join(words) if plain and len(words) > 1 else ""


def _suggestion(results: SearchResults, settings: Settings) -> Link | None:
    if not results.suggestion:
        return None
    return Link(results.suggestion, search_path(with_text(results.request, results.suggestion), settings))


def _cut_short(results: SearchResults) -> tuple[str, ...]:
    if not results.partial:
        return ()
    return ("The search took too long and was cut short: there may be more than is shown and counted here.",)
