"""The records of a web archive, one after the other, with what is damaged said of each.

WARC: ISO 28500 (https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/). ARC:
https://archive.org/web/researcher/ArcFileFormat.php. warcio parses the headers. Where a record begins and ends is found here,
as warcio's iterator stops at the first damage: a record whose length is wrong ends where the next one begins.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from indexer.sources.savedpage import MAX_BYTES
from indexer.sources.webarchive.stream import Stream

# How much of a record is kept: the largest page that is read, and its headers.
KEPT = MAX_BYTES + 64 * 1024
# Longer headers than any crawler writes.
_HEADERS = 64 * 1024
_ARC_LINE = 8192
# A line may end in two carriage returns: an archive that was sent as text (here and below).
_WARC = re.compile(rb"WARC/\d+\.\d+[^\n]*\n(?:[^\r\n][^\n]*\n)*\r*\n", re.I)
# URL, IP number, date, type, length; in version 2 more fields before the length. A URL may hold spaces.
_ARC_FIELDS = (
    rb"((?:https?|ftp|dns|filedesc|whois|gopher|news|mailto|rtsp|mms):[^\r\n]{1,6000}) [^\s]{1,45} (\d{8,20}) ([^\s]{1,200})"
    rb"(?: [^\r\n]{1,1500})? ([^\s]{1,20})[ \t\r]*\n"
)
_ARC = re.compile(_ARC_FIELDS)
_WARC_BEGINNING = re.compile(rb"WARC/\d", re.I)
_BEGINNING = re.compile(rb"(?i:WARC)/\d|" + _ARC_FIELDS)
# Where a record begins in the middle of anything: surer than what is expected at its place.
_WARC_INSIDE = rb"WARC/\d\.\d{1,2}[ \t\r]*\n(?:WARC-|Content-)[A-Za-z-]+:"
_INSIDE = re.compile(_WARC_INSIDE + rb"|^" + _ARC_FIELDS, re.M)
# What stands after a record of either format.
_TRAILER = re.compile(rb"(?:\r*\n){1,2}\Z")
_DATE = re.compile(r"\s*(\d{4})-?(\d\d)?-?(\d\d)?T?(\d\d)?:?(\d\d)?:?(\d\d)?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A record. ``number`` counts from 1, 0 is what stands before the first one.

    ``type`` is WARC's (``response``, ``revisit``, ...; of ARC ``warcinfo`` and ``response``), "" for bytes that are no record.
    ``body`` is the block, no more than `KEPT` of ``length`` bytes. ``damage`` is a reason code: "" whole; ``record-length`` its
    length was wrong, but its end is known; ``truncated`` the file ends in it; ``unreadable`` part of it is lost; ``checksum``
    nothing is here, but what came before has another checksum than it should.
    """

    number: int
    type: str
    url: str = ""
    date: datetime | None = None
    content_type: str = ""
    id: str = ""
    digest: str = ""
    refers_to: str = ""
    cut_by_crawler: bool = False
    body: bytes = b""
    length: int = 0
    damage: str = ""
    detail: str = ""

    @property
    def whole(self) -> bool:
        return bool(self.type) and self.damage in ("", "record-length")


def records(stream: Stream) -> Iterator[Record]:
    """Every record, and every stretch of bytes that is none, in order. Raises what reading the disk raises."""
    number = 0
    while True:
        stream.blank()
        if found := _headers(stream, number + 1):
            number += 1
            record = _with_body(stream, *found)
        elif stream.at_end:
            return
        elif stream.at_gap and stream.gap:
            record = Record(number=number, type="", damage=stream.gap.reason, detail=stream.gap.detail)
        else:
            record = _no_record(stream, number)
        if not record.whole and stream.gap:
            stream.pass_gap()
        yield record


def _no_record(stream: Stream, number: int) -> Record:
    """The bytes before the next record, a gap or the end."""
    _, length = stream.until(_INSIDE, _ARC_LINE, 0)
    damage = "truncated" if stream.at_end else _lost(stream)
    return Record(number=number, type="", damage=damage, detail=f"{length:,} bytes that are no record")


def _lost(stream: Stream) -> str:
    """The reason code of what lies just before a gap, of which nothing tells that it is whole."""
    return stream.gap.reason if stream.gap and stream.gap.reason != "checksum" else "unreadable"


def _headers(stream: Stream, number: int) -> tuple[Record, int | None] | None:
    """The record that begins here, without its body, and the length of that, None when it is not told or nonsense."""
    if stream.looks_at(_WARC_BEGINNING, 8):
        block = stream.take(_WARC, _HEADERS)
        return _warc_record(number, parsed(block[0])) if block else None
    line = stream.take(_ARC, _ARC_LINE)
    return _arc_record(number, *line.groups()) if line else None


def parsed(block: bytes) -> dict[str, str]:
    """The headers below a first line, up to an empty line, by their names in lower case; of several of a name the first."""
    from warcio.statusandheaders import StatusAndHeadersParser

    headers = StatusAndHeadersParser([], verify=False).parse(io.BytesIO(block)).headers
    return {name.lower(): value for name, value in reversed(headers)}


def _warc_record(number: int, headers: dict[str, str]) -> tuple[Record, int | None]:
    record = Record(
        number=number,
        type=headers.get("warc-type", "").strip().lower() or "unknown",
        url=_address(headers.get("warc-target-uri", "")),
        date=_date(headers.get("warc-date", "")),
        content_type=headers.get("content-type", ""),
        id=headers.get("warc-record-id", ""),
        digest=headers.get("warc-payload-digest", ""),
        refers_to=headers.get("warc-refers-to", ""),
        cut_by_crawler="warc-truncated" in headers,
    )
    return record, _length(headers.get("content-length", ""))


def _arc_record(number: int, url: bytes, date: bytes, media_type: bytes, length: bytes) -> tuple[Record, int | None]:
    record = Record(
        number=number,
        type="warcinfo" if url.startswith(b"filedesc:") else "response",
        url=_address(url.decode("utf-8", "replace")),
        date=_date(date.decode("ascii")),
        content_type=media_type.decode("latin-1"),
    )
    return record, _length(length.decode("latin-1"))


def _with_body(stream: Stream, record: Record, size: int | None) -> Record:
    """``record`` with its body of ``size`` bytes, or as many as there are before the next record."""
    body, length = stream.read(size or 0, KEPT)
    blank = stream.blank() if length == size else b""
    if length == size and _ends_here(stream, blank):
        return replace(record, body=body, length=length)
    if length == len(body) and stream.put_back(body + blank):
        longer, found = stream.until(_INSIDE, _ARC_LINE, KEPT)
        if size is None or stream.looks_at(_INSIDE, _ARC_LINE):
            return _mended(stream, record, longer, found)
        if length == size:
            # Nothing says that it is longer. What follows is no record.
            stream.put_back(longer[length:])
            return replace(record, body=body, length=length)
    reason = "truncated" if stream.at_end else _lost(stream)
    detail = f"{length:,} of its {size:,} bytes"
    return replace(record, damage=reason, detail=detail, body=body, length=length)


def _ends_here(stream: Stream, blank: bytes) -> bool:
    """Whether a record ends before ``blank``: an empty line follows, or the next record, or nothing."""
    empty_line = blank.replace(b"\r", b"").startswith(b"\n\n")
    return empty_line or stream.at_gap or stream.looks_at(_BEGINNING, _ARC_LINE) or stream.at_end


def _mended(stream: Stream, record: Record, body: bytes, length: int) -> Record:
    """``record`` with all that comes before the next one, a gap or the end."""
    if stream.at_gap and stream.gap:
        return replace(record, body=body, length=length, damage=_lost(stream), detail=stream.gap.detail)
    kept = _TRAILER.sub(b"", body[-8:])
    length -= len(body[-8:]) - len(kept)
    return replace(record, body=body[:-8] + kept, length=length, damage="record-length")


def _length(text: str) -> int | None:
    return int(text) if re.fullmatch(r"\d{1,18}", text.strip(), re.ASCII) else None


def _address(url: str) -> str:
    """An address in angle brackets (Wget 1.14 to 1.20) or with spaces as it was meant, without fragment."""
    url = re.sub(r"[\x00-\x1f\x7f]+", "", url.strip()).removeprefix("<").removesuffix(">")
    return url.partition("#")[0].strip().replace(" ", "%20")


def _date(text: str) -> datetime | None:
    """The date of a record, ISO 8601 in WARC and ``YYYYMMDDhhmmss`` in ARC, both in UTC and both cut short by some."""
    found = _DATE.match(text)
    if not found:
        return None
    year, month, day, hour, minute, second = (int(part) if part else None for part in found.groups())
    try:
        return datetime(year or 0, month or 1, day or 1, hour or 0, minute or 0, second or 0, tzinfo=UTC)
    except ValueError:
        return None
