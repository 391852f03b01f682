"""The query string, both ways: request parameters in, a `SearchRequest` out, and back.

    q  category* tag* author* kind* year* month*  from to  sort page per_page group facets*      (* may be repeated)

Whatever is invalid is ignored, so any address answers. A request that came through `request_from` is *canonical*:
written with `query_string` and read again it is the same request. All functions are pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import cast
from urllib.parse import quote, urlencode

from werkzeug.datastructures import MultiDict

from indexer.engine.port import FACET_FIELDS, MAX_PAGE_SIZE, SORTS, FacetField, Group, SearchRequest, Sort
from indexer.engine.query import parse_period
from indexer.settings import Settings

# A page of typing. More is a paste by mistake or an attack; the engine has caps of its own.
MAX_QUERY = 1000
# More selections than a person ticks, fewer than make an address too long for servers and proxies (about 8 kB).
MAX_VALUES = 50
# A value longer than any category's name is none of the blog's; ignored rather than cut, as a cut value means another one.
MAX_VALUE = 500
# At a hundred results per page this reaches a million, beyond the largest blog.
MAX_PAGE = 10_000

_CHECKS: Mapping[FacetField, Callable[[str], object]] = {
    "kind": {"post", "page", "comment"}.__contains__,
    "year": re.compile(r"(?!0000)[0-9]{4}").fullmatch,
    "month": re.compile(r"(?!0000)[0-9]{4}-(0[1-9]|1[0-2])").fullmatch,
}


def request_from(args: MultiDict[str, str], settings: Settings) -> SearchRequest:
    """The search that a query string asks for; never raises. Absent and invalid parameters take their defaults."""
    sort, group = args.get("sort", ""), args.get("group", "")
    chosen = {name: _values(args.getlist(name), _CHECKS.get(name, bool)) for name in FACET_FIELDS}
    return SearchRequest(
        text=query_text(args.get("q", "")),
        filters={name: values for name, values in chosen.items() if values},
        since=_day(args.get("from", ""), 0),
        until=_day(args.get("to", ""), 1),
        sort=sort if sort in SORTS else "relevance",
        page=_number(args.get("page", ""), 1, MAX_PAGE),
        page_size=_number(args.get("per_page", ""), settings.page_size, MAX_PAGE_SIZE),
        facets=_facets(args.getlist("facets")),
        group=cast(Group, group) if group == "none" else "thread",
    )


def blank(settings: Settings) -> SearchRequest:
    """The search that asks for nothing: the whole archive."""
    return SearchRequest(page_size=settings.page_size)


def query_text(text: str) -> str:
    """What is searched for when ``text`` was typed: without NUL and unpaired surrogates, trimmed, `MAX_QUERY` at most."""
    return _clean(text)[:MAX_QUERY].strip()


def pairs(request: SearchRequest, settings: Settings) -> list[tuple[str, str]]:
    """The request as parameters in a stable order; what equals its default is left out."""
    found = [("q", request.text)] if request.text else []
    found += [(name, value) for name in FACET_FIELDS for value in request.selected(name)]
    if request.since:
        found.append(("from", request.since.isoformat()))
    if request.until:
        found.append(("to", request.until.isoformat()))
    if request.sort != "relevance":
        found.append(("sort", request.sort))
    if request.page_size != settings.page_size:
        found.append(("per_page", str(request.page_size)))
    if request.group != "thread":
        found.append(("group", request.group))
    if request.facets != FACET_FIELDS:
        found += [("facets", name) for name in request.facets or ("",)]
    if request.page != 1:
        found.append(("page", str(request.page)))
    return found


def query_string(request: SearchRequest, settings: Settings) -> str:
    """The request as a query string without the question mark, "" when all is default."""
    return urlencode(pairs(request, settings))


def search_path(request: SearchRequest, settings: Settings) -> str:
    """The address of a results page on this site."""
    return _path("/", query_string(request, settings))


def post_path(thread: str, request: SearchRequest, settings: Settings, comment: str = "") -> str:
    """The address of a post's reading view that remembers the search, at one comment if given."""
    anchor = f"#comment-{quote(comment, safe='')}" if comment else ""
    return _path(f"/post/{quote(thread, safe='')}", query_string(request, settings)) + anchor


def only(request: SearchRequest, name: FacetField, value: str) -> SearchRequest:
    """With the value as the facet's only selection, without any if it already was that; on page 1, as after every change."""
    return _select(request, name, () if request.selected(name) == (value,) else (value,))


def without(request: SearchRequest, name: FacetField, value: str) -> SearchRequest:
    """Without the value."""
    return _select(request, name, tuple(v for v in request.selected(name) if v != value))


def without_filters(request: SearchRequest) -> SearchRequest:
    """The same words in the whole archive: no facet value and no date is left."""
    return replace(request, filters={}, since=None, until=None, page=1)


def with_dates(request: SearchRequest, since: date | None, until: date | None) -> SearchRequest:
    """With this date range."""
    return replace(request, since=since, until=until, page=1)


def with_text(request: SearchRequest, text: str) -> SearchRequest:
    """With other words."""
    return replace(request, text=query_text(text), page=1)


def with_sort(request: SearchRequest, sort: Sort) -> SearchRequest:
    """In another order."""
    return replace(request, sort=sort, page=1)


def with_page(request: SearchRequest, page: int) -> SearchRequest:
    """Another page of the same results, within the bounds of `request_from`."""
    return replace(request, page=min(max(page, 1), MAX_PAGE))


def _select(request: SearchRequest, name: FacetField, values: tuple[str, ...]) -> SearchRequest:
    chosen = {**request.filters, name: values}
    return replace(request, filters={key: kept for key, kept in chosen.items() if kept}, page=1)


def _path(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path


def _clean(text: str) -> str:
    return text.replace("\0", "").encode("utf-8", "ignore").decode("utf-8")


def _values(given: Iterable[str], check: Callable[[str], object]) -> tuple[str, ...]:
    """Sorted, as their order means nothing: ticked in whichever order, it is one search with one address."""
    cleaned = dict.fromkeys(_clean(value) for value in given)
    valid = [value for value in cleaned if value.strip() and len(value) <= MAX_VALUE and check(value)]
    return tuple(sorted(valid[:MAX_VALUES]))


def _facets(given: list[str]) -> tuple[FacetField, ...]:
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
