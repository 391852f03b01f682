"""What one comment says: author, address, date and words.

The words stand in an element of their own (`names.COMMENT_BODY`), or beside author and date in the comment's element: then
they are what is left when header, avatar, links and replies are taken out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice

from indexer.archive import CommentKind
from indexer.sources.base import person_url
from indexer.sources.savedpage import dates
from indexer.sources.savedpage.element import Node, Tag, Text
from indexer.sources.savedpage.names import (
    BLOCKS,
    COMMENT_AUTHOR,
    COMMENT_BODY,
    COMMENT_DATE,
    COMMENT_HEADER,
    COMMENT_HEADER_SIGNS,
    DELETED,
    PING_LISTS,
    PINGS,
    UNAPPROVED,
)
from indexer.sources.savedpage.person import clean_name, person
from indexer.sources.savedpage.thread import Element, Thread
from indexer.sources.savedpage.tree import attr, first_word, has_text, line, markup, near, text, words

_REPLY_TO = re.compile(r"[?&]replytocom=(\d+)")
_ANSWERS = re.compile(r"(?:replied to|in reply to)\s*$", re.IGNORECASE)
_NUMBERED = re.compile(r"#(?:comment-|c)(\d+|6a[0-9a-f]{16,})$")
_BY = re.compile(r"\bby:?\s*$", re.IGNORECASE)
_BY_NAME = re.compile(
    r"(?:posted|commented|written)\s+by:?\s*(?P<name>\S.{0,80}?)\s*(?:\||\b(?:at|on)\s|,?\s+\d|$)", re.IGNORECASE
)
_PING = re.compile(r"\W*(?:pingback|trackback)", re.IGNORECASE)
_PING_WORDS = re.compile(r"^\W*(?:pingback|trackback)(?:\s*:|\s+(?:by|from|at|on)\b)", re.IGNORECASE)
_MODERATION = re.compile(r"your comment is awaiting moderation", re.IGNORECASE)
# Bounds on what is tried per comment, well above what any theme writes: hostile pages nest without end.
MAX_CANDIDATES, MAX_WRAPPERS = 40, 4
# "wrote on September 24th, 2008 at 11:40 am:" is part of the header, a longer run of bare words is the comment.
MAX_SAYS = 60
_SAYS = re.compile(
    r"\W*(?:(?:says?|said|wrote|writes|on|at|by|comment by|dit|sagt|schreibt|dice|pisze|\d+)\W*)?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class CommentFacts:
    """What one comment's element says.

    ``answers`` is the number of the comment that it says it replies to, "" mostly. ``approved`` is False for one shown only to
    whoever wrote it, ``deleted`` True for one of which its blog shows no more than that there was one.
    """

    number: str
    answers: str
    author: str
    author_url: str
    published: datetime | None
    html: str
    kind: CommentKind
    approved: bool
    deleted: bool


def read_comment(element: Element, thread: Thread, order: dates.DayOrder) -> CommentFacts:
    """What the comment says. Avatars, reply links and the replies inside it are left out."""
    replies = _replies(element, thread)
    body = _body(element)
    inside = element.below(body) if body is not None else set()
    outside = [tag for tag in element.own if id(tag) not in inside]
    kind = _kind(element, outside)
    links = [tag for tag in outside if tag.name == "a"]
    answers = next(
        (m[1] for link in links if _after(link, _ANSWERS) and (m := _NUMBERED.search(attr(link, "href")))), ""
    )
    number = element.number or _number(links, answers)
    header, author = _header(element, outside, body, number)
    if body is not None:
        furniture = {id(tag) for tag in element.own if id(tag) in inside and not COMMENT_HEADER.isdisjoint(words(tag))}
        html = markup(body.contents, replies | furniture)
    else:
        html = _rest(element, header, replies)
    if kind == "pingback" and author is not None and body is None and _is_only_a_link(element, replies, header, author):
        html = ""
    return CommentFacts(
        number=number,
        answers=answers,
        author=_name(author, outside),
        author_url=_address(author, element.own),
        published=_published(outside, number, order),
        html=html,
        kind=kind,
        approved=_approved(element),
        deleted=any(not DELETED.isdisjoint(words(tag)) for tag in element.own),
    )


def _number(links: list[Tag], answers: str) -> str:
    """The number of a comment whose element has none: from its "Reply" link, or its link to itself."""
    found = (m[1] for link in links if (m := _REPLY_TO.search(attr(link, "href"))))
    own = (m[1] for link in links if (m := _NUMBERED.search(attr(link, "href"))) and m[1] != answers)
    return next(chain(found, own), "")


def _after(tag: Tag, pattern: re.Pattern[str]) -> bool:
    """Whether the words right before an element end as ``pattern`` says."""
    before = tag.previous_sibling
    return isinstance(before, str) and bool(pattern.search(before))


def _replies(element: Element, thread: Thread) -> set[int]:
    """The nodes inside a comment that are other comments, and the lists that hold them."""
    nodes: set[int] = set()
    for tag in element.own:
        inside = [id(child) for child in tag.contents if isinstance(child, Tag) and _is_reply(child, element, thread)]
        nodes.update(inside)
        if inside and tag.name in ("ul", "ol", "dl") and not element.is_part(tag):
            nodes.add(id(tag))
    return nodes


def _is_reply(tag: Tag, element: Element, thread: Thread) -> bool:
    owner = thread.owners.get(id(tag))
    return owner is not None and owner is not element


def _body(element: Element) -> Tag | None:
    """The element that holds the words and nothing else."""
    for tag in _named(element.own, COMMENT_BODY)[:MAX_CANDIDATES]:
        if not element.is_part(tag) and not _has_header(tag, element):
            return tag
    return None


def _named(tags: list[Tag], classes: Iterable[str]) -> list[Tag]:
    """The elements with one of these classes, the first class's first."""
    by_class: dict[str, list[Tag]] = {}
    for tag in tags:
        for name in tag.classes:
            by_class.setdefault(name, []).append(tag)
    return [tag for name in classes for tag in by_class.get(name, ())]


def _has_header(tag: Tag, element: Element) -> bool:
    """Whether an element wraps the whole comment: "comment-body" is the words in one theme, all of it in another."""
    below = element.below(tag)
    return any(id(other) in below and not COMMENT_HEADER_SIGNS.isdisjoint(words(other)) for other in element.own)


def _kind(element: Element, outside: list[Tag]) -> CommentKind:
    part = element.parts[0]
    around = [part, part.parent, part.parent.parent if part.parent is not None else None]
    names = {name for tag in around if tag is not None for name in (*words(tag), attr(tag, "id"))}
    if not PINGS.isdisjoint(words(part)) or not PING_LISTS.isdisjoint(names):
        return "pingback"
    # Most begin otherwise. Reading all of each, wrappers too, for its beginning took a twentieth of a comment's time.
    lines = (
        tag for tag in outside if tag.name in ("p", "small", "cite", "footer", "div") and _PING.match(first_word(tag))
    )
    return "pingback" if any(_PING_WORDS.match(line(tag)) for tag in lines) else "comment"


def _header(element: Element, outside: list[Tag], body: Tag | None, number: str) -> tuple[list[Tag], Tag | None]:
    """The elements that print author, date and links, and the one of them that names the author."""
    author = next(iter(_named(outside, COMMENT_AUTHOR)), None)
    if author is None:
        author = next((tag for tag in outside if tag.name == "cite" and _before_words(tag)), None)
    if author is None:
        author = next((tag for tag in outside if tag.name == "a" and "external" in words(tag, "rel")), None)
    if author is None:
        # Movable Type: "Posted by: <a>Name</a> at January 14, 2006 06:26 PM".
        author = next((tag for tag in outside if tag.name == "a" and line(tag) and _after(tag, _BY)), None)
    if author is None:
        author = next((tag for tag in outside if tag.name in ("strong", "b", "dt") and _before_words(tag)), None)
    header = [tag for tag in outside if not COMMENT_HEADER.isdisjoint(words(tag))]
    header += [tag for tag in outside if tag.name in ("header", "footer", "time")]
    header += [_around(tag) for tag in outside if tag.name == "a" and _is_self(tag, number)]
    if author is not None:
        header.append(author)
    if body is None and len(element.parts) > 1:
        header.append(element.parts[0])
    return [tag for tag in header if len(element.parts) > 1 or not element.is_part(tag)], author


def _around(link: Tag) -> Tag:
    """A comment's link to itself with the words around it ("comment at ...", "# 5"), unless they are the comment."""
    above = link.parent
    return above if above is not None and len(line(above)) <= MAX_SAYS else link


def _before_words(tag: Tag) -> bool:
    """Whether a ``<cite>`` or ``<strong>`` opens or ends the comment, and is not inside one of its sentences."""
    around = tag.parent
    if around is None:
        return False
    rest = line(around, {id(tag)}) if around.name == "p" else ""
    return around.name != "blockquote" and len(rest) < 60


def _is_self(link: Tag, number: str) -> bool:
    href = attr(link, "href")
    return bool(number) and href.endswith((f"#comment-{number}", f"#{number}", f"#c{number}"))


def _rest(element: Element, header: list[Tag], replies: set[int]) -> str:
    """The words of a comment whose theme puts them beside author and date: what is left when those are taken out."""
    out = {id(tag) for tag in header} | replies
    for tag in header[:MAX_CANDIDATES]:
        # What stands in another part of the header goes with it.
        if not element.is_part(tag) and not any(id(above) in out for above in islice(tag.parents, MAX_WRAPPERS)):
            out |= _loose(_hollow(tag, element, out))
    nodes = [node for part in element.parts if id(part) not in out for node in part.contents]
    return markup(_unwrapped(nodes, out), out)


def _hollow(tag: Tag, element: Element, out: set[int]) -> Tag:
    """The outermost wrapper of a header element with nothing else to say (``<p><cite>..</cite>:</p>``); it goes too."""
    for _ in range(MAX_WRAPPERS):
        above = tag.parent
        if above is None or element.is_part(above) or has_text(above.contents, out):
            break
        # ":)" in a paragraph of its own is a comment; loose beside the name it is a colon.
        if text([node for node in above.contents if isinstance(node, Tag)], out):
            break
        out.add(id(above))
        tag = above
    return tag


def _loose(tag: Tag) -> set[int]:
    """Bare words beside a header element that belong to it ("Says:"), as far as the next element.

    Where no block follows, the comment itself may be bare words; then only known ones are taken.
    """
    after, before = list(_inline(tag.next_siblings)), list(_inline(tag.previous_siblings))
    block_follows = any(isinstance(node, Tag) and node.name in BLOCKS for node in tag.next_siblings)
    out: set[int] = set()
    for nodes, printed in ((after, text(after)), (before, text(reversed(before)))):
        if len(printed) <= MAX_SAYS and (block_follows or _SAYS.fullmatch(printed)):
            out |= {id(node) for node in nodes}
        elif nodes and _SAYS.fullmatch(text(nodes[:1])):
            out.add(id(nodes[0]))
    return out


def _inline(nodes: Iterator[Node]) -> Iterator[Node]:
    for node in nodes:
        if isinstance(node, Tag) and node.name not in ("br", "hr"):
            return
        yield node


def _unwrapped(nodes: list[Node], out: set[int]) -> list[Node]:
    """The nodes inside the div that wraps a whole comment."""
    while True:
        left = [node for node in nodes if id(node) not in out and (isinstance(node, Tag) or _says_something(node))]
        only = left[0] if len(left) == 1 else None
        if not isinstance(only, Tag) or only.name not in ("div", "article", "section"):
            return nodes
        nodes = list(only.contents)


def _says_something(node: Node) -> bool:
    return isinstance(node, Text) and bool(node.strip())


def _is_only_a_link(element: Element, replies: set[int], header: list[Tag], author: Tag) -> bool:
    """Whether a pingback consists of "Pingback:" and the name of who sent it, with or without a date."""
    links = [tag for tag in element.own if tag.name == "a"]
    around = {id(author), *(id(tag) for tag in islice(author.parents, MAX_WRAPPERS))}
    dates_out = replies | {id(tag) for tag in header if id(tag) not in around}
    for printed in (text(element.parts, replies), text(element.parts, dates_out)):
        if _PING_WORDS.match(printed) and links and len(printed) < len(text([links[0]])) + 40:
            return True
    return False


def _name(author: Tag | None, outside: list[Tag]) -> str:
    if author is not None:
        return person(author)
    lines = [line(tag) for tag in outside[1:] if tag.name in ("p", "div", "h3", "h4", "span")][:MAX_CANDIDATES]
    said = (clean_name(printed) for printed in lines if len(printed) < 100 and printed.endswith(":"))
    posted = (clean_name(m["name"]) for printed in lines if (m := _BY_NAME.match(printed)))
    return next(chain(said, posted), "")


def _address(author: Tag | None, own: list[Tag]) -> str:
    if author is None:
        return ""
    links = [author] if author.name == "a" else [tag for tag in near(author) if tag.name == "a"]
    found = next(
        (url for link in links if "#comment" not in attr(link, "href") and (url := person_url(attr(link, "href")))), ""
    )
    outer = author.parent
    if not found and outer is not None and outer.name == "a" and any(outer is tag for tag in own):
        found = person_url(attr(outer, "href"))
    return found


def _published(outside: list[Tag], number: str, order: dates.DayOrder) -> datetime | None:
    for tag in outside:
        if tag.name in ("time", "abbr") or "published" in words(tag) or "dt-published" in words(tag):
            for value in (attr(tag, "datetime"), attr(tag, "title")):
                if value and (moment := dates.machine(value)):
                    return moment.moment
    links = [tag for tag in outside if tag.name == "a" and _is_self(tag, number)]
    named = _named(outside, COMMENT_DATE)
    small = [tag for tag in outside if tag.name in ("time", "small", "cite", "dt", "em", "header", "footer")]
    lines = chain(
        (line(tag) for tag in (*links, *named, *small)[:MAX_CANDIDATES]),
        (attr(tag, "title") for tag in links[:1]),
        (line(tag.parent) for tag in links[:1] if tag.parent is not None),
    )
    found = next((moment for printed in lines if (moment := dates.visible(printed, order))), None)
    return found.moment if found else None


def _approved(element: Element) -> bool:
    if any(not UNAPPROVED.isdisjoint(words(tag)) for tag in (*element.parts, *element.own)):
        return False
    return not any(
        tag.name in ("em", "p", "i") and _MODERATION.search(line(tag)) for tag in element.own if len(tag.contents) < 3
    )
