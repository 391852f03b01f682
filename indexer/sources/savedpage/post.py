"""The post on a page: title, body, author, dates, categories and tags.

The body is found first by the names in `names.BODY`, else as what follows the title in the post's container. Everything
else is then looked for in the container *around* the body, so that a byline quoted in a post is not taken for its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time
from html import escape, unescape
from itertools import chain, islice

from indexer.sources.savedpage import dates, share
from indexer.sources.savedpage.address import home_headings
from indexer.sources.savedpage.element import Node, Tag
from indexer.sources.savedpage.head import Head
from indexer.sources.savedpage.kind import entries
from indexer.sources.savedpage.names import (
    AUTHOR,
    BLOCKS,
    BLOG_TITLE,
    BODY,
    BODY_IN_ENTRY,
    BYLINE,
    DATE,
    HEADINGS,
    TITLE,
)
from indexer.sources.savedpage.person import person
from indexer.sources.savedpage.thread import Thread
from indexer.sources.savedpage.tree import Region, Tree, attr, has_text, line, markup, near, text, words

# How many elements are tried for one fact; themes print a fact once or twice.
MAX_CANDIDATES = 40
# A long post has some dozen headings of its own.
MAX_HEADINGS = 400
_BY = re.compile(r"(?:^|[\s|>–—-])(?:by|von|par|por|door|przez|autor:?|author:?|di|af|av)\s*$", re.IGNORECASE)
_BY_NAME = re.compile(
    r"(?:posted|published|written|by|filed)\s+by\s+(?P<name>.{2,60}?)"
    r"(?:\s+(?:on|at|in|under|and|to|with)\b|\s*[|,•·/(]|\s*\.?$)",
    re.IGNORECASE,
)
# "Anzeige, enthält Affiliate Links", "– Advertisement –".
_ADVERTISING = re.compile(
    r"\W*(?:anzeige|werbung|advertise?ment|sponsored|publicité|publicidad|reklama)\b[^.!?]{0,40}", re.I
)
MAX_LABEL_NODES = 3
_SEPARATOR = re.compile(r"\s+[|«»–—-]\s+|\s*[«»]\s*")


@dataclass(frozen=True, slots=True)
class Found:
    """Where the post is: its container, its title, the nodes of its body and those of its byline (above the body)."""

    root: Tag
    title: Tag | None
    body: list[Node]
    byline: list[Node]
    around: Region
    named: bool


def find_post(tree: Tree, head: Head, thread: Thread, *, single: bool) -> Found | None:
    """Locate the post; None when nothing on the page looks like one."""
    root = _root(tree, thread, single=single)
    container = root if root is not None else tree.body or tree.root
    holes = [part for comment in thread.comments for part in comment.parts]
    region = Region(tree, container, holes)
    title = _title(tree, head, region, trusted=root is not None)
    body = _body(tree, region, title, inside_entry=root is not None)
    if body is not None:
        # Kubrick prints the byline inside the body's element.
        bylines = [tag for tag in Region(tree, body).named(BYLINE) if id(tag) in tree.furniture]
        around = Region(tree, container, [*holes, body], bylines)
        return Found(container, title, list(body.contents), [], around, True)
    most = _most_paragraphs(region)
    if title is not None and (root is not None or _naming_the_page([title], head)):
        byline, nodes = _after_title(tree, title, container, thread)
        elements = [node for node in nodes if isinstance(node, Tag)]
        # Only on a page known to hold one post is the longest text that post's: elsewhere it may be the sidebar.
        trusted = single or root is not None
        if most is None or not trusted or any(tree.within(most, tag) or tag.parent is most for tag in elements):
            return Found(
                container, title, nodes, byline, Region(tree, container, [*holes, *elements]), root is not None
            )
    if most is None or not (single or root is not None):
        return None
    return Found(container, title, list(most.contents), [], Region(tree, container, [*holes, most]), root is not None)


def nowhere(tree: Tree, head: Head) -> Found:
    """For a page without a theme's names: of it, only what the head says counts, and the heading that says the same."""
    page = tree.body or tree.root
    home = {id(tag) for tag in home_headings(tree)}
    headings = islice(Region(tree, page).elements("h1", "h2", "h3"), MAX_HEADINGS)
    title = next(iter(_naming_the_page((tag for tag in headings if id(tag) not in home), head)), None)
    return Found(page, title, [], [], Region(tree, page, [page]), False)


def _body(tree: Tree, region: Region, title: Tag | None, *, inside_entry: bool) -> Tag | None:
    """The element that themes name as the post's words."""
    body = next((tag for tag in region.named(BODY) if tag is not title and tag.name not in HEADINGS), None)
    if body is None:
        # schema.org's name (https://schema.org/articleBody); where it stands more than once, other articles are shown beside.
        stated = [tag for tag in tree.by_property.get("articleBody", ()) if tag in region and tag.name not in HEADINGS]
        body = stated[0] if len(stated) == 1 else None
    if body is not None or not inside_entry:
        return body
    most = _most_paragraphs(region)
    named = (tag for tag in region.named(BODY_IN_ENTRY) if tag is not region.root and tag.name not in HEADINGS)
    return next((tag for tag in named if most is None or tree.within(most, tag)), None)


def _most_paragraphs(region: Region) -> Tag | None:
    """The element whose own paragraphs hold the most text: the post, in a theme that names nothing."""
    lengths: dict[int, int] = {}
    parents: dict[int, Tag] = {}
    for paragraph in region.elements("p"):
        parent = paragraph.parent
        if parent is not None and id(parent) not in region.tree.furniture and parent.name != "blockquote":
            parents[id(parent)] = parent
            lengths[id(parent)] = lengths.get(id(parent), 0) + len(line(paragraph))
    return parents[max(lengths, key=lengths.__getitem__)] if lengths else None


def _root(tree: Tree, thread: Thread, *, single: bool) -> Tag | None:
    """The post's container: of several, the one that the page is numbered after, or else the first with words in it."""
    found = [tag for tag in entries(tree) if not thread.holds(tag)]
    if single and len(found) > 1 and tree.body:
        wanted = next((c.removeprefix("postid-") for c in words(tree.body) if c.startswith("postid-")), "")
        for tag in found:
            if wanted and (attr(tag, "id") == f"post-{wanted}" or f"post-{wanted}" in words(tag)):
                return tag
    return next((tag for tag in found if has_text(tag.contents)), None)


def _title(tree: Tree, head: Head, region: Region, *, trusted: bool) -> Tag | None:
    """The title's heading. ``trusted``: the region is a post's container, so any heading in it will do."""
    blog = {id(tag) for tag in Region(tree, tree.root).named(BLOG_TITLE)}
    # Links to the posts before and after have titles too.
    menus = Region(tree, tree.root, tree.by_name.get("nav", ()))
    site = head.first("og:site_name").casefold()

    def prints_title(tag: Tag) -> bool:
        return id(tag) not in blog and tag in menus and (printed := line(tag)) != "" and printed.casefold() != site

    candidates = [tag for tag in islice(region.named(TITLE), MAX_CANDIDATES) if prints_title(tag)]
    named = (tag for tag in candidates if tag.name not in ("div", "li"))
    # "<div class=post-title><h2>..</h2> by ..</div>"
    boxed = (tree.first("h1", tag) or tree.first("h2", tag) or tree.first("h3", tag) or tag for tag in candidates)
    headings = [tag for tag in islice(region.elements("h1", "h2", "h3"), MAX_HEADINGS) if prints_title(tag)]
    if not trusted or candidates:
        return next(chain(named, boxed, _naming_the_page(headings, head)), None)
    blog.update(id(tag) for tag in home_headings(tree))
    everywhere = [tag for tag in islice(menus.elements("h1", "h2"), MAX_HEADINGS) if prints_title(tag)]
    naming = _naming_the_page([*headings, *everywhere], head)
    return next(chain(naming, headings), None)


def _naming_the_page(headings: Iterable[Tag], head: Head) -> list[Tag]:
    """The headings that the page's own title begins or ends with, the longest first: the other end is the blog's name."""
    title = (head.first("og:title") or head.title).casefold()
    printing = [(printed, tag) for tag in headings if (printed := line(tag, glue="").casefold())]
    naming = [pair for pair in printing if title.startswith(pair[0])]
    naming += [pair for pair in printing if title.endswith(pair[0])]
    return [tag for _, tag in sorted(naming, key=lambda pair: -len(pair[0]))]


def _after_title(tree: Tree, title: Tag, container: Tag, thread: Thread) -> tuple[list[Node], list[Node]]:
    """Byline and body of a post without a container of its own for the body: what follows the title.

    Up to the first block it is the byline; the body ends where the comments or their heading begin.
    """
    start = title
    while start.parent is not None and start.parent is not container and not _followed(start):
        start = start.parent
    byline: list[Node] = []
    body: list[Node] = []
    for node in start.next_siblings:
        if isinstance(node, Tag) and (attr(node, "id") in ("comments", "respond") or thread.around(node)):
            break
        is_block = isinstance(node, Tag) and node.name in BLOCKS
        if is_block and isinstance(node, Tag) and not body and not {*words(node)}.isdisjoint(BYLINE):
            byline.append(node)
        elif body or is_block:
            body.append(node)
        else:
            byline.append(node)
    if not body:
        return [], byline
    return byline, body


def _followed(tag: Tag) -> bool:
    """Whether any words follow this element in its parent."""
    return has_text(list(tag.next_siblings))


# --- facts ---------------------------------------------------------------------------------------------------------


def title_html(found: Found, head: Head, blog_name: str) -> str:
    """The title as markup: of a heading that is one link, the link's inside."""
    if found.title is None:
        stated = next((value for value in (head.first("og:title"), *head.said("headline")) if value), "")
        return escape(stated or _without_blog(head.title, blog_name), quote=False)
    inside: Tag = found.title
    links = [node for node in near(inside) if node.name == "a"]
    if len(links) == 1 and text([links[0]]) == text([inside]):
        inside = links[0]
    return " ".join(markup(inside.contents, _edit_links(inside)).replace("\u00a0", " ").split())


def _without_blog(title: str, blog_name: str) -> str:
    """The post's part of a page title ("Blog » Blog Archive » Post", "Post | Blog")."""
    others = {blog_name.casefold(), "blog archive", "archives", "archive"}
    parts = [part for part in _SEPARATOR.split(title) if part and part.casefold() not in others]
    return max(parts, key=len, default=title)


def _edit_links(tag: Tag) -> set[int]:
    return {id(link) for link in near(tag) if "post.php?" in attr(link, "href") or "edit" in " ".join(words(link))}


def body_html(found: Found, tree: Tree, thread: Thread, url: str) -> str:
    """The body's markup without what plugins and the theme put into it: the title, the byline, buttons to share it."""
    comments = {id(part) for comment in thread.comments for part in comment.parts}
    title = {id(found.title)} if found.title is not None else set()
    left_out = tree.furniture | comments | title | _advertising(tree) | share.boxes(found.body, tree, url)
    return markup(found.body, left_out)


def _advertising(tree: Tree) -> set[int]:
    """Paragraphs that only declare advertising, as the law and advertising networks ask for."""
    short = (tag for tag in tree.by_name.get("p", ()) if len(tag.contents) <= MAX_LABEL_NODES)
    return {id(tag) for tag in short if _ADVERTISING.fullmatch(line(tag))}


def authors_name(found: Found, head: Head) -> str:
    """The author's name, "" when the page names none."""
    for tag in islice(found.around.named(AUTHOR), MAX_CANDIDATES):
        if name := person(tag):
            return name
    for link in found.around.elements("a"):
        if "author" in words(link, "rel") and (name := person(link)):
            return name
    inline = (node for node in found.byline if isinstance(node, Tag))
    bylines = chain(found.around.named(BYLINE), inline, found.around.elements("small"))
    for tag in islice(bylines, MAX_CANDIDATES):
        for link in near(tag):
            before = link.previous_sibling
            if (
                link.name in ("a", "strong", "em", "cite", "span")
                and isinstance(before, str)
                and _BY.search(before)
                and (name := person(link))
            ):
                return name
        if m := _BY_NAME.search(line(tag)):
            return m["name"].strip()
    stated = [*head.said("author"), head.first("author"), head.first("article:author")]
    # Plugins escape these a second time.
    return next((unescape(name) for name in stated if name and "://" not in name and "@" not in name), "")


def published(
    found: Found, head: Head, thread: Thread, order: dates.DayOrder, hint: dates.PathDate | None
) -> datetime | None:
    """When the post was published, by the page's own words; the first source gives the day, any that agrees the time."""
    day: dates.Found | None = None
    for candidate in _moments(found, head, thread, order, hint):
        if day is None:
            day = candidate
        if candidate.timed and candidate.moment.date() == day.moment.date():
            return candidate.moment
    if day is not None:
        clock = _clock(found, order, hint)
        return datetime.combine(day.moment, clock, day.moment.tzinfo) if clock else day.moment
    if hint and hint.day:
        return dates.machine(f"{hint.year:04}-{hint.month:02}-{hint.day:02}").moment  # type: ignore[union-attr]
    return None


def _clock(found: Found, order: dates.DayOrder, hint: dates.PathDate | None) -> time | None:
    """The time of day in a byline without a date: Blogger prints the day over the post, the time below it."""
    lines = (line(tag) for tag in islice(found.around.named(BYLINE), MAX_CANDIDATES))
    return next(
        (clock for text in lines if not dates.visible(text, order, hint) and (clock := dates.time_of_day(text))), None
    )


def _moments(
    found: Found, head: Head, thread: Thread, order: dates.DayOrder, hint: dates.PathDate | None
) -> Iterator[dates.Found]:
    around = found.around
    times = [tag for tag in around.elements("time") if "updated" not in words(tag) or "published" in words(tag)]
    named = list(islice(around.named(DATE), MAX_CANDIDATES))
    for tag in (*times, *named):
        for value in (attr(tag, "datetime"), attr(tag, "title"), attr(tag, "content")):
            if value and (moment := dates.machine(value)):
                yield moment
    for tag in named:
        # The default themes of 2010 and 2011 print the day and put the time into the link's title.
        link = tag.parent if tag.parent is not None and tag.parent.name == "a" else tag
        if moment := dates.visible(f"{line(tag)} {attr(link, 'title')}", order, hint):
            yield moment
    for tags in (around.named(BYLINE), around.elements("small"), around.elements("abbr")):
        for tag in islice(tags, MAX_CANDIDATES):
            if moment := dates.visible(line(tag), order, hint):
                yield moment
    if found.byline and (moment := dates.visible(text(found.byline, glue=" "), order, hint)):
        yield moment
    # "This entry was posted on ..." in a box of its own; Blogger's date over the post.
    for tag in islice(
        Region(around.tree, around.tree.root, [found.root]).named((*BYLINE, "date-header")), MAX_CANDIDATES
    ):
        if not thread.holds(tag) and (moment := dates.visible(line(tag), order, hint)):
            yield moment
    stated = (
        "article:published_time",
        "datepublished",
        "date",
        "dc.date",
        "dc.date.issued",
        "dcterms.created",
        "pubdate",
    )
    for value in (*(head.first(name) for name in stated), *head.said("datePublished")):
        if value and (moment := dates.machine(value)):
            yield moment


def modified(found: Found, head: Head, since: datetime | None) -> datetime | None:
    """When the post was last changed, if the page says so and it was after it was published."""
    updated = [
        attr(tag, "datetime") for tag in found.around.named(["updated", "dt-updated"]) if "published" not in words(tag)
    ]
    for value in (*updated, head.first("article:modified_time", "og:updated_time"), *head.said("dateModified")):
        if value and (moment := dates.machine(value)):
            unchanged = value == head.first("article:published_time") or value in head.said("datePublished")
            return moment.moment if not unchanged and (since is None or moment.moment > since) else None
    return None
