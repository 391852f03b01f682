"""A SearchRequest to SearchResults, on one index.

words        query tree -> Whoosh query -> document numbers and scores (evaluation)
selection    what of them the request asks for, its facets, its timeline, the hits of its page
page         stored fields and snippets of the ones shown
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
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
    Hit,
    Neighbour,
    SearchRequest,
    SearchResults,
    Thread,
)
from indexer.engine.query.text import with_accents, write
from indexer.engine.snippets import QueryHighlighter
from indexer.engine.whoosh import addresses, distinctive, records, spelling, streaming
from indexer.engine.whoosh.arrayfile import Array
from indexer.engine.whoosh.completion import Completer
from indexer.engine.whoosh.damage import reading
from indexer.engine.whoosh.evaluation import Evaluator, Found
from indexer.engine.whoosh.matches import NOTHING
from indexer.engine.whoosh.related import Relations
from indexer.engine.whoosh.segments import open_facts, open_segments, segment_of
from indexer.engine.whoosh.selection import Selected, Selector, Timings
from indexer.engine.whoosh.surfaces import Surfaces
from indexer.engine.whoosh.translate import translate
from indexer.engine.whoosh.why import Explainer

# Comments shown under their post.
_BEST_COMMENTS = 3


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
        self._selector = Selector(self._facts)
        self._searchable = np.flatnonzero(self._facts.searchable)
        weighting = scoring.BM25F(B=schema.BM25_B, K1=schema.BM25_K1)
        self._evaluator = Evaluator(
            self._segments,
            k1=schema.BM25_K1,
            b=schema.BM25_B,
            whoosh_searcher=partial(self._index.searcher, weighting=weighting),
        )
        self._surface = surface = Surfaces(self._segments, self._facts, self._record)
        self._completer = Completer(self._segments, self._facts, self._selector.tables, self._record, surface)
        self._relations = Relations(self._segments, self._facts, self._analyzer, self._record)
        self._distinctive = distinctive.Distinctive(self._segments, self._facts, about.language, surface)

    def close(self) -> None:
        """Let go of the files; no call may follow."""
        if vars(self):
            self._evaluator.close()
            self._index.close()
            vars(self).clear()  # the maps go now, and with them the room of a generation that was pruned

    def about(self) -> About:
        return self._about

    def highlighter(self, text: str) -> QueryHighlighter:
        return QueryHighlighter(self._parse(text).root, self._analyzer)

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

    @reading()
    def count(self, request: SearchRequest) -> int:
        found = self._found(self._parse(request.text).root, time.perf_counter() + self._query_seconds)
        return self._selector.listed(request, found, self._thread_of(request))

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
        timings = Timings()
        parsed = self._parse(request.text)
        selection = self._select(request, parsed.root, timings)
        deadline = started + self._query_seconds
        hits = self._hits(
            request, selection, Explainer(parsed.root, request.text, self._analyzer, self._evaluator, deadline)
        )
        timings.step("hits")
        suggestion = None if selection.found or selection.partial else self._suggestion(request, parsed.root)
        if suggestion:
            timings.step("suggestion")
        return SearchResults(
            request=request,
            total=selection.total,
            listed=selection.listed,
            hits=hits,
            facets=selection.facets,
            timeline=selection.timeline,
            suggestion=suggestion[0] if suggestion else None,
            suggestion_listed=suggestion[1] if suggestion else 0,
            understood=with_accents(write(parsed.root), request.text),
            notices=parsed.notices,
            partial=selection.partial,
            took_ms=(time.perf_counter() - started) * 1000,
            timings=timings,
        )

    def select(self, request: SearchRequest) -> Selected:
        """The part of a search that other engines do too: best documents, total, facets; no stored field is read."""
        return self._select(request, self._parse(request.text).root, Timings())

    @reading()
    def _select(self, request: SearchRequest, root: query.Node, timings: Timings) -> Selected:
        found = self._found(root, time.perf_counter() + self._query_seconds)
        timings.step("words")
        return self._selector.select(request, found, self._thread_of(request), timings)

    # Words

    def _parse(self, text: str) -> query.Query:
        return query.parse(self._analyzer.without_elisions(text))

    def _found(self, root: query.Node, deadline: float) -> Found:
        """What matches the words, of what may be found at all."""
        if isinstance(root, query.Everything):
            return Found(self._searchable, np.zeros(len(self._searchable), dtype=np.float32))
        found = self._evaluator.evaluate(translate(root, self._analyzer), deadline)
        if len(self._searchable) == self._facts.size:
            return found
        allowed = self._facts.searchable[found.docs]
        return Found(found.docs[allowed], found.scores[allowed], found.partial)

    def _suggestion(self, request: SearchRequest, root: query.Node) -> tuple[str, int] | None:
        """A corrected query that finds something under the same filters, and its number of hits."""
        corrected = self._corrected(request, root)
        listed = self.count(replace(request, text=corrected)) if corrected else 0
        return (corrected, listed) if corrected and listed else None

    @reading()
    def _corrected(self, request: SearchRequest, root: query.Node) -> str | None:
        fields = [segment.fields for segment in self._segments]
        return spelling.correct(fields, request.text, root, self._surface)

    def _thread_of(self, request: SearchRequest) -> int | None:
        """The number of the thread that the request asks for, -1 when there is none; None when it asks for all."""
        if not request.thread:
            return None
        number = self._number(request.thread)
        return int(self._facts.thread[number]) if number is not None and number == self._post_of(number) else -1

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

    @reading()
    def _hits(self, request: SearchRequest, found: Selected, explainer: Explainer) -> tuple[Hit, ...]:
        if request.grouped:
            return tuple(self._thread_hit(place, found, explainer) for place in range(len(found.units)))
        return tuple(
            self._hit(number, score, explainer)
            for number, score in zip(found.units.tolist(), found.best.tolist(), strict=True)
        )

    def _thread_hit(self, place: int, found: Selected, explainer: Explainer) -> Hit:
        """A thread as its post, with the best of its matching comments: highest score first, then oldest."""
        number = int(found.units[place])
        members = found.members[place]
        docs = found.matching.docs[members]
        comments = members[docs != number]
        numbers = found.matching.docs[comments]
        oldest = self._facts.oldest[numbers]
        shown = comments[np.lexsort((oldest, -found.scores[comments]))][:_BEST_COMMENTS]
        return replace(
            self._hit(number, float(found.best[place]), explainer, len(comments) < len(members), numbers),
            comments_total=len(comments),
            comments=tuple(self._comment(int(comment), found, explainer) for comment in shown),
        )

    def _hit(
        self, number: int, score: float, explainer: Explainer, matches: bool = True, comments: Array = NOTHING.docs
    ) -> Hit:
        document = self._record(number)
        snippet, why = explainer.explain(document, matches, comments)
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
            snippet=snippet,
            discussed=int(self._facts.discussed[self._facts.thread[number]]),
            why=why,
        )

    def _comment(self, place: int, found: Selected, explainer: Explainer) -> CommentHit:
        document = self._record(int(found.matching.docs[place]))
        return CommentHit(
            id=document.id,
            author=document.author,
            published=document.published,
            snippet=explainer.snippet(document),
            score=float(found.scores[place]),
        )
