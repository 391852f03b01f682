"""A SearchRequest to SearchResults, on one Whoosh index.

words        query tree -> Whoosh matcher -> document numbers and scores
filters      one mask per facet with a selection; the list is their conjunction
facets       counted under all masks but the facet's own
page         sorted units (threads or documents), stored fields read for the ones shown
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from whoosh import index, scoring

from indexer.engine import query, schema
from indexer.engine.analysis import Analyzer
from indexer.engine.port import (
    About,
    CommentHit,
    Document,
    Facet,
    FacetField,
    Hit,
    SearchRequest,
    SearchResults,
    Thread,
    Total,
)
from indexer.engine.snippets import QueryHighlighter
from indexer.engine.whoosh import counting, facts, spelling
from indexer.engine.whoosh.facts import UNDATED, Facts, Mask
from indexer.engine.whoosh.translate import Translator

# Comments shown under their post.
_BEST_COMMENTS = 3
# How many matches are collected between two looks at the clock.
_CLOCK_EVERY = 1024

Numbers = NDArray[np.int64]
Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Found:
    """What matches words and filters: a mask and scores over all documents, and the units to list in order."""

    matching: Mask
    scores: Scores
    units: Numbers  # document numbers: the thread's post when grouped


class WhooshSearcher:
    """An `indexer.engine.port.Searcher`. One lock guards Whoosh's readers, whose files have a position."""

    def __init__(self, directory: Path, about: About, query_seconds: float) -> None:
        self._about = about
        self._analyzer = Analyzer(about.language)
        self._query_seconds = query_seconds
        self._lock = threading.Lock()
        self._index = index.open_dir(str(directory), readonly=True)
        weighting = scoring.BM25F(B=schema.BM25_B, K1=schema.BM25_K1)
        self._searcher: Any = self._index.searcher(weighting=weighting)
        self._reader: Any = self._searcher.reader()
        self._facts: Facts = facts.load(self._reader)
        self._translator = Translator(self._reader, self._analyzer)
        self._nothing = QueryHighlighter(query.Nothing(), self._analyzer)

    def close(self) -> None:
        with self._lock:
            self._searcher.close()
            self._index.close()

    def about(self) -> About:
        return self._about

    def highlighter(self, text: str) -> QueryHighlighter:
        return QueryHighlighter(query.parse(text).root, self._analyzer)

    def document(self, id: str) -> Document | None:
        number = self._facts.number.get(id)
        if number is None:
            return None
        with self._lock:
            return self._record(number)

    def thread(self, id: str) -> Thread | None:
        number = self._facts.number.get(id)
        if number is None or self._facts.ids[number] != self._facts.ids[self._post_of(number)]:
            return None
        members = np.flatnonzero((self._facts.thread == self._facts.thread[number]) & self._facts.alive)
        members = members[np.argsort(self._facts.oldest[members])]
        with self._lock:
            documents = [self._record(n) for n in members.tolist() if n != number]
            post = self._record(number)
        return Thread(
            post,
            tuple(d for d in documents if d.kind == "comment"),
            tuple(d for d in documents if d.kind == "pingback"),
        )

    def search(self, request: SearchRequest) -> SearchResults:
        with self._lock:  # the time bound is for this search, not for the ones it waits for
            return self._search(request, time.perf_counter())

    def _search(self, request: SearchRequest, started: float) -> SearchResults:
        parsed = query.parse(request.text)
        scores, found, partial = self._evaluate(parsed.root, started + self._query_seconds)
        masks = self._masks(request)
        everywhere = found & self._facts.searchable & self._dated(request)
        matching = everywhere.copy()
        for mask in masks.values():
            matching &= mask
        result = _Found(matching, scores, self._order(request, matching, scores))
        first = (request.page - 1) * request.page_size
        highlighter = QueryHighlighter(parsed.root, self._analyzer)
        hits = [
            self._hit(int(n), request, result, highlighter) for n in result.units[first : first + request.page_size]
        ]
        return SearchResults(
            request=request,
            total=self._total(matching),
            listed=len(result.units),
            hits=tuple(hits),
            facets=self._facets(request, everywhere, masks),
            suggestion=None if found.any() else self._suggestion(request, parsed.root, masks),
            notices=parsed.notices,
            partial=partial,
            took_ms=(time.perf_counter() - started) * 1000,
        )

    # Words

    def _evaluate(self, root: query.Node, deadline: float) -> tuple[Scores, Mask, bool]:
        """Scores and a mask over all documents, and whether the deadline cut the walk short."""
        scores = np.zeros(self._facts.size, dtype=np.float32)
        found = np.zeros(self._facts.size, dtype=bool)
        if isinstance(root, query.Everything):
            return scores, ~found, False
        wanted = self._translator.translate(root).normalize()
        for searcher, offset in self._searcher.leaf_searchers():
            matcher = wanted.matcher(searcher, self._searcher.boolean_context().set(weighting=self._searcher.weighting))
            numbers: list[int] = []
            values: list[float] = []
            late = False
            while matcher.is_active() and not late:
                numbers.append(matcher.id() + offset)
                values.append(matcher.score())
                matcher.next()
                late = len(numbers) % _CLOCK_EVERY == 0 and time.perf_counter() > deadline
            scores[numbers] = values
            found[numbers] = True
            if late:
                return scores, found, True
        return scores, found, False

    def _suggestion(self, request: SearchRequest, root: query.Node, masks: dict[FacetField, Mask]) -> str | None:
        """A corrected query that finds something under the same filters."""
        corrected = spelling.correct(self._reader, request.text, root)
        if corrected is None:
            return None
        deadline = time.perf_counter() + self._query_seconds
        _, found, _ = self._evaluate(query.parse(corrected).root, deadline)
        found &= self._facts.searchable & self._dated(request)
        for mask in masks.values():
            found &= mask
        return corrected if found.any() else None

    # Filters, facets, order

    def _masks(self, request: SearchRequest) -> dict[FacetField, Mask]:
        return {
            name: self._facts.facets[name].having(self._facts.size, values)
            for name, values in request.filters.items()
            if values
        }

    def _dated(self, request: SearchRequest) -> Mask:
        stamp = self._facts.stamp
        if request.since is None and request.until is None:
            return np.ones(len(stamp), dtype=bool)
        mask = stamp != UNDATED
        if request.since:
            mask &= stamp >= _midnight(request.since)
        if request.until:
            mask &= stamp < _midnight(request.until) + 86_400
        return cast(Mask, mask)

    def _facets(
        self, request: SearchRequest, everywhere: Mask, masks: dict[FacetField, Mask]
    ) -> dict[FacetField, Facet]:
        facets = {}
        for name in request.facets:
            matching = everywhere.copy()
            for other, mask in masks.items():
                if other != name:
                    matching &= mask
            facets[name] = counting.count(self._facts, name, matching, request.grouped, request.selected(name))
        return facets

    def _total(self, matching: Mask) -> Total:
        is_comment = self._facts.facets["kind"].having(self._facts.size, ("comment",))
        comments = int(np.count_nonzero(matching & is_comment))
        threads = len(np.unique(self._facts.thread[matching]))
        return Total(threads, int(np.count_nonzero(matching)) - comments, comments)

    def _order(self, request: SearchRequest, matching: Mask, scores: Scores) -> Numbers:
        """The units to list, best first: documents, or the posts of their threads. Ties break by date, then id."""
        known = self._facts
        documents = np.flatnonzero(matching)
        best = scores[documents]
        if request.grouped:
            threads, place = np.unique(known.thread[documents], return_inverse=True)
            best = np.zeros(len(threads), dtype=np.float32)
            np.maximum.at(best, place, scores[documents])
            documents = known.post[threads].astype(np.int64)
        newest = known.newest[documents]
        keys: tuple[NDArray[Any], ...]
        match request.sort:
            case "newest":
                keys = (newest,)
            case "oldest":
                keys = (known.oldest[documents],)
            case "discussed":
                keys = (newest, -known.discussed[known.thread[documents]])
            case _:
                keys = (newest, -best)
        return documents[np.lexsort(keys)]

    # The page

    def _record(self, number: int) -> Document:
        return Document(**self._reader.stored_fields(number)["record"])

    def _post_of(self, number: int) -> int:
        return int(self._facts.post[self._facts.thread[number]])

    def _hit(self, number: int, request: SearchRequest, found: _Found, highlighter: QueryHighlighter) -> Hit:
        document = self._record(number)
        title = document.title
        score = float(found.scores[number])
        total = 0
        comments: tuple[CommentHit, ...] = ()
        if document.kind == "comment":
            title = self._record(self._post_of(number)).title
        elif request.grouped:
            matching = self._matching_comments(number, found)
            total = len(matching)
            comments = tuple(self._comment(int(n), found, highlighter) for n in matching[:_BEST_COMMENTS])
            score = max([score, *(c.score for c in comments)])
        return Hit(
            id=document.id,
            thread=document.thread,
            kind=document.kind,
            title=title,
            permalink=document.permalink,
            author=document.author,
            published=document.published,
            categories=document.categories,
            tags=document.tags,
            score=score,
            # A post that is there for its comments shows its beginning: marks in it would say that it matched.
            snippet=(highlighter if found.matching[number] else self._nothing).snippet(document.text, document.quoted),
            comments_total=total,
            comments=comments,
            discussed=int(self._facts.discussed[self._facts.thread[number]]),
        )

    def _matching_comments(self, post: int, found: _Found) -> Numbers:
        """Document numbers of the thread's matching comments: best score first, then oldest."""
        inside = found.matching & (self._facts.thread == self._facts.thread[post])
        inside[post] = False
        numbers = np.flatnonzero(inside)
        return numbers[np.lexsort((self._facts.oldest[numbers], -found.scores[numbers]))]

    def _comment(self, number: int, found: _Found, highlighter: QueryHighlighter) -> CommentHit:
        document = self._record(number)
        return CommentHit(
            id=document.id,
            author=document.author,
            published=document.published,
            snippet=highlighter.snippet(document.text, document.quoted),
            score=float(found.scores[number]),
        )


def _midnight(day: date) -> int:
    return facts.seconds(datetime(day.year, day.month, day.day))
