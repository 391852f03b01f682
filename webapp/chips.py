"""The active filters of a search, each with the search that is without it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from indexer.engine.port import FACET_FIELDS, SearchRequest
from indexer.settings import Settings
from webapp.i18n import gettext as _
from webapp.params import not_excluding, search_path, with_dates, without
from webapp.wording import FACET_TITLES, day, facet_label


@dataclass(frozen=True, slots=True)
class Chip:
    """An active filter; ``url`` removes it. ``excluded``: it is what must not be there."""

    label: str
    value: str
    url: str
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Removal:
    """An active filter with the search that is without it."""

    label: str
    value: str
    request: SearchRequest
    excluded: bool = False


def chip_row(request: SearchRequest, settings: Settings) -> tuple[Chip, ...]:
    """One chip per active filter, in the address's order."""
    return tuple(
        Chip(one.label, one.value, search_path(one.request, settings), one.excluded) for one in removals(request)
    )


def removals(request: SearchRequest) -> Iterator[Removal]:
    """Every active filter: values, excluded values, dates."""
    for name in FACET_FIELDS:
        for value in request.selected(name):
            yield Removal(FACET_TITLES[name], facet_label(name, value), without(request, name, value))
        for value in request.unwanted(name):
            yield Removal(FACET_TITLES[name], facet_label(name, value), not_excluding(request, name, value), True)
    yield from _dates(request)


def _dates(request: SearchRequest) -> Iterator[Removal]:
    """A range of dates that is just a year, a month or a day is called so, and is one filter."""
    since, until = request.since, request.until
    if since and until and (whole := _period(since, until)):
        yield Removal(*whole, with_dates(request, None, None))
        return
    if since:
        yield Removal(_("From"), day(since), with_dates(request, None, until))
    if until:
        yield Removal(_("To"), day(until), with_dates(request, since, None))


def _period(since: date, until: date) -> tuple[str, str] | None:
    """What the days from ``since`` to ``until`` are together, if they have a name."""
    if since == until:
        return _("Day"), day(since)
    if (since.month, since.day, until.month, until.day) == (1, 1, 12, 31) and since.year == until.year:
        return FACET_TITLES["year"], facet_label("year", since.isoformat()[:4])
    next_month = (since.replace(day=28) + timedelta(days=4)).replace(day=1) if since < date(9999, 12, 1) else None
    if since.day == 1 and next_month and until == next_month - timedelta(days=1):
        return FACET_TITLES["month"], facet_label("month", since.isoformat()[:7])
    return None
