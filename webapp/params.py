"""The query string, both ways: request parameters in, a `SearchRequest` out, and back.

    q  category* tag* author* post_author* comment_author* kind* site* year* month*  from to  sort page per_page group facets*

Those with a star may be repeated; with a minus before its name (``-category=Iran``) a facet's value is excluded.

Whatever is invalid is ignored, so any address answers. A request that came through `request_from` is *canonical*:
written with `query_string` and read again it is the same request. All functions are pure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from urllib.parse import quote, quote_plus, urlencode

from werkzeug.datastructures import MultiDict

from indexer.engine.port import FACET_FIELDS, FacetField, SearchRequest, Sort
from indexer.engine.requests import EXCLUDED, MAX_PAGE, query_text, read_request
from indexer.settings import Settings


def request_from(args: MultiDict[str, str], settings: Settings) -> SearchRequest:
    """The search that a query string asks for; never raises. Absent and invalid parameters take their defaults."""
    return read_request(args.to_dict(flat=False), settings.page_size)


def blank(settings: Settings) -> SearchRequest:
    """The search that asks for nothing: the whole archive."""
    return SearchRequest(page_size=settings.page_size)


def pairs(request: SearchRequest, settings: Settings) -> list[tuple[str, str]]:
    """The request as parameters in a stable order; what equals its default is left out."""
    found = [("q", request.text)] if request.text else []
    for name in FACET_FIELDS:
        found += [(name, value) for value in request.selected(name)]
        found += [(EXCLUDED + name, value) for value in request.unwanted(name)]
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
    return post_paths(request, settings)(thread, comment)


def post_paths(request: SearchRequest, settings: Settings) -> Callable[[str, str], str]:
    """The same as ``post_path`` from a thread and a comment ("" for none): of many, what they share is made once."""
    query = query_string(request, settings)

    def path(thread: str, comment: str) -> str:
        anchor = f"#comment-{quote(comment, safe='')}" if comment else ""
        return _path(f"/post/{quote(thread, safe='')}", query) + anchor

    return path


def author_path(name: str, settings: Settings, request: SearchRequest | None = None) -> str:
    """The address of everything that ``name`` said, the newest thread first."""
    wanted = replace(request or blank(settings), filters={"author": (name,)}, sort="newest")
    return search_path(wanted, settings)


def only(request: SearchRequest, name: FacetField, value: str) -> SearchRequest:
    """With the value as the facet's only selection, without any if it already was that; on page 1, as after every change."""
    return _select(not_excluding(request, name, value), name, () if request.selected(name) == (value,) else (value,))


def paths_of_values(request: SearchRequest, name: FacetField, settings: Settings) -> Callable[[str], str]:
    """The same as ``search_path(only(...))`` for values that are not selected: of many, what they share is made once."""
    return _paths(_select(request, name, ("",)), name, settings)


def paths_of_exclusions(request: SearchRequest, name: FacetField, settings: Settings) -> Callable[[str], str]:
    """The same as ``search_path(excluding(...))`` for values that are not selected."""
    if request.unwanted(name):  # the new one has its place among them
        return lambda value: search_path(excluding(request, name, value), settings)
    return _paths(_exclude(request, name, ("",)), EXCLUDED + name, settings)


def _paths(request: SearchRequest, parameter: str, settings: Settings) -> Callable[[str], str]:
    """Addresses of ``request``, each with another value in place of the parameter's empty one."""
    found = pairs(request, settings)
    place = found.index((parameter, ""))
    before, after = urlencode(found[:place]), urlencode(found[place + 1 :])
    start = f"/?{before}&{parameter}=" if before else f"/?{parameter}="
    end = f"&{after}" if after else ""
    return lambda value: f"{start}{quote_plus(value)}{end}"


def facet_path(request: SearchRequest, name: FacetField, settings: Settings, contains: str = "", page: int = 1) -> str:
    """The address of the list of all values of a facet in this search, those that contain a text, its first page or another."""
    found = pairs(with_page(request, page), settings) + ([("contains", contains)] if contains else [])
    return _path(f"/facet/{name}", urlencode(found))


def without(request: SearchRequest, name: FacetField, value: str) -> SearchRequest:
    """Without the value."""
    return _select(request, name, tuple(v for v in request.selected(name) if v != value))


def excluding(request: SearchRequest, name: FacetField, value: str) -> SearchRequest:
    """With the value excluded, and so no longer selected."""
    return _exclude(without(request, name, value), name, tuple(sorted({*request.unwanted(name), value})))


def not_excluding(request: SearchRequest, name: FacetField, value: str) -> SearchRequest:
    """With the value no longer excluded."""
    return _exclude(request, name, tuple(v for v in request.unwanted(name) if v != value))


def without_filters(request: SearchRequest) -> SearchRequest:
    """The same words in the whole archive: no facet value and no date is left."""
    return replace(request, filters={}, excluded={}, since=None, until=None, page=1)


def with_kinds(request: SearchRequest, kinds: tuple[str, ...]) -> SearchRequest:
    """With just these kinds of documents, all for none."""
    return _select(_exclude(request, "kind", ()), "kind", kinds)


def with_dates(request: SearchRequest, since: date | None, until: date | None) -> SearchRequest:
    """With this date range."""
    return replace(request, since=since, until=until, page=1)


def with_text(request: SearchRequest, text: str) -> SearchRequest:
    """With other words."""
    return replace(request, text=query_text(text), page=1)


def with_sort(request: SearchRequest, sort: Sort) -> SearchRequest:
    """In another order."""
    return replace(request, sort=sort, page=1)


def with_page_size(request: SearchRequest, size: int) -> SearchRequest:
    """With another number of results per page."""
    return replace(request, page_size=size, page=1)


def with_page(request: SearchRequest, page: int) -> SearchRequest:
    """Another page of the same results, within the bounds of `request_from`."""
    return replace(request, page=min(max(page, 1), MAX_PAGE))


def _select(request: SearchRequest, name: FacetField, values: tuple[str, ...]) -> SearchRequest:
    chosen = {**request.filters, name: values}
    return replace(request, filters={key: kept for key, kept in chosen.items() if kept}, page=1)


def _exclude(request: SearchRequest, name: FacetField, values: tuple[str, ...]) -> SearchRequest:
    unwanted = {**request.excluded, name: values}
    return replace(request, excluded={key: kept for key, kept in unwanted.items() if kept}, page=1)


def _path(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path
