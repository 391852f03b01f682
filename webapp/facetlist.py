"""The page of all values of one facet: an answer in, rows by the page out, those that contain what was typed. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from indexer.engine.analysis import fold
from indexer.engine.port import FacetField, SearchRequest, SearchResults
from indexer.settings import Settings
from webapp.facets import ExcludedRow, FacetRow, excluded_rows, facet_rows, present
from webapp.params import facet_path, pairs, search_path
from webapp.wording import FACET_TITLES, facet_label, heading, number

# Values asked of the engine: more than a blog has categories or commenters, few enough to answer at once.
ASKED = 20_000
# Values on a page. A browser shows as many tick boxes without delay.
PER_PAGE = 500
# Characters of the filter; no name needs more to be told from others.
MAX_CONTAINS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetPage:
    """All values of a facet in a search, a page at a time.

    ``within`` says of which search, ``back`` leads to its results; ``hidden`` are the parameters of the form: the search
    without the values on this page. ``shown`` of ``total`` values contain the text; ``first`` is the number of this
    page's first one.
    """

    name: FacetField
    title: str
    within: str
    text: str
    contains: str
    shown: str
    total: str
    first: int
    rows: tuple[FacetRow, ...]
    excluded: tuple[ExcludedRow, ...]
    hidden: tuple[tuple[str, str], ...]
    back: str
    previous: str
    next: str


def wanted_values(request: SearchRequest, name: FacetField) -> SearchRequest:
    """What to ask the engine: the values of one facet in the search, and little else."""
    return replace(request, facets=(name,), facet_values=ASKED, timeline=None, page=1, page_size=1)


def facet_page(results: SearchResults, name: FacetField, contains: str, page: int, settings: Settings) -> FacetPage:
    """The ``page``-th page, from 1, of the values that contain a text, whatever its case and accents."""
    request, facet, wanted = results.request, results.facets[name], fold(contains)
    values = present(facet, request)
    kept = [value for value in values if wanted in fold(facet_label(name, value.value))] if wanted else values
    pages = max(1, -(-len(kept) // PER_PAGE))
    page = min(page, pages)
    first = (page - 1) * PER_PAGE
    here = kept[first : first + PER_PAGE]
    boxes = {(name, value.value) for value in here}

    def address(number: int) -> str:
        return facet_path(request, name, settings, contains, number)

    return FacetPage(
        name=name,
        title=FACET_TITLES[name],
        within=heading(request),
        text=request.text,
        contains=contains,
        shown=number(len(kept)),
        total=number(len(values) + facet.other),
        first=first + 1,
        rows=tuple(facet_rows(here, name, request, settings)),
        excluded=excluded_rows(name, request, settings),
        hidden=tuple(pair for pair in pairs(request, settings) if pair not in boxes),
        back=search_path(request, settings),
        previous=address(page - 1) if page > 1 else "",
        next=address(page + 1) if page < pages else "",
    )
