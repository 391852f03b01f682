"""The reading view: a `Thread` in, a `ReadingPage` out that the template only has to write down. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from indexer.engine.port import Document, Highlighter, SearchRequest, Thread
from indexer.settings import Settings
from webapp.hits import Fragments, Link, Moment, marked, moment, value_links
from webapp.markup import reading_html, web_address
from webapp.params import post_path, query_string, search_path
from webapp.wording import ANONYMOUS, UNTITLED, count

# Replies nested deeper stand under the sixth level, each naming whom it answers: a phone has no room for more, and
# the page cannot be made arbitrarily deep by whoever wrote the archive.
MAX_DEPTH = 6


@dataclass(slots=True, kw_only=True)
class CommentView:
    """A comment with its replies. ``answers`` leads to the comment it answers where the nesting does not show it."""

    id: str
    author: str
    author_url: str
    date: Moment
    url: str
    html: Markup
    answers: Link | None = None
    replies: list[CommentView] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingPage:
    """A post with everything under it. ``text`` is what was searched for, ``back`` leads to those results."""

    text: str
    title: str
    heading: Fragments
    authors: tuple[Link, ...]
    date: Moment
    categories: tuple[Link, ...]
    tags: tuple[Link, ...]
    html: Markup
    original: str
    back: Link
    comments: tuple[CommentView, ...]
    comments_title: str
    pingbacks: tuple[CommentView, ...]
    pingbacks_title: str


def reading_page(
    thread: Thread, request: SearchRequest, settings: Settings, highlighter: Highlighter | None
) -> ReadingPage:
    """The page of ``thread``, opened from ``request``, whose words ``highlighter`` marks."""
    post, title = thread.post, thread.post.title or UNTITLED

    def view(item: Document) -> CommentView:
        return CommentView(
            id=item.id,
            author=item.author or ANONYMOUS,
            author_url=web_address(item.author_url),
            date=moment(item.published),
            url=post_path(post.id, request, settings, item.id),
            html=reading_html(item.html, item.permalink or post.permalink, settings.images, highlighter),
        )

    return ReadingPage(
        text=request.text,
        title=title,
        heading=marked(title, highlighter),
        authors=value_links("author", [post.author] if post.author else [], settings),
        date=moment(post.published),
        categories=value_links("category", post.categories, settings),
        tags=value_links("tag", post.tags, settings),
        html=reading_html(post.html, post.permalink, settings.images, highlighter),
        original=web_address(post.permalink),
        back=_back(request, settings),
        comments=_nested((view(item), depth, answered) for item, depth, answered in nesting(thread.comments)),
        comments_title=count(len(thread.comments), "comment"),
        pingbacks=tuple(view(item) for item in thread.pingbacks),
        pingbacks_title=count(len(thread.pingbacks), "link from another site", "links from other sites"),
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
            view.answers = Link(answered.author or ANONYMOUS, f"#comment-{answered.id}")
        (path[-1].replies if path else top).append(view)
        path.append(view)
    return tuple(top)


def _back(request: SearchRequest, settings: Settings) -> Link:
    """To the results that the post was opened from, or to all posts."""
    return Link("Back to results" if query_string(request, settings) else "All posts", search_path(request, settings))
