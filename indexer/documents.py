"""Items of an archive to documents of an index, in two steps that need nothing but the item.

    Post, Comment ── draft ──> Draft, Key          cleaned, but it is not known yet whether it is a copy, and of what thread
    Draft, Place  ── document ──> Document         after everything was read (`indexer.joining`)

A *key* is what the join needs of an item: names and numbers, no text.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from indexer.archive import Comment, CommentKind, Post, PostKind
from indexer.clean.plain import one_line, plain
from indexer.clean.safe import safe_html
from indexer.clean.text import Text, extract
from indexer.engine.port import Document, Kind

# A name or category longer than this is damage or abuse; the page has to show it.
_LONGEST_NAME = 200
_NOT_WORD = re.compile(r"[\W_]+")
_NOT_WORD_ASCII = bytes(code for code in range(0x80) if not chr(code).isalnum())


class PostKey(NamedTuple):
    """What the join needs of a post. ``length`` is that of its text.

    ``url``, ``title`` and ``length`` are as the archive has them, so that no rule of the owner's changes what is one post, nor an
    id; they go no further. What the owner lets be seen is ``shown_url``, ``shown_aliases``,
    ``shown_title``, author, categories and tags.
    """

    source: str
    locator: str
    native_id: str
    url: str
    aliases: tuple[str, ...]
    kind: PostKind
    title: str
    author: str
    published: datetime | None
    modified: datetime | None
    captured: datetime | None
    categories: tuple[str, ...]
    tags: tuple[str, ...]
    length: int
    id: str
    shown_url: str
    shown_title: str
    redacted: bool = False
    shown_aliases: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """The part of its locator that names the file."""
        return self.locator.partition("#")[0]


class CommentKey(NamedTuple):
    """What the join needs of a comment. ``said`` is a hash of author, minute and words, as the archive has them."""

    source: str
    file: str
    native_id: str
    post: str
    post_aliases: tuple[str, ...]
    parent: str
    kind: CommentKind
    said: int
    id: str
    redacted: bool = False


Key = PostKey | CommentKey


class Draft(NamedTuple):
    """A cleaned item: a document (`indexer.engine.port.Document`) that has no id, thread and parent yet.

    ``url`` is a post's own permalink, ``addresses`` its others as they were found;
    ``anchor`` is where on its post's page a comment stands, "" where that is not known.
    (Tuples, as they are pickled by the hundred thousand: a third of the time that dataclasses take.)
    """

    source: str
    locator: str
    kind: Kind
    title: str = ""
    author: str = ""
    author_url: str = ""
    published: datetime | None = None
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    text: str = ""
    quoted: str = ""
    domains: tuple[str, ...] = ()
    html: str = ""
    url: str = ""
    anchor: str = ""
    addresses: tuple[str, ...] = ()


class Place(NamedTuple):
    """Where an item belongs: the ids of its document and of the one that it answers ("" at the top), and its thread."""

    kind: Kind
    id: str
    parent: str
    thread: Thread


class Thread(NamedTuple):
    """What is known of a post when all its copies were seen. Its comments have its categories and tags."""

    id: str
    url: str
    title: str
    author: str
    published: datetime | None
    categories: tuple[str, ...]
    tags: tuple[str, ...]
    addresses: tuple[str, ...] = ()


def digest(key: str) -> str:
    """A document id: 64 bits, so that a collision among a million documents has a chance of one in ten million."""
    return hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def words_of(text: str) -> str:
    """The letters and digits of a text, case folded: what is left of it whatever quotes, dashes and spaces became."""
    # Dropping bytes takes a tenth of the time that a regular expression takes, and leaves it little or nothing to do.
    words = text.casefold().encode("utf-8", "surrogatepass").translate(None, _NOT_WORD_ASCII)
    return words.decode() if words.isascii() else _NOT_WORD.sub("", words.decode("utf-8", "surrogatepass"))


def draft(item: Post | Comment, mend: Callable[[str], str]) -> Draft:
    """The item, cleaned; ``mend`` repairs and counts mojibake. The same in every process; never raises."""
    if item.cleaned:  # mended before it was exported: what is left is meant
        mend = str
    return _post(item, mend) if isinstance(item, Post) else _comment(item, mend)


def key(item: Post | Comment, drafted: Draft, cleared: Draft | None) -> Key:
    """What the join needs of an item: its draft before and after redaction, None where it was taken down."""
    given = item.cleaned.id if item.cleaned else ""
    if isinstance(item, Comment):
        file = item.locator.partition("#")[0]
        about = item.post, item.post_aliases, item.parent, item.kind
        return CommentKey(item.source, file, item.native_id, *about, said(drafted), given, cleared is None)
    shown = cleared or Draft(drafted.source, drafted.locator, drafted.kind)
    return PostKey(
        source=item.source,
        locator=item.locator,
        native_id=item.native_id,
        url=item.url,
        aliases=item.aliases,
        kind=item.kind,
        title=drafted.title,
        author=shown.author,
        published=drafted.published,
        modified=item.modified,
        captured=item.captured,
        categories=shown.categories,
        tags=shown.tags,
        length=len(drafted.text) + len(drafted.quoted),
        id=given,
        shown_url=shown.url,
        shown_title=shown.title,
        redacted=cleared is None,
        shown_aliases=shown.addresses,
    )


def document(drafted: Draft, place: Place, archive: str) -> Document:
    """The document of an item in its place; ``archive`` is the source that it came from, as it was given."""
    thread, is_post = place.thread, drafted.kind in ("post", "page")
    return Document(
        id=place.id,
        thread=thread.id,
        kind=drafted.kind,
        permalink=thread.url if is_post or not thread.url else thread.url + drafted.anchor,
        title=thread.title if is_post else "",
        author=thread.author if is_post else drafted.author,
        author_url=drafted.author_url,
        parent=place.parent,
        published=thread.published if is_post else drafted.published,
        categories=thread.categories,
        tags=thread.tags,
        text=drafted.text,
        quoted=drafted.quoted,
        domains=drafted.domains,
        addresses=thread.addresses if is_post else (),
        html=drafted.html,
        source=drafted.source,
        locator=drafted.locator,
        archive=archive,
    )


def _post(post: Post, mend: Callable[[str], str]) -> Draft:
    html = mend(post.html)
    text = _text(post, html)
    return Draft(
        source=post.source,
        locator=post.locator,
        kind=post.kind,
        title=plain(mend(post.title)),
        author=_name(mend(post.author)),
        published=post.published.replace(tzinfo=None) if post.published else None,
        categories=_names(map(mend, post.categories)),
        tags=_names(map(mend, post.tags)),
        text=text.own,
        quoted=text.quoted,
        domains=text.domains,
        html=safe_html(html, autop=post.autop, base_url=post.url),
        url=post.url,
        addresses=post.aliases,
    )


def _comment(comment: Comment, mend: Callable[[str], str]) -> Draft:
    html = mend(comment.html)
    text = _text(comment, html)
    # A link without a host leads nowhere unless the address of the post is known.
    base = next(filter(_is_web, (comment.post, *comment.post_aliases)), "")
    return Draft(
        source=comment.source,
        locator=comment.locator,
        kind=comment.kind,
        author=_name(mend(comment.author)),
        author_url=comment.author_url,
        published=comment.published.replace(tzinfo=None) if comment.published else None,
        text=text.own,
        quoted=text.quoted,
        domains=text.domains,
        html=safe_html(html, autop=comment.autop, base_url=base),
        # The number alone: "disqus-12" is 12 where Disqus shows it.
        anchor=f"#comment-{comment.native_id.rpartition('-')[2]}" if comment.native_id else "",
    )


def _text(item: Post | Comment, html: str) -> Text:
    if item.cleaned:
        return Text(item.cleaned.text, item.cleaned.quoted, item.cleaned.domains)
    return extract(html, autop=item.autop)


def _is_web(name: str) -> bool:
    return name.startswith(("http://", "https://"))


def said(comment: Draft) -> int:
    """A hash of author, minute and words, by which copies of a comment are known."""
    minute = comment.published.isoformat(timespec="minutes") if comment.published else ""
    text = comment.text + comment.quoted
    # Many a page shows nothing of a pingback but whose it is, and two from one blog differ in their address alone.
    url = comment.author_url if comment.kind == "pingback" else ""
    return int(digest("\0".join((words_of(comment.author), minute, words_of(text) or text, url))), 16)


@lru_cache(maxsize=4096)
def _name(text: str) -> str:
    """A name in one line. A few people write most of a blog, and its categories are few."""
    return one_line(text)[:_LONGEST_NAME].rstrip()


def _names(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for text in texts if (name := _name(text))))
