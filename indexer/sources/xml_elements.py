"""The chunks of an XML document in, the children of its root out, one after the other, as lxml's elements.

For formats that are a list of records under one root. The chunks come from `wxr_repair.RepairedStream`, which drops document
types: there are no entities but XML's own, and nothing is fetched. Memory: one child.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

# Bytes and elements without the end of a child. Images inside the text (data:) make the longest: tens of MB.
MAX_CHILD_BYTES = 64 * 1024 * 1024
MAX_CHILD_ELEMENTS = 100_000
# The namespace of a prefix that the document uses and never declares.
UNDECLARED = "backfile:undeclared/"

_START_TAG = re.compile(rb"<[^\s>]+(?:[^>\"']|\"[^\"]*\"|'[^']*')*>")


class DamagedError(ValueError):
    """The XML cannot be read on: why. ``rest``: where the root had ended, what follows it in the chunk; else None."""

    def __init__(self, problem: str, rest: bytes | None = None) -> None:
        super().__init__(problem)
        self.rest = rest


def children(chunks: Iterator[bytes], namespaces: Mapping[str, str]) -> Iterator[Element]:
    """The children of the root as they end; each is removed afterwards.

    ``namespaces`` are those of the format by their usual prefix: where the root does not declare one, its prefix means
    ``UNDECLARED`` and the prefix. Raises `DamagedError`, after the children before the damage, and what ``chunks`` raises.
    """
    from lxml import etree

    parser = etree.XMLPullParser(
        events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True
    )
    depth = waiting = elements = 0
    end_tag, ended = b"", False
    for chunk in _declared(filter(None, chunks), namespaces):
        problem, rest = "", chunk if ended else None
        try:
            parser.feed(chunk)
        except etree.XMLSyntaxError:
            # What lxml says of it quotes the file.
            problem = "it is not well-formed there"
        waiting += len(chunk)
        for event, element in cast("Iterator[tuple[str, Element]]", parser.read_events()):
            depth += 1 if event == "start" else -1
            elements += 1
            if event == "start" and depth == 1:
                end_tag = f"</{element.prefix + ':' if element.prefix else ''}{local_name(element)}".encode()
            elif event == "end" and depth == 1 and (root := element.getparent()) is not None:
                waiting = elements = 0
                yield element
                root.remove(element)
            elif not depth:
                ended, rest = True, chunk.partition(end_tag)[2]
        if waiting > MAX_CHILD_BYTES or elements > 2 * MAX_CHILD_ELEMENTS:
            problem = "an element is too large"
        if problem:
            raise DamagedError(problem, rest)
    if not ended:
        raise DamagedError("the file breaks off")


def _declared(chunks: Iterator[bytes], namespaces: Mapping[str, str]) -> Iterator[bytes]:
    """The same with the prefixes of ``namespaces`` declared in the root's start tag, which the first chunk holds whole."""
    first = next(chunks, b"")
    if tag := _START_TAG.match(first):
        missing = [prefix for prefix in namespaces if b"xmlns:%s" % prefix.encode() not in tag[0]]
        added = "".join(f' xmlns:{prefix}="{UNDECLARED}{prefix}"' for prefix in missing).encode()
        at = tag.end() - (2 if tag[0].endswith(b"/>") else 1)
        first = first[:at] + added + first[at:]
    yield first
    yield from chunks


def local_name(element: Element) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def text_of(element: Element) -> str:
    """All text in an element."""
    return "".join(str(text) for text in element.itertext())
