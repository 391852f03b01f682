"""Browse: the archive by year and month, its categories, tags and commenters, and everything that one name said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from babel.dates import format_skeleton
from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from indexer.engine.port import Bar, Facet, FacetField, SearchRequest
from indexer.settings import Settings
from webapp.charts import counts
from webapp.hits import Link
from webapp.i18n import conventions, gettext_noop
from webapp.i18n import gettext as _
from webapp.params import author_path, blank, facet_path, paths_of_values, request_from, search_path, with_dates
from webapp.state import state
from webapp.wording import number

blueprint = Blueprint("browse", __name__)

# Values of each list; a link leads to all.
FEW = 30
# The latest years shown; a wrong date must not make two thousand rows.
MAX_YEARS = 60
LISTS: dict[FacetField, str] = {
    "category": gettext_noop("Categories"),
    "tag": gettext_noop("Tags"),
    "comment_author": gettext_noop("Commenters"),
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
    """Values of a facet with their counts; ``url`` leads to all of them, "" where these are all; ``total`` says how many."""

    title: str
    url: str
    total: str
    values: tuple[tuple[Link, str], ...]


@blueprint.get("/browse")
def browse() -> str:
    """Years, months, and the most frequent values of each list."""
    app = state()
    asked = SearchRequest(timeline="month", facets=tuple(LISTS), facet_values=FEW, page_size=1)
    results = app.searcher.search(asked)
    years = calendar(results.timeline.bars if results.timeline else (), app.settings)
    lists = tuple(value_list(results.facets[name], _(title), app.settings) for name, title in LISTS.items())
    shown = [found for found in lists if found.values]
    return render_template("browse.html", site=app.refresh(), years=years, months=months(), lists=shown)


@blueprint.get("/by/<path:name>")
def by(name: str) -> Response:
    """Everything that a name said is the search page with the name as its only author: one page, one set of tools."""
    app = state()
    kept = request_from(request.args, app.settings)
    return redirect(author_path(name, app.settings, kept))


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


def value_list(facet: Facet, title: str, settings: Settings) -> ValueList:
    """The most frequent values of a facet, each leading to its search."""
    everything = blank(settings)
    path = paths_of_values(everything, facet.field, settings)
    total = len(facet.values) + facet.other
    return ValueList(
        title=title,
        url=facet_path(everything, facet.field, settings) if facet.other else "",
        total=number(total),
        values=tuple((Link(value.value, path(value.value)), number(value.count)) for value in facet.values),
    )


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
