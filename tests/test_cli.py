"""The command, run as a person runs it: a process of its own."""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from indexer import engine
from indexer.cli import main
from indexer.engine.generations import Generations
from indexer.engine.port import Searcher, SearchRequest
from indexer.engine.requests import query_text
from indexer.settings import Settings
from indexer.sources import formats
from tests.test_pipeline import SAMPLE, export, item, write
from webapp import create_app

ROOT = Path(__file__).resolve().parents[1]


def backfile(*arguments: object, cwd: Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run ``backfile`` in ``cwd``; never a traceback."""
    command = [sys.executable, "-m", "indexer.cli", *map(str, arguments)]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error", **options.pop("env", {})}
    done = subprocess.run(
        command, cwd=cwd, env=env, capture_output=True, text=True, timeout=120, check=False, **options
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working directory whose index_data holds the sample blog."""
    folder = tmp_path_factory.mktemp("home")
    done = backfile("index", SAMPLE, cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_index_ends_with_a_readable_report(tmp_path: Path) -> None:
    done = backfile("index", SAMPLE, cwd=tmp_path, env={"COLUMNS": "200"})
    assert done.returncode == 0
    assert done.stderr == ""
    assert "74      2       289         10       15" in done.stdout
    assert "Skipped: attachment 3, menu 2, password 2, trash 2, draft 1" in done.stdout
    assert "Indexed 375 posts, comments and pingbacks" in done.stdout


def test_index_json_is_one_object(tmp_path: Path) -> None:
    done = backfile("index", SAMPLE, "--json", "--index", "elsewhere", cwd=tmp_path)
    report = json.loads(done.stdout)
    assert {name: report[name] for name in ("posts", "pages", "comments", "pingbacks")} == {
        "posts": 74,
        "pages": 2,
        "comments": 289,
        "pingbacks": 10,
    }
    assert report["skipped"]["attachment"] == 3
    assert [source["source"] for source in report["sources"]] == [str(SAMPLE)]
    assert report["seconds"] > 0
    assert (tmp_path / "elsewhere" / "CURRENT").is_file()


def test_if_changed_leaves_an_index_of_the_same_archive_alone(tmp_path: Path) -> None:
    source = write(tmp_path / "a.xml", export(item(1)))
    assert backfile("index", "--if-changed", source, cwd=tmp_path).returncode == 0
    before = (tmp_path / "index_data" / "CURRENT").read_text()
    assert "up to date" in backfile("index", "--if-changed", source, cwd=tmp_path).stdout
    assert (tmp_path / "index_data" / "CURRENT").read_text() == before


def test_search_shows_hits_and_facets(home: Path) -> None:
    done = backfile("search", "coefficient", "--category", "The Ferry", cwd=home)
    assert done.returncode == 0
    assert "The ferry coefficient" in done.stdout
    assert "13 May 2012 · Hattie Corkum · The Ferry" in done.stdout
    assert "\nyear " in done.stdout


def test_search_json_has_the_agreed_shape(home: Path) -> None:
    done = backfile("search", "ferry", "AND", "coefficient", "--year", "2012", "--json", cwd=home)
    found = json.loads(done.stdout)
    assert list(found)[:6] == ["query", "total", "page", "page_size", "sort", "hits"]
    assert set(found["facets"]) == {"category", "tag", "author", "kind", "year", "month"}
    assert found["query"] == "ferry AND coefficient"
    hit = found["hits"][0]
    assert set(hit) >= {
        "id",
        "kind",
        "title",
        "permalink",
        "path",
        "author",
        "published",
        "categories",
        "tags",
        "score",
    }
    assert hit["path"] == f"/post/{hit['id']}"
    assert all(isinstance(text, str) and isinstance(match, bool) for text, match in hit["snippet"])


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["search", "x", "--from", "yesterday"], 2, "'yesterday' is no date"),
        (["search", "x", "--year", "2008-05"], 2, "--year: '2008-05' is no year. Write it as 2008"),
        (["search", "x", "--month", "2008"], 2, "--month: '2008' is no month. Write it as 2008-05"),
        (["search", "x", "--sort", "random"], 2, "Invalid value for '--sort'"),
        (["search", "x", "--index", "nowhere"], 1, "Build one: backfile index --index nowhere export.xml"),
        (["search", "x", "--index", "no where"], 1, "Build one: backfile index --index 'no where' export.xml"),
        (["update", "--format", "nosuch"], 2, "There is no format 'nosuch'. Formats: wordpress"),
        (["update", "nosuch.xml", "--partial"], 1, "There is no file or directory nosuch.xml"),
        (["export", "--output", "."], 1, "Cannot write .: it is a directory. Name a file in it with --output."),
        (
            ["export", "--output", "nowhere/x"],
            1,
            "Cannot write nowhere/x: no such file or directory. Name another file",
        ),
        (["export", "--output", "/dev/full"], 1, "Cannot write /dev/full: no space left on device."),
        (["export", "--output", "x" * 300], 1, "file name too long"),
        (["index", ""], 2, "The path is empty."),
        (["index", "--index", "", str(SAMPLE)], 2, "The path is empty."),
        (["stats", "--index", str(SAMPLE)], 1, "it is no directory. Give --index another."),
        (["stats", "--index", "nowhere"], 1, "No index in nowhere"),
        (["check", "--index", "nowhere"], 1, "No index in nowhere"),
        (["index"], 2, "Missing argument"),
        (["index", "nosuch.xml"], 1, "There is no file or directory nosuch.xml"),
        (["index", str(SAMPLE), "--format", "nosuch"], 2, "Formats: wordpress"),
        (["index", str(SAMPLE), "--language", "klingon"], 2, "no stemmer for language 'klingon'"),
        (["serve", "--port", "0"], 2, "port must be a number from 1 to 65535"),
        (["nosuch"], 2, "No such command"),
    ],
)
def test_errors_name_the_thing_and_the_next_step(home: Path, arguments: list[str], status: int, message: str) -> None:
    done = backfile(*arguments, cwd=home)
    assert done.returncode == status
    assert message in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "status", "error", "hint"),
    [
        (["index", "nosuch"], 1, "There is no file or directory nosuch.", "A path with spaces needs quotes."),
        (["update", "nosuch"], 1, "There is no file or directory nosuch.", "A path with spaces needs quotes."),
        *[
            ([*command, "--index", "x"], 1, "No index in x.", "Build one: backfile index --index x export.xml")
            for command in (["update"], ["search", "a"], ["stats"], ["check"])
        ],
        (["search", "--from", "x"], 2, "--from: 'x' is no date.", "Write 2008, 2008-05 or 2008-05-04."),
        (["formats", "--nosuch"], 2, "No such option '--nosuch'.", "See: python -m indexer.cli formats --help"),
        (["index"], 2, "Missing argument 'SOURCE...'.", "See: python -m indexer.cli index --help"),
    ],
)
def test_a_failure_with_json_is_one_object_too(
    home: Path, arguments: list[str], status: int, error: str, hint: str
) -> None:
    done = backfile(*arguments, "--json", cwd=home)
    assert (done.returncode, json.loads(done.stdout)) == (status, {"error": error, "hint": hint})
    assert error in done.stderr


def test_every_command_with_json_is_asked_for_a_failure() -> None:
    assert {name for name, command in main.commands.items() if any(o.name == "as_json" for o in command.params)} == {
        "index",
        "update",
        "search",
        "stats",
        "check",
        "formats",
    }


def test_json_that_is_no_option_asks_for_none(home: Path) -> None:
    done = backfile("search", "--index", "nowhere", "--", "--json", cwd=home)
    assert (done.returncode, done.stdout) == (1, "")


@pytest.mark.parametrize("command", ["search bread", "search --json bread", "export"])
def test_every_encoding_of_a_terminal_will_do(home: Path, command: str) -> None:
    """Tables show what it cannot write escaped; JSON is UTF-8 as ever."""
    usual, ascii = (
        subprocess.run(
            [sys.executable, "-m", "indexer.cli", *command.split()],
            cwd=home,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": encoding},
            capture_output=True,
            check=True,
        ).stdout
        for encoding in ("utf-8", "ascii")
    )
    if "json" in command or command == "export":
        assert re.sub(rb'"took_ms": .*', b"", ascii) == re.sub(rb'"took_ms": .*', b"", usual)
    else:
        assert ascii.isascii()


def test_names_that_are_no_text_are_shown(tmp_path: Path) -> None:
    folder = Path(os.fsdecode(bytes(tmp_path) + b"/mirror\xe9"))
    try:
        folder.mkdir()
    except OSError:  # as below
        return
    write(folder / "a.xml", export(item(1)))
    (source,) = json.loads(backfile("index", "--json", folder, cwd=tmp_path).stdout)["sources"]
    assert source["source"] == str(folder)
    assert "mirror\\udce9" in backfile("index", folder, folder / "none", cwd=tmp_path).stderr
    assert json.loads(backfile("export", cwd=tmp_path).stdout.splitlines()[0])["type"] == "backfile"
    assert backfile("export", "--output", "x", cwd=tmp_path).returncode == 0


def test_without_standard_output_nothing_fails(home: Path) -> None:
    for command in ("stats --json", "search bread", "export"):
        done = subprocess.run(
            ["sh", "-c", f"{sys.executable} -m indexer.cli {command} >&-"],
            cwd=home,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")


def test_an_output_that_takes_nothing_is_no_traceback(home: Path) -> None:
    for command in ("stats", "stats --json", "export", "search bread"):
        done = subprocess.run(
            ["sh", "-c", f"{sys.executable} -m indexer.cli {command} > /dev/full"],
            cwd=home,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode != 0
        assert done.stderr.startswith("backfile: The output: No space left on device.\n")
        assert "Traceback" not in done.stderr


def test_export_writes_through_links_and_into_pipes(home: Path, tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    exported = backfile("export", cwd=home).stdout
    assert backfile("export", "--output", tmp_path / "link", cwd=home).returncode == 0
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == exported
    assert backfile("export", "--output", "/dev/stdout", cwd=home).stdout == exported
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "real"]


def test_export_replaces_no_file_that_is_not_to_be_written(home: Path, tmp_path: Path) -> None:
    output = write(tmp_path / "x", "old")
    output.chmod(0o400)
    if os.geteuid() == 0:  # root may write everything but this
        output = Path("/proc/version")
    before = output.read_text()
    done = backfile("export", "--output", output, cwd=home)
    assert (done.returncode, output.read_text()) == (1, before)
    assert f"Cannot write {output}: " in done.stderr


def test_no_line_is_broken_where_nobody_looks(tmp_path: Path) -> None:
    """A long name of a source, a passage stays whole in a pipe."""
    name = f"{'endless-' * 30}name.xml"
    words = f"treasure {'word ' * 30}"
    source = write(tmp_path / name, export(item(1, body=words)))
    write(tmp_path / "other.xml", export(item(2)))
    done = backfile("index", source, "other.xml", cwd=tmp_path, env={"COLUMNS": "80"})
    assert f"{name}  " in done.stdout
    assert f"{name}  " in backfile("stats", cwd=tmp_path).stdout
    assert f"   {words.strip()}\n" in backfile("search", "treasure", cwd=tmp_path).stdout


def test_what_was_cut_keeps_the_reason_and_not_the_advice(tmp_path: Path) -> None:
    whole = export(item(1), item(2))
    source = write(tmp_path / "a.xml", whole[: whole.rindex("</item>")])
    done = backfile("index", source, cwd=tmp_path)
    assert "Export it again, or keep what was read with --partial." in done.stderr
    printed = json.loads(backfile("index", source, "--partial", "--json", cwd=tmp_path).stdout)
    assert printed["sources"][0]["incomplete"].startswith("a.xml cannot be read beyond byte ")
    source.unlink()
    done = backfile("update", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr == (
        f"backfile: There is no file or directory {source}. The index was built from it. Bring it back, keep what the index has "
        "of it with --partial, or rebuild the index without it: backfile index SOURCE...\n"
    )
    assert backfile("update", "--partial", cwd=tmp_path).returncode == 0
    stats = backfile("stats", cwd=tmp_path).stdout
    assert f"Not read to its end: There is no file or directory {source}.\n" in stats
    assert "--partial" not in stats
    assert "quotes" not in stats


@pytest.mark.parametrize(
    "query", ["a " * 5000, "(" * 1000, "NOT NOT x", "*a*", '"', "date:[x TO", "\x01\x7f", "-", "x" * 10_000]
)
def test_any_query_is_answered(home: Path, query: str) -> None:
    done = backfile("search", "--json", "--", query, cwd=home)
    assert done.returncode == 0
    assert json.loads(done.stdout)["query"] == query_text(query)


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"q": " bread "},
        {"q": "coefficient OR bread", "sort": "oldest", "page": "2"},
        {"q": "the", "category": ["The Ferry", "Bread"], "year": ["2012", "2015"]},
        {"kind": "comment", "author": "Bernard Quill", "month": "2012-06"},
        {"q": "bread", "from": "2012-05", "to": "2013"},
        {"q": "bread", "group": "none"},
        {"q": "word " * 900},
        {"q": "brede"},
    ],
)
def test_search_json_is_what_the_api_prints(home: Path, parameters: dict[str, str | list[str]]) -> None:
    settings = Settings(index_dir=home / "index_data")
    arguments = [str(parameters.get("q", ""))]
    for name, given in parameters.items():
        for value in [given] if isinstance(given, str) else given:
            arguments += [f"--{name}", value] if name != "q" else []
    printed = json.loads(backfile("search", "--json", *arguments, cwd=home).stdout)
    with closing(engine.open_live(settings)) as searcher:
        answered = create_app(settings, searcher).test_client().get("/api/v1/search", query_string=parameters).json
    assert answered is not None
    assert {**printed, "took_ms": 0} == {**answered, "took_ms": 0}


def test_a_reader_of_the_pipe_that_goes_away_is_no_failure(home: Path) -> None:
    command = f"{sys.executable} -m indexer.cli search bread; echo $? >&2"
    for silent in (f"({command}) | true", f"({command.replace('bread', 'bread --json')}) | true"):
        done = subprocess.run(
            ["sh", "-c", silent],
            cwd=home,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stderr == "0\n"


def test_a_file_name_that_is_not_utf8_is_no_obstacle(tmp_path: Path) -> None:
    folder = tmp_path / "mirror"
    folder.mkdir()
    write(folder / "good.xml", export(item(1)))
    try:
        Path(os.fsdecode(bytes(folder) + b"/list\xe9.bin")).write_bytes(b"\x89PNG")
    except OSError:  # a file system that takes UTF-8 names only has no such problem
        return
    done = backfile("index", "mirror", cwd=tmp_path)
    assert done.returncode == 0
    assert "unrecognised 1" in done.stdout


def test_stats_check_and_formats(home: Path) -> None:
    stats = json.loads(backfile("stats", "--json", cwd=home).stdout)
    assert (stats["posts"], stats["comments"], stats["blog"]["name"]) == (74, 289, "Fog Signal")
    assert "Fog Signal" in backfile("stats", cwd=home).stdout
    assert json.loads(backfile("check", "--json", cwd=home).stdout)["ok"] is True
    assert "is sound" in backfile("check", cwd=home).stdout
    assert "wordpress    WordPress export" in backfile("formats", cwd=home).stdout
    listed = json.loads(backfile("formats", "--json", cwd=home).stdout)["formats"]
    assert [row["name"] for row in listed] == [row.name for row in formats()]


def test_a_search_does_not_wait_for_the_readers_of_archives() -> None:
    """They, their parsers and the cleaning are imported by the commands that read: half a second."""
    code = "import sys, indexer.cli; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert "indexer.engine" in loaded
    assert {"indexer.pipeline", "indexer.sources", "indexer.clean", "bs4", "lxml", "yaml"} & {*loaded} == set()


def test_check_finds_an_altered_file(tmp_path: Path) -> None:
    backfile("index", write(tmp_path / "a.xml", export(item(1))), cwd=tmp_path)
    segment = next(Generations(tmp_path / "index_data").current().path.glob("*.postings"))
    content = bytearray(segment.read_bytes())
    content[len(content) // 2] ^= 1
    segment.write_bytes(content)
    done = backfile("check", cwd=tmp_path)
    assert done.returncode == 1
    assert f"{segment.name} was altered. Rebuild the index: backfile index" in done.stderr
    assert json.loads(backfile("check", "--json", cwd=tmp_path).stdout)["ok"] is False


def test_a_port_in_use_says_so(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = backfile("serve", "--port", taken.getsockname()[1], cwd=home)
    assert done.returncode == 1
    assert "Address already in use. Choose another port: backfile serve --port" in done.stderr


def test_a_full_disk_leaves_the_index_that_was_there(tmp_path: Path) -> None:
    """A limit on file size stands for the full disk: writing fails in the same places."""
    backfile("index", write(tmp_path / "small.xml", export(item(1, body="treasure"))), cwd=tmp_path)

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    done = backfile("index", SAMPLE, cwd=tmp_path, preexec_fn=limit)
    assert done.returncode == 1
    assert "Cannot write the index in index_data" in done.stderr
    assert "treasure" in backfile("search", "treasure", cwd=tmp_path).stdout
    assert len(list((tmp_path / "index_data" / "generations").iterdir())) == 1


def test_an_unreadable_file_fails_the_run_and_partial_goes_on(tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    archive.mkdir()
    write(archive / "a.xml", export(item(1)))
    if os.geteuid() == 0:  # root may read everything but this
        (archive / "b.xml").symlink_to("/proc/self/mem")
    else:
        write(archive / "b.xml", export(item(2))).chmod(0)
    done = backfile("index", "archive", cwd=tmp_path)
    assert done.returncode == 1
    assert "Cannot read archive/b.xml" in done.stderr
    assert not (tmp_path / "index_data" / "CURRENT").exists()
    done = backfile("index", "archive", "--partial", cwd=tmp_path)
    assert done.returncode == 0
    assert "Not read to its end" in done.stdout


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Searcher]:
    """A live searcher on an index of one post, as the web process holds it."""
    from indexer import pipeline

    settings = Settings(index_dir=tmp_path / "index_data")
    pipeline.build([write(tmp_path / "first.xml", export(item(1, body="treasure")))], settings)
    searcher = engine.open_live(settings)
    yield searcher
    searcher.close()


# What a run leaves on the disk one after the other: a folder, postings, Whoosh's table of contents, the manifest.
@pytest.mark.parametrize("sign", ["*", "*/*.docs", "*/_MAIN_1.toc", "*/manifest.json"])
def test_killing_a_run_at_any_moment_leaves_the_index_serving(tmp_path: Path, served: Searcher, sign: str) -> None:
    generations = tmp_path / "index_data" / "generations"
    before = set(generations.glob(sign))
    command = [sys.executable, "-m", "indexer.cli", "index", str(SAMPLE)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=tmp_path, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
        deadline = time.monotonic() + 60
        while set(generations.glob(sign)) <= before and time.monotonic() < deadline:
            time.sleep(0.001)
        run.kill()
    assert set(generations.glob(sign)) - before, "the run was not killed at work"
    listed = served.search(SearchRequest(text="treasure OR coefficient")).listed
    assert listed == 1 or (listed == 7 and sign == "*/manifest.json")
    assert backfile("check", cwd=tmp_path).returncode == 0
    assert backfile("index", SAMPLE, cwd=tmp_path).returncode == 0
    assert served.search(SearchRequest(text="coefficient")).listed == 7
    assert len(list(generations.iterdir())) <= 2


def test_a_second_run_at_the_same_time_is_refused(tmp_path: Path) -> None:
    with Generations(tmp_path / "index_data").building():
        done = backfile("index", SAMPLE, cwd=tmp_path)
    assert done.returncode == 1
    assert "Another backfile is writing to index_data. Wait for it to end" in done.stderr
