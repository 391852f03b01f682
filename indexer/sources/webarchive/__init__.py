"""Web archives (WARC, ARC, WACZ): what a crawler fetched, page by page.

    read -> members  gzip or Zstandard undone, record by record; gaps where that fails
         -> stream   its bytes as one run
         -> records  where each record begins and ends, its headers
         -> payload  HTTP undone: status, media type, charset; chunking and compression
         -> crawl    redirects, earlier captures
         -> Capture: the page, for the saved-page reader

A WACZ is a ZIP file of WARC files and what describes them; the indexes beside WARC files (CDX) and in it hold no page and are
skipped as such.

What becomes of a record: a page or a feed is a `Capture`; any other answer of a server, one `Skipped` each. What the crawler
wrote about its own work (``warcinfo``, ``request``, ``metadata``, DNS) is nobody's content: one `Skipped` per file counts it. A
file is read twice, as a redirect may come after the page that it leads to.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from indexer.archive import Capture, Item, Repaired, Skipped
from indexer.errors import IncompleteSourceError
from indexer.sources import savedpage
from indexer.sources.base import HEAD_BYTES, PAGE, Format, InputFile
from indexer.sources.webarchive.compression import ZSTD_MAGIC, unzstd
from indexer.sources.webarchive.crawl import Captures, Redirects, own_name, web_address
from indexer.sources.webarchive.members import DICTIONARY_MAGIC, chunks
from indexer.sources.webarchive.payload import Payload, UndecodableError, decoded, payload_of
from indexer.sources.webarchive.records import Record, records
from indexer.sources.webarchive.stream import Stream

__all__ = ["FORMAT", "read", "sniff"]

NAME = "webarchive"
_ARCHIVE = re.compile(rb"\s*(?:WARC/\d|filedesc://\S+ \S+ \d{8})", re.I)
# CDX (https://iipc.github.io/warc-specifications/specifications/cdx-format/cdx-2015/), CDXJ and the compressed index's index
# (``com,example)/ 20201007212236 ...``), the list of pages and the description in a WACZ
# (https://specs.webrecorder.net/wacz/1.1.1/).
_INDEX = re.compile(
    rb"\s*(?: ?CDX [A-Za-z](?: [A-Za-z])+\s|!meta |[a-z0-9-]+(?:,[a-z0-9-]+)*(?::\d+)?\)\S* \d{14}[ \t]"
    rb"|\{[^{}]{0,200}\"json-pages-1\.0\")"
)
_DESCRIPTION = re.compile(rb"\s*\{.{0,4096}\"(?:wacz_version|data-package)\"", re.S)
_HTML = frozenset(["text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml"])
_XML = frozenset(["text/xml", "application/xml", "application/rss+xml", "application/atom+xml", "application/rdf+xml"])
_FEED_JSON = "application/feed+json"
_FEED = re.compile(rb"(?>(?:\xef\xbb\xbf)?\s*(?:(?:<\?[^>]*>|<!--.*?-->)\s*)*)<(rss|rdf:RDF|feed)[\s>]", re.S)
_FEED_TYPES = {b"rss": "application/rss+xml", b"rdf:RDF": "application/rss+xml", b"feed": "application/atom+xml"}
# Records in which a piece of the web is, unless their address is one of those under which crawlers write of their own work.
_CONTENT = frozenset(["response", "resource", "conversion"])
_TYPES = _CONTENT | {"revisit", "continuation", "warcinfo", "request", "metadata"}
_LOG_SCHEMES = frozenset(["dns", "whois", "ntp", "metadata", "urn"])


def sniff(head: bytes, path: Path) -> bool:
    """Whether a file is a web archive, or describes one."""
    return _is_archive(head, path) or _is_index(head, path)


def _is_archive(head: bytes, path: Path) -> bool:
    # The name tells of a compressed one that is damaged at its beginning.
    named = path.name.lower().endswith((".warc.gz", ".arc.gz", ".warc.zst"))
    start = unzstd(head, HEAD_BYTES)[0] if head.startswith(ZSTD_MAGIC) else head
    return named or start.startswith(DICTIONARY_MAGIC) or bool(_ARCHIVE.match(start))


def _is_index(head: bytes, path: Path) -> bool:
    in_wacz = any(folder.suffix.lower() == ".wacz" for folder in path.parents)
    return in_wacz or bool(_INDEX.match(head) or _DESCRIPTION.match(head))


def read(file: InputFile) -> Iterator[Item]:
    """The captures of one archive, and what is none.

    Damage is read through where another record can be found behind it. Raises `IncompleteSourceError` when the disk fails
    or no record is whole.
    """
    head = file.head()
    if not _is_archive(head, file.where) and _is_index(head, file.where):
        yield Skipped(source=NAME, locator=file.name, reason="index", detail="describes a web archive, holds no page")
        return
    yield from _Reader(file).items()


def _records(file: InputFile) -> Iterator[Record]:
    with file.open_raw() as raw:
        yield from records(Stream(chunks(raw, str(file.where))))


class _Reader:
    """The state of reading one file."""

    def __init__(self, file: InputFile) -> None:
        self._file = file
        self._redirects = Redirects(_records(file.silent()))
        self._captures = Captures()
        self._log: Counter[str] = Counter()

    def items(self) -> Iterator[Item]:
        whole = False
        for record in _records(self._file):
            if not record.whole and _is_all_there(record):
                record = replace(record, damage="record-length")
            whole = whole or record.whole
            yield from self._items(record, f"{self._file.name}#record={record.number}")
        if not whole:
            raise IncompleteSourceError(
                f"Cannot read {self._file.where}: no record in it is whole, if it is a web archive at all.",
                "Fetch it again.",
            )
        if self._log:
            detail = ", ".join(f"{count:,} {name}" for name, count in self._log.most_common())
            yield Skipped(source=NAME, locator=self._file.name, reason="crawl-log", detail=f"about the crawl: {detail}")

    def _items(self, record: Record, locator: str) -> Iterator[Item]:
        if record.damage == "checksum":
            yield Repaired(source=NAME, locator=locator, reason="checksum", detail=record.detail)
            return
        if not record.whole:
            yield Skipped(source=NAME, locator=locator, reason=record.damage, detail=record.detail)
            return
        if record.damage:
            detail = record.detail or "it ends where the next record begins"
            yield Repaired(source=NAME, locator=locator, reason=record.damage, detail=detail)
        scheme = record.url.partition(":")[0].lower()
        if record.type == "revisit":
            yield self._revisit(record, locator)
        elif record.type not in _TYPES:
            yield Skipped(source=NAME, locator=locator, reason="unreadable", detail="a record of no known type")
        elif record.type == "continuation":
            yield Skipped(source=NAME, locator=locator, reason="unreadable", detail="a later piece of another record")
        elif record.type not in _CONTENT or scheme in _LOG_SCHEMES:
            self._log[scheme if record.type in _CONTENT else record.type] += 1
        else:
            self._captures.add(record)
            yield from self._content(record, locator)

    def _revisit(self, record: Record, locator: str) -> Skipped:
        seen = self._captures.has_original(record)
        detail = "the same as a capture before it" if seen else "the same as a capture that is not in this file"
        return Skipped(source=NAME, locator=locator, reason="revisit", detail=detail)

    def _content(self, record: Record, locator: str) -> Iterator[Item]:
        payload = payload_of(record)
        if payload is None:
            yield Skipped(source=NAME, locator=locator, reason="unreadable", detail="it does not begin as HTTP does")
            return
        reason, detail = _refusal(record, payload)
        content, whole = b"", True
        if not reason:
            try:
                content, whole = decoded(payload)
            except UndecodableError as error:
                reason, detail = "unreadable", str(error)
        looks_like = "" if reason else _looks_like(content, payload.media_type)
        if not looks_like:
            detail = detail or payload.media_type
            yield Skipped(source=NAME, locator=locator, reason=reason or "not-a-page", detail=detail)
            return
        if record.cut_by_crawler or not whole:
            yield Repaired(
                source=NAME, locator=locator, reason="truncated", detail="the crawler did not get all of the page"
            )
        yield Capture(
            source=NAME,
            locator=locator,
            url=web_address(record.url),
            captured=record.date,
            charset=payload.charset,
            body=content,
            media_type=looks_like,
            aliases=(*self._redirects.of(record.url), *own_name(record.url)),
        )


def _is_all_there(record: Record) -> bool:
    """Whether a response that the archive lost the end of has what its server announced."""
    payload = payload_of(record) if record.type == "response" and record.length == len(record.body) else None
    return payload is not None and payload.complete


def _refusal(record: Record, payload: Payload) -> tuple[str, str]:
    """Reason code and description of an answer that can be no page, by its headers; empty when it may be one."""
    status = payload.status
    if status == 304:
        return "revisit", "not modified since a capture before it"
    if 300 <= status < 400:
        return "redirect", f"status {status}"
    if status >= 400:
        return "error-page", f"status {status}"
    if status not in (200, 203):
        return "not-a-page", f"status {status}"
    if payload.media_type and payload.media_type not in (*_HTML, *_XML, _FEED_JSON):
        return "not-a-page", payload.media_type
    if record.length > len(record.body):
        return "unreadable", "larger than any blog's page"
    return "", ""


def _looks_like(content: bytes, media_type: str) -> str:
    """The media type of a page or a feed by what it looks like, "" for anything else."""
    if feed := _FEED.match(content[:HEAD_BYTES]):
        return _FEED_TYPES[feed[1]]
    if media_type == _FEED_JSON:
        return media_type
    return "text/html" if media_type in _HTML or savedpage.sniff(content[:HEAD_BYTES], Path()) else ""


FORMAT = Format(name=NAME, title="Web archive (WARC, ARC, WACZ)", sniff=sniff, read=read, rank=PAGE)
