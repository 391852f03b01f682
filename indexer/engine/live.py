"""A searcher that follows the index: it notices a new generation by itself, and loses no search in flight."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress

from indexer.engine.generations import Generation, Generations
from indexer.engine.port import (
    About,
    Completion,
    Document,
    Highlighter,
    Neighbour,
    Searcher,
    SearchRequest,
    SearchResults,
    Thread,
)
from indexer.errors import BackfileError, IndexStoreError

_LOG = logging.getLogger(__name__)
# The page that made a generation be opened is answered first.
_WARM_AFTER = 1.0


class _Open:
    """An open generation and how many calls are using it."""

    def __init__(self, searcher: Searcher, stamp: tuple[int, int] | None) -> None:
        self.searcher = searcher
        self.stamp = stamp
        self.users = 0


class LiveSearcher:
    """Answers with the generation in use; looks at its stamp before each call. A second after one was opened, what its first
    calls would have to work out is worked out in the background.

    Every method may raise the index errors of `indexer.errors` until a first generation was opened.
    """

    def __init__(self, generations: Generations, open_generation: Callable[[Generation], Searcher]) -> None:
        self._generations = generations
        self._open_generation = open_generation
        self._lock = threading.Lock()
        self._open: _Open | None = None

    def search(self, request: SearchRequest) -> SearchResults:
        with self._using() as searcher:
            return searcher.search(request)

    def document(self, id: str) -> Document | None:
        with self._using() as searcher:
            return searcher.document(id)

    def thread(self, id: str) -> Thread | None:
        with self._using() as searcher:
            return searcher.thread(id)

    def documents(self) -> Iterator[Document]:
        """All of the generation that is in use at the first of them."""
        with self._using() as searcher:
            yield from searcher.documents()

    def highlighter(self, text: str) -> Highlighter:
        with self._using() as searcher:
            return searcher.highlighter(text)

    def count(self, request: SearchRequest) -> int:
        with self._using() as searcher:
            return searcher.count(request)

    def suggest(self, text: str, limit: int = 8) -> tuple[Completion, ...]:
        with self._using() as searcher:
            return searcher.suggest(text, limit)

    def around(self, id: str) -> tuple[Neighbour | None, Neighbour | None]:
        with self._using() as searcher:
            return searcher.around(id)

    def related(self, id: str, limit: int = 5) -> tuple[Neighbour, ...]:
        with self._using() as searcher:
            return searcher.related(id, limit)

    def find(self, address: str) -> Document | None:
        with self._using() as searcher:
            return searcher.find(address)

    def distinctive(self, limit: int = 10) -> Mapping[str, tuple[str, ...]]:
        with self._using() as searcher:
            return searcher.distinctive(limit)

    def about(self) -> About:
        with self._using() as searcher:
            return searcher.about()

    def close(self) -> None:
        with self._lock:
            self._replace(None)

    @contextmanager
    def _using(self) -> Iterator[Searcher]:
        with self._lock:
            stamp = self._generations.stamp()
            if self._open is None or self._open.stamp != stamp:
                self._follow(stamp)
            used = self._open
            assert used is not None
            used.users += 1
        try:
            yield used.searcher
        finally:
            self._release(used)

    def _release(self, used: _Open) -> None:
        with self._lock:
            used.users -= 1
            if used is not self._open and not used.users:
                used.searcher.close()

    def _follow(self, stamp: tuple[int, int] | None) -> None:
        """Open the generation in use. One that cannot be opened is logged, and the one that is open goes on answering."""
        try:
            self._replace(opened := _Open(self._open_generation(self._generations.current()), stamp))
            warming = threading.Timer(_WARM_AFTER, self._warm, [opened])
            warming.daemon = True
            warming.start()
        except IndexStoreError as error:
            if self._open is None:
                raise
            self._open.stamp = stamp
            _LOG.error("The new index is not used: %s", error)

    def _warm(self, opened: _Open) -> None:
        """Ask once for what takes long the first time: suggestions, words in a part, words of the years."""
        with self._lock:
            if opened is not self._open:  # closed, or followed by another
                return
            opened.users += 1
        try:
            with suppress(BackfileError):  # who asks for it is told what is wrong
                opened.searcher.suggest("aa")
                opened.searcher.count(SearchRequest(text="own:a OR quotes:a"))
                opened.searcher.distinctive(1)
        finally:
            self._release(opened)

    def _replace(self, opened: _Open | None) -> None:
        old, self._open = self._open, opened
        if old is not None and not old.users:
            old.searcher.close()
