"""What a source yields: the items of an archive, before any cleaning.

Items are plain frozen values without behaviour, so that a source can be written and tested without the rest of
Backfile. No field holds an e-mail address or an IP number: a source never reads them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

PostKind = Literal["post", "page"]
CommentKind = Literal["comment", "pingback"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Blog:
    """What a source says of the blog as a whole. The first one that names the blog wins.

    ``language`` is what its texts are written in, as a tag (``fr-FR``) or by its English name, "" where the source does not
    tell; a source that knows nothing else gives it with an empty name.
    """

    source: str
    name: str
    description: str = ""
    url: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """What cleaning would make of an item, where the archive is one that Backfile wrote.

    ``id`` is the document's id, ``text`` and ``quoted`` the words outside and inside block quotes, ``domains`` the hosts that
    it links to.
    """

    id: str
    text: str
    quoted: str = ""
    domains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post or a page as the archive holds it.

    ``source`` is the format's name (``wordpress``), ``locator`` says where in the input (``export.xml#post=12``),
    ``native_id`` is the id inside the archive ("" when it has none). ``title`` and ``html`` are as found, markup and
    entities included; names (author, categories, tags, here and below) are plain text. ``published`` is aware; its
    wall-clock time is the blog's own local time (UTC where the archive does not tell the offset). ``autop`` says that
    bare newlines in ``html`` stand for paragraphs, as WordPress stores them.

    ``aliases`` are other addresses of this very post that the archive names (a short link, a guid, where it was moved from),
    and other names by which comments of another archive may call it (a Disqus identifier). ``captured`` is when a copy was
    made, where a web archive tells. ``cleaned`` is set by Backfile's own exchange format alone.
    """

    source: str
    locator: str
    native_id: str
    url: str
    title: str
    author: str = ""
    published: datetime | None = None
    modified: datetime | None = None
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    html: str = ""
    kind: PostKind = "post"
    autop: bool = False
    aliases: tuple[str, ...] = ()
    captured: datetime | None = None
    cleaned: Cleaned | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A comment, or a pingback or trackback, on a post.

    ``post`` names the post by its ``native_id`` or its URL, ``post_aliases`` by what else the archive knows of it;
    ``parent`` is the ``native_id`` of the comment it answers, "" at the top. The pipeline joins them. Numbers of comments are
    compared across formats, as a blog's export and its pages have the same: where they are of another kind, ``native_id``
    says so (``disqus-123``). ``autop`` and ``cleaned`` as for `Post`.
    """

    source: str
    locator: str
    native_id: str
    post: str
    parent: str = ""
    author: str = ""
    author_url: str = ""
    published: datetime | None = None
    html: str = ""
    kind: CommentKind = "comment"
    autop: bool = False
    post_aliases: tuple[str, ...] = ()
    cleaned: Cleaned | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """A web page as a web archive holds it, still to be read (as a saved page, in any process).

    ``captured`` is when it was fetched, ``charset`` what the server said of its encoding, ``body`` the page, undone of any
    transfer and content encoding. ``media_type`` is what the body looks like: ``text/html``, or of a feed
    ``application/rss+xml``, ``application/atom+xml`` or ``application/feed+json``. ``aliases`` are addresses that led to it.
    """

    source: str
    locator: str
    url: str
    captured: datetime | None
    charset: str
    body: bytes
    media_type: str = "text/html"
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """Something that was seen and left out. ``reason`` is a stable short code, ``detail`` is for a person to read.

    ``detail`` is shown to the owner and may be published: it holds nothing of what a person wrote that was left out, nor who.
    Codes in use: ``draft pending private password future trash spam unapproved deleted attachment menu post-type comment-type
    revision setting template empty orphan duplicate redacted listing feed revisit redirect error-page
    not-a-page not-a-post crawl-log index data unrecognised unreadable truncated``.
    """

    source: str
    locator: str
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repaired:
    """Damage in the input that was read through: ``reason`` is a short code (``control-character``), ``count`` how often."""

    source: str
    locator: str
    reason: str
    detail: str = ""
    count: int = 1


Item = Blog | Post | Comment | Capture | Skipped | Repaired
