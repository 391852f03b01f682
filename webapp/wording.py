"""The interface's words: how the pages say dates, numbers, kinds and fields, in the reader's language.

Numbers and dates are written as Babel knows the language to; the day itself is the blog's own. What stands in a table here is
marked for translation and translated when it is looked up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import TypeVar

from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal

from indexer.engine.port import FacetField, Kind, Notice, NoticeCode, SearchRequest, SearchResults, Sort
from webapp.i18n import conventions, decimal, gettext, ngettext, ngettext_noop
from webapp.i18n import gettext_noop as _

Key = TypeVar("Key", bound=str)


class Texts(Mapping[Key, str]):
    """A table of messages; what is looked up comes in the language of the request."""

    def __init__(self, messages: Mapping[Key, str]) -> None:
        self._messages = messages

    def __getitem__(self, key: Key) -> str:
        return gettext(self._messages[key])

    def __iter__(self) -> Iterator[Key]:
        return iter(self._messages)

    def __len__(self) -> int:
        return len(self._messages)


FACET_TITLES = Texts[FacetField](
    {
        "kind": _("Kind"),
        "category": _("Category"),
        "year": _("Year"),
        "month": _("Month"),
        "author": _("Written by"),
        "post_author": _("Author"),
        "comment_author": _("Commenter"),
        "tag": _("Tag"),
        "site": _("Linked site"),
    }
)
# What is said of the results that have no value in a facet. Of commenters and links nothing: nearly every thread has a
# document without.
MISSING = Texts[FacetField](
    {
        "category": _("without a category"),
        "year": _("undated"),
        "month": _("undated"),
        "author": _("without an author"),
        "post_author": _("without an author"),
        "tag": _("without a tag"),
    }
)
KINDS = Texts[Kind]({"post": _("Posts"), "page": _("Pages"), "comment": _("Comments"), "pingback": _("Pingbacks")})
SORT_NAMES = Texts[Sort](
    {
        "relevance": _("Relevance"),
        "newest": _("Newest"),
        "oldest": _("Oldest"),
        "discussed": _("Most discussed"),
    }
)
# `indexer.engine.port.NOTICES`, marked for translation.
NOTICES = Texts[NoticeCode](
    {
        "characters": _("Only the first %(number)s characters of the query were read."),
        "words": _("Only the first %(number)s words of the query were searched."),
        "no-word": _("There is no word to search for in this query."),
        "star": _("%(text)s was searched without its *, which wants one word of two letters or more."),
        "date": _("%(text)s was searched as words: a date is 2008, 2008-05 or 2008-05-04."),
        "site": _("%(text)s was searched as words: a site is example.com."),
        "group": _("%(text)s was searched as words: there are in:posts, in:comments, in:own and in:quotes."),
    }
)
# What is said of items that were seen and left out or repaired, by the code of the reason (`indexer.archive.Skipped`).
REASONS = Texts[str](
    {
        "attachment": _("Uploaded files, without a text of their own"),
        "comment-type": _("Notes that a plugin kept among the comments"),
        "configuration": _("Settings of the blog"),
        "data": _("Data files"),
        "deleted": _("Deleted by their authors or the blog"),
        "draft": _("Drafts"),
        "duplicate": _("Further copies of what is here"),
        "empty": _("Empty files or items"),
        "error-page": _("Pages that the server answered with an error"),
        "feed": _("Feeds shown as pages"),
        "future": _("Scheduled for a later day"),
        "index": _("Lists that belong to a web archive"),
        "layout": _("Templates of the blog"),
        "listing": _("Front pages, categories and other lists of posts"),
        "menu": _("Menus"),
        "not-a-page": _("Images, styles and other files that are no page"),
        "not-a-post": _("Pages without a post"),
        "orphan": _("Comments on posts that are not in the archive"),
        "password": _("Protected by a password"),
        "pending": _("Waiting for review"),
        "post-type": _("Items of a plugin's own kind"),
        "private": _("Private"),
        "redacted": _("Taken down by the owner"),
        "redirect": _("Addresses that only lead to another"),
        "revision": _("Earlier versions"),
        "revisit": _("Pages that had not changed since an earlier capture"),
        "setting": _("Settings of the blog"),
        "spam": _("Spam"),
        "template": _("Templates of the blog"),
        "trash": _("In the bin"),
        "unapproved": _("Comments that were never approved"),
        "unreadable": _("Could not be read"),
        "unreadable-text": _("Texts in a format that could not be read"),
        "unrecognised": _("Files of no known format"),
        "crawl-log": _("Notes of the program that made a web archive"),
        # What was repaired.
        "bare-ampersand": _("Ampersands that begin no entity"),
        "bare-less-than": _("Signs that begin no tag"),
        "checksum": _("Records whose checksum is wrong"),
        "control-character": _("Control characters"),
        "encoding": _("Bytes that are not in the encoding that their page has"),
        "front-matter": _("Front matter that is no valid YAML or TOML"),
        "invalid-bytes": _("Bytes that are no characters"),
        "leading-junk": _("Text before the beginning of a file"),
        "missing-end": _("Files without their end tags"),
        "mojibake": _("Text that was once read in the wrong encoding"),
        "named-entity": _("Entities that XML does not know"),
        "nested-cdata": _("Sections inside sections"),
        "not-well-formed": _("XML that is not well formed"),
        "record-length": _("Records of another length than stated"),
        "trailing-junk": _("Text after the end of a file"),
        "truncated": _("Breaks off in the middle"),
        "undeclared-prefix": _("Names with a prefix that is never declared"),
        "unescaped-markup": _("Markup that was not escaped"),
    }
)
# Of these not even the file's name is shown: it may be the title.
WITHHELD = frozenset("deleted draft future password pending private redacted spam trash unapproved".split())
COUNTED = Texts[str](
{
    "read": _("Seen"), "posts": _("Posts"), "pages": _("Pages"), "comments": _("Comments"), "pingbacks": _("Pingbacks"),
    "skipped": _("Left out"), "repaired": _("Repaired"),
})  # fmt: skip
# A heading of more characters would push the results off the first screen.
HEADING = 80
# The nouns that `count` is called with.
NOUNS = (
    ngettext_noop("%(num)s post", "%(num)s posts"),
    ngettext_noop("%(num)s page", "%(num)s pages"),
    ngettext_noop("%(num)s comment", "%(num)s comments"),
    ngettext_noop("%(num)s pingback", "%(num)s pingbacks"),
    ngettext_noop("%(num)s thread", "%(num)s threads"),
)


def number(n: int) -> str:
    """1234 -> ``1,234``."""
    return decimal(n)


def percent(value: float) -> str:
    """12.5 -> ``12.5 %``, to hundredths."""
    return gettext("%(number)s %%", number=format_decimal(value, "#,##0.##", locale=conventions()))


def count(n: int, singular: str, plural: str = "") -> str:
    """``1 post``, ``1,234 posts``: one of `NOUNS`."""
    return ngettext(f"%(num)s {singular}", f"%(num)s {plural or singular + 's'}", n)


def day(when: date | None) -> str:
    """``4 May 2008``, or ``undated``."""
    return _day(date(when.year, when.month, when.day), conventions()) if when else gettext("undated")


def month(when: date) -> str:
    """``May 2008``."""
    return _month(when.year, when.month, conventions())


def machine_day(when: datetime | None) -> str:
    """For ``<time datetime>``: the blog's local time to the minute, "" when undated."""
    return when.isoformat(timespec="minutes") if when else ""


def facet_label(name: FacetField, value: str) -> str:
    """A facet's value as a reader knows it: ``2008-05`` is ``May 2008``, ``comment`` is ``Comments``."""
    if name == "month" and len(value) == 7:
        return _month(int(value[:4]), int(value[5:]), conventions())
    return KINDS.get(value, value) if name == "kind" else value  # type: ignore[call-overload]


def summary(results: SearchResults) -> str:
    """How much was found: ``12 threads: 5 posts and 14 comments match``."""
    request, total = results.request, results.total
    if not results.listed:
        return gettext("Nothing matches")
    parts = {"posts": count(total.posts, "post"), "comments": count(total.comments, "comment")}
    asked = request.text or request.filters or request.excluded or request.since or request.until
    if not asked and request.grouped:
        return gettext("%(posts)s and %(comments)s", **parts)
    if total.posts and total.comments:
        said = gettext("%(posts)s and %(comments)s match", **parts)
    elif total.posts:
        said = ngettext("%(num)s post matches", "%(num)s posts match", total.posts)
    else:
        said = ngettext("%(num)s comment matches", "%(num)s comments match", total.comments)
    if not request.grouped or (total.comments == 0 and total.posts == total.threads):
        return said
    return gettext("%(threads)s: %(matches)s", threads=count(total.threads, "thread"), matches=said)


def untitled() -> str:
    """Stands for a title that is missing."""
    return gettext("(untitled)")


def anonymous() -> str:
    """Stands for a name that is missing."""
    return gettext("Anonymous")


def reason(code: str) -> str:
    """Why something was left out, in words."""
    return REASONS.get(code, code.replace("-", " ").capitalize())


def notice_text(notice: Notice) -> str:
    """What of a query was not honoured, in words."""
    return NOTICES[notice.code] % {"number": number(notice.number), "text": notice.text}


def heading(request: SearchRequest) -> str:
    """The heading of a results page."""
    if request.text:
        shown = request.text if len(request.text) <= HEADING else request.text[:HEADING] + "…"
        return gettext("Results for %(query)s", query=shown)
    values = [facet_label(name, value) for name, values in request.filters.items() for value in values]
    others = [
        gettext("not %(value)s", value=facet_label(name, value))
        for name, unwanted in request.excluded.items()
        for value in unwanted
    ]
    others += _dates(request)
    if others and not values:  # names are written as they are, our own words with a capital
        others[0] = others[0][0].upper() + others[0][1:]
    if values or others:
        return ", ".join(values + others)
    if request.sort == "oldest":
        return gettext("All posts, oldest first")
    return (
        gettext("All posts, most discussed first")
        if request.sort == "discussed"
        else gettext("All posts, newest first")
    )


def _dates(request: SearchRequest) -> list[str]:
    """The date range in words: ``from 1 May 2008``, ``up to 4 May 2008``."""
    since = [gettext("from %(day)s", day=day(request.since))] if request.since else []
    return since + ([gettext("up to %(day)s", day=day(request.until))] if request.until else [])


@lru_cache(maxsize=4096)
def _day(when: date, locale: str) -> str:
    return format_date(when, "long", locale=locale)


@lru_cache(maxsize=4096)
def _month(year: int, month: int, locale: str) -> str:
    return format_skeleton("yMMMM", date(year, month, 1), locale=locale)
