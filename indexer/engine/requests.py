"""Loose values from a query string or a command line to a `SearchRequest`: one reading for both, so that both agree.

Whatever is invalid is ignored, so any values make a request. A request that came from here is *canonical*.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from indexer.engine.port import FACET_FIELDS, MAX_PAGE_SIZE, SORTS, FacetField, SearchRequest
from indexer.engine.query import MAX_CHARACTERS, parse_period

# One more than the query language reads, so that it tells the reader that it stopped there.
MAX_QUERY = MAX_CHARACTERS + 1
# More selections than a person ticks, fewer than make an address too long for servers and proxies (about 8 kB).
MAX_VALUES = 50
# A value longer than any category's name is none of the blog's; ignored rather than cut, as a cut value means another one.
MAX_VALUE = 500
# At a hundred results per page this reaches a million, beyond the largest blog.
MAX_PAGE = 10_000

# What stands before a facet's name where its values are excluded.
EXCLUDED = "-"

_CHECKS: Mapping[FacetField, Callable[[str], object]] = {
    "kind": {"post", "page", "comment"}.__contains__,
    "year": re.compile(r"(?!0000)[0-9]{4}").fullmatch,
    "month": re.compile(r"(?!0000)[0-9]{4}-(0[1-9]|1[0-2])").fullmatch,
}


def is_value(name: FacetField, text: str) -> bool:
    """Whether a facet can have this value: years are ``2008``, months ``2008-05``."""
    return bool(_CHECKS.get(name, bool)(text))


def read_request(values: Mapping[str, Sequence[str]], page_size: int) -> SearchRequest:
    """The search that named values ask for; never raises. Absent and invalid ones take their defaults.

    Names: ``q``, the facets (repeatable; with a minus before the name what is excluded), ``from``, ``to``, ``sort``, ``page``,
    ``per_page``, ``group``, ``facets``. A value that is both selected and excluded is excluded; dates in
    the wrong order are swapped.
    """

    def first(name: str) -> str:
        return next(iter(values.get(name, ())), "")

    def chosen(prefix: str) -> dict[FacetField, tuple[str, ...]]:
        read = {name: _values(values.get(prefix + name, ()), _CHECKS.get(name, bool)) for name in FACET_FIELDS}
        return {name: kept for name, kept in read.items() if kept}

    excluded = chosen(EXCLUDED)
    filters = {name: tuple(v for v in kept if v not in excluded.get(name, ())) for name, kept in chosen("").items()}
    since, until = _day(first("from"), 0), _day(first("to"), 1)
    if since and until and since > until:  # the two fields were mistaken for each other
        since, until = _day(first("to"), 0), _day(first("from"), 1)
    return SearchRequest(
        text=query_text(first("q")),
        filters={name: kept for name, kept in filters.items() if kept},
        excluded=excluded,
        since=since,
        until=until,
        sort=next((sort for sort in SORTS if sort == first("sort")), "relevance"),
        page=_number(first("page"), 1, MAX_PAGE),
        page_size=_number(first("per_page"), page_size, MAX_PAGE_SIZE),
        facets=_facets(values.get("facets", ())),
        group="none" if first("group") == "none" else "thread",
    )


def query_text(text: str) -> str:
    """What is searched for when ``text`` was typed: without NUL and unpaired surrogates, trimmed, `MAX_QUERY` at most."""
    return _clean(text)[:MAX_QUERY].strip()


def _clean(text: str) -> str:
    return text.replace("\0", "").encode("utf-8", "ignore").decode("utf-8")


def _values(given: Iterable[str], check: Callable[[str], object]) -> tuple[str, ...]:
    """Sorted, as their order means nothing: ticked in whichever order, it is one search with one address."""
    cleaned = dict.fromkeys(_clean(value) for value in given)
    valid = [value for value in cleaned if value.strip() and len(value) <= MAX_VALUE and check(value)]
    return tuple(sorted(valid[:MAX_VALUES]))


def _facets(given: Sequence[str]) -> tuple[FacetField, ...]:
    """``facets=`` with no value asks for none, no such parameter for all."""
    return tuple(name for name in FACET_FIELDS if name in given) if given else FACET_FIELDS


def _number(text: str, default: int, most: int) -> int:
    """``text`` as a number from 1 to ``most``; nine digits at most, as a longer one only costs time to convert."""
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        return default
    return min(int(text), most) if int(text) else default


def _day(text: str, end: int) -> date | None:
    """The first (``end`` 0) or last (1) day of ``2008``, ``2008-05`` or ``2008-05-04``."""
    period = parse_period(text.strip())
    return period[end] if period else None
