"""A Blogger export in, the items of `indexer.archive` out.

Two forms, both Atom feeds of posts, pages and comments in one list:

    blog-08-19-2012.xml     Settings > Back up content, since 2008: kinds are categories, drafts have <app:draft>, comments
                            <thr:in-reply-to>; settings and the template are entries too
    feed.atom               Google Takeout, since 2018: <blogger:type>, <blogger:status>, <blogger:parent>; no addresses, dates
                            in UTC. settings.csv beside it has the blog's name, host and time zone

Atom is RFC 4287, <thr:in-reply-to> RFC 4685; the kinds are those of Blogger's former Data API. E-mail addresses are passed
over. A post and a comment are called by the number that pages show too (``#c5590533389087749201``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import unescape
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.archive import Blog, Comment, Item, Post, PostKind, Repaired, Skipped
from indexer.errors import IncompleteSourceError, SourceError
from indexer.sources.base import EXPORT, Format, InputFile, person_name, person_url
from indexer.sources.blogger_settings import Settings, settings_beside
from indexer.sources.wxr_repair import REASONS, NoRootError, RepairedStream
from indexer.sources.xml_elements import UNDECLARED, DamagedError, children, local_name, text_of

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

NAME = "blogger"

# --- recognising ------------------------------------------------------------------------------------------------------

_ROOT = rb"(?:[\w.-]+:)?feed"
# What only an export says: feeds for readers have neither kinds nor types.
_SIGNS = re.compile(rb"schemas\.google\.com/blogger/(?:2008/kind#|2018)|tag:blogger\.com,1999:blog-\d+\.archive<")
_XML_BEGINS = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:\?xml|!--|(?:[\w.-]+:)?feed[\s>])", re.IGNORECASE)


def sniff(head: bytes, path: Path) -> bool:
    """Whether ``head`` begins an Atom feed that has Blogger's kinds or types."""
    if not _XML_BEGINS.match(head):
        return False
    root = re.search(rb"<([\w.-]+:)?([\w-]+)[\s>]", re.sub(rb"<!--.*?-->", b"", head[:4096], flags=re.S))
    return bool(root and root[2] == b"feed" and _SIGNS.search(head))


# --- reading ----------------------------------------------------------------------------------------------------------

_NAMESPACES = {
    "app": "http://purl.org/atom/app#",
    "blogger": "http://schemas.google.com/blogger/2018",
    "gd": "http://schemas.google.com/g/2005",
    "georss": "http://www.georss.org/georss",
    "media": "http://search.yahoo.com/mrss/",
    "openSearch": "http://a9.com/-/spec/opensearchrss/1.0/",
    "thr": "http://purl.org/syndication/thread/1.0",
}


def read(file: InputFile) -> Iterator[Item]:
    """The blog, then what its entries are in their order, then what was repaired.

    Raises `IncompleteSourceError` when the file breaks off or the damage is beyond repair, after everything that came
    before; `SourceError` when it cannot be opened or is no Atom feed. Memory grows with the number of drafts.
    """
    with file.open() as stream:
        repaired, reader = RepairedStream(stream, _ROOT), _Reader(file.name, settings_beside(file))
        failure: SourceError | None = None
        try:
            for element in children(repaired, _NAMESPACES):
                yield from reader.items(element)
        except NoRootError:
            failure = SourceError(f"{file.name} is not a Blogger export: it has no <feed> element.", "Leave it out.")
        except DamagedError as error:
            if error.rest is not None and _nothing_is_left(error.rest, repaired):
                repaired.counts["trailing-junk"] = 1
            else:
                failure = reader.incomplete(str(error), repaired.offset(repaired.given))
        except SourceError as error:
            failure = error
        yield from reader.blog()
        repaired.counts["undeclared-prefix"] += reader.undeclared
        for reason, count in sorted(repaired.counts.items()):
            if count:
                yield Repaired(source=NAME, locator=file.name, reason=reason, detail=REASONS[reason], count=count)
        if failure:
            raise failure


def _nothing_is_left(rest: bytes, chunks: Iterator[bytes]) -> bool:
    """Whether no entry is in ``rest`` and what follows it."""
    for chunk in chain([b""], chunks):
        rest = rest[-16:] + chunk if chunk else rest
        if re.search(rb"<(?:[\w.-]+:)?entry[\s>]", rest):
            return False
    return True


@dataclass(slots=True)
class _Entry:
    """What an entry says: texts by element, attributes of those elements that have no text."""

    fields: dict[str, str] = field(default_factory=dict)
    categories: list[tuple[str, str]] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)
    reply: dict[str, str] = field(default_factory=dict)
    removed: bool = False

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "").strip()


# Children of an entry with text that is read, by local name; of <author> and <app:control> likewise. No e-mail among them.
_TEXTS = frozenset(
    "id published updated title content summary type status parent inReplyTo filename trashed".split(),
)
_INNER = {"author": frozenset({"name", "uri"}), "control": frozenset({"draft"})}


def _entry(element: Element) -> _Entry:
    entry = _Entry()
    for child in element:
        name = local_name(child)
        if name in _TEXTS:
            entry.fields.setdefault(name, text_of(child))
        elif name in _INNER:
            for inner in child:
                if local_name(inner) in _INNER[name]:
                    entry.fields.setdefault(local_name(inner), text_of(inner))
        elif name == "category":
            entry.categories.append((child.get("scheme", ""), child.get("term", "")))
        elif name == "link":
            entry.links.setdefault(child.get("rel", "alternate"), child.get("href", ""))
        elif name == "in-reply-to":
            entry.reply = {key: child.get(key, "") for key in ("ref", "href")}
        elif name == "extendedProperty":
            entry.removed |= child.get("name") == "blogger.contentRemoved" and child.get("value") != "false"
    return entry


class _Reader:
    """Turns elements into items, and remembers which posts were left out."""

    def __init__(self, name: str, settings: Settings) -> None:
        self._name = name
        self._settings = settings
        self._feed = {"title": settings.name, "subtitle": settings.description, "link": settings.url}
        self._blog_given = False
        self._left_out: dict[str, str] = {}
        self._ordinal = 0
        self._last = "no entry is complete"
        self.undeclared = 0

    def items(self, element: Element) -> Iterator[Item]:
        name = local_name(element)
        self.undeclared += sum(str(inner.tag).startswith("{" + UNDECLARED) for inner in element.iter())
        if name == "entry":
            yield from self.blog()
            entry = _entry(element)
            if entry["id"].endswith(".settings.BLOG_LOCALE") and entry["content"]:
                yield Blog(source=NAME, name="", language=entry["content"])
            yield self._item(entry)
        elif name in ("title", "subtitle"):
            self._feed[name] = self._feed[name] or text_of(element)
        elif name == "link" and element.get("rel") == "alternate":
            self._feed["link"] = self._feed["link"] or element.get("href", "")

    def blog(self) -> Iterator[Blog]:
        """The blog, once, as soon as its title was read: before the first entry, or behind the last."""
        name = _plain(self._feed["title"])
        if name and not self._blog_given:
            self._blog_given = True
            description = _plain(self._feed["subtitle"])
            url = person_url(self._feed["link"])
            yield Blog(source=NAME, name=name, description=description, url=url, language=self._settings.language)

    def incomplete(self, problem: str, offset: int) -> IncompleteSourceError:
        return IncompleteSourceError(
            f"{self._name} cannot be read beyond byte {offset} ({problem}); {self._last}.",
            "Export it again, or keep what was read with --partial.",
        )

    def _item(self, entry: _Entry) -> Post | Comment | Skipped:
        self._ordinal += 1
        kind, number = _kind(entry), _number(entry["id"])
        place = f"{kind}={number}" if kind and re.fullmatch(r"\w+", number) else f"entry={self._ordinal}"
        self._last = f"the last complete entry is {place.replace('=', ' ')}"
        locator = f"{self._name}#{place}"
        reason, detail = _reason(kind, entry)
        if reason:
            if kind in _POST_KINDS and number:
                self._left_out[number] = reason
            return Skipped(source=NAME, locator=locator, reason=reason, detail=detail)
        if kind in _POST_KINDS:
            return self._post(entry, kind, number, locator)
        comment = self._comment(entry, number, locator)
        if comment.post in self._left_out:
            detail = f"its post {self._name}#post={comment.post} is left out"
            return Skipped(source=NAME, locator=locator, reason=self._left_out[comment.post], detail=detail)
        if not comment.post:
            return Skipped(source=NAME, locator=locator, reason="orphan", detail="it does not say on which post it is")
        return comment

    def _post(self, entry: _Entry, kind: str, number: str, locator: str) -> Post:
        filename = entry["filename"]
        url = person_url(entry.links.get("alternate", ""))
        if not url and self._settings.url and filename.startswith("/"):
            url = self._settings.url + filename
        labels = [label for scheme, term in entry.categories if scheme != _KIND_SCHEME for label in term.split("\n")]
        return Post(
            source=NAME,
            locator=locator,
            native_id=number,
            url=url,
            title=entry["title"],
            author=_name(entry["name"]),
            published=self._date(entry["published"]),
            modified=self._date(entry["updated"]),
            categories=tuple(dict.fromkeys(name for label in labels if (name := _plain(label)))),
            html=entry.fields.get("content") or entry.fields.get("summary", ""),
            kind=_POST_KINDS[kind],
        )

    def _comment(self, entry: _Entry, number: str, locator: str) -> Comment:
        post, address = _post_of(entry)
        return Comment(
            source=NAME,
            locator=locator,
            native_id=number,
            post=post or address,
            parent=_number(entry["inReplyTo"]) or _last_number(entry.links.get("related", "")),
            author=_name(entry["name"]),
            author_url=person_url(entry["uri"]),
            published=self._date(entry["published"]),
            html=entry.fields.get("content") or entry.fields.get("summary", ""),
            post_aliases=(address,) if post and address else (),
        )

    def _date(self, text: str) -> datetime | None:
        """An Atom date. Its offset is the blog's, unless it is a Takeout: then it is UTC, and the settings know the zone."""
        try:
            date = datetime.fromisoformat(text)
        except ValueError:
            return None
        if date.year not in _YEARS:
            return None
        date = date.replace(microsecond=0, tzinfo=date.tzinfo or UTC)
        return date.astimezone(self._settings.zone) if self._settings.zone and date.tzinfo == UTC else date


# --- what an entry is -------------------------------------------------------------------------------------------------

_KIND_SCHEME = "http://schemas.google.com/g/2005#kind"
_POST_KINDS: dict[str, PostKind] = {"post": "post", "page": "page"}
_KIND_REASONS = {"settings": "setting", "template": "template", "": "unrecognised"}
# Statuses of posts and comments in Blogger's API v3 (https://developers.google.com/blogger/docs/3.0/reference), and "ghosted",
# a comment that only its author sees.
_STATUS_REASONS = {
    "": "",
    "live": "",
    "draft": "draft",
    "scheduled": "future",
    "soft_trashed": "trash",
    "trashed": "trash",
    "emptied": "deleted",
    "pending": "unapproved",
    "spam": "spam",
    "ghosted": "spam",
}
_YEARS = range(1000, 9999)


def _kind(entry: _Entry) -> str:
    """``post``, ``page``, ``comment``, ``settings``, ``template``, or what Blogger may add; "" when it does not say."""
    kinds = [term.rpartition("#")[2] for scheme, term in entry.categories if scheme == _KIND_SCHEME]
    kind = (kinds[0] if kinds else entry["type"]).lower()
    return kind if re.fullmatch("[a-z_]{1,30}", kind) else ""


def _reason(kind: str, entry: _Entry) -> tuple[str, str]:
    """Why an entry is left out, whatever it belongs to, and a detail; ("", "") when it is not."""
    if kind not in _POST_KINDS and kind != "comment":
        return _KIND_REASONS.get(kind, "post-type"), kind
    if entry.removed:
        return "deleted", "its text was removed"
    if entry["trashed"]:
        return "trash", ""
    if entry["draft"].lower() == "yes":
        return ("draft" if kind in _POST_KINDS else "unapproved"), ""
    return _STATUS_REASONS.get(entry["status"].lower(), "unrecognised"), ""


def _number(id: str) -> str:
    """The number in ``tag:blogger.com,1999:blog-1.post-2``, the name in ``...settings.BLOG_NAME``; else the id.

    An id may be made of somebody's e-mail address (RFC 4151): then without its host.
    """
    found = re.search(r"(?:(?:post|page|comment)-|settings\.)(\w+)$", id)
    return found[1] if found else person_name(id)


def _last_number(url: str) -> str:
    """The number of the comment that a link to its own feed ends with."""
    found = re.search(r"/comments/default/(\d+)$", url)
    return found[1] if found else ""


def _post_of(entry: _Entry) -> tuple[str, str]:
    """The number and the address of the post that a comment is on, each "" where the comment does not say.

    A comment on a draft, that was a post once, has no <thr:in-reply-to>; the address of its own feed tells.
    """
    number = _number(entry.reply.get("ref", "") or entry["parent"])
    if not number and (found := re.search(r"/feeds/\d+/(\d+)/comments/", entry.links.get("self", ""))):
        number = found[1]
    address = entry.reply.get("href", "") or re.split("[?#]", entry.links.get("alternate", ""))[0]
    return number, person_url(address)


def _name(text: str) -> str:
    return person_name(_plain(text))


def _plain(text: str) -> str:
    return " ".join(unescape(text).split())


FORMAT = Format(name=NAME, title="Blogger export (Atom; also of Google Takeout)", sniff=sniff, read=read, rank=EXPORT)
