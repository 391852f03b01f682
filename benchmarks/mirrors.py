"""A tree of saved pages compared with what the pages say of themselves, for `benchmarks.fidelity`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.counting import Check, Result, about_a_comment, compare, read_file
from indexer.archive import Comment, Item, Post, Skipped
from indexer.permalinks import normalise
from indexer.sources import find
from indexer.sources.savedpage import announced_comments
from indexer.sources.savedpage.decode import decode
from indexer.sources.savedpage.tree import Tree

_BODY = re.compile(r"<body\b[^>]*?\bclass\s*=\s*[\"']([^\"']*)", re.I)
_LISTS = frozenset("home blog archive category tag author date search paged error404 attachment".split())
_FORM = re.compile(
    r"name=[\"']?comment_post_ID|wp-comments-post\.php|<form[^>]*id=[\"']?commentform|mt-comments\.\w+", re.I
)
_PERMALINK = re.compile(
    r"(?:^|/)(?:19|20)\d\d/\d\d/(?:\d\d/(?!index\.html)|(?!index\.html|(?:0[1-9]|[12]\d|3[01])/|\d\d\.html|page/))[^/]+"
    r"(?:\.html|(?:/(?:comment-page-\d+|\?[^/]*))?/index\.html)$"
    r"|(?:^|/)archives?/\d{6}\.html$|(?:^|/)pages/\d+\.html$"
)
# The number that a page gives to a comment; "comment-4" in a class or a link counts comments elsewhere.
_NUMBERED = re.compile(r"\b(?:id|name)\s*=\s*[\"']?(?:(?:li|div|article)-)?(?:comment-|c(?=\d{6}))(\d+)\b", re.I)
_COMMENT_PAGE = re.compile(r"\bcomment-page-(\d+)/?(?:index\.html)?#comment(?:-(\d+))?")
_NEWEST_PAGE = re.compile(r"href=[\"']\.\./(?:index\.html)?#comments")
_FEED = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:rss|feed|rdf)", re.I | re.S)
_HTML = re.compile(r"<(?:!doctype html|html|head|body)", re.I)


def looks_like_a_post(text: str, name: str) -> bool:
    """Whether a page of a mirror is a post's, by three rough signs: the classes of ``<body>``, a comment form, a permalink.

    Where ``<body>`` has WordPress's classes they decide. Else a comment form stands only on a post; else the path decides.
    """
    if _FEED.match(text[:4096]) or not _HTML.search(text[:65536]):
        return False
    classes = set(m[1].split()) if (m := _BODY.search(text)) else set()
    if classes & {"single", "single-post", "page-template", "postid"}:
        return True
    if classes & _LISTS:
        return False
    return bool(_FORM.search(text) or _PERMALINK.search(name))


@dataclass(slots=True)
class _Thread:
    """A post of a mirror with its copies.

    ``announced`` is the largest number that one of them prints, ``comments`` all that were found, ``numbered`` the numbers of
    comments in the pages' ids, ``pages`` of the divided thread those that were read and those that are linked.
    """

    page: str
    announced: int | None = None
    comments: set[tuple[str, ...]] = field(default_factory=set)
    numbered: set[str] = field(default_factory=set)
    pages: set[str] = field(default_factory=set)
    linked: set[str] = field(default_factory=set)

    @property
    def absent(self) -> list[str]:
        """The pages of the thread that the mirror does not have; "" is the one at the post's own address."""
        return sorted(self.linked - self.pages)

    def add(self, name: str, text: str, items: Sequence[Item]) -> None:
        """Take in one copy."""
        # Parsing the page a second time takes as long as reading it did; a copy made to answer a comment announces the same.
        if self.announced is None or "replytocom" not in name:
            count = announced_comments(Tree(text).root)
            self.announced = max(self.announced or 0, count) if count is not None else self.announced
        self.comments.update(_identity(item) for item in items if about_a_comment(item))
        self.numbered.update(_NUMBERED.findall(text))
        self.pages.update(re.findall(r"comment-page-(\d+)", name) or [""])
        if "comment-page-" in name and _NEWEST_PAGE.search(text):
            self.linked.add("")
        for page, comment in _COMMENT_PAGE.findall(text):
            # A comment's own link names the page of the thread that it is on.
            (self.pages if (comment,) in self.comments else self.linked).add(page)


def read_mirror(path: Path, result: Result) -> None:
    """Read a mirror and compare it with itself; fills ``result``."""
    threads: dict[str, _Thread] = {}
    expected = found = 0
    for file in find(path, lambda size: None):
        items = read_file(file, result)
        text = decode(file.path.read_bytes()).text
        post = next((item for item in items if isinstance(item, Post)), None)
        likely = looks_like_a_post(text, file.name)
        expected += likely
        found += likely and post is not None
        if likely and post is None:
            result.differences.append(f"{file.name}: a post page that gave no post")
        if post is None:
            continue
        if not likely:
            result.differences.append(f"{file.name}: a post was found on what does not look like a post page")
        thread = threads.setdefault(normalise(post.url) or post.native_id or file.name, _Thread(file.name))
        thread.add(file.name, text, items)
    result.posts, result.comments = len(threads), sum(len(thread.comments) for thread in threads.values())
    result.checks = [compare("post pages", expected, found), *_compared(threads, result)]


def _identity(item: Item) -> tuple[str, ...]:
    """What tells one comment of a post from another: the number, else author, minute and text."""
    if isinstance(item, Comment):
        return (item.native_id,) if item.native_id else (item.author, item.author_url, str(item.published), item.html)
    # Skipped: the locator's end is the number, where there is one.
    return (item.locator.rpartition("#")[2].removeprefix("comment-"),) if isinstance(item, Skipped) else ()


def _compared(threads: dict[str, _Thread], result: Result) -> Iterator[Check]:
    """Announced, numbered and found comments, post by post, summed so that one post's surplus hides no other's loss."""
    sums: Counter[str] = Counter()
    for thread in threads.values():
        found = len(thread.comments)
        lost = thread.numbered - {identity[0] for identity in thread.comments}
        sums.update(numbered=len(thread.numbered), unread=len(lost))
        if lost:
            result.differences.append(f"{thread.page}: no comment was read with the number {', '.join(sorted(lost))}")
        if thread.announced is None:
            sums.update(unannounced=found)
            continue
        expected = thread.announced
        if thread.absent and found < expected:
            where = ", ".join(page or "(newest)" for page in thread.absent)
            result.differences.append(
                f"{thread.page}: {found} of {expected}, comment-page {where} is not in the mirror"
            )
            expected = found
        elif found != expected:
            result.differences.append(f"{thread.page}: announces {expected} comments, {found} found")
        check = compare(thread.page, expected, found)
        sums.update(expected=expected, found=found, missing=check.missing, surplus=check.surplus)
    yield Check("announced comments", sums["expected"], sums["found"], sums["missing"], sums["surplus"])
    yield compare("numbered comments", sums["numbered"], sums["numbered"] - sums["unread"])
    if sums["unannounced"]:
        result.differences.append(f"{sums['unannounced']} comments on pages that announce no number")
