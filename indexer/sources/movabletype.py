"""A Movable Type or TypePad export (its text format) in, the items of `indexer.archive` out.

    mt_parser: lines -> entries -> here: entries -> Post, Comment, Skipped

The format: https://movabletype.org/documentation/appendices/import-export-format.html; what is written is the template in
Movable Type's lib/MT/ImportExport.pm. TypePad adds AUTHOR EMAIL and UNIQUE URL; other services (Vox, Hatena, FC2, ...) write
subsets of it. E-mail addresses and IP numbers are passed over by the parser.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

from indexer.archive import Comment, Item, Post, Repaired, Skipped
from indexer.errors import IncompleteSourceError, SourceError
from indexer.sources.base import EXPORT, Format, InputFile, person_name, person_url
from indexer.sources.mt_parser import HEADER_KEYS, Entry, EntryReader, Response, TooLongError

NAME = "movabletype"

# The first line that is not blank, and the first section; between them the header.
_BEGINS = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s|-{8}\s)*([A-Z][A-Z0-9_]*(?: [A-Z0-9_]+)*):")
_SECTION = re.compile(rb"\r?\n-----[ \t]*\r?\n\s*(?:BODY|EXTENDED BODY|EXCERPT|KEYWORDS|COMMENT|PING):[ \t]*\r?\n")


def sniff(head: bytes, path: Path) -> bool:
    """Whether ``head`` begins with an entry's header and has a section below a line of five dashes."""
    begins = _BEGINS.match(head)
    return bool(begins and _SECTION.search(head, begins.end()))


def read(file: InputFile) -> Iterator[Item]:
    """Each post with its comments and pings behind it, then what was repaired.

    Raises `IncompleteSourceError` when the file breaks off or an entry has no end, after everything that came before;
    `SourceError` when it cannot be opened. Memory grows with the longest entry only.
    """
    names: Counter[str] = Counter()
    with file.open() as stream:
        entries = EntryReader(stream)
        failure: SourceError | None = None
        number = 0
        try:
            for number, entry in enumerate(entries, 1):
                yield from _items(entry, f"{file.name}#entry={number}", names)
        except TooLongError as error:
            failure = _incomplete(file.name, entries.read, str(error), number)
        if entries.cut:
            failure = _incomplete(file.name, entries.read, "the last entry is not closed by -----", number)
        if entries.broken:
            detail = "bytes that are no utf-8, read as windows-1252"
            yield Repaired(source=NAME, locator=file.name, reason="encoding", detail=detail, count=entries.broken)
        if entries.unmarked:
            detail = "the line of dashes after the last entry"
            yield Repaired(source=NAME, locator=file.name, reason="missing-end", detail=detail)
        if failure:
            raise failure


def _incomplete(name: str, offset: int, problem: str, last: int) -> IncompleteSourceError:
    good = f"the last complete entry is number {last}" if last else "no entry is complete"
    return IncompleteSourceError(
        f"{name} cannot be read beyond byte {offset} ({problem}); {good}.",
        "Export it again, or keep what was read with --partial.",
    )


# --- posts, comments, pings -------------------------------------------------------------------------------------------

# MT::Entry::status_text; no status is what programs write that know only public posts.
_STATUS_REASONS = {
    "": "",
    "publish": "",
    "draft": "draft",
    "review": "pending",
    "future": "future",
    "scheduled": "future",
    "spam": "spam",
    "unpublish": "private",
}


def _items(entry: Entry, locator: str, names: Counter[str]) -> Iterator[Item]:
    """The post and what was said to it, or why they are left out."""
    header = _first_values(entry)
    if entry.junk or not (HEADER_KEYS & header.keys() or any(entry.sections.values())):
        yield Skipped(source=NAME, locator=locator, reason="unrecognised", detail="no header of an entry")
        return
    status = header.get("STATUS", "").lower()
    reason = _STATUS_REASONS.get(status, "unrecognised")
    post = _post(entry, header, locator, names)
    if reason:
        yield Skipped(source=NAME, locator=locator, reason=reason, detail=status if status in _STATUS_REASONS else "")
    elif "NO ENTRY" in header:
        yield Skipped(source=NAME, locator=locator, reason="data", detail="comments on an entry of another file")
    else:
        yield post
    counts: Counter[str] = Counter()
    for response in entry.responses:
        counts[response.kind] += 1
        place = f"{locator}/{response.kind.lower()}={counts[response.kind]}"
        if reason:
            detail = f"its post {locator} is left out"
            yield Skipped(source=NAME, locator=place, reason=reason, detail=detail)
        else:
            yield _comment(response, post, place)


def _first_values(entry: Entry) -> dict[str, str]:
    header: dict[str, str] = {}
    for key, value in entry.header:
        header.setdefault(key, value)
    return header


def _post(entry: Entry, header: dict[str, str], locator: str, names: Counter[str]) -> Post:
    title = header.get("TITLE", "")
    published = date(header.get("DATE", ""))
    url = person_url(header.get("UNIQUE URL", ""))
    html, autop = _body(entry.sections, header.get("CONVERT BREAKS", "").lower())
    categories = [*_values(entry, "PRIMARY CATEGORY"), *_values(entry, "CATEGORY")]
    keywords = re.split(r"[,;\n]", entry.sections.get("KEYWORDS", ""))
    return Post(
        source=NAME,
        locator=locator,
        native_id=_native_id(header.get("BASENAME") or title, published, names),
        url=url,
        title=title,
        author=_name(header.get("AUTHOR", "")),
        published=published,
        categories=_names(categories),
        tags=_names([*tag_list(header.get("TAGS", "")), *keywords]),
        html=html,
        autop=autop,
    )


def _native_id(name: str, published: datetime | None, names: Counter[str]) -> str:
    """The basename, or what would have become it, with the date.

    A basename is unique in its blog, but several blogs may lie in one archive, and services that write this format repeat
    theirs. ``names`` counts the ids of this file, so that no two entries of it share one.
    """
    slug = re.sub(r"\W+", "-", unescape(name).lower()).strip("-")[:100]
    stamp = published.strftime("%Y%m%d%H%M%S") if published else ""
    native_id = "-".join(part for part in (stamp, slug) if part) or "entry"
    names[native_id] += 1
    return native_id if names[native_id] == 1 else f"{native_id}-{names[native_id]}"


def _comment(response: Response, post: Post, locator: str) -> Comment:
    """A comment; or a ping, told as WordPress tells one: by the blog's name, its title in bold, then the excerpt."""
    fields, text = response.fields, response.text
    author = fields.get("AUTHOR", "")
    title = fields.get("TITLE", "")
    if response.kind == "PING":
        author = fields.get("BLOG NAME") or title
        text = f"<strong>{title}</strong>\n\n{text}".rstrip() if title else text
    address = re.search(r"https?://[^\s\"'<>]+", fields.get("URL", ""))
    return Comment(
        source=NAME,
        locator=locator,
        native_id="",
        post=post.native_id,
        author=_name(author),
        author_url=person_url(address[0]) if address else "",
        published=date(fields.get("DATE", "")),
        html=text,
        kind="pingback" if response.kind == "PING" else "comment",
        # Movable Type keeps what was typed, and makes paragraphs of it on the page.
        autop=True,
    )


# --- bodies -----------------------------------------------------------------------------------------------------------

# Text formats in which newlines mean paragraphs. Textile's own marks are left as they are: a few signs in the text.
_NEWLINES = frozenset({"1", "__default__", "textile", "textile_1", "textile_2"})
_HTML = frozenset({"0", "richtext", "wysiwyg"})
_MARKUP = re.compile(r"<[^<>]*>")
_HAS_PARAGRAPHS = re.compile(r"<(?:p|br|div)\b", re.I)


def _body(sections: dict[str, str], convert_breaks: str) -> tuple[str, bool]:
    """The post's HTML, and whether its newlines are paragraphs.

    Of an unknown text format (plugins add some), and of none, the text tells: it has paragraphs of its own or not.
    """
    parts = [sections.get("", ""), sections.get("BODY", ""), sections.get("EXTENDED BODY", "")]
    body = "\n\n".join(part for part in parts if part.strip())
    if convert_breaks.startswith("markdown"):
        body, autop = _rendered(body), False
    else:
        known = convert_breaks in _NEWLINES or convert_breaks in _HTML
        autop = convert_breaks in _NEWLINES if known else not _HAS_PARAGRAPHS.search(body)
    excerpt = sections.get("EXCERPT", "").strip()
    if excerpt and not _says(body, excerpt):
        body = f'<div class="excerpt">{excerpt}</div>\n\n{body}'
    return body, autop


def _rendered(markdown: str) -> str:
    """Markdown as HTML, the HTML in it untouched: TypePad exports such posts rendered already."""
    from markdown_it import MarkdownIt

    return str(MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown))


def _says(body: str, excerpt: str) -> bool:
    """Whether half of ``excerpt``, in runs of three words, stands in ``body``: a copy of its beginning, edited since perhaps.

    On shingles: A. Z. Broder, On the resemblance and containment of documents, 1997.
    """
    runs, said = _shingles(excerpt), set(_shingles(body))
    return 2 * sum(run in said for run in runs) >= len(runs)


def _shingles(html: str) -> list[tuple[str, ...]]:
    words = re.findall(r"\w+", unescape(_MARKUP.sub(" ", html)).casefold())
    return [tuple(words[at : at + 3]) for at in range(max(1, len(words) - 2))]


# --- values -----------------------------------------------------------------------------------------------------------

_DATE = re.compile(
    r"(\d{1,2})/(\d{1,2})/(\d{4}|\d\d)[ \t]+(\d{1,2}):(\d\d)(?::(\d\d))?(?:\.\d+)?[ \t]*(?:([AP])\.?M\.?)?", re.I
)
# Movable Type's tags are separated by commas, quoted where they hold one. Those that begin with @ are the author's own.
_TAG = re.compile(r"\s*(?:\"([^\"]*)\"|'([^']*)')\s*(?=,|$)|([^,]+)")


def date(text: str) -> datetime | None:
    """``MM/DD/YYYY hh:mm:ss AM``: with or without seconds, with AM and PM or 24 hours; None for anything else.

    Movable Type writes the blog's local time and no offset, so the offset is UTC's. Years of two digits, which its importer
    takes, are those from 1970 to 2069.
    """
    found = _DATE.fullmatch(text.strip())
    if not found:
        return None
    month, day, year, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    half = (found[7] or "").upper()
    if len(found[3]) == 2:
        year += 1900 if year >= 70 else 2000
    if half == "P" and hour < 12:
        hour += 12
    elif half == "A" and hour == 12:
        hour = 0
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC) if year >= 1000 else None
    except ValueError:
        return None


def tag_list(text: str) -> list[str]:
    """The public tags of a TAGS line."""
    tags = [next(part for part in (*found, "") if part).strip() if any(found) else "" for found in _TAG.findall(text)]
    return [tag for tag in tags if tag and not tag.startswith("@")]


def _values(entry: Entry, key: str) -> list[str]:
    return [value for name, value in entry.header if name == key]


def _names(texts: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for text in texts if (name := _plain(text))))


def _name(text: str) -> str:
    return person_name(_plain(text))


def _plain(text: str) -> str:
    return " ".join(unescape(text).split())


FORMAT = Format(name=NAME, title="Movable Type or TypePad export (text)", sniff=sniff, read=read, rank=EXPORT)
