"""Items of an archive to documents of an index, in two steps.

    Post, Comment ── Placer ──> Placed ── Cleaner ──> Cleaned: documents as the writer takes them

The *placer* knows the run: which item is a copy, to which post a comment belongs. It looks at no HTML. *Cleaning* a placed
item needs nothing but the item, and takes most of the time: it runs in any number of processes.

Identity: a post is its permalink; without one, what its archive calls it. A comment is its number under its post; without
a number, its author, minute and text, which only cleaning tells. The first copy of an item is kept, later ones are folded.
"""

from __future__ import annotations

import hashlib
import pickle
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from indexer.archive import Comment, Post, Repaired, Skipped
from indexer.clean.permalinks import is_identity, normalise
from indexer.clean.plain import one_line, plain
from indexer.clean.safe import safe_html
from indexer.clean.text import extract
from indexer.engine import analysis
from indexer.engine.port import Document, Prepared, Preparer

# A name or category longer than this is damage or abuse; the page has to show it.
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class _Thread:
    """What a comment needs to know of its post."""

    id: str
    key: str
    url: str
    file: str
    native_id: str
    categories: tuple[str, ...]
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Placed:
    """An item that is no copy, and the thread it belongs to. ``id``: of its document, "" where only its text tells."""

    item: Post | Comment
    thread: _Thread
    id: str


Entry = Placed | Skipped | Repaired
Batch = tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A batch, cleaned. ``sample``: a word of it, to search for; ``seconds``: of processor time that it took."""

    prepared: Prepared
    sample: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Cleaner:
    """What a worker does: cleans the placed items of a batch and prepares their documents for the writer."""

    prepare: Preparer

    def __call__(self, batch: Batch) -> Cleaned:
        started = time.thread_time()
        documents = [clean(entry) for entry in batch if isinstance(entry, Placed)]
        prepared = self.prepare(documents)
        return Cleaned(prepared, _sample(documents), time.thread_time() - started)


class Placer:
    """Places the items of one run, in the order in which they come.

    ``archive`` names the source being read, as two sources may hold files of one name. Memory: a record per post and about
    eighty bytes per comment. Comments that come before their post wait in a temporary file.
    """

    def __init__(self) -> None:
        self.archive = ""
        self._threads: dict[str, _Thread] = {}  # by identity
        self._references: dict[tuple[str, str], _Thread] = {}  # by (format, native id) and ("", normalised URL)
        self._comments: set[int] = set()
        self._waiting = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the placer

    def close(self) -> None:
        self._waiting.close()

    def post(self, post: Post) -> Placed | Skipped:
        """The post in its place, or `Skipped` when another copy came before."""
        key = self._key(post)
        known = self._threads.get(key)
        if known is not None:
            self._refer(post, known)
            return _skipped(post, "duplicate", f"the same post as {known.url or known.native_id}")
        categories, tags = _names(post.categories), _names(post.tags)
        thread = _Thread(_digest(key), key, post.url, self._file(post), post.native_id, categories, tags)
        self._threads[key] = thread
        self._refer(post, thread)
        return Placed(post, thread, thread.id)

    def comment(self, comment: Comment) -> Placed | Skipped | None:
        """The comment in its place, `Skipped` when it came before, None when its post has not come yet."""
        thread = self._thread_of(comment)
        if thread is None:
            pickle.dump(comment, self._waiting)
            return None
        return self._comment(comment, thread)

    def late(self) -> Iterator[Placed | Skipped]:
        """The comments that waited: placed now, or skipped as orphans. Call once, at the end."""
        end = self._waiting.tell()
        self._waiting.seek(0)
        while self._waiting.tell() < end:
            comment = pickle.load(self._waiting)
            thread = self._thread_of(comment)
            if thread is None:
                yield _skipped(comment, "orphan", f"its post {comment.post!r} is not in the archive")
            else:
                yield self._comment(comment, thread)

    def copy(self, placed: Placed, id: str) -> Skipped | None:
        """`Skipped` when ``placed``, cleaned, turns out to be a comment that came before. To be asked in the order of items."""
        return None if placed.id else self._copy(placed.item, placed.thread, id)

    def _comment(self, comment: Comment, thread: _Thread) -> Placed | Skipped:
        id = _digest(f"{thread.key}#comment-{comment.native_id}") if comment.native_id else ""
        return (self._copy(comment, thread, id) if id else None) or Placed(comment, thread, id)

    def _copy(self, item: Post | Comment, thread: _Thread, id: str) -> Skipped | None:
        number = int(id, 16)
        if number in self._comments:
            return _skipped(item, "duplicate-comment", f"the same comment on {thread.url or thread.native_id}")
        self._comments.add(number)
        return None

    def _key(self, post: Post) -> str:
        """The identity of a post.

        Where one archive gives two posts the same address, the address does not tell them apart and both are kept.
        """
        own = "\0".join((post.source, post.native_id) if post.native_id else (post.source, post.locator, post.title))
        if not is_identity(post.url):
            return own
        key = normalise(post.url)
        known = self._threads.get(key)
        if known is not None and known.file == self._file(post) and known.native_id and post.native_id:
            return key if known.native_id == post.native_id else own
        return key

    def _file(self, post: Post) -> str:
        return f"{self.archive}/{post.locator.partition('#')[0]}"

    def _refer(self, post: Post, thread: _Thread) -> None:
        if post.native_id:
            self._references[post.source, post.native_id] = thread
        if post.url:
            self._references["", normalise(post.url)] = thread

    def _thread_of(self, comment: Comment) -> _Thread | None:
        by_number = self._references.get((comment.source, comment.post))
        return by_number or self._references.get(("", normalise(comment.post)))


def clean(placed: Placed) -> Document:
    """The document of a placed item. The same in every process; never raises."""
    item = placed.item
    return _post_document(item, placed) if isinstance(item, Post) else _comment_document(item, placed)


def _post_document(post: Post, placed: Placed) -> Document:
    text = extract(post.html, autop=post.autop)
    return Document(
        id=placed.id,
        thread=placed.id,
        kind=post.kind,
        permalink=post.url,
        title=plain(post.title),
        author=_name(post.author),
        published=post.published.replace(tzinfo=None) if post.published else None,
        categories=placed.thread.categories,
        tags=placed.thread.tags,
        text=text.own,
        quoted=text.quoted,
        domains=text.domains,
        html=safe_html(post.html, autop=post.autop, base_url=post.url),
        source=post.source,
        locator=post.locator,
    )


def _comment_document(comment: Comment, placed: Placed) -> Document:
    thread = placed.thread
    text = extract(comment.html, autop=comment.autop)
    author = _name(comment.author)
    published = comment.published.replace(tzinfo=None) if comment.published else None
    minute = published.isoformat(timespec="minutes") if published else ""
    said = "\0".join((author, comment.author_url, minute, text.own, text.quoted))
    anchor = f"#comment-{comment.native_id}" if comment.native_id else ""
    return Document(
        id=placed.id or _digest(f"{thread.key}#{said}"),
        thread=thread.id,
        kind=comment.kind,
        permalink=thread.url + anchor if thread.url else "",
        author=author,
        author_url=comment.author_url,
        parent=_digest(f"{thread.key}#comment-{comment.parent}") if comment.parent else "",
        published=published,
        categories=thread.categories,
        tags=thread.tags,
        text=text.own,
        quoted=text.quoted,
        domains=text.domains,
        html=safe_html(comment.html, autop=comment.autop, base_url=thread.url),
        source=comment.source,
        locator=comment.locator,
    )


def _sample(documents: Iterable[Document]) -> str:
    """The first word of more than three letters that a search must find."""
    found = (word for d in documents if d.kind != "pingback" for word, _, _ in analysis.spans(d.text) if len(word) > 3)
    return next(found, "")


def _digest(key: str) -> str:
    """A document id: 64 bits, so that a collision among a million documents has a chance of one in ten million."""
    return hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _name(text: str) -> str:
    return one_line(text)[:_LONGEST_NAME]


def _names(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for text in texts if (name := _name(text))))


def _skipped(item: Post | Comment, reason: str, detail: str) -> Skipped:
    return Skipped(source=item.source, locator=item.locator, reason=reason, detail=detail)
