"""What a source is: a row of the format table, and the input it is given."""

from __future__ import annotations

import gzip
import io
import ipaddress
import os
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, cast

from indexer.archive import Item
from indexer.errors import IncompleteSourceError, SourceError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer as Buffer

# Enough of a file to tell its format: an export's namespace declarations come after a comment of a few kilobytes, and
# a saved page may hold long inline styles before its <body>.
HEAD_BYTES = 64 * 1024
GZIP_MAGIC = b"\x1f\x8b\x08"
ZIP_MAGIC = b"PK\x03\x04"

_BUFFER = 256 * 1024
# The bound keeps the search linear; RFC 5321 allows no more before the @. Of hosts without a dot only this one is certain to be
# one: many write "M@tt".
_EMAIL = re.compile(
    r"""(?:[^\s@<>()\[\],;:"']{1,64}|"[^"@\n]{1,64}")@(?:[\w-]+(?:\.[\w-]+)+|localhost\b|\[[\w.:-]{1,64}\])""", re.I
)
_SCHEMES = re.compile(r"\A(?:https?:/{1,2}){1,9}(?=https?://)", re.I)
_WEB_ADDRESS = re.compile(r"https?://[^\s/@?#]+\.[^\s/@?#]+", re.I)
# An address standing alone; a version number in a text ("1.2.3.4") is not looked at, only names are.
_IPV4_NUMBER = re.compile(r"(?<!\w)(?<!\d\.)(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?(?!\w|\.\d)")
# What could be one of IPv6 (RFC 4291, section 2.2), with zone and prefix; `ipaddress` tells. The bound is twice its length.
_IPV6_NUMBER = re.compile(r"[0-9a-f:.]{2,90}(?:%[\w.-]{1,64})?(?:/\d{1,3}(?!\d))?", re.I | re.A)
_IPV6_GROUPS = 8


def unheard(size: int) -> None:
    """For nobody who wants to hear of progress."""


class _Read(io.RawIOBase):
    """A raw stream over another one that tells how many bytes were read, and turns what may go wrong into our errors.

    ``packed`` is what to call the inner one in them: a gzip file, a ZIP file.
    """

    def __init__(
        self, inner: IO[bytes], name: str, on_bytes: Callable[[int], None] = unheard, packed: str = "file"
    ) -> None:
        self._inner, self._name, self._on_bytes, self._packed = inner, name, on_bytes, packed
        # Of a damaged gzip file `read` gives nothing at all where `read1` gives what comes before the damage.
        self._read: Callable[[int], bytes] = getattr(inner, "read1", inner.read)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int | None:
        view = memoryview(buffer)
        try:
            data = self._read(len(view)) or b""
        except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            raise IncompleteSourceError(
                f"Cannot read {self._name} to its end: the {self._packed} is damaged ({error}).",
                "Fetch it again, or keep what was read with --partial.",
            ) from error
        except OSError as error:
            raise IncompleteSourceError(
                f"Cannot read {self._name} to its end: {error.strerror or error}.",
                "Try again, or keep what was read with --partial.",
            ) from error
        self._on_bytes(len(data))
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._inner.close()
        super().close()


class _GzipFile(gzip.GzipFile):
    """Closes the file that it reads from, too."""

    def __init__(self, beneath: IO[bytes]) -> None:
        self._beneath = beneath
        super().__init__(fileobj=beneath)

    def close(self) -> None:
        super().close()
        self._beneath.close()


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file to read. ``name`` is how locators call it: its path relative to the source that was given, with slashes.

    ``member`` is its path inside the ZIP file ``path``, "" for a file of its own. Sources read through `open`, never through
    ``path``, so that gzip and ZIP are undone, and progress counted, in one place. ``on_bytes`` is called with the number of
    bytes just read from the disk. Picklable when ``on_bytes`` is.
    """

    path: Path
    name: str
    on_bytes: Callable[[int], None] = unheard
    member: str = ""

    @property
    def where(self) -> Path:
        """The path to show and to judge by: of a member of a ZIP file, below the ZIP file."""
        return self.path / self.member if self.member else self.path

    @property
    def size(self) -> int:
        """Bytes that reading it will report to ``on_bytes``."""
        return _zip(self.path).getinfo(self.member).file_size if self.member else self.path.stat().st_size

    def head(self) -> bytes:
        """The first `HEAD_BYTES` of the content, not counted as progress; raises as `open` does.

        Of a damaged gzip file, what comes before the damage; the bytes as they are when that is nothing.
        """
        head = b""
        with self.silent().open() as stream:
            try:
                while len(head) < HEAD_BYTES and (data := stream.read1(HEAD_BYTES - len(head))):
                    head += data
            except IncompleteSourceError:
                if not head:
                    with self.silent().open_raw() as raw:
                        return raw.read(HEAD_BYTES)
        return head

    def silent(self) -> InputFile:
        """The same file for a look at it that is not counted as progress."""
        return InputFile(self.path, self.name, member=self.member)

    def open(self) -> io.BufferedReader:
        """A buffered stream of the content, gzip undone, from the start; raises `SourceError` when it cannot be opened.

        Reading raises `IncompleteSourceError` when the disk, gzip or ZIP do not give all of it.
        """
        buffered = self.open_raw()
        try:
            zipped = buffered.peek(len(GZIP_MAGIC)).startswith(GZIP_MAGIC)
        except SourceError:
            buffered.close()
            raise
        if not zipped:
            return buffered
        unzipped = _GzipFile(buffered)
        return io.BufferedReader(_Read(cast(IO[bytes], unzipped), str(self.where), packed="gzip file"), _BUFFER)

    def open_raw(self) -> io.BufferedReader:
        """As `open`, but with gzip left alone, for a format that compresses its records one by one."""
        packed = "ZIP file" if self.member else "file"
        return io.BufferedReader(_Read(self._raw(), str(self.where), self.on_bytes, packed), _BUFFER)

    def check_packing(self) -> None:
        """Raises `IncompleteSourceError` when it comes out of a damaged gzip or ZIP file, which may show at its end only."""
        with self.silent().open_raw() as raw:
            if not self.member and not raw.peek(len(GZIP_MAGIC)).startswith(GZIP_MAGIC):
                return
        with self.silent().open() as stream:
            while stream.read1(_BUFFER):
                pass

    def beside(self, name: str) -> InputFile | None:
        """Another file of the same source, by its path from the root of the source (as ``name``); None where there is none."""
        parts = PurePosixPath(name).parts
        if not parts or ".." in parts or name.startswith("/"):
            return None
        if self.member:
            prefix = self.name[: len(self.name) - len(self.member)]
            member = name.removeprefix(prefix)
            found = name.startswith(prefix) and member in _zip(self.path).NameToInfo
            return InputFile(self.path, name, self.on_bytes, member) if found else None
        path = self.path.parents[len(PurePosixPath(self.name).parts) - 1].joinpath(*parts)
        return InputFile(path, name, self.on_bytes) if path.is_file() else None

    def files_in(self, folder: str) -> list[str]:
        """The names of the files that lie in a folder of the same source ("" is its root), sorted; [] where there is none."""
        if self.member:
            prefix = self.name[: len(self.name) - len(self.member)]
            inside = f"{folder}/".removeprefix(prefix).strip("/") if f"{folder}/".startswith(prefix) else None
            return [prefix + member for member in _zip_folders(self.path).get(inside, ())]
        path = self.path.parents[len(PurePosixPath(self.name).parts) - 1].joinpath(folder)
        try:
            names = [entry.name for entry in os.scandir(path) if entry.is_file()]
        except OSError:
            return []
        return sorted(f"{folder}/{name}" if folder else name for name in names)

    def _raw(self) -> IO[bytes]:
        try:
            return _zip(self.path).open(self.member) if self.member else self.path.open("rb", buffering=0)
        except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            if isinstance(error, OSError):
                raise SourceError(
                    f"Cannot read {self.where}: {error.strerror or error}.", "Check its permissions, or leave it out."
                ) from error
            raise SourceError(f"Cannot read {self.where}: {error}.", "Unpack the ZIP file, or leave it out.") from error


@lru_cache(maxsize=4)
def _zip(path: Path) -> zipfile.ZipFile:
    """A ZIP file, its directory read once for all members; raises `SourceError`."""
    try:
        return zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise SourceError(
            f"Cannot read {path}: it is no whole ZIP file ({error}).", "Fetch it again, or leave it out."
        ) from error


@lru_cache(maxsize=4)
def _zip_folders(path: Path) -> dict[str | None, list[str]]:
    """The members of a ZIP file by folder, in order."""
    found: dict[str | None, list[str]] = {}
    for member in sorted(_zip(path).NameToInfo):
        if not member.endswith("/"):
            found.setdefault(member.rpartition("/")[0], []).append(member)
    return found


def zip_members(path: Path) -> list[str]:
    """The files in a ZIP file but for hidden ones and what macOS adds; raises `SourceError`."""
    names = [info.filename for info in _zip(path).infolist() if not info.is_dir()]
    return [n for n in names if not any(part.startswith(".") or part == "__MACOSX" for part in n.split("/"))]


@dataclass(frozen=True, slots=True)
class Format:
    """A row of the format table.

    ``sniff`` tells by the first `HEAD_BYTES` of content (and the path, for what content alone cannot tell) whether a
    file is of this format. ``read`` yields the items of a file, streaming. ``rank`` says how much a copy of a post in this
    format can be trusted to hold: of several copies the one of the highest rank is kept (`EXPORT`, `PAGE`, `FEED`, `DUMP`).
    """

    name: str
    title: str
    sniff: Callable[[bytes, Path], bool]
    read: Callable[[InputFile], Iterator[Item]]
    rank: int


# What the blog's own software wrote out of its database; a page as it was shown; what a feed gave; what a browser saved as text.
EXPORT, PAGE, FEED, DUMP = 4, 3, 2, 1


def person_name(name: str) -> str:
    """A person's name from an archive's metadata: of an e-mail address only what stands before the at sign, no IP number.

    Every source passes every author through here, as many people once gave their address for a name.
    """
    while "@" in name and (shorter := _EMAIL.sub(lambda m: m.group().partition("@")[0].strip('"'), name)) != name:
        name = shorter
    # A space in their place: what stands around must not become a number itself.
    without = _IPV4_NUMBER.sub(" ", _IPV6_NUMBER.sub(_without_number, name) if ":" in name else name)
    return name.strip() if without == name else " ".join(without.replace("[ ]", " ").split())


def _without_number(found: re.Match[str]) -> str:
    """What was found without the IPv6 number in it, and as it was if there is none.

    A word, a port or a colon may hang on it ("IPv6:2001:db8::1"). Letters alone ("C::B") are none, unless all eight are there.
    """
    number, text = re.split("[%/]", found[0])[0].strip("."), found[0]
    in_word = re.match(r"\w", found.string[found.start() - 1 : found.start()] or " ")
    for core in (
        number,
        number.partition(":")[2],
        number.rpartition(":")[0],
        number.partition(":")[2].rpartition(":")[0],
    ):
        start = text.find(core)
        end = len(text) if core and number.endswith(core) else start + len(core)
        if (start == 0 and in_word) or (
            end == len(text) and re.match(r"\w", found.string[found.end() : found.end() + 1])
        ):
            continue
        if _is_ipv6(core) and (re.search(r"\d", core) or len(core.replace("::", "").split(":")) == _IPV6_GROUPS):
            return f"{text[:start]} {text[end:]}"
    return text


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


def person_url(url: str) -> str:
    """A person's address on the web, "" when it is none (``mailto:``, ``http://n/a``) or holds an e-mail address."""
    # Forms that begin with "http://" get whole addresses typed behind it.
    url = _SCHEMES.sub("", url.strip())
    return url if _WEB_ADDRESS.match(url) and not _EMAIL.search(url) else ""
