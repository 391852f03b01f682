"""Saved pages of a blog: one HTML page in, the post and its comments out, or why there is none.

    read -> page_items -> decode     bytes to text
                       -> element    text to elements
                       -> tree       where each name occurs; text and markup of parts
                       -> head       <meta>, <link>, JSON-LD
                       -> kind       post, static page, listing, feed, login ...
                       -> thread     which elements are comments
                       -> post       title, body, author, dates
                       -> terms      categories and tags
                       -> unknown    the article, where no theme's names are found (trafilatura)
                       -> comment    author, date and words of each comment
                       -> address    the permalink
       names: what themes call all this; dates, person: what is printed; share: links that reveal the address;
       announced: how many comments a page says it has

A mirror holds most posts more than once (``?replytocom=5``, ``comment-page-2``). Every copy is read, with the permalink of the
original: whoever joins the items drops what it has seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from itertools import chain
from pathlib import Path

from indexer.archive import Blog, Comment, Item, Post, Repaired, Skipped
from indexer.sources.base import PAGE, Format, InputFile
from indexer.sources.savedpage import dates
from indexer.sources.savedpage.address import aliases, below_root, blog_address, fetched_path, named_blog, permalink
from indexer.sources.savedpage.announced import announced_comments
from indexer.sources.savedpage.comment import read_comment
from indexer.sources.savedpage.decode import Decoded, decode
from indexer.sources.savedpage.element import UnreadableMarkup
from indexer.sources.savedpage.head import Head, read_head
from indexer.sources.savedpage.kind import PageKind, is_listing_without_posts, kind_of
from indexer.sources.savedpage.names import BLOG_DESCRIPTION
from indexer.sources.savedpage.post import (
    Found,
    authors_name,
    body_html,
    find_post,
    modified,
    nowhere,
    published,
    title_html,
)
from indexer.sources.savedpage.terms import terms
from indexer.sources.savedpage.thread import Thread, find_thread
from indexer.sources.savedpage.tree import Region, Tree, attr, has_text, line, text, words
from indexer.sources.savedpage.unknown import LEAST_TEXT, Article, find_article

__all__ = ["FORMAT", "announced_comments", "page_items", "read", "sniff"]

NAME = "savedpage"
# The longest page seen in a real archive (a thread of 2,000 comments) has 3 MB.
MAX_BYTES = 20 * 1024 * 1024
# Opening and closing tags. An element takes up to 1.2 kB of memory: at the worst this is 700 MB.
MAX_TAGS = 600_000
# What was found by guess is given up for an article as many times as long. It was a header or a notice then.
SURER = 2
# The elements that begin an HTML page, or what is left of one.
_HTML = re.compile(
    r"\s*<(?:!doctype\s+html|(?:html|head|body|title|meta|link|script|style|div|p|h1|table|center)[\s/>])", re.I
)
_PAGE = re.compile(
    r"<(?:!doctype\s+html|html|head|body)[\s>]|/wp-content/|class=[\"'][^\"']*\b(?:hentry|entry-title)\b", re.I
)
_PROLOG = re.compile(r"\s*(?:<\?xml[^>]*\?>|<!--.*?-->)", re.S | re.I)
_POST_ID = re.compile(r"(?:post|page|entry|postid|page-id)-(\d+|6a[0-9a-f]{16,})\Z")
_MORE_ID = re.compile(r"more-(\d+)\Z")
_SHORT_LINK = re.compile(r"[?&=-](?:p|page_id)=(\d+)(?:\.html)?$")
_POST_NUMBER = re.compile(r"blogger\.com/[^?]*\?(?:[^#]*&)?postID=(\d+)|mt-comments\.\w+\?(?:[^#]*&)?entry_id=(\d+)")
_FEED_TITLE = re.compile(r"\s+(?:»|›|::|\||-)\s+.*$|\s+(?:RSS|Atom|Feed)\b.*$", re.I)


def sniff(head: bytes, path: Path) -> bool:
    """Whether a file begins like a saved web page. XML (a feed) is none, whatever the file is called."""
    start = decode(head).text
    while m := _PROLOG.match(start):
        start = start[m.end() :]
    return bool(_HTML.match(start) and _PAGE.search(start))


def read(file: InputFile) -> Iterator[Item]:
    """The items of one saved page. Raises `SourceError` when the file cannot be opened."""
    with file.open() as stream:
        data = stream.read(MAX_BYTES + 1)
    yield from page_items(data, file.name)


def page_items(data: bytes, name: str, *, address: str = "", charset: str = "") -> Iterator[Item]:
    """The items of one page: a blog and a post with its comments, or one `Skipped`.

    ``name`` is what locators call it; ``address`` and ``charset`` are where it came from and what the server said of it, when
    that was written down (web archives do).
    """
    if len(data) > MAX_BYTES or data.count(b"<") > MAX_TAGS:
        yield Skipped(source=NAME, locator=name, reason="unreadable", detail="larger than any blog's page")
        return
    decoded = decode(data, charset)
    if "<" not in decoded.text:
        yield Skipped(source=NAME, locator=name, reason="empty", detail="no HTML in it")
        return
    try:
        tree = Tree(decoded.text)
    except UnreadableMarkup as error:
        yield Skipped(source=NAME, locator=name, reason="unreadable", detail=str(error))
        return
    yield from _items(tree, decoded, name, address)


@dataclass(frozen=True, slots=True)
class _Page:
    """A parsed page: ``name`` is its locator, ``path`` its path below the blog's root, ``address`` where it was fetched from."""

    tree: Tree
    head: Head
    name: str
    path: str
    address: str
    kind: PageKind
    blog: Blog | None


def _items(tree: Tree, decoded: Decoded, name: str, address: str) -> Iterator[Item]:
    if tree.body is None or not has_text([tree.body]):
        yield Skipped(source=NAME, locator=name, reason="empty", detail="no text on the page")
        return
    head = read_head(tree)
    path = fetched_path(head, address) if address else below_root(tree, head, name)
    page = _Page(tree, head, name, path, address, kind_of(tree, head, path), _blog(tree, head))
    if page.kind in _REASONS:
        yield Skipped(source=NAME, locator=name, reason=page.kind, detail=_REASONS[page.kind])
        return
    thread = find_thread(tree)
    post = _post(page, thread)
    if post is None:
        reason = "listing" if page.kind == "unknown" and is_listing_without_posts(tree) else "not-a-post"
        yield Skipped(source=NAME, locator=name, reason=reason, detail=_REASONS[reason])
        return
    yield from _repairs(decoded, name)
    if page.blog is not None:
        yield page.blog
    yield post
    yield from _comments(thread, post, dates.order_of(head.language))


_REASONS = {
    "listing": "lists several posts",
    "feed": "a feed shown as a page",
    "attachment": "the page of an uploaded file",
    "not-a-post": "no post found on the page",
    "password": "asks for a password",
}


def _post(page: _Page, thread: Thread) -> Post | None:
    """The post, by what themes call its parts, else as the article that is on the page; None when there is none."""
    tree, head = page.tree, page.head
    found = find_post(tree, head, thread, single=page.kind != "unknown")
    post = _built(page, thread, found) if found is not None else None
    if post is not None and found is not None and (found.named or len(text(found.body)) >= LEAST_TEXT):
        return post
    if page.kind == "unknown" and is_listing_without_posts(tree):
        return post
    place = nowhere(tree, head)
    article = find_article(tree, head, thread, place.title, dates.order_of(head.language))
    if article is None or (found is not None and post is not None and article.length < SURER * len(text(found.body))):
        return post
    return _built(page, thread, place, article) or post


def _built(page: _Page, thread: Thread, found: Found, article: Article | None = None) -> Post | None:
    """The post that was found; None for what has none of a post's marks on a page that may be anything."""
    tree, head = page.tree, page.head
    url = permalink(tree, head, found.title, page.name, page.address)
    hint = dates.in_path(url) or dates.in_path(page.path)
    moment = published(found, head, thread, dates.order_of(head.language), hint)
    categories, tags = terms(found, tree, head)
    marks: tuple[object, ...] = (found.named, categories, tags, moment, thread.comments)
    if article is not None:
        moment = _closer(article.published, moment)
        marks = (head.first("og:type") == "article", head.post, moment, thread.comments)
    if page.kind == "unknown" and not any(marks):
        return None
    return Post(
        source=NAME,
        locator=page.name,
        native_id=_native_id(tree, head, found) or ("" if url else page.path.strip("/")),
        url=url,
        title=title_html(found, head, page.blog.name if page.blog else "") or (article.title if article else ""),
        author=authors_name(found, head) or (article.author if article else ""),
        published=moment,
        modified=modified(found, head, moment),
        categories=categories,
        tags=tags,
        html=article.html if article else body_html(found, tree, thread, url),
        kind="page" if page.kind == "page" else "post",
        aliases=aliases(tree, head, page.name, page.address, url),
    )


def _closer(printed: datetime | None, stated: datetime | None) -> datetime | None:
    """Of the dates that a page prints and that its head states the printed one, with the time of day of either."""
    if printed is None or (stated is not None and stated.date() == printed.date() and printed.time() == time()):
        return stated
    return printed


def _native_id(tree: Tree, head: Head, found: Found) -> str:
    """The post's number, from wherever the blog's software or the theme wrote it; "" when nowhere."""
    body = tree.body
    candidates = [attr(found.root, "id"), *words(found.root), *(words(body) if body is not None else ())]
    candidates += [attr(found.title, "id")] if found.title is not None else []
    for candidate in candidates:
        if m := _POST_ID.match(candidate):
            return m[1]
    if re.fullmatch(r"\d+", number := tree.fields.get("comment_post_ID", ""), re.ASCII):
        return number
    for href, _ in head.link("shortlink"):
        if m := _SHORT_LINK.search(href):
            return m[1]
    # Blogger's and Movable Type's links and forms.
    numbers = {m[1] or m[2] for link in tree.links if (m := _POST_NUMBER.search(attr(link, "href")))}
    numbers.update(attr(meta, "content") for meta in tree.by_name.get("meta", ()) if attr(meta, "itemprop") == "postId")
    if len(numbers) == 1:
        return numbers.pop()
    if (number := tree.fields.get("entry_id", "")).isdecimal():
        return number
    # WordPress marks the "read more" place of a post with the post's number.
    return next((m[1] for identifier in tree.by_id if (m := _MORE_ID.match(identifier))), "")


def _comments(thread: Thread, post: Post, order: dates.DayOrder) -> Iterator[Item]:
    numbers: dict[int, str] = {}
    for place, element in enumerate(thread.comments, 1):
        facts = read_comment(element, thread, order)
        numbers[id(element)] = facts.number
        locator = f"{post.locator}#{'comment-' + facts.number if facts.number else place}"
        if not facts.approved:
            yield Skipped(source=NAME, locator=locator, reason="unapproved", detail="awaiting moderation")
            continue
        if facts.deleted:
            yield Skipped(
                source=NAME, locator=locator, reason="deleted", detail="removed by who wrote it, or by the blog"
            )
            continue
        yield Comment(
            source=NAME,
            locator=locator,
            native_id=facts.number,
            post=post.url or post.native_id,
            parent=numbers.get(id(element.parent), "") or facts.answers,
            author=facts.author,
            author_url=facts.author_url,
            published=facts.published,
            html=facts.html,
            kind=facts.kind,
        )


def _blog(tree: Tree, head: Head) -> Blog | None:
    """The blog's name and its language, where the page tells them."""
    page = Region(tree, tree.root)
    feed = next((_FEED_TITLE.sub("", title) for _, title in head.link("alternate") if title), "")
    home = next((printed for tag in named_blog(tree) if (printed := line(tag))), "")
    if not (name := head.first("og:site_name") or home or feed):
        return Blog(source=NAME, name="", language=head.language) if head.language else None
    described = chain(page.named(BLOG_DESCRIPTION), (tree.by_id[i] for i in BLOG_DESCRIPTION if i in tree.by_id))
    description = next((printed for tag in described if (printed := line(tag))), "")
    address = blog_address(tree, head)
    return Blog(source=NAME, name=name, description=description, url=address, language=head.language)


def _repairs(decoded: Decoded, name: str) -> Iterator[Repaired]:
    if decoded.bad_bytes:
        detail = f"bytes that are no {decoded.encoding}, read as windows-1252"
        yield Repaired(source=NAME, locator=name, reason="encoding", detail=detail, count=decoded.bad_bytes)
    if decoded.controls:
        yield Repaired(source=NAME, locator=name, reason="control-character", count=decoded.controls)


FORMAT = Format(name=NAME, title="Saved blog page (HTML)", sniff=sniff, read=read, rank=PAGE)
