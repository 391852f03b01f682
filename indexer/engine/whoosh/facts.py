"""What is known of every document without reading its stored fields: one column in the index, arrays in memory.

The column holds one string per document, its parts separated by the ASCII information separators. Reading 110,000 of them
takes a fraction of a second when an index is opened, and then facets, filters, threads and sorting are array operations.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.engine.port import Document, FacetField, Kind

KINDS: tuple[Kind, ...] = ("post", "page", "comment", "pingback")
_POST, _PAGE, _COMMENT, _PINGBACK = range(4)
_PART, _VALUE = "\x1e", "\x1f"  # record and unit separator; cleaning removed control characters from all text
UNDATED = np.iinfo(np.int64).min

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Mask = NDArray[np.bool_]


def pack(document: Document) -> bytes:
    """The facts of a document as the column stores them."""
    when = document.published.isoformat(timespec="seconds") if document.published else ""
    values = (_VALUE.join(document.categories), _VALUE.join(document.tags))
    parts = (document.id, document.thread, document.kind, when, document.author, *values, document.fingerprint())
    return _PART.join(parts).encode("utf-8", "replace")


def fingerprint(column_value: bytes) -> tuple[str, str]:
    """Id and fingerprint of the document whose facts these are."""
    parts = column_value.decode().split(_PART)
    return parts[0], parts[-1]


@dataclass(frozen=True, slots=True)
class FacetTable:
    """The values of one facet: ``names[value[i]]`` is a value of document ``doc[i]``; a document may have several or none."""

    names: tuple[str, ...]
    doc: Ints
    value: Ints

    def having(self, size: int, chosen: tuple[str, ...]) -> Mask:
        """Which of ``size`` documents have at least one of the ``chosen`` values."""
        numbers = [number for number, name in enumerate(self.names) if name in chosen]
        mask = np.zeros(size, dtype=bool)
        mask[self.doc[np.isin(self.value, numbers)]] = True
        return mask


@dataclass(frozen=True, slots=True)
class Facts:
    """Arrays over document numbers 0 to ``size`` - 1, deleted ones included (``searchable`` is False for them).

    ``thread`` numbers threads; ``post`` gives each thread's post by document number, -1 when it is gone. ``stamp`` is the
    local time in seconds since 1970, `UNDATED` when unknown. ``newest`` and ``oldest`` are every document's place in the
    order by date (undated last, ties by id). ``discussed`` counts each thread's comments.
    """

    size: int
    ids: tuple[str, ...]
    number: dict[str, int]
    searchable: Mask
    alive: Mask
    kind: NDArray[np.int8]
    thread: Ints
    post: Ints
    stamp: Longs
    newest: Ints
    oldest: Ints
    discussed: Ints
    facets: dict[FacetField, FacetTable]

    @property
    def threads(self) -> int:
        return len(self.post)


def load(reader: Any) -> Facts:
    """The facts of all documents of a Whoosh reader."""
    size = reader.doc_count_all()
    rows = [value.decode().split(_PART) for value in _column(reader, size)]
    ids, threads, kinds, dates, authors, categories, tags = ([row[i] for row in rows] for i in range(7))
    alive = np.ones(size, dtype=bool)
    if reader.has_deletions():
        alive[[n for n in range(size) if reader.is_deleted(n)]] = False
    kind = np.array([KINDS.index(k) for k in kinds], dtype=np.int8)
    searchable = alive & (kind != _PINGBACK)
    number = {id: n for n, id in enumerate(ids) if alive[n]}
    thread, post = _threads(threads, number)
    stamp = np.array([_seconds(text) for text in dates], dtype=np.int64)
    by_id = np.argsort(np.argsort(np.array(ids, dtype=object))) if size else np.zeros(0, dtype=np.int64)
    comments = searchable & (kind == _COMMENT)
    return Facts(
        size=size,
        ids=tuple(ids),
        number=number,
        searchable=searchable,
        alive=alive,
        kind=kind,
        thread=thread,
        post=post,
        stamp=stamp,
        newest=_places(np.lexsort((by_id, np.where(stamp == UNDATED, -UNDATED - 1, -stamp)))),
        oldest=_places(np.lexsort((by_id, np.where(stamp == UNDATED, -UNDATED - 1, stamp)))),
        discussed=np.bincount(thread[comments], minlength=len(post)).astype(np.int32),
        facets={
            "category": _table([_split(text) for text in categories]),
            "tag": _table([_split(text) for text in tags]),
            "author": _table([[author] if author else [] for author in authors]),
            "kind": FacetTable(KINDS, np.arange(size, dtype=np.int32), kind.astype(np.int32)),
            "year": _table([[text[:4]] if text else [] for text in dates]),
            "month": _table([[text[:7]] if text else [] for text in dates]),
        },
    )


def _column(reader: Any, size: int) -> list[bytes]:
    if not size or not reader.has_column("facts"):
        return []
    column = reader.column_reader("facts")
    return [column[n] for n in range(size)]


def _threads(names: list[str], number: dict[str, int]) -> tuple[Ints, Ints]:
    """Thread number of every document, and document number of every thread's post."""
    order: dict[str, int] = {}
    thread = np.array([order.setdefault(name, len(order)) for name in names], dtype=np.int32)
    return thread, np.array([number.get(name, -1) for name in order], dtype=np.int32)


def _table(values: list[list[str]]) -> FacetTable:
    order: dict[str, int] = {}
    value = [order.setdefault(name, len(order)) for name in chain.from_iterable(values)]
    doc = np.repeat(np.arange(len(values), dtype=np.int32), [len(v) for v in values])
    return FacetTable(tuple(order), doc, np.array(value, dtype=np.int32))


def _places(order: NDArray[np.intp]) -> Ints:
    places = np.empty(len(order), dtype=np.int32)
    places[order] = np.arange(len(order), dtype=np.int32)
    return places


def _split(text: str) -> list[str]:
    return text.split(_VALUE) if text else []


def _seconds(text: str) -> int:
    return seconds(datetime.fromisoformat(text)) if text else int(UNDATED)


def seconds(when: datetime) -> int:
    """A naive local time as seconds since 1970-01-01 00:00 of the same clock."""
    return int((when - datetime(1970, 1, 1)).total_seconds())
