"""The benchmarks, on a blog of 66 documents: everything but the figures is as in a real run."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks import BenchmarkError, blog, engines, measuring, memory, report, site
from benchmarks.__main__ import main
from benchmarks.results import Indexing, Machine, Measured, Report, Searching, Site, Size
from benchmarks.rows import Streamed, with_not
from benchmarks.targets import LARGE, USUAL, verdicts
from benchmarks.timing import Timing, summary, timed

DOCUMENTS = 66
# Hits of the eleven queries. Backfile and tantivy stem with Snowball's English, Whoosh and SQLite with the older Porter.
SNOWBALL = [27, 35, 3, 1, 1, 3, 3, 35, 40, 0, 30]
PORTER = [27, 33, 3, 1, 1, 3, 3, 33, 40, 0, 28]
HITS = {"Backfile": SNOWBALL, "stock Whoosh": PORTER, "SQLite FTS5": PORTER, "tantivy": SNOWBALL}
WP = "{http://wordpress.org/export/1.2/}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
DC = "{http://purl.org/dc/elements/1.1/}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the blog is kept."""
    return tmp_path_factory.mktemp("bench")


@pytest.fixture(scope="module")
def made_up(folder: Path) -> blog.Blog:
    return blog.cached(folder, DOCUMENTS)


def test_a_seed_always_gives_the_same_blog(made_up: blog.Blog) -> None:
    """Else figures of different days are not about the same documents."""
    digests = {f.name: hashlib.blake2b(f.read_bytes(), digest_size=8).hexdigest() for f in made_up.folder.iterdir()}
    assert digests == {
        "documents.jsonl": "e4273bca0efd6416",
        "export.xml": "2d7e3a0f6cefe50a",
        "queries.json": "d02df6bbe905f20d",
    }


def test_the_lines_hold_what_is_left_of_the_export(made_up: blog.Blog) -> None:
    left = []
    for thread, item in enumerate(ET.parse(made_up.export).iter("item")):
        categories = [category.text for category in item.iter("category")]
        left.append(
            {
                "id": f"p{thread}",
                "kind": "post",
                "thread": thread,
                "title": item.findtext("title"),
                "body": _stripped(item.findtext(f"{CONTENT}encoded")),
                "author": item.findtext(f"{DC}creator"),
                "cats": categories,
                "date": _iso(item.findtext(f"{WP}post_date")),
            }
        )
        left += [
            {
                "id": f"c{comment.findtext(f'{WP}comment_id')}",
                "kind": "comment",
                "thread": thread,
                "title": "",
                "body": _stripped(comment.findtext(f"{WP}comment_content")),
                "author": comment.findtext(f"{WP}comment_author"),
                "cats": categories,
                "date": _iso(comment.findtext(f"{WP}comment_date")),
            }
            for comment in item.iter(f"{WP}comment")
        ]
    assert list(Streamed(made_up.documents)) == left


def _stripped(html: str | None) -> str:
    return " ".join(re.sub("<[^>]+>", "", html or "").split())


def _iso(date: str | None) -> str:
    return (date or "").replace(" ", "T")


def test_a_run_measures_every_engine_there_is(
    made_up: blog.Blog, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each finds what it should; the reports are written, and nothing but the blog is left in the folder."""
    monkeypatch.setattr(site, "REQUESTS", 3)  # nobody reads the figures
    as_json, as_markdown = tmp_path / "results.json", tmp_path / "results.md"
    options = ["--documents", str(DOCUMENTS), "--seconds", "0", "--folder", str(folder)]
    done = CliRunner().invoke(main, [*options, "--json", str(as_json), "--markdown", str(as_markdown)])
    assert done.exit_code == 0, done.output
    results = json.loads(as_json.read_text())
    (size,) = results["sizes"]
    assert set(size["left_out"]) <= {"tantivy"}  # the others come with what the tests need
    hits = {name: measured["searching"]["hits"] for name, measured in size["engines"].items()}
    there = {name: HITS[name] for name in engines.NAMES if name not in size["left_out"]}
    assert {name: list(found.values()) for name, found in hits.items()} == there
    assert all(size["site"][what].keys() == made_up.queries().keys() for what in ("page", "http"))
    assert len(results["targets"]) == 13
    assert "### Targets, at 66 documents" in as_markdown.read_text()
    assert list(folder.iterdir()) == [made_up.folder]


def test_streamed_rows_make_the_same_index(made_up: blog.Blog, tmp_path: Path) -> None:
    measured = measuring.measure("SQLite FTS5", made_up.documents, True, made_up.queries(), tmp_path / "index", 0.0)
    assert list(measured.searching.hits.values()) == PORTER


def test_what_fails_in_a_process_of_its_own_is_told_in_one_line() -> None:
    with pytest.raises(BenchmarkError, match=r"^JSONDecodeError: Expecting value: line 1 column 1"):
        measuring.alone(json.loads, "?")
    with pytest.raises(BenchmarkError, match="its process was killed"):
        measuring.alone(os._exit, 1)


def test_a_folder_that_cannot_be_written_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = CliRunner().invoke(main, ["--documents", "11", "--folder", str(tmp_path / "file" / "bench")])
    assert done.exit_code == 1
    assert done.output.splitlines()[-1] == f"Error: {tmp_path}/file/bench/blog-11-7.partial: Not a directory"


def test_streamed_rows_are_all_there_every_time(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text("".join(f'{{"thread": {n}}}\n' for n in range(2001)))
    rows = Streamed(file)
    assert [[row["thread"] for row in rows] for _ in range(2)] == [list(range(2001))] * 2
    assert rows.seconds > 0


def test_a_minus_is_written_out_for_engines_that_want_not() -> None:
    assert with_not("left -right a-b") == "left NOT right a-b"


def test_a_summary_of_times() -> None:
    times = [float(n) for n in range(20, 0, -1)]
    assert summary(times) == Timing(best_ms=1.0, median_ms=10.5, p95_ms=19.0, runs=20)
    assert timed(lambda: None, seconds=0.0, runs=4).runs == 4


def test_a_tree_of_processes_holds_more_than_its_root() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert child.pid in memory.children(os.getpid())
        assert memory.of_tree(os.getpid()) > memory.anonymous(os.getpid()) > 1
        child.communicate(b"\n")
    assert child.pid not in memory.children(os.getpid())
    assert memory.peak() >= memory.resident() > 1


def test_targets_are_met_missed_or_not_measured() -> None:
    usual = size(USUAL, {"Backfile": (10.0, 2.0), "stock Whoosh": (130.0, 500.0), "tantivy": (4.0, 1.0)})
    large = size(LARGE, {"Backfile": (125.0, 26.0)})
    found = {v.name: (v.measured, v.met) for v in verdicts([usual, large])}
    assert found == {
        "median query, times as fast as tantivy": (0.5, "no"),
        "queries over 1 ms and over 1.5 times tantivy's time": (2, "no"),
        "most common word, times as fast as stock Whoosh": (250.0, "yes"),
        "either of three common, times as fast as stock Whoosh": (250.0, "yes"),
        "most common word, times as fast as SQLite FTS5": (None, "not measured"),
        "either of three common, times as fast as SQLite FTS5": (None, "not measured"),
        "indexing, times as fast as stock Whoosh": (13.0, "yes"),
        "indexing, times tantivy's time": (2.5, "no"),
        "backfile index of the export, times tantivy's indexing": (3.0, "aim"),
        "index size, times tantivy's": (1.0, "yes"),
        "HTTP request for a page, median": (15.0, "yes"),
        "memory of a serving worker": (None, "not measured"),
        "opening to the first answer": (100.0, "yes"),
        "1,100,000 documents: indexing time per document, times that of 110,000": (1.25, "yes"),
        "1,100,000 documents: peak memory of indexing": (300.0, "yes"),
        "1,100,000 documents: worst query, times its time at 110,000": (13.0, "no"),
    }


def test_the_markdown_of_a_comparison() -> None:
    """Others are shown beside Backfile; what nothing told is a dash; who is left out is told why."""
    machine = Machine(
        processor="Abacus", cores=1, memory_gb=2, system="Wood", python="3.11", libraries={}, load=0, date="2008-05-04"
    )
    measured = size(USUAL, {"Backfile": (10.0, 2.0), "tantivy": (4.0, 1.0)}, {"SQLite FTS5": "It is not there."})
    text = report.as_markdown(Report(machine=machine, sizes=[measured]))
    assert "| most common word, ms | 5–6 | 2.00 | 1.00 ×0.50 |" in text.splitlines()
    assert "| indexing, s |  | 10.0 | 4.00 ×0.40 |" in text.splitlines()
    assert "| memory of a serving worker, MB | – |  |  |" in text.splitlines()
    assert "- Left out at 110,000 documents: SQLite FTS5. It is not there." in text.splitlines()
    assert text.startswith("Measured on 2008-05-04: Abacus, 1 cores, 2 GB of memory, Wood, Python 3.11; Backfile 1, ")


def size(documents: int, figures: dict[str, tuple[float, float]], left_out: dict[str, str] | None = None) -> Size:
    """Two queries; per engine the seconds of indexing and the milliseconds of a query."""
    queries = (blog.MOST_COMMON, blog.EITHER_OF_THREE)
    indexing = {name: Indexing(seconds=s, peak_mb=200.0, size_mb=50.0) for name, (s, _) in figures.items()}
    searching = {
        name: Searching(
            opening_ms=100.0, hits=dict.fromkeys(queries, 4 + n), queries=dict.fromkeys(queries, _timing(ms))
        )
        for n, (name, (_, ms)) in enumerate(figures.items(), 1)
    }
    used = Site(
        indexing=Indexing(seconds=12.0, peak_mb=300.0, size_mb=60.0),
        stages={"read": 1.0},
        page=dict.fromkeys(queries, _timing(5.0)),
        http=dict.fromkeys(queries, _timing(15.0)),
        worker_mb=0.0,
    )
    return Size(
        documents=documents,
        posts=documents // 11,
        comments=documents - documents // 11,
        streamed=False,
        engines={name: Measured(version="1", indexing=indexing[name], searching=searching[name]) for name in figures},
        left_out=left_out or {},
        site=used,
    )


def _timing(ms: float) -> Timing:
    return Timing(best_ms=ms, median_ms=ms, p95_ms=ms, runs=3)
