"""RSS 0.9 to 2.0 and Atom 0.3 and 1.0: bytes in, `FeedData` out. feedparser knows their variants.

feedparser is given bytes, as it would fetch a string that is an address. It does not sanitise (that comes later, and loses
less) and resolves no addresses inside HTML (it would write all of it anew); here a regular expression does where ``xml:base``
says against what.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from indexer.sources.feed.entry import Entry, FeedData, UnreadableFeedError, is_zero, moment, plausible
from indexer.sources.feed.wellformed import well_formed

# Links and enclosures that are looked at, of an entry.
MAX_LINKS = 100
_TEXT_TYPES = ("text/html", "application/xhtml+xml", "text/plain")
# feedparser writes XHTML's <br/> as <br></br>, which is two of them in HTML.
_VOID_END = re.compile(r"</(?:area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr)>", re.I)
_ADDRESS = re.compile(r"""(<[^<>]*?\s(?:href|src)\s*=\s*)("[^"<>]*"|'[^'<>]*')""", re.I)
_ABSOLUTE = re.compile(r"[a-z][a-z0-9+.-]*:|//|#", re.I)
# "joe@example.com (Joe)", as RSS wants it; "Joe <joe@example.com>", "Joe (joe@example.com)".
_NAMED_ADDRESS = re.compile(r"[^\s@()]{1,100}@[^\s@()]{1,100}\s?\((.+)\)")
_BESIDE_NAME = re.compile(r"\s?[<(][^\s@<>()]{1,100}@[^\s@<>()]{1,100}[>)]")
# Categories that say what Blogger's entries are, not what they are about.
_KIND = "http://schemas.google.com/g/2005#kind"
_REMOVED = "blogger.contentRemoved"

_Row = Mapping[str, Any]


def parse(data: bytes) -> FeedData:
    """The feed; raises `UnreadableFeedError` when there is none in ``data`` or it is beyond the bounds."""
    import feedparser  # takes 90 ms

    mended = well_formed(data)
    try:
        parsed = feedparser.parse(mended.xml, sanitize_html=False, resolve_relative_uris=False)
    except Exception as error:  # what it may raise on well-formed XML that no program wrote is nowhere said
        raise UnreadableFeedError(f"feedparser gave up ({type(error).__name__})") from error
    feed = dict(parsed.feed)
    link = _url(feed.get("link"))
    atom = str(parsed.get("version", "")).startswith("atom")
    return FeedData(
        title=_markup(feed, "title"),
        description=_markup(feed, "subtitle"),
        link=link,
        address=next((_url(row.get("href")) for row in feed.get("links", ()) if row.get("rel") == "self"), ""),
        authors=_authors(feed) if atom else (),
        # RSS has an element for it, Atom xml:lang, which feedparser tells of the title.
        language=str(feed.get("language") or (feed.get("title_detail") or {}).get("language") or ""),
        entries=[_entry(dict(row), link) for row in parsed.entries],
        damage=mended.damage,
        lost=mended.lost,
        cut=mended.cut,
    )


def _entry(row: _Row, base: str) -> Entry:
    links = [(str(link.get("rel", "")), _url(link.get("href"), base)) for link in row.get("links", ())[:MAX_LINKS]]
    id = str(row.get("id", "")).strip()
    link = next((href for rel, href in links if rel == "alternate" and href), "") or _url(row.get("link"), base)
    content, plain, elsewhere = _content(row)
    published = _date(row, "published") or _date(row, "created")
    updated = _date(row, "updated")
    reply: _Row = _ending(row, "in-reply-to") or {}
    return Entry(
        id=id,
        link=link,
        own_links=tuple(filter(None, [_url(_ending(row, "origlink"), base)])),
        other_links=tuple(filter(None, [_url(id), *(href for rel, href in links if rel == "alternate")])),
        title=_markup(row, "title"),
        html=content,
        plain=plain,
        authors=_authors(row),
        author_url=str((row.get("author_detail") or {}).get("href", "")),
        published=published or updated,
        modified=updated,
        categories=_terms(row, keywords=False),
        tags=_terms(row, keywords=True),
        enclosures=tuple(dict.fromkeys([href for rel, href in links if rel == "enclosure" and href] + elsewhere)),
        reply_ref=str(reply.get("ref", "")).strip(),
        reply_link=_url(reply.get("href"), base),
        hidden=_hidden(row),
    )


def _content(row: _Row) -> tuple[str, bool, list[str]]:
    """The longest content, else the summary; whether it is plain text; where content is that is not in the feed."""
    contents = [c for c in row.get("content", ()) if str(c.get("type", "text/html")) in _TEXT_TYPES]
    best = max(contents, key=lambda c: len(c.get("value", "")), default=None)
    if best is None or not best.get("value"):
        best = {**row.get("summary_detail", {"type": "text/html"}), "value": row.get("summary", "")}
    elsewhere = [url for c in row.get("content", ()) if (url := _url(c.get("src"), str(c.get("base", ""))))]
    if best.get("type") == "text/plain":
        return html.escape(str(best["value"]), quote=False), True, elsewhere
    markup = (
        _VOID_END.sub("", str(best["value"])) if best.get("type") == "application/xhtml+xml" else str(best["value"])
    )
    return _resolved(markup, str(best.get("base", ""))), False, elsewhere


def _resolved(markup: str, base: str) -> str:
    """``markup`` with relative addresses resolved against ``base`` ("": later, against the post's)."""

    def one(match: re.Match[str]) -> str:
        quote, address = match[2][0], html.unescape(match[2][1:-1].strip())
        if _ABSOLUTE.match(address):
            return match[0]
        return f"{match[1]}{quote}{html.escape(_join(base, address))}{quote}"

    return _ADDRESS.sub(one, markup) if base else markup


def _markup(row: _Row, key: str) -> str:
    """A title as HTML."""
    text = str(row.get(key, ""))
    detail = row.get(f"{key}_detail") or {}
    return html.escape(text, quote=False) if detail.get("type") == "text/plain" else text


def _authors(row: _Row) -> tuple[str, ...]:
    """Names. feedparser takes "joe@example.com (Joe)" apart, but not where the domain ends in more than four letters."""
    names = [str(author.get("name", "")) for author in row.get("authors", ())]
    if len(names) > 1:
        return tuple(filter(None, names))
    author = str(row.get("author", ""))
    named = _NAMED_ADDRESS.fullmatch(author)
    return (named[1] if named else _BESIDE_NAME.sub("", author) or author,) if author else ()


def _terms(row: _Row, *, keywords: bool) -> tuple[str, ...]:
    tags = [tag for tag in row.get("tags", ()) if tag.get("scheme") != _KIND]
    chosen = [tag for tag in tags if ("itunes" in str(tag.get("scheme") or "")) == keywords]
    return tuple(str(tag.get("label") or tag.get("term") or "") for tag in chosen)


def _date(row: _Row, key: str) -> datetime | None:
    """A date as written, else what feedparser makes of it, in UTC."""
    text = str(row.get(key, ""))
    if (found := moment(text)) or is_zero(text):
        return found
    parsed = row.get(f"{key}_parsed")
    try:
        return plausible(datetime(*parsed[:6])) if parsed else None
    except ValueError:
        return None


def _hidden(row: _Row) -> str:
    draft: Any = _ending(row, "draft")
    removed = row.get("gd_extendedproperty") or {}
    if str(draft).strip().lower() == "yes":
        return "draft"
    return "deleted" if isinstance(removed, Mapping) and removed.get("name") == _REMOVED else ""


def _ending(row: _Row, name: str) -> Any:
    """The element ``name`` of another namespace, whatever prefix that has."""
    return next((value for key, value in row.items() if key == name or key.endswith("_" + name)), None)


def _url(value: object, base: str = "") -> str:
    """A web address, absolute; "" when ``value`` is none."""
    text = str(value or "").strip()
    if text and base and not _ABSOLUTE.match(text):
        text = _join(base, text)
    return text if re.match(r"https?://[^\s/]", text, re.I) else ""


def _join(base: str, address: str) -> str:
    try:
        return urljoin(base, address)
    except ValueError:
        return address
