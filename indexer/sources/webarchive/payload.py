"""What a server answered: status, headers, and the content as it was before it was sent.

warcio parses the headers and undoes chunking. Compression is undone here, as warcio decompresses each chunk at once, which a
chunk made for it turns into gigabytes.
"""

from __future__ import annotations

import io
import re
import zlib
from dataclasses import dataclass

from indexer.sources.savedpage import MAX_BYTES
from indexer.sources.webarchive.records import Record, parsed

# Longer headers than servers send and browsers take.
_LONGEST_HEADERS = 256 * 1024
_STATUS = re.compile(rb"[A-Z]{2,10}/\d(?:\.\d)?[ \t]+(\d{3})\b", re.I)
_END = re.compile(rb"\n\r*\n")
# The last chunk; up to its own two line ends and the two of the record may be missing or there.
_LAST_CHUNK = re.compile(rb"\n0+(?:\r\n){0,4}\Z")
_END_OF_PAGE = re.compile(rb"</html>\s*\Z", re.I)
_MEDIA_TYPE = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,60}", re.ASCII)
_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([\w.:+-]{1,40})", re.I | re.ASCII)
# Bytes read and written at a time by decompression: of what comes before damage, up to the second is lost.
_PIECE, _STEP = 16 * 1024, 4096
_GZIP = b"\x1f\x8b"
# How servers write that content is compressed in a way that zlib undoes: RFC 9110, section 8.4.1.
_ZLIB = frozenset(["gzip", "x-gzip", "deflate"])
_PLAIN = frozenset(["", "identity", "none", "utf-8"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """An answer. ``status`` is 200 for a resource that came without HTTP; ``content`` is as it was sent.

    ``complete``: all that the server said it sends is there; where it did not say, the end of the page is.
    """

    status: int
    media_type: str
    charset: str
    location: str = ""
    chunked: bool = False
    encodings: tuple[str, ...] = ()
    complete: bool = False
    content: bytes = b""


class UndecodableError(Exception):
    """Content in an encoding that is not read; the message is for a person."""


def payload_of(record: Record) -> Payload | None:
    """What is in a response or a resource; None when a response does not begin as HTTP does."""
    if record.type == "response" and _STATUS.match(record.body):
        return _http(record.body)
    if record.type == "response" and media_type(record.content_type) == "application/http":
        return None
    # A resource, a conversion, or a page in an early ARC file: bare content.
    return Payload(
        status=200,
        media_type=media_type(record.content_type),
        charset=charset(record.content_type),
        content=record.body,
    )


def status_of(record: Record) -> int:
    """The status of a response, 0 when there is none."""
    status = _STATUS.match(record.body)
    return int(status[1]) if status else 0


def _http(body: bytes) -> Payload:
    end = _END.search(body, 0, _LONGEST_HEADERS)
    block, content = (body[: end.end()], body[end.end() :]) if end else (body[:_LONGEST_HEADERS], b"")
    headers = parsed(block)
    content_type = headers.get("content-type", "")
    encodings = [name.strip().lower() for name in headers.get("content-encoding", "").split(",")]
    status = _STATUS.match(body)
    chunked = "chunked" in headers.get("transfer-encoding", "").lower()
    size = headers.get("content-length", "").strip()
    told = re.fullmatch(r"\d{1,18}", size, re.ASCII) and not chunked
    return Payload(
        status=int(status[1]) if status else 0,
        media_type=media_type(content_type),
        charset=charset(content_type),
        location=headers.get("location", "").strip(),
        chunked=chunked,
        encodings=tuple(name for name in encodings if name not in _PLAIN),
        complete=len(content) >= int(size)
        if told
        else bool((_LAST_CHUNK if chunked else _END_OF_PAGE).search(content[-99:])),
        content=content,
    )


def media_type(content_type: str) -> str:
    """``text/html`` of a Content-Type header, "" when there is none or nonsense."""
    found = _MEDIA_TYPE.match(content_type.strip())
    return found[0].lower() if found else ""


def charset(content_type: str) -> str:
    """The encoding named in a Content-Type header, "" when none is."""
    found = _CHARSET.search(content_type)
    return found[1] if found else ""


def decoded(payload: Payload) -> tuple[bytes, bool]:
    """The content, chunking and compression undone, and whether all of it came out. No more than `MAX_BYTES` + 1.

    Crawlers that undo an encoding often leave its header, so content that is not encoded as it says is taken as it is.
    Raises `UndecodableError`.
    """
    content = _unchunked(payload.content) if payload.chunked else payload.content
    whole = True
    for encoding in reversed(payload.encodings):
        if encoding in _ZLIB:
            content, complete = _inflated(content)
            whole = whole and complete
        elif not _is_text(content):
            name = encoding if re.fullmatch(r"[\w-]{1,20}", encoding, re.ASCII) else "unknown"
            raise UndecodableError(f"compressed in a way that Backfile does not read ({name})")
    return content[: MAX_BYTES + 1], whole


def _unchunked(content: bytes) -> bytes:
    from warcio.bufferedreaders import ChunkedDataReader

    # To warcio a last chunk without its line ends would be text.
    data: bytes = ChunkedDataReader(io.BytesIO(_LAST_CHUNK.sub(b"\n0\r\n\r\n", content))).read()
    return data


def _inflated(content: bytes) -> tuple[bytes, bool]:
    """gzip (of any number of members), zlib or bare deflate undone, as far as it goes; content that is none of them as it is."""
    if content.startswith(_GZIP):
        parts: list[bytes] = []
        size = at = 0
        whole = True
        while whole and content.startswith(_GZIP, at) and size <= MAX_BYTES:
            data, at, whole = _member(content, at, 16 + zlib.MAX_WBITS, MAX_BYTES + 1 - size)
            parts.append(data)
            size += len(data)
        return b"".join(parts), whole
    if len(content) > 1 and content[0] & 15 == 8 and int.from_bytes(content[:2]) % 31 == 0:
        data, _, whole = _member(content, 0, zlib.MAX_WBITS, MAX_BYTES + 1)
        return data, whole
    data, _, whole = (content, 0, True) if _is_text(content) else _member(content, 0, -zlib.MAX_WBITS, MAX_BYTES + 1)
    return (data, whole) if data else (content, True)


def _is_text(content: bytes) -> bool:
    return content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"{"))


def _member(content: bytes, at: int, bits: int, limit: int) -> tuple[bytes, int, bool]:
    """What comes out from ``at`` on, at most about ``limit`` bytes; where it ends; whether it is all."""
    inflate = zlib.decompressobj(bits)
    parts: list[bytes] = []
    size = 0
    try:
        while at < len(content) and not inflate.eof and size < limit:
            piece = content[at : at + _PIECE]
            at += len(piece)
            while piece and not inflate.eof and size < limit:
                parts.append(inflate.decompress(piece, _STEP))
                size += len(parts[-1])
                piece = inflate.unconsumed_tail
    except zlib.error:
        return b"".join(parts), at, False
    return b"".join(parts), at - len(inflate.unused_data), inflate.eof
