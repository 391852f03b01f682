"""What a server answered: status, headers, and the content as it was before it was sent.

warcio parses the headers and undoes chunking. Compression is undone in `compression`, as warcio decompresses each chunk at once.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

from indexer.sources.savedpage import MAX_BYTES
from indexer.sources.webarchive.compression import CODINGS, is_text
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
    for encoding in reversed(payload.encodings if content else ()):
        expand = CODINGS.get(encoding)
        data, complete = expand(content, MAX_BYTES) if expand else (b"", False)
        if complete or (data and not is_text(content)):
            content, whole = data, whole and complete
        elif not is_text(content):
            name = encoding if re.fullmatch(r"[\w-]{1,20}", encoding, re.ASCII) else "unknown"
            how = "damaged from the beginning" if expand else "compressed in a way that Backfile does not read"
            raise UndecodableError(f"{how} ({name})")
    return content[: MAX_BYTES + 1], whole


def _unchunked(content: bytes) -> bytes:
    from warcio.bufferedreaders import ChunkedDataReader

    # To warcio a last chunk without its line ends would be text.
    data: bytes = ChunkedDataReader(io.BytesIO(_LAST_CHUNK.sub(b"\n0\r\n\r\n", content))).read()
    return data
