"""A text with its header to a post and its comments, or the reason why there is none."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from indexer.archive import Item, Post, PostKind, Skipped
from indexer.sources.base import InputFile
from indexer.sources.markdown.address import Place, address, place, rooted
from indexer.sources.markdown.comments import NAME, comment_names, header_comments
from indexer.sources.markdown.frontmatter import Header, canonical_key
from indexer.sources.markdown.render import to_html
from indexer.sources.markdown.site import Site
from indexer.sources.markdown.values import days, first, first_moment, is_false, is_true, moment, names, person

_DATES = (
    "date",
    "publishdate",
    "pubdate",
    "published",
    "publishedat",
    "publisheddate",
    "datepublished",
    "created",
    "createdat",
)
_STARTS = ("publishdate", "pubdate", "publishedat", "publisheddate")
_MODIFIED = (
    "lastmod",
    "lastmodified",
    "lastmodifiedat",
    "modified",
    "updated",
    "updateddate",
    "updatedat",
    "datemodified",
)
_STATUS = ("status", "typepadstatus", "poststatus", "state", "visibility")
# What a status says that keeps a text from readers, and the reason that it is reported under.
_UNPUBLISHED = {
    **dict.fromkeys(("draft", "pending", "auto-draft", "idea", "review", "unpublished", "in progress", "wip"), "draft"),
    **dict.fromkeys(("private", "hidden", "unlisted", "members", "internal"), "private"),
    **dict.fromkeys(("future", "scheduled"), "future"),
    **dict.fromkeys(("trash", "deleted"), "trash"),
}
_POST_FOLDERS = frozenset(
    "post posts _posts blog blogs article articles entry entries journal news notes writing weblog log".split()
)
_PAGE_FOLDERS = frozenset(["page", "pages", "_pages", "stories"])
# Texts for those who work on the site.
_NOT_CONTENT = re.compile(
    r"(?:readme|license|licence|copying|contributing|contributors|changelog|changes|history|code[_-]of[_-]conduct|security|todo|"
    r"authors|install|upgrading|issue_template|pull_request_template|404|500|agents|claude|_?summary)(?:[.-].*)?",
    re.I,
)
# Those of them that are no page even with front matter.
_NO_PAGE = re.compile(r"readme|licen[cs]e|contributing|changelog|404|500", re.I)
# What a page that lists posts asks its generator for.
_LISTS = re.compile(
    r"\b(?:site\.(?:posts|categories|tags|pages|related_posts|documents|collections|data)|paginator\b|collections\.|posts\s*\|)|"
    r"\{%-?\s*(?:for\s+\w+\s+in\s+(?:posts|pagination|collections))",
)
_HEADING = re.compile(
    r"\s*#[ \t]+(?P<title>\S[^\n]{0,300}?)[ \t]*#*[ \t]*(?:\n|\Z)|\s*(?P<line>\S[^\n]{0,300})\n={3,}[ \t]*(?:\n|\Z)"
)
_TITLE_TAG = re.compile(r"</?(?:em|i|b|strong|code|span|sup|sub|cite|q|del|s|small|br|abbr|a)\b[^<>]*>", re.I)


@dataclass(frozen=True, slots=True)
class Text:
    """A text of a tree: ``values`` are its front matter over its site's defaults."""

    file: InputFile
    site: Site
    where: Place
    header: Header
    values: Mapping[str, Any]
    kind: PostKind
    published: datetime | None

    def skipped(self, reason: str, detail: str = "") -> Skipped:
        return Skipped(source=NAME, locator=self.file.name, reason=reason, detail=detail)


def text_items(file: InputFile, header: Header, site: Site, now: datetime) -> Iterator[Item]:
    """The post of a text, and the comments in its front matter; or one `Skipped` for each."""
    where = place(file.name, site)
    values = {**_defaults(where, site), **header.values}
    published = _published(values, where, site)
    read = Text(file, site, where, header, values, _kind(values, where, published), published)
    refused = _refused(read, now)
    item = _post(read) if refused is None else refused
    yield item
    stored = header.values.get("comments")
    if isinstance(stored, list | dict):
        for number, comment in enumerate(header_comments(stored, file.name, file.name, site), 1):
            if isinstance(item, Post) or isinstance(comment, Skipped):
                yield comment
            else:
                locator = f"{file.name}#comment={number}"
                yield Skipped(source=NAME, locator=locator, reason=item.reason, detail="its post was left out")


def _defaults(where: Place, site: Site) -> dict[str, Any]:
    """Jekyll's defaults of front matter for this path (https://jekyllrb.com/docs/configuration/front-matter-defaults/)."""
    if not site.defaults:
        return {}
    found: dict[str, Any] = {}
    # Paths count from the folder that Jekyll reads, which need not be the one its settings lie in.
    paths = [f"{marker}/{where.folder}/".replace("//", "/") for marker in ("_posts", "_drafts", "_pages")]
    paths.append(f"{where.base}{where.folder}/")
    for scope, values in site.defaults:
        if any(
            not scope or path.startswith(scope + "/") or fnmatch.fnmatchcase(path.rstrip("/"), scope) for path in paths
        ):
            found |= {canonical_key(key): value for key, value in values.items()}
    return found


def _kind(values: Mapping[str, Any], where: Place, published: datetime | None) -> PostKind:
    declared = first(values, "type", "layout", "template").lower().rpartition("/")[2].partition(".")[0]
    folders = {folder.lower() for folder in where.folders}
    if declared == "page" or (folders & _PAGE_FOLDERS and not folders & _POST_FOLDERS):
        return "page"
    return "post" if declared in ("post", "posts") or published or folders & _POST_FOLDERS else "page"


def _published(values: Mapping[str, Any], where: Place, site: Site) -> datetime | None:
    """When a text appeared: by its header, else by its name, else by the folders it lies in."""
    found = first_moment(values, site.zone, _DATES)
    if found is None and where.day:
        return days(*where.day, site.zone)
    return found


def _refused(read: Text, now: datetime) -> Skipped | None:
    """Why a text is no published post; None when it is one."""
    values, where = read.values, read.where
    if reason := _unpublished(read, now):
        return read.skipped(reason)
    stem = read.file.name.rpartition("/")[2].partition(".")[0]
    if not read.header.kind and (_NOT_CONTENT.fullmatch(stem) or not _looks_like_a_post(read)):
        return read.skipped("not-a-post", "no front matter, and neither its name nor its folder are a post's")
    if _NO_PAGE.fullmatch(stem) and not where.folder and read.kind == "page":
        return read.skipped("not-a-post", "a text for those who work on the site, or an error page")
    if stem == "_index" or (read.kind == "page" and _LISTS.search(read.header.body)):
        return read.skipped("listing", "a page that lists posts")
    if first(values, "layout") == "null" and read.kind == "page":
        return read.skipped("template")
    return None


def _looks_like_a_post(read: Text) -> bool:
    return (
        read.where.day is not None
        or bool({folder.lower() for folder in read.where.folders} & _POST_FOLDERS)
        or read.where.marker == "_posts"
    )


def _unpublished(read: Text, now: datetime) -> str:
    """The reason for which readers do not get to see a text, "" when they do."""
    values = read.values
    parts = read.file.name.split("/")[:-1]
    if "_drafts" in parts or "drafts" in parts or is_true(values.get("draft")) or is_false(values.get("published")):
        return "draft"
    if read.site.generator == "eleventy" and is_false(values.get("permalink")):
        return "draft"
    for key in _STATUS:
        if reason := _UNPUBLISHED.get(first(values, key).lower()):
            return reason
    if is_true(values.get("private")) or (is_true(values.get("hidden")) and read.site.generator == "nikola"):
        return "private"
    tags = {tag.lower() for tag in names(values.get("tags"))} if read.site.generator in ("nikola", "") else set()
    if reason := next(
        (_UNPUBLISHED[tag] for tag in ("draft", "private") if tag in tags and read.header.kind == "nikola"), ""
    ):
        return reason
    if first(values, "password"):
        return "password"
    starts = [read.published, *(moment(values.get(key), read.site.zone) for key in _STARTS)]
    if not read.site.future and any(start is not None and start > now for start in starts):
        return "future"
    return ""


def _post(read: Text) -> Post | Skipped:
    values, where, site = read.values, read.where, read.site
    body = read.header.body
    title = first(values, "title")
    if not title and (m := _HEADING.match(body)):
        # Without a title in the header, the heading above the text is the title, and shown once.
        title, body = m["title"] or m["line"], body[m.end() :]
    html = to_html(body, where.ending, site.generator, site.url) or _summary(values)
    if not html and (read.kind == "page" or title in ("", where.slug)):
        return read.skipped("empty", "no text, and no title but its file's name")
    categories = _categories(values, where, site, read.header.kind)
    url, others = address(values, where, site, read.kind, read.published, categories)
    return Post(
        source=NAME,
        locator=read.file.name,
        native_id=read.file.name,
        url=url,
        title=_title(title or _from_slug(where.slug)),
        author=person(values.get("author") or values.get("authors"), site.authors) or site.author,
        published=read.published,
        modified=first_moment(values, site.zone, _MODIFIED),
        categories=categories,
        tags=_tags(values),
        html=html,
        kind=read.kind,
        aliases=tuple(dict.fromkeys([*others, *_paths(url, site), *_comment_names(read)])),
    )


def _summary(values: Mapping[str, Any]) -> str:
    """What stands for a text that has none."""
    summary = first(values, "excerpt", "summary", "description")
    return to_html(summary, "md", "") if summary else ""


def _paths(url: str, site: Site) -> list[str]:
    """The path of an address within its site: comments often name their post by it."""
    return (
        [rooted(url[len(site.url) :])]
        if site.url and url.startswith(site.url + "/") and len(url) > len(site.url) + 1
        else []
    )


def _comment_names(read: Text) -> list[str]:
    """What comments that lie elsewhere in the tree call this post: by its slug, and by its file's name."""
    base = read.site.folder + read.where.base
    called = dict.fromkeys((first(read.values, "slug"), read.where.slug, read.where.stem))
    return [name for slug in called if slug for name in comment_names(base, slug)]


def _categories(values: Mapping[str, Any], where: Place, site: Site, kind: str) -> tuple[str, ...]:
    """Categories by the header, else by the folder where the generator takes them from it."""
    above = tuple(folder for folder in where.base.split("/") if folder and folder not in ("src", "source", "content"))
    taxonomies = values.get("taxonomies")
    grouped = taxonomies if isinstance(taxonomies, dict) else {}
    found = names(values.get("category"))
    plural = values.get("categories") or grouped.get("categories")
    # Jekyll cuts a text at spaces, other generators do not (https://jekyllrb.com/docs/posts/#categories).
    words = plural.split() if isinstance(plural, str) and "," not in plural else None
    split = site.generator in ("jekyll", "") and kind == "yaml"
    found += names(words) if split and words is not None else names(plural)
    if site.generator == "pelican" and not found:
        found = tuple(folder for folder in where.folders[-1:] if folder.lower() not in _POST_FOLDERS | _PAGE_FOLDERS)
    if site.generator == "jekyll" and where.marker == "_posts":
        found = above + found
    return tuple(dict.fromkeys(found))


def _tags(values: Mapping[str, Any]) -> tuple[str, ...]:
    taxonomies = values.get("taxonomies")
    grouped = taxonomies if isinstance(taxonomies, dict) else {}
    found = names(values.get("tags") or grouped.get("tags")) + names(values.get("tag"))
    if not found:
        found = tuple(dict.fromkeys(n for keyword in names(values.get("keywords")) for n in names(keyword)))
    return tuple(dict.fromkeys(found))


def _title(title: str) -> str:
    """A title as HTML: front matter holds it as text, at times with a little markup or entities in it."""
    parts, at = [], 0
    for m in _TITLE_TAG.finditer(title):
        parts += [title[at : m.start()].replace("<", "&lt;"), m[0]]
        at = m.end()
    return "".join([*parts, title[at:].replace("<", "&lt;")])


def _from_slug(slug: str) -> str:
    """Jekyll's title of a post without one: its slug in words."""
    return " ".join(word[:1].upper() + word[1:] for word in re.split(r"[-_ ]+", slug) if word)
