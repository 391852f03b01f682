"""Alternatives of which one is the current one: pages, orders, numbers and kinds of results. Pure but for the counting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from indexer.engine.port import SORTS, SearchRequest, SearchResults
from indexer.engine.requests import MAX_PAGE
from indexer.settings import Settings
from webapp.i18n import gettext as _
from webapp.params import search_path, with_kinds, with_page, with_page_size, with_sort
from webapp.wording import SORT_NAMES, number

# Pages linked on each side of the current one.
WINDOW = 2
# Results per page to choose from.
PAGE_SIZES = (10, 25, 50)


@dataclass(frozen=True, slots=True)
class Choice:
    """A link among alternatives, one of which is the current one; "" where it would find nothing."""

    text: str
    url: str
    current: bool
    count: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """Links through the pages; a None among ``pages`` is a gap. Empty ``pages``: one page is all there is."""

    previous: str
    next: str
    pages: tuple[Choice | None, ...]


def tabs(
    results: SearchResults, settings: Settings, counted: Callable[[SearchRequest], int], pages: bool
) -> tuple[Choice, ...]:
    """Everything, posts (pages too, where the archive has ``pages``) or comments alone, each with its number of results.

    ``counted`` counts a search.
    """
    request, facet = results.request, results.facets.get("kind")
    posts = ("page", "post") if pages else ("post",)
    offered: tuple[tuple[str, tuple[str, ...]], ...] = (
        (_("Everything"), ()), (_("Posts"), posts), (_("Comments"), ("comment",))
    )  # fmt: skip
    made = []
    for text, kinds in offered:
        changed = with_kinds(request, kinds)
        current = request.selected("kind") == kinds and not request.unwanted("kind")
        if current:
            found = results.listed
        elif kinds and facet and not request.unwanted("kind"):
            found = sum(value.count for value in facet.values if value.value in kinds)
        else:
            found = counted(changed)
        made.append(Choice(text, search_path(changed, settings) if found else "", current, number(found)))
    return tuple(made)


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


def size_choices(request: SearchRequest, listed: int, settings: Settings) -> tuple[Choice, ...]:
    """How many results on a page; no choice where every page holds all that is ``listed``."""
    sizes = sorted({*PAGE_SIZES, settings.page_size, request.page_size})
    if listed <= sizes[0]:
        return ()
    return tuple(
        Choice(str(size), search_path(with_page_size(request, size), settings), size == request.page_size)
        for size in sizes
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
