"""A SearchRequest to SearchResults, on one index.

words        query tree -> Whoosh query -> document numbers and scores (evaluation)
filters      one mask over the found documents per facet with a selection; the list is their conjunction
facets       counted under all masks but the facet's own
units        threads or documents, the best of them in order
page         stored fields and snippets of the ones shown
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path

import numpy as np
from whoosh import index, scoring

from indexer.engine import query, schema
from indexer.engine.analysis import Analyzer
from indexer.engine.port import (
    About,
    CommentHit,
    Completion,
    Document,
    Facet,
    FacetField,
    Hit,
    Neighbour,
    SearchRequest,
    SearchResults,
    Thread,
    Total,
)
from indexer.engine.snippets import QueryHighlighter
from indexer.engine.whoosh import addresses, distinctive, facets, records, spelling, streaming
from indexer.engine.whoosh.arrayfile import Array
from indexer.engine.whoosh.completion import Completer
from indexer.engine.whoosh.damage import reading
from indexer.engine.whoosh.evaluation import Evaluator, Found
from indexer.engine.whoosh.facets import Matching
from indexer.engine.whoosh.facts import COMMENT, UNDATED, Mask, seconds
from indexer.engine.whoosh.order import best
from indexer.engine.whoosh.related import Relations
from indexer.engine.whoosh.segments import open_facts, open_segments, segment_of
from indexer.engine.whoosh.translate import translate

# Comments shown under their post.
_BEST_COMMENTS = 3


@dataclass(frozen=True, slots=True)
class Selected:
    """What matches words and filters, before any stored field is read.

    ``units`` are the hits of the page, best first: document numbers, of threads their posts'. ``best`` are their scores, and
    of threads ``members`` are the places of their documents in ``matching``.
    """

    matching: Matching
    scores: Array
    units: Array
    best: Array
    members: tuple[Array, ...]
    listed: int
    total: Total
    facets: dict[FacetField, Facet]
    partial: bool
    found: bool


class WhooshSearcher:
    """An `indexer.engine.port.Searcher`. What it remembers between searches are copies of what is on the disk, so threads
    need no lock.
    """

    def __init__(self, directory: Path, about: About, query_seconds: float) -> None:
        self._about = about
        self._analyzer = Analyzer(about.language)
        self._query_seconds = query_seconds
        self._index = index.open_dir(str(directory), readonly=True)
        segments = index.TOC.read(self._index.storage, self._index.indexname).segments
        self._segments = open_segments(self._index.storage, segments)
        self._facts = open_facts(directory, self._segments)
        self._tables = facets.facet_tables(self._facts)
        self._searchable = np.flatnonzero(self._facts.searchable)
        weighting = scoring.BM25F(B=schema.BM25_B, K1=schema.BM25_K1)
        self._evaluator = Evaluator(
            self._segments,
            k1=schema.BM25_K1,
            b=schema.BM25_B,
            whoosh_searcher=partial(self._index.searcher, weighting=weighting),
        )
        self._completer = Completer(self._segments, self._facts, self._tables, self._record)
        self._relations = Relations(self._segments, self._facts, self._analyzer, self._record)
        self._distinctive = distinctive.Distinctive(self._segments, self._facts)
        self._nothing = QueryHighlighter(query.Nothing(), self._analyzer)

    def close(self) -> None:
        """Let go of the files; no call may follow."""
        if vars(self):
            self._evaluator.close()
            self._index.close()
            vars(self).clear()  # the maps go now, and with them the room of a generation that was pruned

    def about(self) -> About:
        return self._about

    def highlighter(self, text: str) -> QueryHighlighter:
        return QueryHighlighter(query.parse(text).root, self._analyzer)

    def document(self, id: str) -> Document | None:
        number = self._number(id)
        return None if number is None else self._record(number)

    @reading()
    def thread(self, id: str) -> Thread | None:
        number = self._number(id)
        if number is None or number != self._post_of(number):
            return None
        known = self._facts
        members = np.flatnonzero((known.thread == known.thread[number]) & known.alive)
        members = members[np.argsort(known.oldest[members])]
        documents = [self._record(n) for n in members.tolist() if n != number]
        return Thread(
            self._record(number),
            tuple(d for d in documents if d.kind == "comment"),
            tuple(d for d in documents if d.kind == "pingback"),
        )

    def documents(self) -> Iterator[Document]:
        return streaming.documents(self._segments, self._facts)

    def count(self, request: SearchRequest) -> int:
        return self.select(replace(request, facets=(), timeline=None, page_size=1)).listed

    @reading()
    def suggest(self, text: str, limit: int = 8) -> tuple[Completion, ...]:
        return self._completer.complete(text, limit)

    @reading()
    def around(self, id: str) -> tuple[Neighbour | None, Neighbour | None]:
        number = self._number(id)
        return (None, None) if number is None else self._relations.around(number)

    @reading()
    def related(self, id: str, limit: int = 5) -> tuple[Neighbour, ...]:
        number = self._number(id)
        return () if number is None else self._relations.related(self._post_of(number), limit)

    @reading()
    def find(self, address: str) -> Document | None:
        return addresses.find(self._segments, self._facts, self._record, address)

    @reading()
    def distinctive(self, limit: int = 10) -> Mapping[str, tuple[str, ...]]:
        return self._distinctive.words(limit)

    def search(self, request: SearchRequest) -> SearchResults:
        started = time.perf_counter()
        parsed = query.parse(request.text)
        selection = self._select(request, parsed.root, started + self._query_seconds)
        highlighter = QueryHighlighter(parsed.root, self._analyzer)
        return SearchResults(
            request=request,
            total=selection.total,
            listed=selection.listed,
            hits=self._hits(request, selection, highlighter),
            facets=selection.facets,
            suggestion=None if selection.found or selection.partial else self._suggestion(request, parsed.root),
            notices=parsed.notices,
            partial=selection.partial,
            took_ms=(time.perf_counter() - started) * 1000,
        )

    def select(self, request: SearchRequest) -> Selected:
        """The part of a search that other engines do too: best documents, total, facets; no stored field is read."""
        return self._select(request, query.parse(request.text).root, time.perf_counter() + self._query_seconds)

    @reading()
    def _select(self, request: SearchRequest, root: query.Node, deadline: float) -> Selected:
        found = self._found(root, deadline)
        docs, scores = self._dated(request, found)
        masks = self._masks(request, docs)
        matching, kept = Matching(self._facts, docs), scores
        if masks:
            every = np.logical_and.reduce(list(masks.values()))
            matching, kept = Matching(self._facts, docs[every]), scores[every]
        units, top, members, listed = self._units(request, matching, kept)
        return Selected(
            matching=matching,
            scores=kept,
            units=units,
            best=top,
            members=members,
            listed=listed,
            total=self._total(matching),
            facets=self._count(request, docs, masks, matching),
            partial=found.partial,
            found=bool(len(found.docs)),
        )

    # Words

    def _found(self, root: query.Node, deadline: float) -> Found:
        """What matches the words, of what may be found at all."""
        if isinstance(root, query.Everything):
            return Found(self._searchable, np.zeros(len(self._searchable), dtype=np.float32))
        found = self._evaluator.evaluate(translate(root, self._analyzer), deadline)
        if len(self._searchable) == self._facts.size:
            return found
        allowed = self._facts.searchable[found.docs]
        return Found(found.docs[allowed], found.scores[allowed], found.partial)

    @reading()
    def _suggestion(self, request: SearchRequest, root: query.Node) -> str | None:
        """A corrected query that finds something under the same filters."""
        corrected = spelling.correct([segment.fields for segment in self._segments], request.text, root)
        if corrected is None:
            return None
        found = self._found(query.parse(corrected).root, time.perf_counter() + self._query_seconds)
        docs, _ = self._dated(request, found)
        masks = self._masks(request, docs)
        return corrected if np.logical_and.reduce([np.ones(len(docs), dtype=bool), *masks.values()]).any() else None

    # Filters, facets, order

    def _masks(self, request: SearchRequest, docs: Array) -> dict[FacetField, Mask]:
        """Per facet with a selection, which of the documents it lets through."""
        masks: dict[FacetField, Mask] = {}
        for name, chosen in request.filters.items():
            if chosen:
                numbers = facets.numbers_of(self._tables[name], chosen)
                masks[name] = self._tables[name].having(docs, numbers) if numbers else np.zeros(len(docs), dtype=bool)
        return masks

    def _dated(self, request: SearchRequest, found: Found) -> tuple[Array, Array]:
        """Documents and scores inside the request's dates."""
        if request.since is None and request.until is None:
            return found.docs, found.scores
        stamp = self._facts.stamp[found.docs]
        mask = stamp != UNDATED
        if request.since:
            mask &= stamp >= _midnight(request.since)
        if request.until:
            mask &= stamp < _midnight(request.until) + 86_400
        return found.docs[mask], found.scores[mask]

    def _count(
        self, request: SearchRequest, docs: Array, masks: dict[FacetField, Mask], matching: Matching
    ) -> dict[FacetField, Facet]:
        counted = {}
        for name in request.facets:
            if name not in self._tables:
                continue
            under = matching
            if name in masks:
                others = [mask for other, mask in masks.items() if other != name]
                under = Matching(self._facts, docs[np.logical_and.reduce(others)] if others else docs)
            counted[name] = facets.count(name, self._tables[name], under, request.grouped, request.selected(name))
        return counted

    def _total(self, matching: Matching) -> Total:
        comments = int(np.count_nonzero(self._facts.kind.take(matching.docs) == COMMENT))
        return Total(len(matching.threads), len(matching.docs) - comments, comments)

    def _units(
        self, request: SearchRequest, matching: Matching, scores: Array
    ) -> tuple[Array, Array, tuple[Array, ...], int]:
        """The hits of the page, best first, with their scores and members; and how many hits there are on all pages.

        Documents, or the posts of their threads. Ties break by date, then id.
        """
        known = self._facts
        units, tops = matching.docs, scores
        runs = _Runs.of(matching.thread) if request.grouped else None
        if runs:
            tops = runs.most(scores)
            units = known.post.take(matching.threads)
        newest = known.newest.take(units)
        match request.sort:
            case "newest":
                key = -newest
            case "oldest":
                key = -known.oldest[units]
            case "discussed":
                key = known.discussed[known.thread[units]]
            case _:
                key = tops
        first = (request.page - 1) * request.page_size
        page = best(key, newest, first + request.page_size)[first:]
        members = tuple(runs.places(run) for run in page.tolist()) if runs else ()
        return units[page], tops[page], members, len(units)

    # The page

    @reading()
    def _number(self, id: str) -> int | None:
        for segment in self._segments:
            for number in segment.documents_of(id):
                return segment.base + number
        return None

    @reading()
    def _record(self, number: int) -> Document:
        segment = segment_of(self._segments, number)
        return records.document(segment.documents.stored[number - segment.base])

    def _post_of(self, number: int) -> int:
        return int(self._facts.post[self._facts.thread[number]])

    def _hits(self, request: SearchRequest, found: Selected, highlighter: QueryHighlighter) -> tuple[Hit, ...]:
        if request.grouped:
            return tuple(self._thread_hit(place, found, highlighter) for place in range(len(found.units)))
        return tuple(
            self._hit(number, score, highlighter)
            for number, score in zip(found.units.tolist(), found.best.tolist(), strict=True)
        )

    def _thread_hit(self, place: int, found: Selected, highlighter: QueryHighlighter) -> Hit:
        """A thread as its post, with the best of its matching comments: highest score first, then oldest."""
        number = int(found.units[place])
        members = found.members[place]
        docs = found.matching.docs[members]
        comments = members[docs != number]
        oldest = self._facts.oldest[found.matching.docs[comments]]
        shown = comments[np.lexsort((oldest, -found.scores[comments]))][:_BEST_COMMENTS]
        # A post that is there for its comments shows its beginning: marks in it would say that it matched.
        marks = highlighter if len(comments) < len(members) else self._nothing
        return replace(
            self._hit(number, float(found.best[place]), marks),
            comments_total=len(comments),
            comments=tuple(self._comment(int(comment), found, highlighter) for comment in shown),
        )

    def _hit(self, number: int, score: float, highlighter: QueryHighlighter) -> Hit:
        document = self._record(number)
        title = document.title
        if document.kind == "comment" and (post := self.document(document.thread)):
            title = post.title
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
            snippet=highlighter.snippet(document.text, document.quoted),
            discussed=int(self._facts.discussed[self._facts.thread[number]]),
        )

    def _comment(self, place: int, found: Selected, highlighter: QueryHighlighter) -> CommentHit:
        document = self._record(int(found.matching.docs[place]))
        return CommentHit(
            id=document.id,
            author=document.author,
            published=document.published,
            snippet=highlighter.snippet(document.text, document.quoted),
            score=float(found.scores[place]),
        )


@dataclass(frozen=True, slots=True)
class _Runs:
    """Equal numbers of an array brought together: ``order`` does it (None: they are, ascending), ``at`` is where each
    begins, and one more."""

    order: Array | None
    at: Array

    @classmethod
    def of(cls, numbers: Array) -> _Runs:
        order = None
        steps = np.diff(numbers)
        if len(steps) and steps.min() < 0:
            order = np.argsort(numbers, kind="stable")
            steps = np.diff(numbers[order])
        starts = np.flatnonzero(steps) + 1
        return cls(order, np.concatenate([[0], starts, [len(numbers)]]) if len(numbers) else np.zeros(1, dtype=np.intp))

    def most(self, values: Array) -> Array:
        """The greatest value of each run."""
        if len(self.at) == 1:
            return values
        return np.maximum.reduceat(values if self.order is None else values[self.order], self.at[:-1])

    def places(self, run: int) -> Array:
        """The places of the numbers of a run."""
        start, end = self.at[run], self.at[run + 1]
        return np.arange(start, end) if self.order is None else self.order[start:end]


def _midnight(day: date) -> int:
    return seconds(datetime(day.year, day.month, day.day))
