"""A Ghost export (JSON) in, the items of `indexer.archive` out.

    tables: bytes -> rows ──> blog: names, addresses, who may see what (first reading)
                         └──> here: rows of posts and comments -> Post, Comment, Skipped (second reading)
                                    body: a post's text -> HTML, with lexical, mobiledoc, cards

The format is the blog's database, table by table (https://docs.ghost.org/migration/custom, and since the first version
https://github.com/TryGhost/Ghost, ghost/core/core/server/data/exporter). The tables that a post refers to come after it: the
file is read twice, so that memory holds no texts.

E-mail addresses and passwords, of users and members, are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

from indexer.archive import Comment, Item, Post, Repaired, Skipped
from indexer.errors import IncompleteSourceError, SourceError
from indexer.sources.base import EXPORT, Format, InputFile
from indexer.sources.ghost import blog, tables
from indexer.sources.ghost.body import body
from indexer.sources.ghost.values import Row, moment, text

SOURCE = "ghost"
# The tables whose rows are items.
_TABLES = ("posts", "comments")

# --- recognising ------------------------------------------------------------------------------------------------------

_BEGIN = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*(?:"db"\s*:\s*\[\s*\{\s*)?"(meta|data)"\s*:\s*\{')
_META = re.compile(rb'"meta"\s*:\s*\{[^{}]{0,1000}"exported_on"')
_DATA = re.compile(rb'"data"\s*:\s*\{\s*"[a-z_]{1,64}"\s*:\s*\[')


def sniff(head: bytes, path: Path) -> bool:
    """Whether ``head`` begins an object of ``meta`` (with the date of the export) and ``data``, or a ``db`` of such.

    Without ``meta`` in sight, ``data`` is taken for tables when they have rows like a post's.
    """
    if not _BEGIN.match(head):
        return False
    return bool(_META.search(head)) or (bool(_DATA.search(head)) and b'"slug"' in head and b'"status"' in head)


# --- reading ----------------------------------------------------------------------------------------------------------


def read(file: InputFile) -> Iterator[Item]:
    """The blog, then posts and comments as they stand in the file, then what was repaired.

    Raises `IncompleteSourceError` when the file breaks off or is damaged, after what came before; `SourceError` when it
    cannot be opened or is no export.
    """
    known = _known(file)
    if about := known.blog(SOURCE):
        yield about
    failure: SourceError | None = None
    with file.open() as stream:
        found = tables.Tables(stream)
        reader = _Reader(file.name, known)
        try:
            for table, row in found:
                yield from reader.items(table, row)
        except SourceError as error:
            failure = error
        except tables.DamagedError as error:
            if found.found:
                failure = IncompleteSourceError(
                    f"{file.name} cannot be read beyond byte {error.offset} ({error}); {reader.last}.",
                    "Export it again, or keep what was read with --partial.",
                )
        if failure:
            yield from reader.truncated(found.unfinished)
        if not found.found:
            failure = failure or SourceError(f'{file.name} is not a Ghost export: it has no "data".', "Leave it out.")
    if found.invalid:
        detail = "bytes that are no characters, replaced by U+FFFD"
        yield Repaired(source=SOURCE, locator=file.name, reason="invalid-bytes", detail=detail, count=found.invalid)
    if failure:
        raise failure


def _known(file: InputFile) -> blog.Tables:
    """The first reading: what posts refer to. It stops at damage, which the second one reports; it is no progress."""
    known = blog.Tables()
    with InputFile(file.path, file.name, member=file.member).open() as stream:
        try:
            for table, row in tables.Tables(stream):
                known.learn(table, row)
        except (tables.DamagedError, IncompleteSourceError):
            pass
    return known


class _Reader:
    """Turns rows into items. ``last`` says which was the last complete one."""

    def __init__(self, name: str, known: blog.Tables) -> None:
        self._name = name
        self._known = known
        self._url, self._clock = known.url, known.clock
        self._ordinal = 0
        self.last = "no post is complete"

    def items(self, table: str, row: Any) -> Iterator[Item]:
        """The item that a row is; none of tables that hold none."""
        if table not in _TABLES:
            return
        self._ordinal += 1
        id = text(row.get("id")) if isinstance(row, dict) else ""
        place = f"{'post' if table == 'posts' else 'comment'}={id}" if id else f"row={self._ordinal}"
        self.last = f"the last complete one is {place.replace('=', ' ')}"
        locator = f"{self._name}#{place}"
        if not isinstance(row, dict):
            yield self._skipped(locator, "unreadable", f"a row of the table {table} that is no object")
        elif table == "posts":
            yield from self._post(row, locator, id)
        else:
            yield self._comment(row, locator, id)

    def truncated(self, table: str) -> Iterator[Item]:
        """What is known of the row in which the reading ended."""
        if table in _TABLES:
            yield self._skipped(f"{self._name}#row={self._ordinal + 1}", "truncated", "its end cannot be read")

    def _post(self, row: Row, locator: str, id: str) -> Iterator[Item]:
        if reason := blog.withheld(row):
            yield self._skipped(locator, reason, "")
            return
        published = blog.date_of(row, self._clock)
        url, aliases = self._addresses(row, self._known.path(row, published))
        html, damaged = body(row, self._url)
        if damaged:
            detail = "the editor's document is damaged; the rest of the post was read"
            yield Repaired(source=SOURCE, locator=locator, reason="unreadable-text", detail=detail)
        yield Post(
            source=SOURCE,
            locator=locator,
            native_id=id,
            url=url,
            # Ghost's titles are plain text.
            title=escape(text(row.get("title")), quote=False),
            author=self._known.author(row),
            published=published,
            modified=moment(row.get("updated_at"), self._clock),
            categories=self._known.tags(row),
            html=html,
            kind="page" if blog.is_page(row) else "post",
            aliases=aliases,
        )

    def _addresses(self, row: Row, path: str) -> tuple[str, tuple[str, ...]]:
        """The post's own address, and what else it may be called by: its path where the blog's address is not known.

        ``canonical_url`` is where the text was first published, often on another site: never the post's own address.
        """
        own = text(row.get("url")).strip()
        url = own if blog.is_address(own) else self._url + path if self._url and path else ""
        canonical = text(row.get("canonical_url")).strip().replace("__GHOST_URL__", self._url)
        others = ["" if url else path, canonical if blog.is_address(canonical) else ""]
        return url, tuple(dict.fromkeys(other for other in others if other and other != url))

    def _comment(self, row: Row, locator: str, id: str) -> Item:
        """A comment of Ghost 5, from a backup: the usual export has none."""
        status, post = text(row.get("status")).lower(), text(row.get("post_id"))
        if status not in ("published", ""):
            reasons = {"hidden": "unapproved", "deleted": "deleted"}
            return self._skipped(locator, reasons.get(status, "unrecognised"), "")
        if reason := self._known.withheld(post):
            return self._skipped(locator, reason, f"its post {self._name}#post={post} is left out")
        if not post:
            return self._skipped(locator, "orphan", "it names no post")
        parent = text(row.get("in_reply_to_id")) or text(row.get("parent_id"))
        return Comment(
            source=SOURCE,
            locator=locator,
            native_id=f"ghost-{id}" if id else "",
            post=post,
            parent=f"ghost-{parent}" if parent else "",
            author=self._known.member(text(row.get("member_id"))),
            published=moment(row.get("created_at"), self._clock),
            html=text(row.get("html")),
        )

    def _skipped(self, locator: str, reason: str, detail: str) -> Skipped:
        return Skipped(source=SOURCE, locator=locator, reason=reason, detail=detail)


FORMAT = Format(name=SOURCE, title="Ghost export (JSON)", sniff=sniff, read=read, rank=EXPORT)
