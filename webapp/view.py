"""The search page: `SearchResults` in, a `SearchPage` out that the template only has to write down. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from indexer.engine.port import Highlighter, SearchRequest, SearchResults
from indexer.engine.query.text import differs
from indexer.permalinks import host_of
from indexer.settings import Settings
from webapp.chips import Chip, chip_row
from webapp.choices import Choice, Paging, paging, size_choices, sort_choices, tabs
from webapp.empty import Count, Empty, empty
from webapp.facets import FacetBox, facet_boxes
from webapp.hits import HitView, Link, hit_views
from webapp.i18n import gettext as _
from webapp.params import pairs, search_path, with_page, with_text, without_filters
from webapp.state import Site
from webapp.wording import heading, notice_text, number, summary


@dataclass(frozen=True, slots=True, kw_only=True)
class FormState:
    """The state that the two forms carry in hidden fields: all but what each of them sets itself."""

    search: tuple[tuple[str, str], ...]
    filters: tuple[tuple[str, str], ...]


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
    understood: str
    suggestion: Link | None
    suggestion_count: str
    chips: tuple[Chip, ...]
    clear: str
    tabs: tuple[Choice, ...]
    sorts: tuple[Choice, ...]
    sizes: tuple[Choice, ...]
    form: FormState
    facets: tuple[FacetBox, ...]
    hits: tuple[HitView, ...]
    paging: Paging
    beyond: Link | None
    empty: Empty | None


def search_page(
    results: SearchResults,
    settings: Settings,
    highlighter: Highlighter | None,
    count: Count,
    site: Site,
    archive: SearchResults | None = None,
) -> SearchPage:
    """The page of ``results``.

    ``highlighter`` (None when nothing was typed) marks words in titles; ``count`` says how much another search finds;
    ``archive``, the answer to the blank search, is wanted when nothing was found.
    """
    request = results.request
    chips, boxes = chip_row(request, settings), facet_boxes(results, settings, own=host_of(site.url))
    said = heading(request)
    beyond = results.listed > 0 and request.page > results.pages
    last = Link(
        _("last page, %(page)s", page=number(results.pages)), search_path(with_page(request, results.pages), settings)
    )
    return SearchPage(
        text=request.text,
        title=_("%(title)s, page %(page)s", title=said, page=number(request.page)) if request.page > 1 else said,
        heading=said,
        pristine=not request.text and not chips and request.page == 1,
        listed=results.listed,
        summary=summary(results),
        notices=_notices(results),
        understood=_understood(results),
        suggestion=_suggestion(results, settings),
        suggestion_count=number(results.suggestion_listed) if results.suggestion_listed else "",
        chips=chips,
        clear=search_path(without_filters(request), settings) if len(chips) > 1 else "",
        tabs=tabs(results, settings, count, site.pages),
        sorts=sort_choices(request, settings),
        sizes=size_choices(request, results.listed, settings),
        form=form_state(request, boxes, settings),
        facets=boxes,
        hits=tuple(hit_views(results.hits, request, settings, highlighter)),
        paging=paging(request, results.pages, settings),
        beyond=last if beyond else None,
        empty=empty(request, results.understood, count, archive, settings) if not results.listed else None,
    )


def form_state(request: SearchRequest, boxes: tuple[FacetBox, ...], settings: Settings) -> FormState:
    """The search box keeps the filters, the filter form keeps the words; both return to the first page."""
    state = pairs(replace(request, page=1), settings)
    own = {box.name for box in boxes}
    return FormState(
        search=tuple((name, value) for name, value in state if name != "q"),
        filters=tuple((name, value) for name, value in state if name not in own),
    )


def _understood(results: SearchResults) -> str:
    """The query as it was read, where that is not how it was typed."""
    return results.understood if differs(results.request.text, results.understood) else ""


def _suggestion(results: SearchResults, settings: Settings) -> Link | None:
    if not results.suggestion:
        return None
    return Link(results.suggestion, search_path(with_text(results.request, results.suggestion), settings))


def _notices(results: SearchResults) -> tuple[str, ...]:
    said = [notice_text(notice) for notice in results.notices]
    if results.partial:
        said.append(_("The search took too long and was cut short: there may be more than is shown and counted here."))
    return tuple(said)
