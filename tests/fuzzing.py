"""What every reader of a format must bear: bytes cut, flipped, repeated and joined."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from hypothesis import strategies as st

from indexer.archive import Blog, Capture, Comment, Item, Post, Repaired, Skipped
from indexer.errors import SourceError
from indexer.sources.base import HEAD_BYTES, Format, InputFile

_ITEMS = (Blog, Capture, Comment, Post, Repaired, Skipped)


@st.composite
def damaged(draw: st.DrawFn, samples: Sequence[bytes]) -> bytes:
    """One of ``samples`` after up to four accidents."""
    data = bytearray(draw(st.sampled_from(samples)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        match draw(st.sampled_from(["cut", "drop", "flip", "insert", "repeat", "join"])):
            case "cut":
                del data[at:]
            case "drop":
                del data[at : at + draw(st.integers(1, 200))]
            case "flip":
                data[at : at + 1] = draw(st.binary(min_size=1, max_size=1))
            case "insert":
                data[at:at] = draw(st.binary(max_size=20))
            case "repeat":
                data[at:at] = data[at : at + draw(st.integers(1, 200))] * draw(st.integers(1, 5))
            case "join":
                data += draw(st.sampled_from(samples))
    return bytes(data)


def read_damaged(format: Format, data: bytes, name: str) -> list[Item]:
    """The items that ``format`` gets out of a file of this name; whatever else it raises than `SourceError` fails the test."""
    items: list[Item] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, *name.split("/"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        format.sniff(data[:HEAD_BYTES], path)
        try:
            for item in format.read(InputFile(path, name)):
                assert isinstance(item, _ITEMS), item
                items.append(item)
        except SourceError:
            pass
    return items
