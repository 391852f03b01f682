"""What an update takes from the index for sources that were not read to their end, as items like those of any archive.

They are cleaned, redacted and joined with what was read (`indexer.joining` has the rules). A document comes back under its id,
as from Backfile's own exchange format; what no document has, its number in the archive, is gone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import closing
from datetime import UTC
from html import escape

from indexer import engine
from indexer.archive import Cleaned, Comment, Post
from indexer.engine.generations import Generation
from indexer.engine.port import Document, Held
from indexer.settings import Settings

# Documents that make a batch.
_BATCH = 256
# Whether a document of the index was found again: not at all, in another source than it was from, in its own.
_GONE, _ELSEWHERE, _AGAIN = range(3)


def chosen(
    held: Held, placed: Iterable[tuple[str, str]], unread: Collection[str], incomplete: Collection[str]
) -> set[str]:
    """The ids of the documents to take. ``placed`` are ids, with their archives, of what the join places without any.

    Of ``unread`` archives what was not found in them again, or, of those that are ``incomplete``, all: of a truncated web archive
    everything that was ever there is still read. With it its posts, and the comments of posts that were not found. And all posts
    that were not found, as their addresses may be known from there alone; where a source is incomplete all, as it may have told
    more of each.
    """
    found = bytearray(len(held))
    for id, archive in placed:
        if (place := held.place(id)) >= 0:
            found[place] = _AGAIN if held.archive(place) == archive else _ELSEWHERE
    posts = [held.place(held.thread(place)) for place in range(len(held))]
    missed = {
        place
        for place, seen in enumerate(found)
        if (archive := held.archive(place)) in unread and (seen != _AGAIN or archive in incomplete)
    }
    threads = {posts[place] for place in missed}
    places = missed | {p for p, post in enumerate(posts) if p == post and (incomplete or p in threads or not found[p])}
    places |= {place for place, post in enumerate(posts) if post in threads and not found[place] and not found[post]}
    return {held.id(place) for place in places if posts[place] >= 0}


def batches(
    base: Generation, settings: Settings, ids: Collection[str]
) -> Iterator[tuple[str, tuple[Post | Comment, ...]]]:
    """Documents of an index as items, batch by batch, each with the archive that it is of."""
    waiting: dict[str, list[Post | Comment]] = {}
    with closing(engine.open_generation(base, settings)) as searcher:
        for document in searcher.documents():
            if document.id not in ids:
                continue
            batch = waiting.setdefault(document.archive, [])
            batch.append(_item(document))
            if len(batch) == _BATCH:
                yield document.archive, tuple(batch)
                batch.clear()
    yield from ((archive, tuple(batch)) for archive, batch in waiting.items() if batch)


def _item(document: Document) -> Post | Comment:
    # A document has no offset; the blog's own time is what it shows.
    published = document.published.replace(tzinfo=UTC) if document.published else None
    cleaned = Cleaned(id=document.id, text=document.text, quoted=document.quoted, domains=document.domains)
    if document.kind == "post" or document.kind == "page":
        return Post(
            source=document.source,
            locator=document.locator,
            native_id=document.id,
            url=document.permalink,
            aliases=document.addresses,
            title=escape(document.title, quote=False),
            author=document.author,
            published=published,
            categories=document.categories,
            tags=document.tags,
            html=document.html,
            kind=document.kind,
            cleaned=cleaned,
        )
    return Comment(
        source=document.source,
        locator=document.locator,
        native_id=document.permalink.partition("#comment-")[2],
        post=document.thread,
        parent=document.parent,
        author=document.author,
        author_url=document.author_url,
        published=published,
        html=document.html,
        kind=document.kind,
        cleaned=cleaned,
    )
