"""Queries that stand for many terms of a field: a prefix, a range, near words, words of one stem, any word at all.

Whoosh adds up the scores of such terms. Here they select documents and score none: nobody needs to know which term it was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
from whoosh import query as whoosh

from indexer.engine.whoosh.arrayfile import Array
from indexer.engine.whoosh.matches import NOTHING, marked
from indexer.engine.whoosh.postings import Postings
from indexer.engine.whoosh.queries import Near, Stemmed
from indexer.engine.whoosh.segments import OpenSegment
from indexer.engine.whoosh.spelling import near
from indexer.engine.whoosh.stems import StemHashes


class MultiTerm:
    """Finds the documents of such queries in one segment."""

    def __init__(self, segment: OpenSegment) -> None:
        self._segment = segment
        self._stems: dict[str, StemHashes] = {}
        self._having: dict[str, Array] = {}

    def documents(self, query: whoosh.Query) -> Array | None:
        """Ascending; None for a query of another kind."""
        known = None if query == whoosh.Every() else self.KNOWN.get(type(query))
        return known(self, query) if known else None

    def _prefixed(self, query: whoosh.Prefix) -> Array:
        postings = self._segment.fields.get(query.fieldname)
        if postings is None:
            return NOTHING.docs
        terms = postings.terms.prefixed(query.text.encode("utf-8", "replace"))
        return self._between(postings, terms)

    def _in_range(self, query: whoosh.TermRange) -> Array:
        postings = self._segment.fields.get(query.fieldname)
        if postings is None:
            return NOTHING.docs
        first = postings.terms.ceiling(query.start.encode()) if query.start else 0
        last = postings.terms.ceiling(query.end.encode() + b"\0") if query.end else len(postings.terms)
        return self._between(postings, range(first, max(first, last)))

    def _between(self, postings: Postings, terms: range) -> Array:
        """The documents of neighbouring terms, whose postings lie in a row."""
        docs = postings.docs[postings.at[terms.start] : postings.at[terms.stop]].astype(np.intp)
        return docs if len(terms) == 1 else np.flatnonzero(marked(self._segment.size, docs))

    def _near(self, query: Near) -> Array:
        postings = self._segment.fields.get(query.fieldname)
        if postings is None:
            return NOTHING.docs
        return self._with_any(postings, near(postings.terms, query.text, query.edits))

    def _stemmed(self, query: Stemmed) -> Array:
        postings = self._segment.fields.get(query.fieldname)
        if postings is None:
            return NOTHING.docs
        if query.fieldname not in self._stems:
            self._stems[query.fieldname] = StemHashes(postings.terms, query.analyzer)
        return self._with_any(postings, self._stems[query.fieldname].find(query.stem))

    def _with_any(self, postings: Postings, terms: Sequence[int]) -> Array:
        """The documents that have at least one of the terms with these numbers."""
        mask = np.zeros(self._segment.size, dtype=bool)
        for number in terms:
            mask[postings.docs[postings.at[number] : postings.at[number + 1]]] = True
        return np.flatnonzero(mask)

    def _with_field(self, query: whoosh.Every) -> Array:
        """The documents that have any term in a field; remembered, as the whole field is gone through."""
        name = query.fieldname
        if name not in self._having:
            postings = self._segment.fields.get(name)
            self._having[name] = (
                NOTHING.docs if postings is None else np.flatnonzero(marked(self._segment.size, postings.docs))
            )
        return self._having[name]

    KNOWN: ClassVar[dict[type, Callable[[MultiTerm, Any], Array]]] = {
        whoosh.Prefix: _prefixed,
        whoosh.TermRange: _in_range,
        Near: _near,
        Stemmed: _stemmed,
        whoosh.Every: _with_field,
    }
