"""Trees of texts from which a generator makes a blog: Jekyll, Hexo, Hugo, Pelican, Nikola, Eleventy. One file in, its items out.

    sniff -> kinds          what a file is to a tree
    read  -> site           the settings above it
          -> frontmatter    header and body
          -> posts          a text to a post, or why there is none
               -> address     its permalink
               -> render      its HTML -> tags (Liquid, shortcodes), rst
          -> comments       files of comments
       values: texts, names and dates in what YAML, TOML and JSON give

Every file that belongs to a tree is accounted for: what is neither a post nor a comment is one `Skipped`. Scripts, images and
whatever else lies around are not recognised here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from indexer.archive import Blog, Item, Repaired, Skipped
from indexer.sources.base import EXPORT, HEAD_BYTES, Format, InputFile
from indexer.sources.markdown.comments import NAME, data_comments, text_comment
from indexer.sources.markdown.frontmatter import FrontMatterError, Header, parse_meta, split
from indexer.sources.markdown.kinds import role_of
from indexer.sources.markdown.posts import text_items
from indexer.sources.markdown.site import Site, contents, site_of
from indexer.sources.savedpage.decode import Decoded, decode

__all__ = ["FORMAT", "NAME", "read", "sniff"]

# The longest post of a blog has some 500 kB; data files of comments may hold all of a blog's.
MAX_BYTES = 10 * 1024 * 1024


def sniff(head: bytes, path: Path) -> bool:
    """Whether a file belongs to a tree of texts: by front matter, by ending, or by where it lies."""
    return role_of(path, head) is not None


def read(file: InputFile) -> Iterator[Item]:
    """The items of one file. Raises `SourceError` when it cannot be opened or read."""
    with file.open() as stream:
        data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        yield _skipped(file, "unreadable", "larger than any post")
        return
    role = role_of(file.where, data[:HEAD_BYTES]) or "content"
    site = site_of(file)
    match role:
        case "setting":
            yield from _setting(file, site)
        case "comments":
            yield from data_comments(file, site)
        case "content":
            yield from _content(file, decode(data), site)
        case "template" | "data":
            yield _skipped(file, role)
        case "header":
            yield _skipped(file, "data", "the header of a text beside it")


def _setting(file: InputFile, site: Site) -> Iterator[Item]:
    if (site.title or site.written_in) and file.name.startswith(site.folder):
        yield Blog(source=NAME, name=site.title, description=site.description, url=site.url, language=site.written_in)
    yield _skipped(file, "setting")


def _content(file: InputFile, decoded: Decoded, site: Site) -> Iterator[Item]:
    """A text: a post, or a comment in a folder of comments."""
    try:
        header = _with_meta(file, split(decoded.text))
    except FrontMatterError as error:
        yield _skipped(file, "unreadable", str(error))
        return
    yield from _repairs(file, decoded, header)
    folders = file.name.split("/")[:-1]
    signed = "title" not in header.values and any(key in header.values for key in ("name", "author", "username"))
    if signed and ("_comments" in folders or "comments" in folders):
        yield text_comment(header.values, header.body, file, site)
        return
    yield from text_items(file, header, site, datetime.now(UTC))


def _with_meta(file: InputFile, header: Header) -> Header:
    """A text whose header is a file of its own, as Nikola can keep it (``post.md`` and ``post.meta``)."""
    if header.kind:
        return header
    beside = file.beside(file.name.rpartition(".")[0] + ".meta")
    if beside is None:
        return header
    return Header(
        "nikola", parse_meta(contents(InputFile(beside.path, beside.name, member=beside.member))), header.body
    )


def _repairs(file: InputFile, decoded: Decoded, header: Header) -> Iterator[Repaired]:
    if decoded.bad_bytes:
        detail = f"bytes that are no {decoded.encoding}, read as windows-1252"
        yield Repaired(source=NAME, locator=file.name, reason="encoding", detail=detail, count=decoded.bad_bytes)
    if decoded.controls:
        yield Repaired(source=NAME, locator=file.name, reason="control-character", count=decoded.controls)
    if header.damaged:
        detail = "front matter that is not well-formed, read line by line"
        yield Repaired(source=NAME, locator=file.name, reason="front-matter", detail=detail)


def _skipped(file: InputFile, reason: str, detail: str = "") -> Skipped:
    return Skipped(source=NAME, locator=file.name, reason=reason, detail=detail)


FORMAT = Format(
    name=NAME, title="Markdown tree (Jekyll, Hugo, Pelican, Nikola, Eleventy)", sniff=sniff, read=read, rank=EXPORT
)
