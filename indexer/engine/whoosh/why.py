"""Why a hit is there: the words of the query, and where the hit has each."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from indexer.engine import query
from indexer.engine.analysis import Analyzer
from indexer.engine.port import Document, Place, Snippet, WordMatch
from indexer.engine.query.text import with_accents, write
from indexer.engine.snippets import QueryHighlighter, beginning
from indexer.engine.whoosh.arrayfile import Array
from indexer.engine.whoosh.evaluation import Evaluator
from indexer.engine.whoosh.translate import translate

# Fields whose words are not a hit's own: categories and tags show by themselves.
_ELSEWHERE = ("category", "tag")


class Explainer:
    """Explains the hits of one search.

    Where in a text a word stands is found in the text, by the pass that its snippet needs too. Whether any of a thread's
    matching comments has it follows from the query; of words under an OR the index is asked, until ``deadline``.
    """

    def __init__(self, root: query.Node, typed: str, analyzer: Analyzer, evaluator: Evaluator, deadline: float) -> None:
        self._highlighter = QueryHighlighter(root, analyzer)
        self._analyzer = analyzer
        self._evaluator = evaluator
        self._deadline = deadline
        self._leaves = [
            (leaf, optional, with_accents(write(leaf), typed))
            for leaf, optional in query.wanted(root)
            if leaf.field not in _ELSEWHERE
        ]
        self._found: dict[query.Leaf, Array] = {}

    def snippet(self, document: Document) -> Snippet:
        """Of a document that matches."""
        return self._highlighter.snippet(document.text, document.quoted)

    def explain(self, document: Document, matches: bool, comments: Array) -> tuple[Snippet, tuple[WordMatch, ...]]:
        """The snippet of a hit's document, and why the hit is there.

        ``comments`` are the numbers of the thread's matching comments, where the hit is a thread. A document that is there for
        its comments alone shows its beginning: marks in it would say that it matched.
        """
        if matches:
            snippet, places = self._highlighter.read(document)
        else:
            snippet, places = beginning(document.text, document.quoted), {}
        return snippet, tuple(
            WordMatch(text, self._places(leaf, optional, places, comments)) for leaf, optional, text in self._leaves
        )

    def _places(
        self, leaf: query.Leaf, optional: bool, places: Mapping[query.Leaf, tuple[Place, ...]], comments: Array
    ) -> tuple[Place, ...]:
        found = places.get(leaf, ())
        return (*found, "comments") if len(comments) and (not optional or self._in_any(leaf, comments)) else found

    def _in_any(self, leaf: query.Leaf, comments: Array) -> bool:
        if leaf not in self._found:
            self._found[leaf] = self._evaluator.documents(translate(leaf, self._analyzer), self._deadline)
        docs = self._found[leaf]
        places = np.searchsorted(docs, comments)
        return bool(len(docs)) and bool((docs.take(places, mode="clip") == comments).any())
