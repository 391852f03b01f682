"""What was found over time, and all that the archive has, counted over the stamps of `indexer.engine.whoosh.facts`.

What was found is counted in one pass: every document's bar is looked up in an array made once per unit. Of the archive, the
days are kept sorted, so that a bar is the difference of two places.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from indexer.engine.port import Bar, Timeline, TimeUnit
from indexer.engine.whoosh.arrayfile import Array
from indexer.engine.whoosh.facts import COMMENT, UNDATED, FactArrays

# The longest spans shown as days (any two months) and as months (three years): more bars are too thin to hit on a phone.
_DAYS = 62
_MONTHS = 36
# The most bars there are, whichever unit is asked for: three years of days.
MAX_BARS = 1200

_LETTERS: dict[TimeUnit, Literal["Y", "M", "D"]] = {"year": "Y", "month": "M", "day": "D"}
_SECONDS_OF_DAY = 86_400
# Where the bars of documents without a date are: behind all others.
_NEVER = np.iinfo(np.int64).max // 2


class Timelines:
    """Makes the timelines of an index."""

    def __init__(self, facts: FactArrays) -> None:
        self._stamp = facts.stamp
        self._comment = facts.kind == COMMENT
        dated = facts.searchable & (facts.stamp != UNDATED)
        # The days, since 1970-01-01, of all posts and pages, and of all comments, ascending.
        self._posts, self._comments = (
            np.sort(facts.stamp[dated & mask] // _SECONDS_OF_DAY) for mask in (~self._comment, self._comment)
        )
        self._slots: dict[TimeUnit, NDArray[np.int64]] = {}

    def timeline(
        self, docs: Array, since: date | None, until: date | None, unit: TimeUnit | Literal["auto"]
    ) -> Timeline:
        """The documents over time; all that have a date are inside ``since`` and ``until``.

        Where a unit makes more than `MAX_BARS`, the next longer one is taken; of years, the last are shown.
        """
        span = self._span(since, until)
        if span is None:
            return Timeline("year" if unit == "auto" else unit)
        chosen = _unit(*span, unit)
        first, last = (np.datetime64(day).astype(f"datetime64[{_LETTERS[chosen]}]").astype(int) for day in span)
        begin = max(first, last - MAX_BARS + 1)
        starts = np.arange(begin, last + 2).astype(f"datetime64[{_LETTERS[chosen]}]").astype("datetime64[D]")
        starts[0] = max(starts[0], np.datetime64(span[0]))
        starts[-1] = np.datetime64(span[1]) + 1
        days = starts.astype(np.int64)
        posts, comments = self._found(docs, chosen, begin, len(starts) - 1)
        every = (np.diff(np.searchsorted(row, days)) for row in (self._posts, self._comments))
        rows = (starts[:-1], starts[1:] - 1, posts, comments, *every)
        return Timeline(chosen, tuple(map(Bar, *(row.tolist() for row in rows))))

    def _span(self, since: date | None, until: date | None) -> tuple[date, date] | None:
        """What the archive covers of these dates; None for nothing."""
        ends = [int(row[place]) for row in (self._posts, self._comments) if len(row) for place in (0, -1)]
        if not ends:
            return None
        first, last = (np.datetime64(day, "D").item() for day in (min(ends), max(ends)))
        first, last = max(first, since or first), min(last, until or last)
        return (first, last) if first <= last else None

    def _found(self, docs: Array, unit: TimeUnit, begin: int, bars: int) -> tuple[Array, Array]:
        """How many of the documents, posts and comments, are in each of the bars from the unit number ``begin`` on."""
        slots = self._slots.get(unit)
        if slots is None:
            slots = self._slots[unit] = self._slots_of(unit)
        # One slot more at either end takes what is in no bar.
        places = slots.take(docs)
        places -= 2 * begin - 1
        np.maximum(places, 0, out=places)
        np.minimum(places, 2 * bars + 1, out=places)
        counts = np.bincount(places, minlength=2 * bars + 2)
        return counts[1:-1:2], counts[2:-1:2]

    def _slots_of(self, unit: TimeUnit) -> NDArray[np.int64]:
        """Per document twice the number of its year, month or day since 1970, and 1 more for a comment."""
        dates = self._stamp.astype("datetime64[s]").astype(f"datetime64[{_LETTERS[unit]}]")
        slots = 2 * dates.astype(np.int64) + self._comment
        slots[self._stamp == UNDATED] = _NEVER
        return slots


def _unit(first: date, last: date, unit: TimeUnit | Literal["auto"]) -> TimeUnit:
    """The unit wanted, or one that suits the span."""
    days = (last - first).days + 1
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    if days <= (_DAYS if unit == "auto" else MAX_BARS) and unit in ("auto", "day"):
        return "day"
    if months <= (_MONTHS if unit == "auto" else MAX_BARS) and unit in ("auto", "day", "month"):
        return "month"
    return "year"
