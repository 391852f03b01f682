"""The JSON of a search: one object, printed by the command line and by the API alike."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from indexer.engine.port import Bar, CommentHit, Facet, Hit, SearchResults, Snippet, Timeline


def document_path(id: str, thread: str) -> str:
    """The address of a document on this site: its post's reading view, with an anchor for a comment."""
    return f"/post/{thread}" if id == thread else f"/post/{thread}#comment-{id}"


def search_payload(results: SearchResults) -> dict[str, Any]:
    """``results`` as JSON-ready values; ``timeline`` is there when it was asked for."""
    request, total = results.request, results.total
    payload = {
        "query": request.text,
        "total": {"threads": total.threads, "posts": total.posts, "comments": total.comments},
        "page": request.page,
        "page_size": request.page_size,
        "sort": request.sort,
        "hits": [_hit(hit) for hit in results.hits],
        "facets": {name: _facet(facet) for name, facet in results.facets.items()},
        "understood": results.understood,
        "excluded": {name: list(values) for name, values in request.excluded.items() if values},
        "suggestion": results.suggestion,
        "suggestion_listed": results.suggestion_listed,
        "notices": [str(notice) for notice in results.notices],
        "partial": results.partial,
        "took_ms": round(results.took_ms, 2),
    }
    if results.timeline:
        payload["timeline"] = _timeline(results.timeline)
    return payload


def _hit(hit: Hit) -> dict[str, Any]:
    return {
        "id": hit.id,
        "kind": hit.kind,
        "title": hit.title,
        "permalink": hit.permalink,
        "path": document_path(hit.id, hit.thread),
        "author": hit.author,
        "published": _date(hit.published),
        "categories": list(hit.categories),
        "tags": list(hit.tags),
        "score": round(hit.score, 4),
        "snippet": _snippet(hit.snippet),
        "comments": {"total": hit.comments_total, "best": [_comment(c, hit.thread) for c in hit.comments]},
    }


def _comment(comment: CommentHit, thread: str) -> dict[str, Any]:
    return {
        "id": comment.id,
        "author": comment.author,
        "published": _date(comment.published),
        "path": document_path(comment.id, thread),
        "snippet": _snippet(comment.snippet),
    }


def _facet(facet: Facet) -> dict[str, Any]:
    values = [{"value": v.value, "count": v.count, "selected": v.selected} for v in facet.values]
    return {"values": values, "other": facet.other, "missing": facet.missing}


def _timeline(timeline: Timeline) -> dict[str, Any]:
    return {"unit": timeline.unit, "bars": [_bar(bar) for bar in timeline.bars]}


def _bar(bar: Bar) -> dict[str, Any]:
    return {**bar._asdict(), "since": bar.since.isoformat(), "until": bar.until.isoformat()}


def _snippet(snippet: Snippet) -> list[list[str | bool]]:
    return [[text, match] for text, match in snippet.fragments]


def _date(when: datetime | None) -> str | None:
    return when.isoformat(timespec="seconds") if when else None
