"""Feeds: RSS, Atom and JSON Feed in; posts out, or comments where the feed is one of comments.

    read -> syndication (RSS, Atom) -> wellformed: bytes to XML without damage, entities and floods
         -> jsonfeed
         both -> entry: FeedData -> here: Post, Comment, Skipped

A comment is told by its address, which ends in its number (``#comment-12``; ``#c12`` at Blogger's): so write WordPress, Movable
Type and Blogger, in every language. Where every entry of an Atom feed says what it answers (RFC 4685), all are comments too.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from indexer.archive import Blog, Comment, Item, Post, Repaired, Skipped
from indexer.sources.base import FEED, Format, InputFile, person_name, person_url
from indexer.sources.feed import jsonfeed, syndication
from indexer.sources.feed.entry import Entry, FeedData, UnreadableFeedError
from indexer.sources.feed.wellformed import MAX_BYTES, ROOT, prolog_end, text_of

__all__ = ["FORMAT", "feed_items", "read", "sniff"]

NAME = "feed"
# A Blogger export is an Atom feed as well, of everything (``blog-123.archive``), its settings and its templates.
_BLOGGER_EXPORT = re.compile(r"/blogger/2008/kind#(?:settings|template)|\.archive\s*</id>|/blogger/2018[\"']")
# An RDF document is a feed when its vocabulary is that of RSS 0.9 or 1.0.
_RSS_IN_RDF = re.compile(r"purl\.org/(?:rss/1\.0|net/rss1\.1)|my\.netscape\.com/rdf/simple", re.I)
_COMMENT = re.compile(r"#(?:comment-?|pingback-|trackback-|c(?=\d{3}))(\d+)\Z", re.I)
_BLOGGER_ID = re.compile(r"\.post-(\d+)\Z")
_COMMENT_PAGE = re.compile(r"(?<=/)comment-page-\d+/?\Z")
_SHOWN_COMMENT = re.compile(r"[?&](?:showComment|cpage)=[\w.-]*")
# "By: Ann", "Comment on Tides by Ann": WordPress 1.5 names the author nowhere else.
_BY = re.compile(r"(?:comment on .* )?by:?\s+(.+)\Z", re.I | re.S)
# WordPress frames in brackets what it quotes from a blog that linked to the post; a title may stand before.
_PING = re.compile(r"[^\[]{0,300}\[(?:…|\.\.\.)\].*\[(?:…|\.\.\.)\]", re.S)
_REMOVED = re.compile(r"This (?:comment|post) has been removed by (?:the author|a blog administrator)\.")
_PASSWORD = re.compile(r"action=postpass|/wp-pass\.php")
# Services that put an address of their own in place of a post's.
_FEED_SERVICES = re.compile(r"//feed(?:s|proxy)\d*\.", re.I)
# "My Blog » Gardening": WordPress's feed of a category.
_SECTION = re.compile(r"\s+»\s.*")
_TAG = re.compile(r"<[^<>]*>")


def sniff(head: bytes, path: Path) -> bool:
    """Whether ``head`` begins a feed that is no WordPress or Blogger export."""
    text, _ = text_of(head)
    if text.lstrip().startswith("{"):
        return jsonfeed.VERSION in text[:4096].replace("\\/", "/")
    root = ROOT.match(text, prolog_end(text))
    if not root:
        return False
    kind = root[1].lower()
    if kind == "rdf":
        return bool(_RSS_IN_RDF.search(text))
    if kind == "channel":  # Microsoft's CDF; other XML has an element of that name, too
        return bool(re.search(r"<item[\s>]", text, re.I))
    return not _BLOGGER_EXPORT.search(text)


def read(file: InputFile) -> Iterator[Item]:
    """The blog, then each entry in the feed's order, then what was repaired. Raises `SourceError` when it cannot be opened."""
    with file.open() as stream:
        yield from feed_items(stream.read(MAX_BYTES + 1), file.name)


def feed_items(data: bytes, name: str) -> Iterator[Item]:
    """The same of a feed in memory; ``name`` is what locators call it."""
    try:
        is_json = data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{" and len(data) <= MAX_BYTES
        feed = (jsonfeed.parse if is_json else syndication.parse)(data)
    except UnreadableFeedError as error:
        yield Skipped(source=NAME, locator=name, reason="unreadable", detail=str(error))
        return
    yield from _items(feed, name)


def _items(feed: FeedData, name: str) -> Iterator[Item]:
    of_replies = all(entry.reply_ref or entry.reply_link for entry in feed.entries)
    numbers = [_number(entry) for entry in feed.entries]
    title = _plain(_TAG.sub("", feed.title))
    if title and not (feed.entries and (of_replies or all(numbers))):
        description = _plain(_TAG.sub("", feed.description))
        blog = _SECTION.sub("", title)
        yield Blog(source=NAME, name=blog, description=description, url=feed.link, language=feed.language)
    elif feed.language:
        yield Blog(source=NAME, name="", language=feed.language)
    for place, (entry, number) in enumerate(zip(feed.entries, numbers, strict=True), 1):
        locator = f"{name}#item={place}"
        if reason := _reason(entry):
            yield Skipped(source=NAME, locator=locator, reason=reason)
        elif number or of_replies:
            yield _comment(entry, number, feed, locator)
        else:
            yield _post(entry, feed, locator)
    for number_lost in range(feed.lost):
        locator = f"{name}#item={len(feed.entries) + number_lost + 1}"
        yield Skipped(source=NAME, locator=locator, reason="unreadable", detail="begins where the XML is damaged")
    if feed.cut:
        locator = f"{name}#item={len(feed.entries) + feed.lost + 1}"
        yield Skipped(source=NAME, locator=locator, reason="truncated", detail="the feed breaks off here")
    if not feed.entries and not feed.lost and not feed.cut:
        yield Skipped(source=NAME, locator=name, reason="empty", detail="a feed without entries")
    for damage in feed.damage:
        yield Repaired(source=NAME, locator=name, **damage._asdict())


def _reason(entry: Entry) -> str:
    """Why the entry is left out, "" when it is not."""
    if entry.hidden:
        return entry.hidden
    if not (entry.title.strip() or entry.html.strip() or entry.enclosures or entry.link or entry.id):
        return "empty"
    if _PASSWORD.search(entry.html) and "<form" in entry.html:
        return "password"
    return "deleted" if _REMOVED.fullmatch(_plain(_TAG.sub("", entry.html))) else ""


def _post(entry: Entry, feed: FeedData, locator: str) -> Post:
    url, aliases, elsewhere = _addresses(entry, feed)
    return Post(
        source=NAME,
        locator=locator,
        native_id=_id(entry.id),
        url=url,
        title=entry.title,
        author=_people(entry.authors or feed.authors),
        published=entry.published,
        modified=entry.modified if entry.modified != entry.published else None,
        categories=_names(entry.categories),
        tags=_names(entry.tags),
        html=entry.html + _links([*elsewhere, *entry.enclosures], entry.html),
        autop=entry.plain,
        aliases=aliases,
    )


def _comment(entry: Entry, number: str, feed: FeedData, locator: str) -> Comment:
    post = _post_address(entry, feed)
    parent = _COMMENT.search(entry.reply_link)
    parent_id = parent[1] if parent else ""
    said_by = _BY.match(_plain(entry.title))
    # Disqus numbers its comments itself, and writes them as WordPress does.
    prefix = "disqus-" if any("disqus.com" in _host(url) for url in (feed.link, feed.address)) else ""
    return Comment(
        source=NAME,
        locator=locator,
        native_id=prefix + number if number else _id(entry.id),
        post=post or _id(entry.reply_ref),
        parent=prefix + parent_id if parent_id else "",
        author=_people(entry.authors) or person_name(said_by[1] if said_by else ""),
        author_url=person_url(entry.author_url),
        published=entry.published,
        html=entry.html + _links(entry.enclosures, entry.html),
        kind="pingback" if _PING.fullmatch(_plain(_TAG.sub("", entry.html))) else "comment",
        autop=entry.plain,
        post_aliases=(_id(entry.reply_ref),) if entry.reply_ref and post and not parent_id else (),
    )


# --- addresses --------------------------------------------------------------------------------------------------------


def _number(entry: Entry) -> str:
    """The number of a comment, as its address has it; "" when the entry is none."""
    for url in (*entry.own_links, entry.link, *entry.other_links, entry.id):
        if found := _COMMENT.search(url):
            return found[1]
    # An entry of Blogger's own comment feed may lack the address, never the id.
    found = _BLOGGER_ID.search(entry.id) if entry.reply_ref else None
    return found[1] if found else ""


def _post_address(entry: Entry, feed: FeedData) -> str:
    """The address of the post that a comment is on."""
    for url in (entry.reply_link, *entry.own_links, entry.link, *entry.other_links, feed.link):
        if url:
            return _COMMENT_PAGE.sub("", _SHOWN_COMMENT.sub("", url.partition("#")[0]))
    return ""


def _addresses(entry: Entry, feed: FeedData) -> tuple[str, tuple[str, ...], list[str]]:
    """A post's permalink, its other addresses, and addresses of what it is about.

    A post of a link blog gives the address of another site's page for its own; its guid is then the permalink.
    """
    known = list(dict.fromkeys(url for url in (*entry.own_links, entry.link, *entry.other_links) if url))
    home = _host(feed.link)
    own = [url for url in known if _host(url) == home]
    if not own:
        return (known[0], (), []) if known else ("", (), [])
    elsewhere = [url for url in known if url not in own and not _FEED_SERVICES.search(url)]
    aliases = [url for url in known if url != own[0] and url not in elsewhere]
    return own[0], tuple(aliases), elsewhere


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _id(text: str) -> str:
    """An identifier; one in the scheme ``tag:`` may be made of somebody's e-mail address."""
    return text if _host(text) else person_name(text)


# --- names ------------------------------------------------------------------------------------------------------------


def _people(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(name for text in names if (name := person_name(_plain(text)))))


def _names(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for text in texts if (name := _plain(text))))


def _plain(text: str) -> str:
    return " ".join(html.unescape(text).split())


def _links(urls: Iterable[str], body: str) -> str:
    """What hangs on an entry (a podcast's recording), as links behind its text, where that does not have them."""
    missing = [url for url in urls if html.escape(url) not in body and url not in body]
    return "".join(f'\n<p><a href="{html.escape(url)}">{html.escape(url)}</a></p>' for url in missing)


FORMAT = Format(
    name=NAME, title="Feed (RSS 0.9 to 2.0, Atom, JSON Feed; posts or comments)", sniff=sniff, read=read, rank=FEED
)
