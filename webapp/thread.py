"""The reading view: a `Thread` in, a `ReadingPage` out that the template only has to write down. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from indexer.engine.port import Document, Highlighter, Neighbour, SearchRequest, SearchResults, Snippet, Thread
from indexer.permalinks import host_of
from indexer.settings import Settings
from webapp.hits import Link, Moment, moment, value_links
from webapp.i18n import gettext, ngettext
from webapp.markup import Inward, Marker, absent, outward, reading_html, wayback_link, web_address
from webapp.params import author_path, pairs, post_path, query_string, search_path
from webapp.wording import HEADING, anonymous, count, day, untitled

# Replies nested deeper stand under the sixth level, each naming whom it answers: a phone has no room for more, and
# the page cannot be made arbitrarily deep by whoever wrote the archive.
MAX_DEPTH = 6
# Names of places in a page as blogs made them: comment-456, c456, 456. Not those of the page's own marks.
_ANCHOR = re.compile(r"(?!match-)[A-Za-z_-]{0,20}[0-9]{1,24}")
# Something to see in a post's HTML: a letter between the tags, or a picture.
_VISIBLE = re.compile(r"<img |(?:^|>)\s*+[^<\s]")


@dataclass(slots=True, kw_only=True)
class CommentView:
    """A comment with its replies. ``answers`` leads to the comment it answers where the nesting does not show it.

    ``anchor`` is the name that the comment had on the blog's own page, "" where another element of the page has it;
    ``said`` leads to everything the author said, "" for the anonymous and for a pingback;
    ``site`` to the author's own site, or to the page a pingback came from (the copy here, if it is one of the blog's own posts);
    ``copy`` to the Wayback Machine's copy of that.
    """

    id: str
    anchor: str
    author: str
    said: str
    site: Link | None
    copy: Markup
    date: Moment
    html: Markup
    answers: Link | None = None
    replies: list[CommentView] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Entry:
    """The post or a comment, found by the search within the thread; ``marks`` says how many words are marked in it."""

    url: str
    title: str
    date: Moment
    marks: str
    snippet: Snippet


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """The search within the thread: what was asked, the form's further fields, what was found.

    ``summary`` is "" where nothing was asked, ``rest`` where everything found is listed; ``clear`` ends it.
    """

    text: str
    action: str
    hidden: tuple[tuple[str, str], ...]
    summary: str
    entries: tuple[Entry, ...]
    rest: str
    clear: str


@dataclass(frozen=True, slots=True)
class NeighbourView:
    """Another post that this one leads to."""

    title: str
    url: str
    date: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """What the engine says about a thread beside what is in it: ``found`` answers the search ``within`` it."""

    previous: Neighbour | None = None
    next: Neighbour | None = None
    related: tuple[Neighbour, ...] = ()
    within: str = ""
    found: SearchResults | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingPage:
    """A post with everything under it. ``text`` is what was searched for, ``back`` leads to those results.

    ``matches`` is the number of marks and ``matches_title`` says it; ``copy`` leads to the Wayback Machine's copy of the post.
    """

    text: str
    title: str
    heading: Markup
    authors: tuple[Link, ...]
    date: Moment
    categories: tuple[Link, ...]
    tags: tuple[Link, ...]
    html: Markup
    original: str
    copy: Markup
    back: Link
    comments: tuple[CommentView, ...]
    comments_title: str
    pingbacks: tuple[CommentView, ...]
    pingbacks_title: str
    matches: int
    matches_title: str
    within: Within
    previous: NeighbourView | None
    next: NeighbourView | None
    related: tuple[NeighbourView, ...]
    citation: str


def reading_page(
    thread: Thread,
    request: SearchRequest,
    settings: Settings,
    highlighter: Highlighter | None,
    company: Company | None = None,
    site: str = "",
    blog: str = "",
    inward: Inward = outward,
) -> ReadingPage:
    """The page of ``thread``, opened from ``request``; ``highlighter`` finds the words to mark: those of the search within
    the thread, where there is one, else those of ``request``.

    ``site`` is the address of this site, as ``http://host``, ``blog`` the name of the blog: both for the citation. ``inward``
    knows the links that stay on this site.
    """
    company, marker = company or Company(), Marker(highlighter)
    post, title = thread.post, thread.post.title or untitled()
    anchors = _anchors(thread)
    marks: dict[str, int] = {}

    def view(item: Document) -> CommentView:
        before = marker.count
        seen = _comment_view(item, post, anchors.get(item.id, ""), settings, marker, inward)
        marks[item.id] = marker.count - before
        return seen

    # In the order of the page, as the marks are numbered.
    heading = marker.text(title)
    html = reading_html(post.html, post.permalink, settings.images, marker, post.published, inward)
    marks[post.id] = marker.count
    comments = _nested((view(item), depth, answered) for item, depth, answered in nesting(thread.comments))
    pingbacks = tuple(view(item) for item in thread.pingbacks)
    original = web_address(post.permalink)
    return ReadingPage(
        text=request.text,
        title=title,
        heading=heading,
        authors=value_links("post_author", [post.author] if post.author else [], settings),
        date=moment(post.published),
        categories=value_links("category", post.categories, settings),
        tags=value_links("tag", post.tags, settings),
        html=html if _VISIBLE.search(html) else absent(gettext("This post has no text.")),
        original=original,
        copy=wayback_link(original, post.published),
        back=_back(request, settings),
        comments=comments,
        comments_title=count(len(thread.comments), "comment") if thread.comments else gettext("No comments"),
        pingbacks=pingbacks,
        pingbacks_title=ngettext("%(num)s link from another site", "%(num)s links from other sites", len(pingbacks)),
        matches=marker.count,
        matches_title=_matches_title(marker.count, company.within or request.text),
        within=_within(company, post, request, settings, marks),
        previous=_neighbour(company.previous, request, settings),
        next=_neighbour(company.next, request, settings),
        related=tuple(filter(None, (_neighbour(other, request, settings) for other in company.related))),
        citation=_citation(
            post, blog, site + post_path(post.id, SearchRequest(page_size=settings.page_size), settings)
        ),
    )


def nesting(comments: Sequence[Document]) -> Iterator[tuple[Document, int, Document | None]]:
    """Each comment once, replies after what they answer, with its depth from 0 and the comment it answers.

    A comment whose parent is missing stands at the top. In a circle of parents the oldest one does: nothing is lost.
    """
    known = {comment.id: comment for comment in comments}
    replies: dict[str, list[Document]] = {}
    for comment in comments:
        replies.setdefault(comment.parent if comment.parent in known else "", []).append(comment)
    seen: set[str] = set()
    for start in (*replies.get("", ()), *comments):
        waiting = [(start, 0)]
        while waiting:
            comment, depth = waiting.pop()
            if comment.id in seen:
                continue
            seen.add(comment.id)
            yield comment, depth, known.get(comment.parent) if depth else None
            waiting += [(reply, depth + 1) for reply in reversed(replies.get(comment.id, []))]


def _nested(rows: Iterable[tuple[CommentView, int, Document | None]]) -> tuple[CommentView, ...]:
    """The rows of `nesting` as a tree at most `MAX_DEPTH` deep."""
    top: list[CommentView] = []
    path: list[CommentView] = []
    for view, depth, answered in rows:
        del path[min(depth, MAX_DEPTH - 1) :]
        if depth >= MAX_DEPTH and answered:
            view.answers = Link(answered.author or anonymous(), f"#comment-{answered.id}")
        (path[-1].replies if path else top).append(view)
        path.append(view)
    return tuple(top)


def _back(request: SearchRequest, settings: Settings) -> Link:
    """To the results that the post was opened from, or to all posts."""
    text = gettext("Back to results") if query_string(request, settings) else gettext("All posts")
    return Link(text, search_path(request, settings))


def _comment_view(
    item: Document, post: Document, anchor: str, settings: Settings, marker: Marker, inward: Inward
) -> CommentView:
    address = web_address(item.author_url)
    return CommentView(
        id=item.id,
        anchor=anchor,
        author=item.author or anonymous(),
        said=author_path(item.author, settings) if item.author and item.kind == "comment" else "",
        site=Link(host_of(address), inward(address) or address) if address else None,
        copy=wayback_link(address, item.published),
        date=moment(item.published),
        html=reading_html(item.html, item.permalink or post.permalink, settings.images, marker, item.published, inward),
    )


def _anchors(thread: Thread) -> dict[str, str]:
    """By id the fragment of the permalink of each comment, so that old addresses lead to it; each fragment once."""
    items = (*thread.comments, *thread.pingbacks)
    taken = {f"comment-{item.id}" for item in items}
    found: dict[str, str] = {}
    for item in items:
        anchor = item.permalink.rpartition("#")[2] if "#" in item.permalink else ""
        if _ANCHOR.fullmatch(anchor) and anchor not in taken:
            taken.add(anchor)
            found[item.id] = anchor
    return found


def _within(
    company: Company, post: Document, request: SearchRequest, settings: Settings, marks: dict[str, int]
) -> Within:
    path, _, _ = post_path(post.id, request, settings).partition("?")
    found, entries = company.found, []
    for hit in found.hits if found else ():
        n = marks.get(hit.id, 0)
        comment = hit.kind == "comment"
        entries.append(
            Entry(
                url=f"#comment-{hit.id}" if comment else "#main",
                title=(hit.author or anonymous()) if comment else gettext("The post"),
                date=moment(hit.published),
                marks=ngettext("%(num)s match", "%(num)s matches", n),
                snippet=hit.snippet,
            )
        )
    rest = found.listed - len(entries) if found else 0
    summary = ""
    if found:
        total = found.listed
        summary = ngettext("Found in %(num)s entry", "Found in %(num)s entries", total)
        summary = summary if total else gettext("Nothing in this thread matches")
    return Within(
        text=company.within,
        action=path,
        hidden=tuple(pairs(request, settings)),
        summary=summary,
        entries=tuple(entries),
        rest=ngettext("and %(num)s more", "and %(num)s more", rest) if rest > 0 else "",
        clear=post_path(post.id, request, settings),
    )


def _matches_title(n: int, text: str) -> str:
    """How many marks there are, and of what: "3 matches for “frosty”"."""
    said = text if len(text) <= HEADING else text[:HEADING] + "…"
    return ngettext("%(num)s match for “%(words)s”", "%(num)s matches for “%(words)s”", n, words=said)


def _neighbour(other: Neighbour | None, request: SearchRequest, settings: Settings) -> NeighbourView | None:
    if other is None:
        return None
    return NeighbourView(other.title or untitled(), post_path(other.id, request, settings), moment(other.published))


def _citation(post: Document, blog: str, here: str) -> str:
    """Author, title, blog, date, permalink and the address here, each a sentence as bibliographies have it."""
    said = [post.author, f"“{post.title or untitled()}”", blog, day(post.published)]
    parts = [part if part.endswith((".", "!", "?")) else f"{part}." for part in said if part]
    return " ".join([*parts, *filter(None, (web_address(post.permalink), here))])
