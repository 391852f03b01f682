"""Whoosh as its documentation has an ordinary user write it: its own codec, writer, parser, scoring and facets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any

from whoosh import index
from whoosh.analysis import StemmingAnalyzer
from whoosh.fields import ID, KEYWORD, TEXT, Schema
from whoosh.qparser import MultifieldParser
from whoosh.scoring import BM25F
from whoosh.sorting import Count, Facets, FieldFacet

from benchmarks.engines import Ask
from benchmarks.rows import Rows, with_not

# Postings that the writer gathers in memory before it writes a run to the disk: as much as tantivy's may hold.
_WRITER_MB = 256
# At 110,000 documents it takes minutes to index and half a second per query; at ten times that, an hour of waiting that
# tells nothing new.
_MOST_DOCUMENTS = 200_000


class StockWhoosh:
    """See `benchmarks.engines.Engine`."""

    def left_out(self, documents: int) -> str:
        most = _MOST_DOCUMENTS
        return "" if documents <= most else f"It takes minutes per 100,000 documents; measured up to {most:,}."

    def version(self) -> str:
        (distribution, *_) = metadata.packages_distributions()["whoosh"]  # Whoosh, or one of its continuations
        return f"{distribution} {metadata.version(distribution)}"

    def index(self, rows: Rows, folder: Path) -> None:
        with closing(index.create_in(str(folder), _schema())) as created:
            writer = created.writer(limitmb=_WRITER_MB)
            for row in rows:
                writer.add_document(
                    id=row["id"],
                    kind=row["kind"],
                    title=row["title"],
                    body=row["body"],
                    author=row["author"],
                    categories=",".join(row["cats"]),
                    month=row["date"][:7],
                )
            writer.commit()

    @contextmanager
    def open(self, folder: Path) -> Iterator[Ask]:
        with (
            closing(index.open_dir(str(folder), readonly=True)) as opened,
            opened.searcher(weighting=BM25F()) as searcher,
        ):
            parser = MultifieldParser(["title", "body"], opened.schema, fieldboosts={"title": 3.0})
            yield lambda query: _ask(searcher, parser.parse(with_not(query)))


def _schema() -> Any:
    # Every word counts, as with the other engines: by default stop words and words of one letter are dropped.
    words = StemmingAnalyzer(stoplist=None, minsize=1)
    return Schema(
        id=ID(stored=True),
        kind=ID(stored=True, sortable=True),
        title=TEXT(analyzer=words, stored=True),
        body=TEXT(analyzer=words, stored=True),
        author=ID(stored=True, sortable=True),
        categories=KEYWORD(stored=True, commas=True),
        month=ID(stored=True, sortable=True),
    )


def _ask(searcher: Any, query: Any) -> int:
    counts = Facets()
    counts.add_facet("categories", FieldFacet("categories", allow_overlap=True, maptype=Count))
    for name in ("month", "author", "kind"):
        counts.add_facet(name, FieldFacet(name, maptype=Count))
    found = searcher.search(query, limit=10, groupedby=counts)
    for name in counts.names():
        found.groups(name)
    return len(found)


ENGINE = StockWhoosh()
