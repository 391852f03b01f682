"""Browse: the archive by year and month, its categories, tags and commenters, and everything that one name said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from babel.dates import format_skeleton
from flask import Blueprint, abort, redirect, render_template, request
from werkzeug.wrappers import Response

from indexer.engine.analysis import fold
from indexer.engine.port import Bar, FacetField, SearchRequest, SearchResults
from indexer.settings import Settings
from webapp.charts import counts
from webapp.hits import Link
from webapp.i18n import conventions, gettext_noop
from webapp.i18n import gettext as _
from webapp.params import blank, only, request_from, search_path, with_dates
from webapp.state import state
from webapp.wording import number

blueprint = Blueprint("browse", __name__)

# Values of each list on the first page, and on a page of a list of its own.
FEW = 30
PER_PAGE = 300
# Values asked of the engine: more than a blog has categories or commenters, few enough to answer at once.
ASKED = 20_000
# The latest years shown; a wrong date must not make two thousand rows.
MAX_YEARS = 60
# Characters of the filter box, and the last page that can be asked for.
MAX_CONTAINS = 100
LAST_PAGE = 1000
LISTS: dict[str, tuple[FacetField, str]] = {
    "categories": ("category", gettext_noop("Categories")),
    "tags": ("tag", gettext_noop("Tags")),
    "commenters": ("comment_author", gettext_noop("Commenters")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A month or a year: a number that leads to its search, and its name; no ``url`` where there is nothing."""

    text: str
    name: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """A row of the table: the year itself, then its twelve months."""

    text: str
    whole: Cell
    months: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueList:
    """Values of a facet with their counts; ``url`` leads to all of them, ``total`` says how many."""

    title: str
    url: str
    total: str
    values: tuple[tuple[Link, str], ...]
    contains: str = ""
    previous: str = ""
    next: str = ""


@blueprint.get("/browse")
def browse() -> str:
    """Years, months, and the most frequent values of each list."""
    app = state()
    fields = tuple(field for field, _title in LISTS.values())
    asked = SearchRequest(timeline="month", facets=fields, facet_values=FEW, page_size=1)
    results = app.searcher.search(asked)
    years = calendar(results.timeline.bars if results.timeline else (), app.settings)
    lists = tuple(value_list(name, results, "", 1, app.settings) for name in LISTS)
    return render_template(
        "browse.html",
        site=app.refresh(),
        years=years,
        months=months(),
        lists=[x for x in lists if x.values],
        whole=None,
    )


@blueprint.get("/browse/<name>")
def all_values(name: str) -> str:
    """All values of a list, those that contain a text, a page at a time."""
    if name not in LISTS:
        abort(404)
    app = state()
    asked = SearchRequest(facets=(LISTS[name][0],), facet_values=ASKED, page_size=1)
    contains = request.args.get("contains", "").replace("\0", "").strip()[:MAX_CONTAINS]
    page = request.args.get("page", "1")
    wanted = min(int(page), LAST_PAGE) if page.isascii() and page.isdecimal() and len(page) < 9 else 1
    whole = value_list(name, app.searcher.search(asked), contains, max(1, wanted), app.settings, PER_PAGE)
    return render_template("browse.html", site=app.refresh(), years=(), months=(), lists=(), whole=whole)


@blueprint.get("/by/<path:name>")
def by(name: str) -> Response:
    """Everything that a name said is the search page with the name as its only author: one page, one set of tools."""
    app = state()
    kept = request_from(request.args, app.settings)
    return redirect(author_path(name, app.settings, kept))


def author_path(name: str, settings: Settings, request: SearchRequest | None = None) -> str:
    """The address of everything that ``name`` said, newest first, its posts and its comments one by one."""
    wanted = replace(request or blank(settings), filters={"author": (name,)}, sort="newest")
    return search_path(wanted, settings)


def calendar(bars: Iterable[Bar], settings: Settings) -> tuple[Year, ...]:
    """Month bars as years, the latest first."""
    found: dict[int, dict[int, Bar]] = {}
    for bar in bars:
        found.setdefault(bar.since.year, {})[bar.since.month] = bar
    kept = [year for year in sorted(found, reverse=True) if any(map(_all, found[year].values()))][:MAX_YEARS]
    return tuple(_year(year, found[year], settings) for year in kept)


def months() -> tuple[str, ...]:
    """The months' short names."""
    return tuple(format_skeleton("MMM", date(2000, month, 1), locale=conventions()) for month in range(1, 13))


def value_list(
    name: str, results: SearchResults, contains: str, page: int, settings: Settings, per_page: int = FEW
) -> ValueList:
    """The ``page``-th page of a facet's values that contain a text, whatever its case and accents."""
    field, title = LISTS[name]
    facet, wanted = results.facets[field], fold(contains)
    kept = [value for value in facet.values if wanted in fold(value.value)]
    pages = max(1, -(-len(kept) // per_page))
    page = min(page, pages)

    def address(number: int) -> str:
        return f"/browse/{name}?" + urlencode(({"contains": contains} if contains else {}) | {"page": number})

    return ValueList(
        title=_(title),
        url=f"/browse/{name}",
        total=number(len(facet.values) + facet.other),
        values=tuple(
            (Link(value.value, _value_path(field, value.value, settings)), number(value.count))
            for value in kept[(page - 1) * per_page : page * per_page]
        ),
        contains=contains,
        previous=address(page - 1) if page > 1 else "",
        next=address(page + 1) if page < pages else "",
    )


def _value_path(field: FacetField, value: str, settings: Settings) -> str:
    return search_path(only(blank(settings), field, value), settings)


def _year(year: int, bars: dict[int, Bar], settings: Settings) -> Year:
    cells = tuple(
        _cell([bars[month]] if month in bars else [], date(year, month, 1), "yMMMM", settings) for month in range(1, 13)
    )
    ordered = [bars[month] for month in sorted(bars)]
    return Year(text=str(year), whole=_cell(ordered, date(year, 1, 1), "y", settings), months=cells)


def _cell(bars: list[Bar], start: date, skeleton: str, settings: Settings) -> Cell:
    total = sum(map(_all, bars))
    if not total:
        return Cell(text="", name="", url="")
    posts, comments = sum(bar.all_posts for bar in bars), sum(bar.all_comments for bar in bars)
    said = format_skeleton(skeleton, start, locale=conventions())
    return Cell(
        text=number(total),
        name=_("%(time)s: %(counts)s", time=said, counts=counts(posts, comments)),
        url=search_path(with_dates(blank(settings), bars[0].since, bars[-1].until), settings),
    )


def _all(bar: Bar) -> int:
    return bar.all_posts + bar.all_comments
