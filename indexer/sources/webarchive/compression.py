"""Compressed content, undone in bounded memory: what a few bytes that were made for it would turn into gigabytes is cut off.

Every function takes content and a limit; it gives about as many bytes at most, as far as the content can be read, and whether
that is all. Brotli: RFC 7932. Zstandard: RFC 8878; by the standard library of Python 3.14, on older ones by its backport. (The
package zstandard does not bound what one call gives, or does not tell where a frame breaks off.)
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable
from typing import Protocol

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

__all__ = ["CODINGS", "ZSTD_MAGIC", "inflated", "is_text", "unbrotlied", "unzstd", "zstd"]

# Bytes read and written at a time: of what comes before damage, up to the second is lost (of Brotli, up to 32 KB).
_PIECE, _STEP = 16 * 1024, 4096
_GZIP = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
# Servers write one or a few. To begin each of the two million that a page could consist of takes 20 seconds.
_MOST_FRAMES = 1000


def is_text(content: bytes) -> bool:
    """Whether content begins as HTML or JSON does, and so is compressed in no way."""
    return content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"{"))


def inflated(content: bytes, limit: int) -> tuple[bytes, bool]:
    """gzip (of any number of members), zlib or bare deflate undone; content that is none of them as it is."""
    if content.startswith(_GZIP):
        parts: list[bytes] = []
        size = at = 0
        whole = True
        while whole and content.startswith(_GZIP, at) and size <= limit:
            data, at, whole = _member(content, at, 16 + zlib.MAX_WBITS, limit + 1 - size)
            parts.append(data)
            size += len(data)
        return b"".join(parts), whole
    if len(content) > 1 and content[0] & 15 == 8 and int.from_bytes(content[:2]) % 31 == 0:
        data, _, whole = _member(content, 0, zlib.MAX_WBITS, limit + 1)
        return data, whole
    data, _, whole = (content, 0, True) if is_text(content) else _member(content, 0, -zlib.MAX_WBITS, limit + 1)
    return (data, whole) if data else (content, True)


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


def unbrotlied(content: bytes, limit: int) -> tuple[bytes, bool]:
    """Brotli undone."""
    data, _, whole = _frame(_Brotli(), content, 0, limit + 1)
    return data, whole


def unzstd(content: bytes, limit: int) -> tuple[bytes, bool]:
    """Zstandard undone, of one or several frames."""
    parts: list[bytes] = []
    size = at = frames = 0
    whole = True
    while whole and at < len(content) and size <= limit and frames < _MOST_FRAMES:
        data, at, whole = _frame(zstd.ZstdDecompressor(), content, at, limit + 1 - size)
        parts.append(data)
        size += len(data)
        frames += 1
    return b"".join(parts), whole and at == len(content)


class _Decompressor(Protocol):
    """What the standard library's decompressors have in common, but for zlib's. They keep input that they have not read yet."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Brotli:
    """Brotli's decompressor with the names of the others. Bytes behind the end are an error to it."""

    unused_data = b""

    def __init__(self) -> None:
        self._decompressor = brotli.Decompressor()
        self._gave = False

    @property
    def eof(self) -> bool:
        return bool(self._decompressor.is_finished())

    @property
    def needs_input(self) -> bool:
        # After reading all of its input it may have more to give.
        return not self._gave and bool(self._decompressor.can_accept_more_data())

    def decompress(self, data: bytes, max_length: int) -> bytes:
        output = bytes(self._decompressor.process(data, output_buffer_limit=max_length))
        self._gave = bool(output)
        return output


def _frame(decompressor: _Decompressor, content: bytes, at: int, limit: int) -> tuple[bytes, int, bool]:
    """As `_member`."""
    parts: list[bytes] = []
    size = 0
    try:
        while not decompressor.eof and size < limit:
            piece = content[at : at + _PIECE] if decompressor.needs_input else b""
            if decompressor.needs_input and not piece:
                break
            at += len(piece)
            parts.append(decompressor.decompress(piece, _STEP))
            size += len(parts[-1])
    except (brotli.error, zstd.ZstdError):
        return b"".join(parts), at, False
    return b"".join(parts), at - len(decompressor.unused_data), decompressor.eof


# By how servers write it: RFC 9110, section 8.4.1; RFC 7932, section 13; RFC 8878, section 7.2.
CODINGS: dict[str, Callable[[bytes, int], tuple[bytes, bool]]] = {
    "gzip": inflated,
    "x-gzip": inflated,
    "deflate": inflated,
    "br": unbrotlied,
    "zstd": unzstd,
}
