"""Trends: how often several queries were written of, month by month, as lines, a table and CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request

from indexer.engine.port import Bar, SearchRequest, SearchResults, Sort
from indexer.engine.requests import MAX_QUERY, query_text
from indexer.settings import Settings
from webapp.charts import MAX_MONTHS, counts, label
from webapp.examples import examples
from webapp.hits import Link
from webapp.params import post_path, search_path
from webapp.state import state
from webapp.wording import day, month, number, percent

blueprint = Blueprint("trends", __name__)

# More lines cannot be told apart, and each costs three searches.
MAX_QUERIES = 6
# Coordinates of the chart: the lines' area inside a margin for the axes.
WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 720, 260, 52, 14, 12, 26
# Dash patterns and marks of the lines, by place.
DASHES = ("", "8 4", "2 3", "10 3 2 3", "5 5", "14 4")
MARKS = ("circle", "square", "diamond", "triangle", "cross", "ring")
# Where a line leaves the ground it is marked, at so many places at most.
MARKED = 24

Search = Callable[[SearchRequest], SearchResults]


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One query: its numbers per month, what they add up to, where it is mentioned first and last; and how it is drawn."""

    text: str
    url: str
    total: str
    first: Link | None
    last: Link | None
    points: str
    marks: tuple[tuple[float, float], ...]
    dash: str
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A month of the table."""

    month: str
    cells: tuple[Link, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendsPage:
    """What the template shows. ``ticks`` are months under the chart, ``top`` what its upper edge stands for.

    ``found``: there is something to draw; ``unread`` are queries beyond the most that are compared; ``example`` is a search to
    begin with, where none was typed.
    """

    text: str
    share: bool
    series: tuple[Series, ...]
    rows: tuple[Row, ...]
    ticks: tuple[tuple[float, str], ...]
    top: str
    csv: str
    other: str
    found: bool
    unread: tuple[str, ...]
    example: Link | None


def queries(text: str) -> tuple[str, ...]:
    """The queries of a text: what stands between its commas, but for those inside quotes.

    >>> queries('iran, surge, "sons, of iraq"')
    ('iran', 'surge', '"sons, of iraq"')
    """
    # A quote that nobody closes reaches to the next comma, as it would in a search.
    parts = re.findall(r'(?:"[^"]*"|[^,])+', text[:MAX_QUERY])
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))


@blueprint.get("/trends")
def trends() -> str:
    """The page; without queries its form."""
    app = state()
    text, share = query_text(request.args.get("q", "")), request.args.get("share") == "1"
    page = trends_page(text, share, app.searcher.search, app.settings)
    if not page.series:
        tried = examples(app.searcher)
        several = ", ".join((tried.first, tried.second, tried.third))
        page = replace(page, example=Link(several, f"/trends?{urlencode({'q': several})}"))
    return render_template("trends.html", site=app.refresh(), page=page)


@blueprint.get("/trends.csv")
def table() -> Response:
    """Months down, queries across: posts and comments, or with ``share=1`` the percentage of what was written."""
    text, share = query_text(request.args.get("q", "")), request.args.get("share") == "1"
    names = queries(text)[:MAX_QUERIES]
    lines = [_bars(name, state().searcher.search) for name in names]
    written = io.StringIO()
    rows = csv.writer(written)
    rows.writerow(["month", *map(_cell, names)])
    for bars in zip(*lines, strict=True):
        rows.writerow([f"{bars[0].since:%Y-%m}", *(_value(bar, share) for bar in bars)])
    headers = {"Content-Disposition": "attachment; filename=trends.csv"}
    return Response(written.getvalue(), mimetype="text/csv", headers=headers)


def trends_page(text: str, share: bool, search: Search, settings: Settings) -> TrendsPage:
    """The page of the queries in ``text``, each asked of ``search``."""
    given = queries(text)
    names = given[:MAX_QUERIES]
    lines = [_bars(name, search) for name in names]
    months = lines[0] if lines else ()
    values = [tuple(_value(bar, share) for bar in bars) for bars in lines]
    top = max((value for line in values for value in line), default=0) or 1
    parameters = urlencode({"q": text} | ({"share": "1"} if share else {}))
    flipped = urlencode({"q": text} | ({} if share else {"share": "1"}))
    return TrendsPage(
        text=text,
        share=share,
        series=tuple(
            _series(place, name, bars, line, top, search, settings)
            for place, (name, bars, line) in enumerate(zip(names, lines, values, strict=True))
        ),
        rows=tuple(
            Row(
                month=month(bars[0].since),
                cells=tuple(_link(n, b, share, settings) for n, b in zip(names, bars, strict=True)),
            )
            for bars in zip(*lines, strict=True)
        ),
        ticks=_ticks(months),
        top=percent(top) if share else number(int(top)),
        csv=f"/trends.csv?{parameters}" if names else "",
        other=f"/trends?{flipped}" if names else "",
        found=any(value for line in values for value in line),
        unread=given[MAX_QUERIES:],
        example=None,
    )


def _bars(text: str, search: Search) -> tuple[Bar, ...]:
    found = search(SearchRequest(text=text, timeline="month", facets=(), page_size=1)).timeline
    return found.bars[-MAX_MONTHS:] if found else ()


def _value(bar: Bar, share: bool) -> float:
    found, written = bar.posts + bar.comments, bar.all_posts + bar.all_comments
    return (round(100 * found / written, 3) if written else 0.0) if share else found


def _cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula (OWASP, CSV Injection)."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _link(name: str, bar: Bar, share: bool, settings: Settings) -> Link:
    value = _value(bar, share)
    wanted = SearchRequest(text=name, since=bar.since, until=bar.until, page_size=settings.page_size)
    url = search_path(wanted, settings) if value else ""
    return Link(percent(value) if share else number(int(value)), url)


def _series(
    place: int,
    name: str,
    bars: Sequence[Bar],
    values: tuple[float, ...],
    top: float,
    search: Search,
    settings: Settings,
) -> Series:
    wanted = SearchRequest(text=name, page_size=settings.page_size)
    points = [(_x(i, len(values)), round(_y(value / top), 1)) for i, value in enumerate(values)]
    found = [point for point, value in zip(points, values, strict=True) if value]
    step = -(-len(found) // MARKED) or 1
    hit = [bar for bar in bars if bar.posts or bar.comments]
    return Series(
        text=name,
        url=search_path(wanted, settings),
        total=counts(sum(bar.posts for bar in bars), sum(bar.comments for bar in bars)),
        first=_mention(wanted, hit[0], "oldest", search, settings) if hit else None,
        last=_mention(wanted, hit[-1], "newest", search, settings) if hit else None,
        points=" ".join(f"{x},{y}" for x, y in points),
        # Where a line is marked differs by line, so that marks do not cover each other.
        marks=tuple(found[place % step :: step]),
        dash=DASHES[place],
        mark=MARKS[place],
    )


def _mention(wanted: SearchRequest, bar: Bar, sort: Sort, search: Search, settings: Settings) -> Link | None:
    """The oldest or newest document of a bar, by its day."""
    asked = replace(wanted, since=bar.since, until=bar.until, sort=sort, group="none", facets=(), page_size=1)
    for hit in search(asked).hits:
        comment = hit.id if hit.kind == "comment" else ""
        return Link(day(hit.published), post_path(hit.thread, wanted, settings, comment))
    return None


def _x(place: int, months: int) -> float:
    return round(LEFT + (WIDTH - LEFT - RIGHT) * (place + 0.5) / max(months, 1), 1)


def _y(part: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - part)


def _ticks(months: Sequence[Bar]) -> tuple[tuple[float, str], ...]:
    """Eight labels at most, at Januaries where there are years enough."""
    januaries = [i for i, bar in enumerate(months) if bar.since.month == 1]
    places = januaries if len(januaries) > 2 else range(len(months))
    step = -(-len(places) // 8) or 1
    return tuple(
        (_x(i, len(months)), label(months[i].since, "year" if places is januaries else "month")) for i in places[::step]
    )
