"""A plain-text dump of one post's page: what is left when only the text of a page was kept.

    May 04 2008                                          the date
    The title
    Published by Name at 11:40 am under Iran,Iraq        the byline; the name or the place of the date may be missing
    paragraphs, between empty lines
    One response so far
    One Response to "The title"                          the heading over the comments
      1. name says:                                      (or: 2. name on 04 May 2008 at 12:01 pm)
    paragraphs of the comment

In: such a file. Out: one post, its comments. Quoted articles cannot be told from the author's own words in such a text;
they stay in the body.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from pathlib import Path

from indexer.archive import Comment, Item, Post, Repaired, Skipped
from indexer.sources.base import DUMP, Format, InputFile
from indexer.sources.savedpage import dates
from indexer.sources.savedpage.announced import count_in
from indexer.sources.savedpage.decode import Decoded, decode
from indexer.sources.savedpage.person import clean_name

NAME = "pagetext"
# A page of a thousand long comments has 2 MB of text.
MAX_BYTES = 20 * 1024 * 1024
# Date, title and byline, in the orders that themes print them, stand among the first lines that are not empty.
HEAD_LINES = 5
# A line of the head is short; a paragraph that begins "Published by" is not.
MAX_LINE = 300

_BYLINE = re.compile(r"(?:published|posted|written|filed)\b(?!:)", re.I)
_BY = re.compile(r"\bby\b[ \t]*(?P<name>.*?)[ \t]*(?=(?:\b(?:at|on|under|in|filed)\b|[|,•·]|$))", re.I)
_UNDER = re.compile(r"(?:\bfiled\s+)?(?:\bunder|\bin(?=\s+[A-Z]))\s*:?\s+(?P<terms>.+)$", re.I)
_HEADING = re.compile(r"\b(?:responses?|comments?|thoughts?|replies|reply)\s+(?:to|on|for)\s*(?:[“\"«'‘].*)?$", re.I)
_COMMENT = re.compile(r"[ \t]*(?P<number>\d{1,5})\.[ \t]+(?P<rest>\S.{0,200})$")
_SAYS = re.compile(r"\s+(?:says?|said|wrote|writes)\s*:?\s*(?P<rest>.*)$", re.I)
_ON = re.compile(r"\s+on\s+(?P<rest>.*\d{4}.*)$", re.I)
_PING = re.compile(r"^(?:pingback|trackback)\b", re.I)
_FORM = re.compile(r"^(?:leave a (?:reply|comment)|trackback uri|comments rss|you must be logged in)", re.I)


@dataclass(slots=True)
class _Comment:
    author: str
    published: datetime | None
    ping: bool
    paragraphs: list[str] = field(default_factory=list)


def sniff(head: bytes, path: Path) -> bool:
    """Whether a text begins like a post's page: date, title and byline among its first lines."""
    if b"\0" in head[:1024] and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    text = decode(head).text
    return not text.lstrip().startswith(("<", "{", "---", "+++")) and _head(_lines(text)) is not None


def read(file: InputFile) -> Iterator[Item]:
    """The post and its comments. Raises `SourceError` when the file cannot be opened."""
    with file.open() as stream:
        data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        yield Skipped(source=NAME, locator=file.name, reason="unreadable", detail="larger than any blog's page")
        return
    decoded = decode(data)
    lines = _lines(decoded.text)
    head = _head(lines)
    if head is None:
        yield Skipped(
            source=NAME, locator=file.name, reason="not-a-post", detail="no date, title and byline at its start"
        )
        return
    yield from _repairs(decoded, file.name)
    yield from _items(head, lines, file.name)


@dataclass(frozen=True, slots=True)
class _Head:
    title: str
    author: str
    published: datetime
    categories: tuple[str, ...]
    length: int


def _head(lines: list[str]) -> _Head | None:
    """Date, title and byline from the first lines; None when one of them is missing."""
    first = [(number, line) for number, line in enumerate(lines) if line][:HEAD_LINES]
    place = next((i for i, (_, line) in enumerate(first) if _BYLINE.match(line) and len(line) <= MAX_LINE), None)
    if not place:
        return None
    byline = first[place][1]
    dated = [(line, day) for _, line in first[: place + 2] if len(line) <= MAX_LINE and (day := dates.visible(line))]
    titles = [line for _, line in first[:place] if len(line) <= MAX_LINE and not _is_date(line)]
    day = next((day for line, day in dated if line == byline or _is_date(line)), None)
    if day is None or not titles:
        return None
    clock = dates.time_of_day(byline)
    moment = day.moment if day.timed or clock is None else datetime.combine(day.moment, clock, day.moment.tzinfo)
    last = place + 1
    if last < len(first) and _is_date(first[last][1]):
        last += 1
    author = m["name"] if (m := _BY.search(byline)) else ""
    terms = m["terms"] if (m := _UNDER.search(byline)) else ""
    return _Head(
        title=titles[-1],
        author=clean_name(author),
        published=moment,
        categories=tuple(dict.fromkeys(name for part in terms.split(",") if (name := part.strip(" ."))))
        if not dates.visible(terms)
        else (),
        length=first[last - 1][0] + 1,
    )


def _is_date(line: str) -> bool:
    """Whether a line holds a date and hardly anything else."""
    return len(line) < 60 and dates.visible(line) is not None and len(re.findall(r"[^\W\d_]{4,}", line)) <= 2


def _items(head: _Head, lines: list[str], name: str) -> Iterator[Item]:
    body, comments = _split(lines[head.length :], head.title)
    digest = hashlib.blake2b(f"{head.title}\0{head.published.isoformat()}".encode(), digest_size=8)
    native_id = digest.hexdigest()
    yield Post(
        source=NAME,
        locator=name,
        native_id=native_id,
        url="",
        title=escape(head.title, quote=False),
        author=head.author,
        published=head.published,
        categories=head.categories,
        html=_html(body),
    )
    for number, comment in enumerate(comments, 1):
        yield Comment(
            source=NAME,
            locator=f"{name}#comment-{number}",
            native_id=f"{native_id}-{number}",
            post=native_id,
            author=comment.author,
            published=comment.published,
            html=_html(comment.paragraphs),
            kind="pingback" if comment.ping else "comment",
        )


def _split(lines: list[str], title: str) -> tuple[list[str], list[_Comment]]:
    """The body's paragraphs and the comments: they begin at the last heading that counts them, else at none."""
    heading = next((i for i in range(len(lines) - 1, -1, -1) if _is_heading(lines[i], title)), None)
    if heading is None:
        return _without_count(_paragraphs(lines)), []
    return _without_count(_paragraphs(lines[:heading])), _comments(lines[heading + 1 :])


def _is_heading(line: str, title: str) -> bool:
    return len(line) <= MAX_LINE and count_in(line) is not None and (bool(_HEADING.search(line)) or title in line)


def _without_count(paragraphs: list[str]) -> list[str]:
    """The body without what the theme prints under it: "One response so far", "No comments yet"."""
    if paragraphs and len(paragraphs[-1]) < 60 and count_in(paragraphs[-1]) is not None:
        return paragraphs[:-1]
    return paragraphs


def _comments(lines: list[str]) -> list[_Comment]:
    """Numbered comments; a number counts only in its turn, so that a list inside a comment stays inside."""
    comments: list[_Comment] = []
    gathered: list[str] = []
    for line in lines:
        if _FORM.match(line):
            break
        m = _COMMENT.match(line)
        if m and int(m["number"]) == len(comments) + 1 and (opened := _opened(m["rest"])) is not None:
            if comments:
                _fill(comments[-1], gathered)
            comments.append(opened)
            gathered = []
        else:
            gathered.append(line)
    if comments:
        _fill(comments[-1], gathered)
    return comments


def _opened(line: str) -> _Comment | None:
    """The comment that ``name says:`` or ``name on 04 May 2008 at 12:01 pm`` opens."""
    ping = bool(_PING.match(line))
    for pattern in (_SAYS, _ON):
        if m := pattern.search(line):
            day = dates.visible(m["rest"]) or dates.visible(line)
            return _Comment(clean_name(line[: m.start()]), day.moment if day else None, ping)
    return _Comment(clean_name(line), None, ping) if ping or line.endswith(":") else None


def _fill(comment: _Comment, lines: list[str]) -> None:
    """Give a comment its paragraphs; a date on a line of its own below the name is its date."""
    paragraphs = _paragraphs(lines)
    if paragraphs and comment.published is None and _is_date(paragraphs[0]):
        found = dates.visible(paragraphs.pop(0))
        comment.published = found.moment if found else None
    comment.paragraphs = paragraphs


def _lines(text: str) -> list[str]:
    return [line.replace("\u00a0", " ").strip() for line in text.split("\n")]


def _paragraphs(lines: list[str]) -> list[str]:
    """Runs of lines between empty ones; lines of one run stay lines."""
    runs = "\n".join(lines).split("\n\n")
    return [run.strip("\n") for run in runs if run.strip("\n")]


def _html(paragraphs: list[str]) -> str:
    return "\n".join(f"<p>{escape(paragraph, quote=False)}</p>".replace("\n", "<br>\n") for paragraph in paragraphs)


def _repairs(decoded: Decoded, name: str) -> Iterator[Item]:
    if decoded.bad_bytes:
        detail = f"bytes that are no {decoded.encoding}, read as windows-1252"
        yield Repaired(source=NAME, locator=name, reason="encoding", detail=detail, count=decoded.bad_bytes)
    if decoded.controls:
        yield Repaired(source=NAME, locator=name, reason="control-character", count=decoded.controls)


FORMAT = Format(name=NAME, title="Page text (text dump of a post page)", sniff=sniff, read=read, rank=DUMP)
