"""tantivy (https://github.com/quickwit-oss/tantivy), Lucene's ideas in Rust, through its Python binding."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from benchmarks.engines import Ask
from benchmarks.rows import Rows

# What its writer may hold before it writes a segment, and how many threads it has: Backfile's has one.
_WRITER_BYTES = 256_000_000
_WRITER_THREADS = 1
_COUNTS = {name: {"terms": {"field": name, "size": 200}} for name in ("cats", "month", "author", "kind")}


class Tantivy:
    """See `benchmarks.engines.Engine`."""

    def left_out(self, documents: int) -> str:
        try:
            _tantivy()
        except ImportError:
            return "It is not installed: pip install '.[bench]'"
        return ""

    def version(self) -> str:
        return metadata.version("tantivy")

    def index(self, rows: Rows, folder: Path) -> None:
        tantivy = _tantivy()
        writer = tantivy.Index(_schema(tantivy), path=str(folder)).writer(_WRITER_BYTES, _WRITER_THREADS)
        for row in rows:
            writer.add_document(
                tantivy.Document(
                    id=[row["id"]],
                    kind=[row["kind"]],
                    title=[row["title"]],
                    body=[row["body"]],
                    author=[row["author"]],
                    cats=row["cats"],
                    month=[row["date"][:7]],
                    date=[datetime.fromisoformat(row["date"])],
                )
            )
        writer.commit()
        writer.wait_merging_threads()

    @contextmanager
    def open(self, folder: Path) -> Iterator[Ask]:
        index = _tantivy().Index.open(str(folder))
        searcher = index.searcher()

        def ask(text: str) -> int:
            query = index.parse_query(text, ["title", "body"], field_boosts={"title": 3.0}, conjunction_by_default=True)
            found = searcher.search(query, 10)
            searcher.aggregate(query, _COUNTS)
            hits: int = found.count
            return hits

        yield ask


def _schema(tantivy: Any) -> Any:
    builder = tantivy.SchemaBuilder()
    for name in ("title", "body"):
        builder.add_text_field(name, stored=True, tokenizer_name="en_stem")
    for name in ("id", "cats", "month", "author", "kind"):
        builder.add_text_field(name, stored=True, tokenizer_name="raw", fast=True)
    builder.add_date_field("date", stored=True, fast=True, indexed=True)
    return builder.build()


def _tantivy() -> Any:
    """The package, by a name that the type checker does not look for: it need not be installed."""
    return importlib.import_module("tantivy")


ENGINE = Tantivy()
