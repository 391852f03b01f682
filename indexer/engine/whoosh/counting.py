"""Facet counts: how many hits each value of a facet would leave."""

from __future__ import annotations

import numpy as np

from indexer.engine.port import FACET_VALUES, Facet, FacetField, FacetValue
from indexer.engine.whoosh.facts import FacetTable, Facts, Longs, Mask

_BY_VALUE: tuple[FacetField, ...] = ("year", "month")


def count(facts: Facts, name: FacetField, matching: Mask, grouped: bool, selected: tuple[str, ...]) -> Facet:
    """Counts for one facet over the ``matching`` documents: threads when ``grouped``, else documents.

    ``matching`` must ignore the facet's own selection. ``kind`` counts documents always: selecting comments lists them
    one by one, and a thread has one post.
    """
    table = facts.facets[name]
    grouped = grouped and name != "kind"
    inside = matching[table.doc]
    counts = _per_value(facts, table, inside, grouped)
    lacking = matching.copy()
    lacking[table.doc] = False
    missing = len(np.unique(facts.thread[lacking])) if grouped else int(np.count_nonzero(lacking))
    found = np.flatnonzero(counts).tolist()
    values = [FacetValue(table.names[n], int(counts[n]), table.names[n] in selected) for n in found]
    listed = {value.value for value in values}
    values += [FacetValue(value, 0, True) for value in selected if value not in listed]
    if name in _BY_VALUE:
        values.sort(key=lambda v: v.value, reverse=True)
        kept = values
    else:
        values.sort(key=lambda v: (-v.count, v.value))
        kept = values[:FACET_VALUES] + [v for v in values[FACET_VALUES:] if v.selected]
    return Facet(name, tuple(kept), len(values) - len(kept), missing)


def _per_value(facts: Facts, table: FacetTable, inside: Mask, grouped: bool) -> Longs:
    value = table.value[inside].astype(np.int64)
    if grouped:
        pairs = np.unique(value * facts.threads + facts.thread[table.doc[inside]])
        value = pairs // facts.threads if facts.threads else pairs
    return np.bincount(value, minlength=len(table.names))
