"""The permalink of a saved page, however the mirror's tool rewrote its links.

Copies of one post (``?replytocom=5``, ``comment-page-2``, a saved fragment) get the same address. Where no absolute address
is left (wget rewrites links to ``../../index.html``), it is put together from an address of the blog's software that was
left absolute (``http://host/blog/xmlrpc.php``) and the page's place below it. When that is missing too, there is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from urllib.parse import SplitResult, parse_qs, parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from bs4 import Tag

from indexer.sources.savedpage.head import Head
from indexer.sources.savedpage.names import BLOG_TITLE, BLOG_TITLE_IDS, PERMALINK
from indexer.sources.savedpage.share import carried
from indexer.sources.savedpage.tree import Region, Tree, attr, near, words

# Parameters that make a copy of a post's page, not another page.
COPY_PARAMETERS = frozenset(
    """replytocom cpage share nb print preview showcomment commentpage fbclid gclid utm_source utm_medium utm_campaign utm_content
    utm_term""".split()
)
# Addresses of WordPress itself, as `<link>` and forms carry them; what comes before is the blog's root.
_ROOT = re.compile(
    r"(?P<root>.*?)(?:xmlrpc\.php|wp-json/?|wp-includes/.*|wp-comments-post\.php|comments/feed/?|feed/?|favicon\.ico)$"
)
# A page of the comments, or a view for printers or old telephones; below a month's or a day's address alone they are a post.
_COPY_PATH = re.compile(
    r"(?:/comment-page-\d+|(?<=[^/])(?<!/(?:19|20)\d\d/\d\d)(?<!/(?:19|20)\d\d/\d\d/\d\d)/(?:print|amp))+/?$"
)
# What a page is asked for, as mirroring tools write it into names: "index.html?p=12", "index.html@p=12.html", "?p=12/",
# "fog.html?showComment=3.html".
_ASKED = re.compile(r"(?P<file>.*?)(?:\?|%3F|@(?=[a-z_]+=)|(?<=index)-(?=[a-z_]+=))(?P<query>.*?)(?:\.html?)?$", re.I)
_INDEX_NAME = re.compile(r"(?:index(?:\.html?|\.php)?)?$", re.I)
# The questions that lead to another page: a post by number, a listing, a search, a feed.
FRONT_PARAMETERS = frozenset(
    "p page_id attachment_id cat tag m s paged author feed category_name monthnum year day w postid entry_id q".split()
)
_INDEX_FILE = re.compile(r"(?:^|(?<=/))index\.(?:html?|php)$")
# A path that hardly another site has: "/2008/05/slug".
_DATED = re.compile(r"/(?:19|20)\d\d/\d\d/[^/]")
# What Blogger and Movable Type call the link to a post.
_PERMANENT = frozenset(("permanent link", "Permanent link", "Permalink", "permalink"))
_TO_COMMENTS = re.compile(r"([^#]+)#(?:comments|respond|comment-form|comment-?\d+|c\d+|trackbacks?)$")
# What WordPress hangs below a post's permalink.
_BELOW_POST = re.compile(r"/(?:feed(?:/(?:rss2?|atom|rdf))?|trackback|embed)/?$")


def clean(url: str) -> str:
    """An absolute http address without what only makes a copy of it; "" for anything else."""
    parts = _split(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return ""
    path = _COPY_PATH.sub("/", _INDEX_FILE.sub("", parts.path)) or "/"
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in pairs if name not in COPY_PARAMETERS]
    query = parts.query if kept == pairs else urlencode(kept)
    return urlunsplit((parts.scheme, parts.netloc, path, query, ""))


def _split(url: str) -> SplitResult:
    """`urlsplit`, with an empty result for what is no address (``http://[``)."""
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", "", "", "")


def _join(base: str, href: str) -> str:
    try:
        return urljoin(base, href)
    except ValueError:
        return ""


def file_path(name: str) -> str:
    """A mirrored file's path as the blog's path: ``2008/05/slug/?replytocom=5/index.html`` is ``/2008/05/slug/``.

    What chooses the page stays: ``index.html?p=12&replytocom=5`` is ``/?p=12``.
    """
    kept: list[str] = []
    query = ""
    for part in name.split("/"):
        m = _ASKED.match(part)
        file = m["file"] if m else part
        if not _INDEX_NAME.match(file) or part == "index":
            kept.append(file)
        elif m:
            pairs = parse_qsl(m["query"].replace("%26", "&"))
            query = urlencode([(key, value) for key, value in pairs if key in FRONT_PARAMETERS]) or query
    path = "/" + "/".join(kept)
    path = _COPY_PATH.sub("/", path if re.search(r"\.\w{2,5}$", path) else path.rstrip("/") + "/")
    return f"{path}?{query}" if query else path


def below_root(tree: Tree, head: Head, name: str) -> str:
    """The page's path below the blog's root, by how far up its own links go for the root; else the whole `file_path`."""
    folders = name.split("/")[:-1]
    up = next((ups for href in _home_links(tree, head) if (ups := _ups(href)) is not None), None)
    if up is not None and up <= len(folders):
        name = "/".join([*folders[len(folders) - up :], name.rsplit("/", 1)[-1]])
    return file_path(name)


def fetched_path(head: Head, address: str) -> str:
    """The path, with its query, below the blog's root, of the address that a page was fetched from."""
    parts = _split(clean(address))
    hrefs = (href for relation in ("pingback", "edituri", "wlwmanifest") for href, _ in head.link(relation))
    root = next(
        (_split(_join(address, m["root"])) for href in hrefs if (m := _ROOT.match(href.partition("?")[0]))), None
    )
    below = root is not None and root.hostname == parts.hostname and parts.path.startswith(root.path.rstrip("/") + "/")
    path = parts.path[len(root.path.rstrip("/")) :] if root is not None and below else parts.path
    return f"{path}?{parts.query}" if parts.query else path


def permalink(tree: Tree, head: Head, title: Tag | None, name: str, address: str) -> str:
    """The post's own address, "" when the page does not tell. ``address``: where the page was fetched from, if known."""
    for candidate in (*_stated(tree, head, title), *_revealed(tree, file_path(name))):
        url = clean(_join(address, candidate) if address else candidate)
        if url:
            return url
    if address:
        return clean(address)
    root = next(_roots(tree, head), "")
    if not root:
        return ""
    rooted = next((href for href, _ in head.link("canonical") if href.startswith("/")), "")
    if rooted:
        return clean(_join(root, rooted))
    if any(_ups(href) is not None for href in _home_links(tree, head)):
        return clean(_join(root, below_root(tree, head, name).lstrip("/")))
    host, _, rest = file_path(name).lstrip("/").partition("/")
    return clean(_join(root, "/" + rest)) if host == _split(root).hostname else ""


def aliases(tree: Tree, head: Head, name: str, address: str, url: str) -> tuple[str, ...]:
    """The post's other addresses: its short link, where this copy was fetched, ``?p=12`` where the mirror calls it so."""
    found = [href for href, _ in head.link("shortlink")]
    found.append(address)
    path = file_path(name)
    if (root := next(_roots(tree, head), "")) and re.search(r"[?&](?:p|page_id)=\d", path):
        found.append(_join(root, path[path.index("?") :]))
    cleaned = dict.fromkeys(clean(other) for other in found)
    return tuple(other for other in cleaned if other and other != url)


def _stated(tree: Tree, head: Head, title: Tag | None) -> Iterator[str]:
    """Addresses that the page gives itself, the surest first."""
    yield from (href for href, _ in head.link("canonical"))
    yield head.first("og:url")
    for value in (head.post.get("url"), head.post.get("mainEntityOfPage")):
        yield value if isinstance(value, str) else str(value.get("@id", "")) if isinstance(value, dict) else ""
    for href, _ in head.link("alternate"):
        if "oembed" in href and "url=" in href:
            yield from parse_qs(_split(href).query).get("url", ()) if href.startswith("http") else ()
    if title is not None:
        links = (title, tree.first("a", title), title.parent)
        yield from (attr(link, "href") for link in links if link is not None and link.name == "a")
    for link in tree.by_name.get("a", ()):
        if "bookmark" in words(link, "rel"):
            yield attr(link, "href")
            break
    yield from (attr(link, "href") for link in tree.by_name.get("a", ()) if attr(link, "title") in _PERMANENT)
    for tag in Region(tree, tree.soup).named(PERMALINK):
        own = tag if tag.name == "a" else tree.first("a", tag)
        if own is not None and "#" not in attr(own, "href"):
            yield attr(own, "href")
    yield tree.about
    yield from _below_post(tree, head)
    yield _commented(tree)


def _commented(tree: Tree) -> str:
    """The address before the fragment of the page's absolute links to comments; "" when there are several."""
    hrefs = (attr(link, "href") for link in tree.by_name.get("a", ()))
    found = {clean(m[1]) for href in hrefs if href.startswith("http") and (m := _TO_COMMENTS.match(href))}
    return found.pop() if len(found) == 1 else ""


def _revealed(tree: Tree, path: str) -> Iterator[str]:
    """Absolute addresses anywhere on the page that end in the page's own path in the mirror, from the year on."""
    dated = _DATED.search(path)
    if dated is None:
        return
    tail = path[dated.start() :].rstrip("/")
    for link in tree.links:
        href = attr(link, "href")
        for url in (href, *carried(href)) if href.startswith("http") else ():
            if _split(url).path.rstrip("/").endswith(tail):
                yield url


def _below_post(tree: Tree, head: Head) -> Iterator[str]:
    """The permalink inside the address of the post's comment feed or trackback (themes older than ``rel=canonical``)."""
    feeds = [href for href, _ in head.link("alternate")]
    for href in (*feeds, *(attr(link, "href") for link in tree.by_name.get("a", ()))):
        if href.startswith("http") and _BELOW_POST.search(href):
            url = _BELOW_POST.sub("/", href)
            path = _split(url).path.strip("/")
            if path and path.rsplit("/", 1)[-1] != "comments" and "/" in path:
                yield url


def _roots(tree: Tree, head: Head) -> Iterator[str]:
    """The blog's root address, by what of the software's own addresses is absolute."""
    hrefs = [href for relations, href, _ in head.links if "stylesheet" not in relations]
    hrefs += tree.actions
    for href in hrefs:
        if href.startswith(("http://", "https://")) and (m := _ROOT.match(href.partition("?")[0])):
            yield m["root"]


def _home_links(tree: Tree, head: Head) -> Iterator[str]:
    """Links that lead to the blog's root or to a file in it."""
    for relation in ("pingback", "edituri", "wlwmanifest", "home", "index"):
        for href, _ in head.link(relation):
            if m := _ROOT.match(href.partition("?")[0]):
                yield m["root"]
            elif relation in ("home", "index"):
                yield href
    region = Region(tree, tree.soup)
    for tag in (*region.named(BLOG_TITLE), *tree.by_name.get("h1", ())):
        link = tag if tag.name == "a" else tree.first("a", tag)
        if link is not None:
            yield attr(link, "href")
    yield from (attr(link, "href") for link in tree.by_name.get("a", ()) if "home" in words(link, "rel"))


def blog_address(tree: Tree, head: Head) -> str:
    """The blog's own address, "" when the page does not tell."""
    named = (attr(link, "href") for tag in named_blog(tree) if (link := _link(tag)) is not None)
    return next((url for href in chain(_roots(tree, head), named) if (url := clean(href))), "")


def named_blog(tree: Tree) -> Iterator[Tag]:
    """The elements that print the blog's name."""
    yield from Region(tree, tree.soup).named(BLOG_TITLE)
    yield from (tree.by_id[name] for name in BLOG_TITLE_IDS if name in tree.by_id)
    yield from home_headings(tree)


def _link(tag: Tag) -> Tag | None:
    return tag if tag.name == "a" else next((below for below in near(tag) if below.name == "a"), None)


def home_headings(tree: Tree) -> Iterator[Tag]:
    """Headings that are a link to the blog's front page: they name the blog."""
    for heading in tree.by_name.get("h1", ()):
        link = tree.first("a", heading)
        href = attr(link, "href") if link is not None else ""
        if _ups(href) is not None or href == "/" or (_split(href).netloc and _split(href).path in ("", "/")):
            yield heading


def _ups(href: str) -> int | None:
    """How many folders up a relative link to a root leads; None when it is none."""
    m = re.match(r"((?:\.\./)*)(?:\./)?(?:index\.(?:html?|php))?(?:[?#].*)?$", href)
    return m[1].count("../") if m and (m[1] or href.startswith(("./", "index."))) else None
