"""Backfile's engine on cleaned documents, as the pipeline and the web app use it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any, Protocol, cast

from benchmarks.engines import Ask
from benchmarks.rows import Row, Rows
from indexer import engine
from indexer.engine.generations import Generations
from indexer.engine.port import Document, FacetField, Kind, SearchRequest
from indexer.settings import Settings

_FACETS: tuple[FacetField, ...] = ("category", "month", "author", "kind")
_LANGUAGE = "english"
# A search that is cut short would be no measurement: the longest bound there is.
_QUERY_SECONDS = 60


class Backfile:
    """See `benchmarks.engines.Engine`."""

    def left_out(self, documents: int) -> str:
        return ""

    def version(self) -> str:
        return metadata.version("backfile")

    def index(self, rows: Rows, folder: Path) -> None:
        generations = Generations(folder)
        kinds: Counter[str] = Counter()
        with generations.building() as path:
            with engine.open_writer(path, _LANGUAGE) as writer:
                for row in rows:
                    writer.add(_document(row))
                    kinds[row["kind"]] += 1
            counts = {f"{kind}s": kinds[kind] for kind in ("post", "page", "comment", "pingback")}
            generations.switch(path, engine.new_manifest(language=_LANGUAGE, blog={}, counts=counts, report={}))

    @contextmanager
    def open(self, folder: Path) -> Iterator[Ask]:
        settings = Settings(index_dir=folder, query_seconds=_QUERY_SECONDS)
        with closing(engine.open_searcher(settings)) as searcher:
            yield partial(ask, cast(_Selecting, searcher))


class _Selecting(Protocol):
    """What the engine's searcher can do beyond the port: the part of a search that other engines do too."""

    def select(self, request: SearchRequest) -> Any: ...


def ask(searcher: _Selecting, query: str) -> int:
    """The number of hits, once the ten best are known and the facets counted; no stored field is read."""
    listed: int = searcher.select(SearchRequest(text=query, group="none", facets=_FACETS)).listed
    return listed


def _document(row: Row) -> Document:
    return Document(
        id=row["id"],
        thread=f"p{row['thread']}",
        kind=cast(Kind, row["kind"]),
        title=row["title"],
        author=row["author"],
        published=datetime.fromisoformat(row["date"]),
        categories=tuple(row["cats"]),
        text=row["body"],
    )


ENGINE = Backfile()
