"""The comments that Disqus kept for a blog in, comments that name their post out. Two files hold such comments:

    disqus.xml    what Disqus exports: <thread>s, one per page, then <post>s, which are the comments
    import.xml    what a blog's software wrote for Disqus to import: WordPress's export with ``dsq:`` elements

The formats' documentation: https://help.disqus.com/en/articles/1717164-comments-export (export; its schema is
https://disqus.com/api/schemas/1.0/disqus.xsd) and https://help.disqus.com/en/articles/1717222-custom-xml-import-format (import).

Of a person only the name is read, never ``email`` nor ``ipAddress``.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from indexer.archive import Comment, Item, Post, Repaired, Skipped
from indexer.errors import IncompleteSourceError, SourceError
from indexer.sources import wordpress
from indexer.sources.base import EXPORT, FEED, Format, InputFile, person_name
from indexer.sources.wxr_repair import REASONS, NoRootError, RepairedStream

if TYPE_CHECKING:
    from lxml.etree import _Element

SOURCE = "disqus"
IMPORT_SOURCE = "disqus-wxr"

# --- recognising ------------------------------------------------------------------------------------------------------

# The root element of an export comes first but for the XML declaration and perhaps a comment.
_PROLOG_BYTES = 4096
_ROOT = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*(?:<\?xml|<!--|<disqus\s)")
_ROOT_TAG = re.compile(rb"<disqus\s[^>]*disqus\.com")
_OTHER_ROOT = re.compile(rb"<(?:html|body|rss|feed)\b", re.IGNORECASE)


def sniff(head: bytes, path: Path) -> bool:
    """Whether ``head`` begins a document with the root element <disqus> of Disqus's namespace."""
    start = head[:_PROLOG_BYTES]
    tag = _ROOT_TAG.search(start)
    return bool(tag and _ROOT.match(start) and not _OTHER_ROOT.search(start[: tag.start()]))


def sniff_import(head: bytes, path: Path) -> bool:
    """Whether ``head`` begins an <rss> document with Disqus's namespace beside WordPress's."""
    root = wordpress.root_tag(head)
    return b"disqus.com" in root and b"wordpress.org/export" in root


# --- threads ----------------------------------------------------------------------------------------------------------

# What Disqus's WordPress plugin calls a post: its number and its short link.
_WORDPRESS_IDENTIFIER = re.compile(r"\d+ (https?://\S+)")
# Where a blog was tried out before it was on the web.
_LOCAL_HOST = re.compile(
    r"(?:localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1\])(?::\d+)?|.*\.(?:local|test|localhost)(?::\d+)?", re.I
)


@dataclass(frozen=True, slots=True)
class _Thread:
    """The comments of one page: its address, and what the page called itself (``disqus_identifier``)."""

    link: str
    identifier: str
    deleted: bool


def names(identifier: str, sites: tuple[str, ...] = ()) -> tuple[str, ...]:
    """What else a post may be called whose thread has this identifier; ``sites`` are the addresses the blog may have.

    Disqus shows a thread wherever a page gives its identifier, whatever the page's address. By habit it is a number, the
    short link that WordPress makes, the page's address, or its path.
    """
    if not identifier:
        return ()
    found = [identifier]
    if short := _WORDPRESS_IDENTIFIER.fullmatch(identifier):
        found.append(short[1])
    elif identifier.startswith("/") and not identifier.startswith("//"):
        found += [site + identifier for site in sites]
    return tuple(dict.fromkeys(found))


def _site(link: str) -> str:
    """Scheme and host of an address on the web; "" of any other, and of one on somebody's own computer."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.netloc or _LOCAL_HOST.fullmatch(parts.netloc):
        return ""
    return f"{parts.scheme}://{parts.netloc}"


# --- the export -------------------------------------------------------------------------------------------------------

# Bytes without the end of a thread or comment: Disqus takes comments of 25,000 characters and no more.
MAX_ELEMENT_BYTES = 16 * 1024 * 1024
_ID = "{http://disqus.com/disqus-internals}id"


def read(file: InputFile) -> Iterator[Item]:
    """The comments, or why they are left out, as they stand in the file; then the threads without any; then what was repaired.

    Raises `IncompleteSourceError` when the file breaks off or is damaged, after what came before; `SourceError` when it
    cannot be opened or is no export. Memory grows with the number of threads: half a kilobyte for each.
    """
    with file.open() as stream:
        repaired, reader = RepairedStream(stream, b"disqus"), _Reader(file.name)
        failure: SourceError | None = None
        try:
            for element in _elements(repaired):
                yield from reader.items(element)
        except NoRootError:
            failure = SourceError(f"{file.name} is not a Disqus export: it has no <disqus> element.", "Leave it out.")
        except SourceError as error:
            failure = error
        except _DamagedError as error:
            failure = IncompleteSourceError(
                f"{file.name} cannot be read beyond byte {repaired.offset(repaired.given)} ({error}); {reader.last}.",
                "Export it again, or keep what was read with --partial.",
            )
        if failure is None:
            yield from reader.silent_threads()
        for reason, count in sorted(repaired.counts.items()):
            if count:
                yield Repaired(source=SOURCE, locator=file.name, reason=reason, detail=REASONS[reason], count=count)
        if failure:
            raise failure


class _DamagedError(ValueError):
    """The XML cannot be read on, and why."""


def _elements(chunks: Iterator[bytes]) -> Iterator[_Element]:
    """The children of the root as they end; each is removed afterwards. Raises `_DamagedError` after those before the damage.

    No document type gets here (`RepairedStream` drops it): there are no entities but XML's own.
    """
    from lxml import etree

    parser = etree.XMLPullParser(events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False)
    depth = waiting = 0
    for chunk in chunks:
        problem = ""
        try:
            parser.feed(chunk)
        except etree.XMLSyntaxError:
            # What lxml says of it quotes the file.
            problem = "it is not well-formed there"
        waiting += len(chunk)
        for event, element in cast("Iterator[tuple[str, _Element]]", parser.read_events()):
            depth += 1 if event == "start" else -1
            if event == "end" and depth == 1 and (root := element.getparent()) is not None:
                waiting = 0
                yield element
                # Emptied first: lxml looks at the namespaces of all that is moved, which takes quadratic time.
                element.clear()
                root.remove(element)
        if problem or waiting > MAX_ELEMENT_BYTES:
            raise _DamagedError(problem or f"an element has more than {MAX_ELEMENT_BYTES // 1024**2} MB")
    if depth:
        raise _DamagedError("the file breaks off")


class _Reader:
    """Turns elements into items, and remembers the threads."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._threads: dict[str, _Thread] = {}
        self._silent: dict[str, None] = {}
        self._sites: Counter[str] = Counter()
        self._comments = 0
        self.last = "no comment is complete"

    def items(self, element: _Element) -> Iterator[Item]:
        """The comment that a <post> is; nothing for a <thread>, which its comments stand for, nor for other elements."""
        kind = _local(element)
        if kind == "thread":
            fields = _fields(element)
            id = element.get(_ID, "")
            thread = _Thread(fields.get("link", ""), fields.get("id", ""), _true(fields, "isDeleted"))
            self._threads[id] = thread
            self._silent[id] = None
            if site := _site(thread.link):
                self._sites[site] += 1
        elif kind == "post":
            yield self._comment(element)

    def silent_threads(self) -> Iterator[Item]:
        """The threads that no comment named: pages that somebody looked at. Call at the end."""
        for id in self._silent:
            locator = f"{self._name}#thread={id}"
            yield Skipped(source=SOURCE, locator=locator, reason="empty", detail="a thread without comments")

    def _comment(self, element: _Element) -> Comment | Skipped:
        fields, ids = _fields(element), _references(element)
        id = element.get(_ID, "")
        self._comments += 1
        place = f"comment={id}" if id else f"item={self._comments}"
        self.last = f"the last complete one is {place.replace('=', ' ')}"
        locator = f"{self._name}#{place}"
        self._silent.pop(ids.get("thread", ""), None)
        thread = self._threads.get(ids.get("thread", ""))
        reason, detail = _reason(fields, thread)
        if reason or thread is None:
            return Skipped(source=SOURCE, locator=locator, reason=reason, detail=detail)
        return Comment(
            source=SOURCE,
            locator=locator,
            native_id=f"disqus-{id}" if id else "",
            post=thread.link or thread.identifier,
            parent=f"disqus-{ids['parent']}" if ids.get("parent") else "",
            author=person_name(_plain(fields.get("name", "") or fields.get("username", ""))),
            published=_date(fields.get("createdAt", "")),
            html=fields.get("message", ""),
            post_aliases=names(thread.identifier, self._possible_sites(thread)),
        )

    def _possible_sites(self, thread: _Thread) -> tuple[str, ...]:
        """The thread's own, and the one that most threads have: a page tried out at home is under the same path there."""
        return tuple(filter(None, [_site(thread.link), *(site for site, _ in self._sites.most_common(1))]))


def _reason(fields: dict[str, str], thread: _Thread | None) -> tuple[str, str]:
    """Why the comment is left out, and a detail; ("", "") when it is not."""
    if _true(fields, "isDeleted"):
        return "deleted", ""
    if _true(fields, "isSpam"):
        return "spam", ""
    if fields.get("isApproved", "true").lower() in ("false", "0"):
        return "unapproved", ""
    if thread is None:
        return "orphan", "its thread is not in the export"
    if thread.deleted:
        return "deleted", "its thread was deleted"
    if not (thread.link or thread.identifier):
        return "orphan", "its thread has no address"
    return "", ""


# --- the import file --------------------------------------------------------------------------------------------------


def read_import(file: InputFile) -> Iterator[Item]:
    """The threads' pages as posts, where the file has their text, and the comments; raises as WordPress's reader does.

    Numbers of comments are those of whatever software wrote the file, and compared with nobody else's.
    """
    post: Post | None = None
    heard = False
    for item in wordpress.read(file):
        if isinstance(item, Comment) and post is not None:
            heard = True
            yield _imported(item, post)
            continue
        heard = heard or (isinstance(item, Skipped) and "comment=" in item.locator)
        if isinstance(item, Post | Repaired):
            yield from _unheard(post, heard)
            post, heard = None, False
        if isinstance(item, Post):
            post = replace(
                item,
                source=IMPORT_SOURCE,
                aliases=names("".join(item.aliases[:1]), (site,) if (site := _site(item.url)) else ()),
            )
            if post.html.strip():
                heard = True
                yield post
        else:
            yield replace(item, source=IMPORT_SOURCE)
    yield from _unheard(post, heard)


def _unheard(post: Post | None, heard: bool) -> Iterator[Item]:
    """The account of a thread with neither text nor comments."""
    if post is not None and not heard:
        detail = "a thread without text and comments"
        yield Skipped(source=IMPORT_SOURCE, locator=post.locator, reason="empty", detail=detail)


def _imported(comment: Comment, post: Post) -> Comment:
    return replace(
        comment,
        source=IMPORT_SOURCE,
        native_id=f"disqus-wxr-{comment.native_id}" if comment.native_id else "",
        post=post.url or comment.post,
        post_aliases=post.aliases,
        parent=f"disqus-wxr-{comment.parent}" if comment.parent else "",
    )


# --- values -----------------------------------------------------------------------------------------------------------

# As for WordPress: outside are the zero dates of databases, and dates that no time zone can be added to.
_YEARS = range(1000, 9999)


def _local(element: _Element) -> str:
    """The element's name without its namespace; "" of a comment or an instruction."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _text(element: _Element) -> str:
    text = "".join(cast("Iterator[str]", element.itertext())) if len(element) else element.text or ""
    return text.strip()


def _fields(element: _Element) -> dict[str, str]:
    """The texts of an element's children by name, and of its author what is shown of one."""
    fields = {_local(child): _text(child) for child in element if _local(child) != "author"}
    for author in element:
        if _local(author) == "author":
            fields |= {_local(child): _text(child) for child in author if _local(child) in ("name", "username")}
    return fields


def _references(element: _Element) -> dict[str, str]:
    """The ids of the elements that an element refers to, by their name (``thread``, ``parent``)."""
    return {_local(child): id for child in element if (id := child.get(_ID))}


def _true(fields: dict[str, str], name: str) -> bool:
    return fields.get(name, "").lower() in ("true", "1")


def _plain(text: str) -> str:
    return " ".join(html.unescape(text).split())


def _date(text: str) -> datetime | None:
    """``2010-09-17T21:04:38Z``; without an offset it is UTC too."""
    try:
        date = datetime.fromisoformat(text)
        date = date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return date if date.year in _YEARS else None


FORMAT = Format(name=SOURCE, title="Disqus export (XML)", sniff=sniff, read=read, rank=EXPORT)
# The text in an import file was made for Disqus to show beside comments: any other copy of the post tells more.
IMPORT_FORMAT = Format(
    name=IMPORT_SOURCE, title="Disqus import file (WXR)", sniff=sniff_import, read=read_import, rank=FEED
)
