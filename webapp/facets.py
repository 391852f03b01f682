"""The column beside the results: the facets of an answer in, boxes of links and tick boxes out. Pure.

A value's count is the total of the search in which it is the facet's only selection, so its label links to just that
search; ticking several values is the form's business. A small "not" beside a value excludes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from indexer.engine.port import FACET_FIELDS, Facet, FacetField, FacetValue, SearchRequest, SearchResults
from indexer.settings import Settings
from webapp.params import (
    excluding,
    facet_path,
    not_excluding,
    only,
    paths_of_exclusions,
    paths_of_values,
    search_path,
    with_page,
)
from webapp.wording import FACET_TITLES, MISSING, facet_label, number

# Values shown of a facet, the others being a link away: about as many as one takes in at a glance.
SHOWN = 10
# Asked of the engine per facet: one hidden value would take the room of its own "show all", so eleven are shown.
ASKED = SHOWN + 1
# Months are listed once a year is chosen, or when there are no more of them than this: a year's.
FEW_MONTHS = 12


class FacetRow(NamedTuple):
    """A value; a page has a hundred, hence no dataclass.

    ``url`` leads to it as the only selection, or away from it if it is that (``sole`` tells which); ``exclude`` to
    everything but it.
    """

    value: str
    label: str
    count: str  # type: ignore[assignment]  # a tuple has a method of this name
    url: str
    selected: bool
    sole: bool
    exclude: str


class ExcludedRow(NamedTuple):
    """A value that is excluded; ``url`` lets it in again."""

    label: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetBox:
    """A facet: its first values and those selected, those excluded, and an aside.

    ``everything`` leads to the list of all its values, of which there are ``total``; "" where all are shown.
    """

    name: FacetField
    title: str
    rows: tuple[FacetRow, ...]
    excluded: tuple[ExcludedRow, ...]
    aside: str
    everything: str
    total: str


def order(settings: Settings) -> tuple[FacetField, ...]:
    """The facets that the owner shows, in the owner's order. The port's order is the address's."""
    return tuple(name for wanted in settings.facets for name in FACET_FIELDS if name == wanted)


def facet_boxes(results: SearchResults, settings: Settings, own: str) -> tuple[FacetBox, ...]:
    """The facets worth showing: those with a choice to make, or with a selection to undo. ``own`` is the blog's own host."""
    request = results.request
    boxes = (
        facet_box(_elsewhere(results.facets[name], own), request, settings)
        for name in order(settings)
        if name in results.facets and _wanted(results.facets[name], request)
    )
    return tuple(box for box in boxes if box.rows or box.excluded)


def facet_box(facet: Facet, request: SearchRequest, settings: Settings) -> FacetBox:
    """One facet. Selected values are always there, even those too rare for the engine's list."""
    name = facet.field
    values = present(facet, request)
    room = FEW_MONTHS if name == "month" else SHOWN
    cut = room if len(values) + facet.other > room + 1 else room + 1
    shown = values[:cut] + [value for value in values[cut:] if value.selected]
    total = len(values) + facet.other
    return FacetBox(
        name=name,
        title=FACET_TITLES[name],
        rows=tuple(facet_rows(shown, name, request, settings)),
        excluded=excluded_rows(name, request, settings),
        aside=f"{number(facet.missing)} {MISSING[name]}" if facet.missing and name in MISSING else "",
        everything=facet_path(with_page(request, 1), name, settings) if total > len(shown) else "",
        total=number(total),
    )


def present(facet: Facet, request: SearchRequest) -> list[FacetValue]:
    """The values to list, in order: those that would find something, and those selected whether they do or not."""
    selected, unwanted = set(request.selected(facet.field)), set(request.unwanted(facet.field))
    values = [
        FacetValue(value.value, value.count, value.value in selected)
        for value in _ordered(facet)
        if value.value not in unwanted and (value.count or value.value in selected)
    ]
    listed = {value.value for value in values}
    return values + [FacetValue(value, 0, True) for value in request.selected(facet.field) if value not in listed]


def facet_rows(
    values: Iterable[FacetValue], name: FacetField, request: SearchRequest, settings: Settings
) -> Iterator[FacetRow]:
    """The rows of values, each with its links."""
    selected = request.selected(name)
    path, exclusion = paths_of_values(request, name, settings), paths_of_exclusions(request, name, settings)
    for value, count, chosen in values:
        yield FacetRow(
            value,
            facet_label(name, value),
            number(count),
            search_path(only(request, name, value), settings) if chosen else path(value),
            chosen,
            selected == (value,),
            search_path(excluding(request, name, value), settings) if selected else exclusion(value),
        )


def excluded_rows(name: FacetField, request: SearchRequest, settings: Settings) -> tuple[ExcludedRow, ...]:
    """The values of a facet that are excluded."""
    return tuple(
        ExcludedRow(facet_label(name, value), search_path(not_excluding(request, name, value), settings))
        for value in request.unwanted(name)
    )


def _elsewhere(facet: Facet, own: str) -> Facet:
    """That a blog links to itself goes without saying; the list of all values has it."""
    if facet.field != "site" or not any(value.value == own and not value.selected for value in facet.values):
        return facet
    return replace(facet, values=tuple(value for value in facet.values if value.value != own), other=facet.other + 1)


def _wanted(facet: Facet, request: SearchRequest) -> bool:
    if request.selected(facet.field) or request.unwanted(facet.field):
        return True
    if facet.field == "month":
        return bool(request.selected("year")) or 1 < len(facet.values) <= FEW_MONTHS
    return len(facet.values) > 1 or bool(facet.values and facet.missing)


def _ordered(facet: Facet) -> Iterable[FacetValue]:
    """Time runs backwards, as a blog does; other values stay in the engine's order."""
    if facet.field in ("year", "month"):
        return sorted(facet.values, key=lambda value: value.value, reverse=True)
    return facet.values
