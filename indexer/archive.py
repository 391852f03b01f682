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
    """What a source says of the blog as a whole. The first one that names the blog wins."""

    source: str
    name: str
    description: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post or a page as the archive holds it.

    ``source`` is the format's name (``wordpress``), ``locator`` says where in the input (``export.xml#post=12``),
    ``native_id`` is the id inside the archive ("" when it has none). ``title`` and ``html`` are as found, markup and
    entities included; names (author, categories, tags, here and below) are plain text. ``published`` is aware; its
    wall-clock time is the blog's own local time (UTC where the archive does not tell the offset). ``autop`` says that
    bare newlines in ``html`` stand for paragraphs, as WordPress stores them.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A comment, or a pingback or trackback, on a post.

    ``post`` names the post by its ``native_id`` or its URL; ``parent`` is the ``native_id`` of the comment it answers,
    "" at the top. The pipeline joins both. ``autop`` as for `Post`.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """Something that was seen and left out. ``reason`` is a stable short code, ``detail`` is for a person to read.

    Codes in use: ``draft pending private password future trash spam unapproved attachment menu post-type comment-type revision
    empty orphan duplicate duplicate-comment listing feed not-a-post unrecognised unreadable``.
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


Item = Blog | Post | Comment | Skipped | Repaired
