"""What a run found, into what the index holds: unchanged documents stay, new ones come, changed ones are replaced, others go.

Without an index to begin with, everything is new.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import replace

from indexer import engine
from indexer.accounting import PLURAL
from indexer.documents import Draft, digest
from indexer.engine.generations import Generation
from indexer.engine.port import Document, IndexWriter, Prints
from indexer.permalinks import spot
from indexer.redaction import Redactions
from indexer.settings import Settings
from indexer.steps import Written


class Merge:
    """Between the workers and the writer, whose block is entered. ``base`` is the generation that the writer began with.

    ``changes`` counts documents (empty without ``base``), ``kept`` those of sources that were not read to their end, by kind,
    ``hits`` those of them that a redaction met.
    """

    def __init__(
        self, writer: IndexWriter, base: Generation | None, settings: Settings, redactions: Redactions
    ) -> None:
        self._writer, self._base, self._settings, self._redactions = writer, base, settings, redactions
        self._held = writer.held()
        self._seen = bytearray(len(self._held))
        self.changes: dict[str, int] = {}
        if base:
            self.changes = dict.fromkeys(("added", "changed", "removed", "unchanged", "kept"), 0)
        self.kept: Counter[str] = Counter()
        self.hits: Counter[str] = Counter()

    @property
    def prints(self) -> Prints | None:
        """Tells which documents did not change."""
        return self._held.prints if self._base else None

    def add(self, written: Written) -> None:
        """Write a batch: what is new in it, and what replaces a document of the index."""
        for place in written.unchanged:
            self._seen[place] = 1
        if self._base:
            places = [self._held.place(id) for id in written.prepared.ids]
            replaced = [place for place in places if place >= 0]
            for place in replaced:
                self._seen[place] = 1
            self._writer.delete([self._held.id(place) for place in replaced])
            self.changes["changed"] += len(replaced)
            self.changes["added"] += len(places) - len(replaced)
            self.changes["unchanged"] += len(written.unchanged)
        self._writer.add_prepared(written.prepared)

    def finish(self, unread: Collection[str]) -> None:
        """Delete what was not seen again, but for what archives gave that were not read to their end."""
        if not self._base:
            return
        gone = [place for place, seen in enumerate(self._seen) if not seen]
        staying = self._staying(gone, set(unread)) if unread else set()
        self._writer.delete([self._held.id(place) for place in gone if place not in staying])
        self.changes["removed"] = len(gone) - len(staying)
        if staying:
            self._keep({self._held.id(place) for place in staying})

    def _staying(self, gone: Collection[int], unread: Collection[str]) -> set[int]:
        """Of the documents that were not seen those that stay: what ``unread`` archives gave to a post that is there, and
        all of a thread that they gave any of, where its post is gone too: it may be known only from there, or by their address.
        """
        held = self._held
        posts = {place: held.place(held.thread(place)) for place in gone}
        of_unread = {place for place in gone if held.archive(place) in unread}
        threads = {posts[place] for place in of_unread}
        return {
            place
            for place, post in posts.items()
            if post >= 0 and (place in of_unread if self._seen[post] else post in threads)
        }

    def _keep(self, ids: Collection[str]) -> None:
        """Count what stays without having been read again; what redactions say of it holds all the same."""
        taken: set[str] = set()
        for document in self._documents(ids):
            draft = _draft(document)
            cleared = None if self._is_down(document, taken) else self._redactions.apply(draft, self.hits)
            if cleared == draft:
                self.kept[PLURAL[document.kind]] += 1
                self.changes["kept"] += 1
                continue
            self._writer.delete([document.id])
            if cleared is None:
                taken.add(document.id)
                self.changes["removed"] += 1
            else:
                values = {name: getattr(cleared, name) for name in _REDACTED}
                self._writer.add(replace(document, permalink=cleared.url, **values))
                self.kept[PLURAL[document.kind]] += 1
                self.changes["changed"] += 1

    def _is_down(self, document: Document, taken: Collection[str]) -> bool:
        """Whether a document or its thread was taken down by id or address."""
        if document.thread in taken:
            return True
        for name, label in self._redactions.documents.items():
            page, number = spot(name)
            # The id is made of the permalink, also where a phrase took that out.
            ids = (name, digest(f"{page}#comment-{number}" if number else page))
            known = [spot(document.permalink), *((address, "") for address in document.addresses)]
            if document.id in ids or (page and (page, number) in known):
                self.hits[label] += 1
                return True
        return False

    def _documents(self, ids: Collection[str]) -> Iterator[Document]:
        """These documents of the index that was there, posts before their comments."""
        assert self._base
        with closing(engine.open_generation(self._base, self._settings)) as searcher:
            yield from (document for document in searcher.documents() if document.id in ids)


# What a redaction may change, beside the permalink.
_REDACTED = (
    "locator",
    "title",
    "author",
    "author_url",
    "categories",
    "tags",
    "text",
    "quoted",
    "domains",
    "html",
    "addresses",
)


def _draft(document: Document) -> Draft:
    values = {name: getattr(document, name) for name in _REDACTED}
    return Draft(source=document.source, kind=document.kind, url=document.permalink, **values)
