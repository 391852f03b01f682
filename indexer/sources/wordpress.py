"""A WordPress export (WXR: RSS with WordPress's own elements) in, the items of `indexer.archive` out.

    wxr_repair: bytes -> well-formed XML -> wxr_parser: XML -> raw items -> here: raw items -> Post, Comment, Skipped

What an export looks like is what WordPress's ``export_wp()`` prints (wp-admin/export.php since 2.1, later
wp-admin/includes/export.php). E-mail addresses and IP numbers are passed over by the parser and never reach this module.

The file for moving comments to Disqus has the same elements and is not recognised here: `indexer.sources.disqus` reads it,
with what is here.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from pathlib import Path

from indexer.archive import Blog, Comment, CommentKind, Item, Post, PostKind, Repaired, Skipped
from indexer.errors import IncompleteSourceError, SourceError
from indexer.sources.base import EXPORT, Format, InputFile, person_name, person_url
from indexer.sources.wxr_parser import RawItem, WxrError, WxrParser
from indexer.sources.wxr_repair import REASONS, NoRootError, RepairedStream

SOURCE = "wordpress"

# --- recognising ------------------------------------------------------------------------------------------------------

# A PHP message or two in front of the XML is junk; a longer text that has an export in it is some other document.
LONGEST_JUNK = 1024
_ROOT_TAG = re.compile(rb"<rss\s[^>]*>")
_XML_BEGINS = re.compile(rb"<(?:\?xml|!--|!DOCTYPE(?!\s+html)|rss\s)", re.IGNORECASE)
_OTHER_DOCUMENT = re.compile(rb"<(?:html|head|body|feed)\b|```|^---\s", re.IGNORECASE)


def sniff(head: bytes, path: Path) -> bool:
    """Whether ``head`` begins an <rss> document that has WordPress's export namespace or version."""
    root = root_tag(head)
    if not root or b"disqus.com" in root:
        return False
    return b"wordpress.org/export" in root or b"<wp:wxr_version>" in head.replace(b"\0", b"")


def root_tag(head: bytes) -> bytes:
    """The <rss> tag of an XML document that begins with ``head``; empty when it is something else."""
    if b"\0" in head[:4]:
        encoding = "utf-16-be" if head.startswith((b"\xfe\xff", b"\0")) else "utf-16-le"
        head = head.decode(encoding, "replace").encode("utf-8", "replace")
    begin = _XML_BEGINS.search(head[:LONGEST_JUNK])
    if not begin or _OTHER_DOCUMENT.search(head[: begin.start()]):
        return b""
    root = _ROOT_TAG.search(head, begin.start())
    return root[0] if root and not _OTHER_DOCUMENT.search(head[begin.start() : root.start()]) else b""


# --- reading ----------------------------------------------------------------------------------------------------------


def read(file: InputFile) -> Iterator[Item]:
    """The blog, then each post with its comments behind it, then what was repaired.

    Raises `IncompleteSourceError` when the file breaks off or the damage is beyond repair, after everything that came
    before; the item that it is in is skipped, as what else it said of itself is not known. Raises `SourceError` when the
    file cannot be opened or is no export at all. Memory grows with the longest item only.
    """
    with file.open() as stream:
        repaired, parser, reader = RepairedStream(stream), WxrParser(), _Reader(file.name)
        failure: SourceError | None = None
        try:
            for chunk in _and_end(repaired):
                raw_items = parser.feed(chunk, final=not chunk)
                yield from reader.items(parser, raw_items)
        except WxrError as error:
            yield from reader.items(parser, parser.take())
            if not (parser.ended and _nothing_is_left(repaired, chunk, error.index)):
                failure = (
                    reader.incomplete(str(error), repaired.offset(error.index))
                    if chunk
                    else reader.incomplete("the file breaks off", repaired.read)
                )
        except NoRootError:
            failure = SourceError(f"{file.name} is not a WordPress export: it has no <rss> element.", "Leave it out.")
        except OSError as error:
            failure = reader.incomplete(error.strerror or "read error", repaired.read)
        except SourceError as error:
            failure = error
        yield from reader.blog(parser)
        if failure and parser.unfinished:
            yield from reader.truncated(parser.unfinished)
        repaired.counts["undeclared-prefix"] += parser.undeclared.total()
        yield from _repairs(file.name, repaired)
        if failure:
            raise failure


def _and_end(repaired: RepairedStream) -> Iterator[bytes]:
    """The chunks that hold anything, then one that holds nothing."""
    yield from filter(None, repaired)
    yield b""


def _nothing_is_left(repaired: RepairedStream, chunk: bytes, index: int) -> bool:
    """Whether no item is behind the end of the export; reads on to see."""
    if not chunk:
        repaired.counts["missing-end"] = 1
        return True
    repaired.counts["trailing-junk"] = 1
    rest = chunk[max(0, len(chunk) - (repaired.given - index)) :]
    try:
        while b"<item" not in rest:
            rest = rest[-8:] + next(repaired)
    except StopIteration:
        return True
    except OSError:
        pass
    return False


def _repairs(name: str, repaired: RepairedStream) -> Iterator[Repaired]:
    for reason, count in sorted(repaired.counts.items()):
        if count:
            yield Repaired(source=SOURCE, locator=name, reason=reason, detail=REASONS[reason], count=count)


class _Reader:
    """Turns raw items into items, and remembers the last one for the error message."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._ordinal = 0
        self._last: tuple[str, str] | None = None
        self._blog_given = False

    def items(self, parser: WxrParser, raw_items: list[RawItem]) -> Iterator[Item]:
        for raw in raw_items:
            yield from self.blog(parser)
            place = self._place(raw)
            post = _post(raw, parser.authors, self._name + place)
            reason, detail = _post_reason(raw)
            self._last = "" if reason else post.title, place
            yield Skipped(source=SOURCE, locator=post.locator, reason=reason, detail=detail) if reason else post
            yield from _comments(raw, post, self._name, place, reason)

    def truncated(self, raw: RawItem) -> Iterator[Item]:
        """The item that was being read when nothing more came, and its comments: left out."""
        place = self._place(raw)
        post = _post(raw, {}, self._name + place)
        yield Skipped(source=SOURCE, locator=post.locator, reason="truncated", detail="its end cannot be read")
        yield from _comments(raw, post, self._name, place, "truncated")

    def _place(self, raw: RawItem) -> str:
        """Where in the file the next item is."""
        self._ordinal += 1
        post_id = _field(raw.fields, "wp:post_id")
        return f"#post={post_id}" if post_id else f"#item={self._ordinal}"

    def blog(self, parser: WxrParser) -> Iterator[Blog]:
        """The blog, once, as soon as the channel's own elements were read: they come before the first item."""
        if not self._blog_given and (name := _plain(parser.channel.get("title", ""))):
            self._blog_given = True
            yield Blog(
                source=SOURCE,
                name=name,
                description=_plain(parser.channel.get("description", "")),
                url=_field(parser.channel, "wp:base_blog_url") or _field(parser.channel, "link"),
                language=_field(parser.channel, "language"),
            )

    def incomplete(self, problem: str, offset: int) -> IncompleteSourceError:
        last = "no item is complete"
        if self._last:
            title, place = self._last
            where = place[1:].replace("=", " ")
            last = f"the last complete item is {where}"
            if title:
                last = f'the last complete item is "{_plain(title)[:60]}" ({where})'
        return IncompleteSourceError(
            f"{self._name} cannot be read beyond byte {offset} ({problem}); {last}.",
            "Export it again, or keep what was read with --partial.",
        )


# --- posts and comments -----------------------------------------------------------------------------------------------

_POST_TYPES: dict[str, PostKind] = {"post": "post", "page": "page"}
_TYPE_REASONS = {"attachment": "attachment", "nav_menu_item": "menu", "revision": "revision"}
# No WordPress ever left the status out. Programs that write exports themselves do, for posts that were public.
_PUBLIC = ("publish", "")
_STATUS_REASONS = {
    "draft": "draft",
    "auto-draft": "draft",
    "pending": "pending",
    "private": "private",
    "future": "future",
    "trash": "trash",
    "inherit": "revision",
    "spam": "spam",
}
_APPROVED = ("1", "approved", "approve", "")
_APPROVAL_REASONS = {"spam": "spam", "trash": "trash", "post-trashed": "trash"}
_COMMENT_KINDS: dict[str, CommentKind] = {
    "": "comment",
    "comment": "comment",
    # A customer's opinion of a product, as public as any comment.
    "review": "comment",
    "pingback": "pingback",
    "trackback": "pingback",
}


def _comments(raw: RawItem, post: Post, name: str, place: str, reason: str) -> Iterator[Item]:
    """The comments of a post, or why they are left out; ``reason``: why the post is, "" when it is not."""
    # By number within the export; the address is for other archives, and tells where relative links lead.
    aliases = (post.url,) if post.url and post.native_id else ()
    for number, fields in enumerate(raw.comments, 1):
        comment_id = _field(fields, "wp:comment_id")
        locator = f"{name}#comment={comment_id}" if comment_id else f"{name}{place}/comment={number}"
        own_reason, own_detail = _comment_reason(fields)
        if own_reason:
            yield Skipped(source=SOURCE, locator=locator, reason=own_reason, detail=own_detail)
        elif reason:
            yield Skipped(source=SOURCE, locator=locator, reason=reason, detail=f"its post {post.locator} is left out")
        elif not (post.native_id or post.url):
            yield Skipped(source=SOURCE, locator=locator, reason="orphan", detail="its post has no id and no address")
        else:
            yield _comment(fields, post, aliases, locator)


def _post_reason(raw: RawItem) -> tuple[str, str]:
    """Why the item is left out, and a detail; ("", "") when it is not.

    A published post without title and content is kept: it has an address, a date, perhaps comments.
    """
    # WordPress takes an item without a type for a post.
    post_type = _field(raw.fields, "wp:post_type") or "post"
    status = _field(raw.fields, "wp:status")
    if post_type not in _POST_TYPES:
        return _TYPE_REASONS.get(post_type, "post-type"), post_type
    if _field(raw.fields, "wp:post_password"):
        return "password", status
    if status not in _PUBLIC:
        # A status that a plugin made up is not public as far as we know.
        return _STATUS_REASONS.get(status, "unrecognised"), status
    return "", ""


def _comment_reason(fields: dict[str, str]) -> tuple[str, str]:
    """Why the comment is left out, whatever its post is; ("", "") when it is not."""
    approved = _field(fields, "wp:comment_approved").lower()
    if approved not in _APPROVED:
        return _APPROVAL_REASONS.get(approved, "unapproved"), approved
    comment_type = _field(fields, "wp:comment_type").lower()
    if comment_type not in _COMMENT_KINDS:
        return "comment-type", comment_type
    return "", ""


def _post(raw: RawItem, authors: dict[str, str], locator: str) -> Post:
    fields = raw.fields
    login = _field(fields, "dc:creator")
    guid, link = _field(fields, "guid"), _field(fields, "link")
    guid = guid if guid.startswith(("http://", "https://")) else ""
    content = fields.get("content:encoded", "")
    categories, tags = _terms(raw.terms)
    return Post(
        source=SOURCE,
        locator=locator,
        native_id=_field(fields, "wp:post_id"),
        url=link or guid,
        title=fields.get("title", ""),
        author=_name(authors.get(login) or login),
        published=_published(fields, "wp:post_date") or _rfc822(fields.get("pubDate", "")),
        modified=_published(fields, "wp:post_modified"),
        categories=categories,
        tags=tags,
        html=content,
        kind=_POST_TYPES.get(_field(fields, "wp:post_type"), "post"),
        # The block editor stores paragraphs as such.
        autop="<!-- wp:" not in content,
        aliases=tuple(filter(None, (_field(fields, "dsq:thread_identifier"), guid if link not in ("", guid) else ""))),
    )


def _comment(fields: dict[str, str], post: Post, aliases: tuple[str, ...], locator: str) -> Comment:
    parent = _field(fields, "wp:comment_parent")
    url = _field(fields, "wp:comment_author_url")
    return Comment(
        source=SOURCE,
        locator=locator,
        native_id=_field(fields, "wp:comment_id"),
        post=post.native_id or post.url,
        parent="" if parent == "0" else parent,
        author=_name(fields.get("wp:comment_author", "")),
        author_url=person_url(url) if url else "",
        published=_published(fields, "wp:comment_date"),
        html=fields.get("wp:comment_content", ""),
        kind=_COMMENT_KINDS[_field(fields, "wp:comment_type").lower()],
        autop=True,
        post_aliases=aliases,
    )


def _terms(terms: list[tuple[str, str]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Categories and tags, each in order and once.

    WordPress 2.3 to 3.0 wrote every category and tag twice, the first time without saying which of the two it is.
    """
    names = [(domain, _plain(name)) for domain, name in terms]
    tags = dict.fromkeys(name for domain, name in names if domain in ("tag", "post_tag") and name)
    categories = dict.fromkeys(
        name for domain, name in names if name and (domain == "category" or (not domain and name not in tags))
    )
    return tuple(categories), tuple(tags)


# --- values -----------------------------------------------------------------------------------------------------------

_RFC822 = re.compile(r"(?:\w+,\s*)?(\d{1,2}) (\w{3}) (\d{4}) (\d\d:\d\d:\d\d) (?:[+-]0000|GMT|UTC?|Z)")
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
# Few people write most comments, in two time zones a year; what is worked out for one is kept for the next.
REMEMBERED = 1024
# Below are the zero dates of databases (0000, 0001), above no time zone can be added to a date any more.
_YEARS = range(1000, 9999)
# What PHP on 32 bits made of 0000-00-00 in a pubDate.
_PHP_ZERO = datetime(1999, 11, 30)


def _field(fields: dict[str, str], name: str) -> str:
    return fields.get(name, "").strip()


def _plain(text: str) -> str:
    """A name in one line. WordPress's database holds names with entities, which CDATA then keeps."""
    return " ".join(html.unescape(text).split())


@lru_cache(maxsize=REMEMBERED)
def _name(text: str) -> str:
    return person_name(_plain(text))


def _published(fields: dict[str, str], name: str) -> datetime | None:
    """The blog's local time in the element ``name``, with the offset that the element ``name``_gmt tells, or UTC."""
    local, utc = _stamp(fields.get(name, "")), _stamp(fields.get(f"{name}_gmt", ""))
    if local is None or utc is None:
        known = local or utc
        return known and known.replace(tzinfo=UTC)
    return local.replace(tzinfo=_zone(local - utc))


@lru_cache(maxsize=REMEMBERED)
def _zone(offset: timedelta) -> timezone:
    """The time zone that is so far from UTC, or UTC where none is."""
    if timedelta(hours=-12) <= offset <= timedelta(hours=14) and offset % timedelta(minutes=15) == timedelta(0):
        return timezone(offset) if offset else UTC
    return UTC


def _stamp(text: str) -> datetime | None:
    """A date of MySQL's (2008-05-01 12:00:00), naive; None for 0000-00-00 and whatever else is no date."""
    try:
        date = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return date if date.tzinfo is None and date.year in _YEARS else None


def _rfc822(text: str) -> datetime | None:
    """A pubDate, which WordPress writes in UTC; None for its zero dates ("Mon, 30 Nov -0001 00:00:00 +0000")."""
    found = _RFC822.fullmatch(text.strip())
    if not found or found[2].lower() not in _MONTHS:
        return None
    month = _MONTHS.index(found[2].lower()) + 1
    date = _stamp(f"{found[3]}-{month:02}-{int(found[1]):02} {found[4]}")
    return date.replace(tzinfo=UTC) if date and date != _PHP_ZERO else None


FORMAT = Format(name=SOURCE, title="WordPress export (WXR 1.0, 1.1, 1.2)", sniff=sniff, read=read, rank=EXPORT)
