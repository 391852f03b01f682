"""Formats for tests: items as lines of JSON, ``[class, fields]``; whatever a join or an update must bear can be written so.

There are two, which differ in rank: ``.lines``, as an export, and ``.pages``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from indexer.archive import Blog, Comment, Item, Post
from indexer.errors import IncompleteSourceError
from indexer.sources.base import EXPORT, PAGE, Format, InputFile

Line = tuple[str, dict[str, Any]]
# In place of an item: here the file ends before its end.
CUT: Line = ("cut", {})


def read(file: InputFile) -> Iterator[Item]:
    source = file.where.suffix[1:]
    with file.open() as stream:
        text = stream.read()
    for n, line in enumerate(text.split(), 1):
        kind, values = json.loads(line)
        if kind == "cut":
            raise IncompleteSourceError(f"{file.path} is cut off. Try --partial.")
        if "published" in values:
            values["published"] = datetime.fromisoformat(values["published"])
        values = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
        if kind == "blog":
            yield Blog(source=source, **values)
            continue
        yield {"post": Post, "comment": Comment}[kind](source=source, locator=f"{file.name}#{n}", **values)


def sniff_lines(head: bytes, path: Path) -> bool:
    return path.suffix == ".lines"


def sniff_pages(head: bytes, path: Path) -> bool:
    return path.suffix == ".pages"


FORMATS = (
    Format(name="lines", title="Lines", sniff=sniff_lines, read=read, rank=EXPORT),
    Format(name="pages", title="Pages", sniff=sniff_pages, read=read, rank=PAGE),
)


def write(path: Path, items: Sequence[Line]) -> Path:
    text = "\n".join(json.dumps(item, separators=(",", ":")).replace(" ", "\\u0020") for item in items)
    path.write_text(text + "\n", encoding="utf-8")
    return path
