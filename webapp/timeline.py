"""The timeline above the results: a `port.Timeline` in, bars that are links out. Pure.

A bar, a dragged range and the two date fields are one thing: the dates of the search.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date

from indexer.engine.port import Bar, SearchRequest, SearchResults, TimeUnit
from indexer.settings import Settings
from webapp.charts import HEIGHT, Column, columns, counts, labels, stretch, width
from webapp.hits import Link
from webapp.i18n import gettext as _
from webapp.i18n import ngettext
from webapp.params import pairs, search_path, with_dates
from webapp.wording import day, month, number


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineBar:
    """A slot: its days for dragging, its column, its name (``May 2008: 14 posts, 112 comments``).

    ``url`` searches it alone, "" where nothing was found or the search is that already.
    """

    since: str
    until: str
    column: Column
    name: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineView:
    """What `_timeline.html` shows. ``outwards`` leads to wider spans, the widest first; ``here`` is the span shown.

    ``highest`` and ``archive_highest`` are what the highest bar stands for: found, and in the archive, "" where all of it was
    found and nothing would stand behind the bars. ``hidden`` is the search without its dates, for the form.
    """

    width: int
    height: int
    bars: tuple[TimelineBar, ...]
    labels: tuple[str, ...]
    outwards: tuple[Link, ...]
    here: str
    highest: str
    archive_highest: str
    undated: str
    hidden: tuple[tuple[str, str], ...]
    since: str
    until: str


def timeline_view(results: SearchResults, request: SearchRequest, settings: Settings) -> TimelineView | None:
    """The timeline of ``results``, its links those of ``request``; None where there is nothing to show."""
    timeline = results.timeline
    if timeline is None or not timeline.bars:
        return None
    bars, found = timeline.bars, sum(bar.posts + bar.comments for bar in timeline.bars)
    everything = found == sum(bar.all_posts + bar.all_comments for bar in bars)
    undated = 0 if request.since or request.until else results.total.posts + results.total.comments - found
    if not found and not request.since and not request.until:
        return None
    state = pairs(replace(request, page=1), settings)
    return TimelineView(
        width=width(bars),
        height=HEIGHT,
        bars=tuple(
            _bar(bar, column, timeline.unit, request, settings) for bar, column in zip(bars, columns(bars), strict=True)
        ),
        labels=tuple(labels(bars, timeline.unit)),
        outwards=_outwards(request, settings),
        here=_span(bars[0].since, bars[-1].until),
        highest=number(max(bar.posts + bar.comments for bar in bars)),
        archive_highest="" if everything else number(max(bar.all_posts + bar.all_comments for bar in bars)),
        undated=_undated(undated) if undated > 0 else "",
        hidden=tuple((name, value) for name, value in state if name not in {"from", "to"}),
        since=request.since.isoformat() if request.since else "",
        until=request.until.isoformat() if request.until else "",
    )


def _bar(bar: Bar, column: Column, unit: TimeUnit, request: SearchRequest, settings: Settings) -> TimelineBar:
    same = (bar.since, bar.until) == (request.since, request.until)
    leads = (bar.posts or bar.comments) and not same
    return TimelineBar(
        since=bar.since.isoformat(),
        until=bar.until.isoformat(),
        column=column,
        name=_(
            "%(time)s: %(counts)s",
            time=stretch(bar.since, bar.until, unit),
            counts=counts(bar.posts, bar.comments),
        ),
        url=search_path(with_dates(request, bar.since, bar.until), settings) if leads else "",
    )


def _outwards(request: SearchRequest, settings: Settings) -> tuple[Link, ...]:
    """The ways to wider spans: all years, and the year and the month that the dates lie in."""
    since, until = request.since, request.until
    if since is None and until is None:
        return ()
    found = [Link(_("All years"), search_path(with_dates(request, None, None), settings))]
    if since and until and since.year == until.year:
        start, end = date(since.year, 1, 1), date(since.year, 12, 31)
        last = monthrange(since.year, since.month)[1]
        spans = [(str(since.year), start, end)]
        if since.month == until.month:
            spans.append((month(since), since.replace(day=1), since.replace(day=last)))
        found += [
            Link(text, search_path(with_dates(request, first, final), settings))
            for text, first, final in spans
            if (first, final) != (since, until) and first <= since and until <= final
        ]
    return tuple(found)


def _span(since: date, until: date) -> str:
    return day(since) if since == until else _("%(since)s to %(until)s", since=day(since), until=day(until))


def _undated(count: int) -> str:
    return ngettext("%(num)s without a date is not shown", "%(num)s without a date are not shown", count)
