"""The column beside the results: the facets of an answer in, boxes of links and tick boxes out. Pure.

A value's count is the total of the search in which it is the facet's only selection, so its label links to just that
search; ticking several values is the form's business.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from indexer.engine.port import Facet, FacetField, FacetValue, SearchRequest, SearchResults
from indexer.settings import Settings
from webapp.params import only, paths_of_values, search_path
from webapp.wording import FACET_TITLES, MISSING, count, facet_label, number

# Values shown before "show more": about as many as one takes in at a glance.
SHOWN = 10
# Months are listed once a year is chosen, or when there are no more of them than this.
FEW_MONTHS = 12
# The column's order, most used first. The port's order is the address's.
ORDER: tuple[FacetField, ...] = ("kind", "category", "year", "month", "author", "tag")


class FacetRow(NamedTuple):
    """A value; a page has hundreds, hence no dataclass.

    ``url`` leads to it as the only selection, or away from it if it is that; ``sole`` tells which.
    """

    value: str
    label: str
    count: str  # type: ignore[assignment]  # a tuple has a method of this name
    url: str
    selected: bool
    sole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetBox:
    """A facet: the first values, the rest behind "show more" (``open`` when one of them is selected), and asides."""

    name: FacetField
    title: str
    rows: tuple[FacetRow, ...]
    rest: tuple[FacetRow, ...]
    open: bool
    asides: tuple[str, ...]


def facet_boxes(results: SearchResults, settings: Settings) -> tuple[FacetBox, ...]:
    """The facets worth showing: those with a choice to make, or with a selection to undo."""
    request = results.request
    boxes = (
        facet_box(results.facets[name], request, settings)
        for name in ORDER
        if name in results.facets and _wanted(results.facets[name], request)
    )
    return tuple(box for box in boxes if box.rows)


def facet_box(facet: Facet, request: SearchRequest, settings: Settings) -> FacetBox:
    """One facet. Selected values are always there, even those too rare for the engine's list."""
    name = facet.field
    listed = {value.value for value in facet.values}
    unlisted = [value for value in request.selected(name) if value not in listed]
    values = [(FacetValue(value, 0, True), "") for value in unlisted]
    values += [(value, number(value.count)) for value in _ordered(facet)]
    rows = list(_rows(values, name, request, settings))
    # One hidden value would take the room of its own "show more".
    cut = SHOWN if len(rows) > SHOWN + 1 else len(rows)
    asides = [f"and {count(facet.other, 'rarer value')}"] if facet.other else []
    if facet.missing:
        asides.append(f"{number(facet.missing)} {MISSING[name]}")
    return FacetBox(
        name=name,
        title=FACET_TITLES[name],
        rows=tuple(rows[:cut]),
        rest=tuple(rows[cut:]),
        open=any(row.selected for row in rows[cut:]),
        asides=tuple(asides),
    )


def _wanted(facet: Facet, request: SearchRequest) -> bool:
    if request.selected(facet.field):
        return True
    if facet.field == "month":
        return bool(request.selected("year")) or 1 < len(facet.values) <= FEW_MONTHS
    return len(facet.values) > 1 or bool(facet.values and facet.missing)


def _ordered(facet: Facet) -> Iterable[FacetValue]:
    """Time runs backwards, as a blog does; other values stay in the engine's order."""
    if facet.field in ("year", "month"):
        return sorted(facet.values, key=lambda value: value.value, reverse=True)
    return facet.values


def _rows(
    values: Iterable[tuple[FacetValue, str]], name: FacetField, request: SearchRequest, settings: Settings
) -> Iterator[FacetRow]:
    """The rows of values, each with its count in words."""
    selected = request.selected(name)
    path = paths_of_values(request, name, settings)
    for value, shown in values:
        chosen = value.value in selected
        yield FacetRow(
            value.value,
            facet_label(name, value.value),
            shown,
            search_path(only(request, name, value.value), settings) if chosen else path(value.value),
            chosen,
            selected == (value.value,),
        )
