"""The interface's words: how the pages say dates, numbers, kinds and fields. English; the one place to translate."""

from __future__ import annotations

from datetime import date, datetime

from indexer.engine.port import FacetField, Kind, SearchRequest, SearchResults, Sort

MONTHS = ("January February March April May June July August September October November December").split()

FACET_TITLES: dict[FacetField, str] = {
    "kind": "Kind",
    "category": "Category",
    "year": "Year",
    "month": "Month",
    "author": "Written by",
    "post_author": "Author",
    "comment_author": "Commenter",
    "tag": "Tag",
    "site": "Linked site",
}
# What is said of the results that have no value in a facet.
MISSING: dict[FacetField, str] = {
    "kind": "without a kind",
    "category": "without a category",
    "year": "undated",
    "month": "undated",
    "author": "without an author",
    "post_author": "without an author",
    "comment_author": "without comments",
    "tag": "without a tag",
    "site": "without links",
}
KINDS: dict[Kind, str] = {"post": "Posts", "page": "Pages", "comment": "Comments", "pingback": "Pingbacks"}
SORT_NAMES: dict[Sort, str] = {
    "relevance": "Relevance",
    "newest": "Newest",
    "oldest": "Oldest",
    "discussed": "Most discussed",
}
# BCP 47 tags for the languages of `indexer.settings.LANGUAGES`.
LANGUAGE_TAGS = dict(
    pair.split("=")
    for pair in (
        "arabic=ar armenian=hy basque=eu catalan=ca danish=da dutch=nl english=en esperanto=eo estonian=et finnish=fi "
        "french=fr german=de greek=el hindi=hi hungarian=hu indonesian=id irish=ga italian=it lithuanian=lt nepali=ne "
        "norwegian=no portuguese=pt romanian=ro russian=ru serbian=sr spanish=es swedish=sv tamil=ta turkish=tr yiddish=yi"
    ).split()
)
# What is said of items that were seen and left out or repaired, by the code of the reason (`indexer.archive.Skipped`).
REASONS: dict[str, str] = {
    "attachment": "Uploaded files, without a text of their own",
    "comment-type": "Notes that a plugin kept among the comments",
    "configuration": "Settings of the blog",
    "data": "Data files",
    "deleted": "Deleted by their authors or the blog",
    "draft": "Drafts",
    "duplicate": "Further copies of what is here",
    "empty": "Empty files or items",
    "error-page": "Pages that the server answered with an error",
    "feed": "Feeds shown as pages",
    "future": "Scheduled for a later day",
    "index": "Lists that belong to a web archive",
    "layout": "Templates of the blog",
    "listing": "Front pages, categories and other lists of posts",
    "menu": "Menus",
    "not-a-page": "Images, styles and other files that are no page",
    "not-a-post": "Pages without a post",
    "orphan": "Comments on posts that are not in the archive",
    "password": "Protected by a password",
    "pending": "Waiting for review",
    "post-type": "Items of a plugin's own kind",
    "private": "Private",
    "redacted": "Taken down by the owner",
    "redirect": "Addresses that only lead to another",
    "revision": "Earlier versions",
    "revisit": "Pages that had not changed since an earlier capture",
    "setting": "Settings of the blog",
    "spam": "Spam",
    "template": "Templates of the blog",
    "trash": "In the bin",
    "unapproved": "Comments that were never approved",
    "unreadable": "Could not be read",
    "unrecognised": "Files of no known format",
    "crawl-log": "Notes of the program that made a web archive",
    # What was repaired.
    "bare-ampersand": "Ampersands that begin no entity",
    "bare-less-than": "Signs that begin no tag",
    "checksum": "Records whose checksum is wrong",
    "control-character": "Control characters",
    "encoding": "Bytes that are not in the encoding that their page has",
    "front-matter": "Front matter that is no valid YAML or TOML",
    "invalid-bytes": "Bytes that are no characters",
    "leading-junk": "Text before the beginning of a file",
    "missing-end": "Files without their end tags",
    "mojibake": "Text that was once read in the wrong encoding",
    "named-entity": "Entities that XML does not know",
    "nested-cdata": "Sections inside sections",
    "not-well-formed": "XML that is not well formed",
    "record-length": "Records of another length than stated",
    "trailing-junk": "Text after the end of a file",
    "truncated": "Breaks off in the middle",
    "undeclared-prefix": "Names with a prefix that is never declared",
    "unescaped-markup": "Markup that was not escaped",
}
# Of these not even the file's name is shown: it may be the title.
WITHHELD = frozenset("deleted draft future password pending private redacted spam trash unapproved".split())
COUNTED = {
    "read": "Seen", "posts": "Posts", "pages": "Pages", "comments": "Comments", "pingbacks": "Pingbacks",
    "skipped": "Left out", "repaired": "Repaired",
}  # fmt: skip
# A heading of more characters would push the results off the first screen.
HEADING = 80
UNTITLED = "(untitled)"
ANONYMOUS = "Anonymous"
UNDATED = "undated"


def number(n: int) -> str:
    """1234 -> ``1,234``."""
    return f"{n:,}"


def count(n: int, singular: str, plural: str = "") -> str:
    """``1 post``, ``1,234 posts``."""
    return f"{number(n)} {singular if n == 1 else plural or singular + 's'}"


def day(when: date | None) -> str:
    """``4 May 2008``, or ``undated``."""
    return f"{when.day} {MONTHS[when.month - 1]} {when.year}" if when else UNDATED


def machine_day(when: datetime | None) -> str:
    """For ``<time datetime>``: the blog's local time to the minute, "" when undated."""
    return when.isoformat(timespec="minutes") if when else ""


def facet_label(name: FacetField, value: str) -> str:
    """A facet's value as a reader knows it: ``2008-05`` is ``May 2008``, ``comment`` is ``Comments``."""
    if name == "month" and len(value) == 7:
        return f"{MONTHS[int(value[5:]) - 1]} {value[:4]}"
    return KINDS.get(value, value) if name == "kind" else value  # type: ignore[call-overload]


def summary(results: SearchResults) -> str:
    """How much was found: ``12 threads: 5 posts and 14 comments match``."""
    request, total = results.request, results.total
    posts, comments = count(total.posts, "post"), count(total.comments, "comment")
    if not results.listed:
        return "Nothing matches"
    if not (request.text or request.filters or request.excluded or request.since or request.until) and request.grouped:
        return f"{posts} and {comments}"
    verb = "matches" if results.listed == 1 else "match"
    if not request.grouped:
        kinds = [said for said, n in ((posts, total.posts), (comments, total.comments)) if n]
        return f"{' and '.join(kinds)} {verb}"
    if total.comments == 0 and total.posts == total.threads:
        return f"{posts} {verb}"
    if total.posts and total.comments:
        return f"{count(total.threads, 'thread')}: {posts} and {comments} match"
    said, n = (posts, total.posts) if total.posts else (comments, total.comments)
    return f"{count(total.threads, 'thread')}: {said} {'matches' if n == 1 else 'match'}"


def reason(code: str) -> str:
    """Why something was left out, in words."""
    return REASONS.get(code, code.replace("-", " ").capitalize())


def heading(request: SearchRequest) -> str:
    """The heading of a results page."""
    if request.text:
        return f"Results for {request.text if len(request.text) <= HEADING else request.text[:HEADING] + '…'}"
    chosen = [facet_label(name, value) for name, values in request.filters.items() for value in values]
    chosen += _dates(request)
    if chosen:
        said = ", ".join(chosen)
        return said[0].upper() + said[1:]
    orders: dict[Sort, str] = {"oldest": "oldest first", "discussed": "most discussed first"}
    return f"All posts, {orders.get(request.sort, 'newest first')}"


def _dates(request: SearchRequest) -> list[str]:
    """The date range in words: ``from 1 May 2008``, ``up to 4 May 2008``."""
    since = [f"from {day(request.since)}"] if request.since else []
    return since + ([f"up to {day(request.until)}"] if request.until else [])
