"""A result as the page shows it: a `Hit` in, a `HitView` out. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from indexer.engine.port import CommentHit, FacetField, Highlighter, Hit, Place, SearchRequest, Snippet
from indexer.settings import Settings
from webapp.i18n import gettext as _
from webapp.i18n import ngettext
from webapp.params import blank, only, paths_of_values, post_paths, search_path
from webapp.wording import anonymous, count, day, machine_day, number, untitled

Fragments = tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Link:
    """Text that leads to an address."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Moment:
    """A date to read and a date for machines ("" when undated)."""

    text: str
    machine: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentLine:
    """A matching comment under its post."""

    author: str
    date: Moment
    url: str
    snippet: Snippet


@dataclass(frozen=True, slots=True)
class Why:
    """A part of the query and where the result has it; nowhere, if it was optional."""

    text: str
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HitView:
    """One result. ``byline`` is the comment's "comment by X on", "" for a post; ``more`` leads to further comments."""

    url: str
    title: Fragments
    byline: str
    authors: tuple[Link, ...]
    date: Moment
    kind: str
    categories: tuple[Link, ...]
    discussed: str
    snippet: Snippet
    comments: tuple[CommentLine, ...]
    more: Link | None
    why: tuple[Why, ...]


def hit_views(
    hits: Iterable[Hit], request: SearchRequest, settings: Settings, highlighter: Highlighter | None
) -> Iterator[HitView]:
    """The results of ``request``; the words of the search are marked in their titles by ``highlighter``."""
    path, everything = post_paths(request, settings), blank(settings)
    # Dozens of links per page differ in a value or an id alone.
    category = paths_of_values(everything, "category", settings)
    author = paths_of_values(everything, "post_author", settings)
    for hit in hits:
        is_comment = hit.kind == "comment"
        yield HitView(
            url=path(hit.thread, hit.id if is_comment else ""),
            title=marked(hit.title or untitled(), highlighter),
            byline=_("Comment by %(name)s on", name=hit.author or anonymous()) if is_comment else "",
            authors=(Link(hit.author, author(hit.author)),) if hit.author and not is_comment else (),
            date=moment(hit.published),
            kind=_("Page") if hit.kind == "page" else "",
            categories=tuple(Link(name, category(name)) for name in hit.categories),
            discussed=count(hit.discussed, "comment") if hit.discussed and not is_comment else "",
            snippet=hit.snippet,
            comments=tuple(_comment_line(comment, path(hit.thread, comment.id)) for comment in hit.comments),
            more=_more(hit.comments_total - len(hit.comments), path(hit.thread, "")),
            why=_why(hit),
        )


def value_links(name: FacetField, values: Iterable[str], settings: Settings) -> tuple[Link, ...]:
    """Each value of a facet, leading to everything in the archive that has it."""
    return tuple(Link(value, search_path(only(blank(settings), name, value), settings)) for value in values)


def marked(text: str, highlighter: Highlighter | None) -> Fragments:
    """``text`` as fragments, the words of the search set apart."""
    fragments: list[tuple[str, bool]] = []
    done = 0
    for start, end in highlighter.spans(text) if highlighter else ():
        fragments += [(text[done:start], False), (text[start:end], True)]
        done = end
    fragments.append((text[done:], False))
    return tuple(fragment for fragment in fragments if fragment[0])


def moment(when: datetime | None) -> Moment:
    """A date as the page shows it."""
    return Moment(day(when), machine_day(when))


def _more(comments: int, thread: str) -> Link | None:
    """To the matching comments that are not shown."""
    if comments <= 0:
        return None
    said = ngettext("%(shown)s more in this thread", "%(shown)s more in this thread", comments, shown=number(comments))
    return Link(said, f"{thread}#comments")


def _why(hit: Hit) -> tuple[Why, ...]:
    if not hit.why:
        return ()
    places: dict[Place, str] = {
        "title": _("in the title"),
        "text": _("in the text"),
        "quote": _("in a quotation"),
        "author": _("in the author’s name"),
        "comments": _("in comments"),
    }
    return tuple(Why(match.text, tuple(places[place] for place in match.places)) for match in hit.why)


def _comment_line(comment: CommentHit, url: str) -> CommentLine:
    return CommentLine(
        author=comment.author or anonymous(),
        date=moment(comment.published),
        url=url,
        snippet=comment.snippet,
    )
