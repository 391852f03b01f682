"""SQLite's full-text search (https://sqlite.org/fts5.html), the facets counted by SQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from benchmarks.engines import Ask
from benchmarks.rows import Rows, with_not

_SCHEMA = """
    create table doc(id integer primary key, kind text, title text, body text, author text, month text);
    create table cat(name text, doc int);
    create virtual table fts using fts5(title, body, content=doc, content_rowid=id, tokenize='porter unicode61');
"""
_FILE = "fts.db"


class Fts5:
    """See `benchmarks.engines.Engine`."""

    def left_out(self, documents: int) -> str:
        with closing(sqlite3.connect(":memory:")) as db:
            (there,) = db.execute("select sqlite_compileoption_used('ENABLE_FTS5')").fetchone()
        return "" if there else "This Python's SQLite is built without FTS5."

    def version(self) -> str:
        return sqlite3.sqlite_version

    def index(self, rows: Rows, folder: Path) -> None:
        with closing(sqlite3.connect(folder / _FILE)) as db:
            db.executescript(_SCHEMA)
            db.executemany(
                "insert into doc values(?,?,?,?,?,?)",
                ((n, r["kind"], r["title"], r["body"], r["author"], r["date"][:7]) for n, r in enumerate(rows)),
            )
            db.executemany("insert into cat values(?,?)", ((c, n) for n, r in enumerate(rows) for c in r["cats"]))
            db.execute("insert into fts(fts) values('rebuild')")
            db.executescript("create index cat_doc on cat(doc, name)")
            db.commit()

    @contextmanager
    def open(self, folder: Path) -> Iterator[Ask]:
        with closing(sqlite3.connect(folder / _FILE)) as db:
            yield lambda query: _ask(db, with_not(query))


def _ask(db: sqlite3.Connection, query: str) -> int:
    db.execute("create temp table hit as select rowid id, bm25(fts, 3, 1) score from fts where fts match ?", (query,))
    db.execute("select id from hit order by score limit 10").fetchall()
    hits: int = db.execute("select count(*) from hit").fetchone()[0]
    db.execute("select name, count(*) from cat where doc in (select id from hit) group by name").fetchall()
    for column in ("month", "author", "kind"):
        db.execute(f"select {column}, count(*) from doc where id in (select id from hit) group by {column}").fetchall()
    db.execute("drop table hit")
    return hits


ENGINE = Fts5()
