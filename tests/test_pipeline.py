"""Archives in, a new generation out."""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from indexer import engine, exchange, pipeline, sources
from indexer.engine.generations import IMPORT_REPORT, Generations
from indexer.engine.port import Document, SearchRequest
from indexer.errors import BackfileError, IncompleteSourceError, SettingError, SourceError, UsageError
from indexer.settings import Settings
from tests import lines

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "examples" / "sample-blog.xml"
# What must stay out of an index of the sample blog, by the words that examples/README.md names.
SECRETS = (
    "zdraftword zpendingword zprivateword zpasswordword zpasswordcomment zfutureword ztrashword zattachone znavone zspamword "
    "zunapprovedword ztrashcomment"
).split()


def export(*items: str, tail: str = "</channel></rss>") -> str:
    head = (
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>Tiny</title><wp:wxr_version>1.2</wp:wxr_version>'
    )
    return head + "".join(items) + tail


def item(number: int, link: str = "", body: str = "Words here", comments: str = "") -> str:
    return (
        f"<item><title>Post {number}</title><link>{link}</link><content:encoded><![CDATA[{body}]]></content:encoded>"
        f"<wp:post_id>{number}</wp:post_id><wp:post_date>2008-05-04 11:40:00</wp:post_date><wp:status>publish</wp:status>"
        f"<wp:post_type>post</wp:post_type>{comments}</item>"
    )


def comment(number: int, parent: int = 0) -> str:
    return (
        f"<wp:comment><wp:comment_id>{number}</wp:comment_id><wp:comment_author>Ann</wp:comment_author>"
        f"<wp:comment_content>Said {number}</wp:comment_content><wp:comment_approved>1</wp:comment_approved>"
        f"<wp:comment_parent>{parent}</wp:comment_parent></wp:comment>"
    )


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(index_dir=tmp_path / "index_data")


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def documents(settings: Settings) -> list[Document]:
    with closing(engine.open_searcher(settings)) as searcher:
        hits = searcher.search(SearchRequest(group="none", page_size=100, sort="oldest")).hits
        found = [searcher.document(hit.id) for hit in hits]
    return [document for document in found if document]


def everything(settings: Settings) -> str:
    """Every field of every document and pingback that the index stores, as text."""
    with closing(engine.open_searcher(settings)) as searcher:
        threads = [hit.id for page in (1, 2) for hit in searcher.search(SearchRequest(page=page, page_size=100)).hits]
        return repr([searcher.thread(id) for id in threads])


def test_the_sample_blog_is_indexed_whole_and_nothing_leaks(settings: Settings) -> None:
    report = pipeline.build([SAMPLE], settings)
    assert report.counts == {"posts": 74, "pages": 2, "comments": 289, "pingbacks": 10}
    assert report.skipped == Counter(
        attachment=3, menu=2, password=2, trash=2, draft=1, future=1, pending=1, private=1, spam=1, unapproved=1
    )
    files = b"".join(f.read_bytes() for f in Generations(settings.index_dir).current().path.iterdir())
    stored = files.decode("latin-1") + everything(settings)  # Whoosh compresses what it stores: read that back too
    assert "in five days; he came in eight" in stored
    assert [
        word for word in (*SECRETS, "mail.example", "192.0.2.", "198.51.100.", "203.0.113.") if word in stored
    ] == []
    with closing(engine.open_searcher(settings)) as searcher:
        assert searcher.search(SearchRequest(text=" OR ".join(SECRETS))).listed == 0
        assert searcher.about().blog_name == "Fog Signal"


@pytest.mark.parametrize("as_directory", [True, False])
def test_an_export_in_two_files_is_the_same_as_in_one(as_directory: bool, tmp_path: Path, settings: Settings) -> None:
    """WordPress cuts large exports between items, and writes the head with the authors into each file."""

    def built(*sources: Path) -> list[Document]:
        pipeline.build(sources, settings)
        with closing(engine.open_searcher(settings)) as searcher:
            return [replace(d, locator=d.locator.partition("#")[2], archive="") for d in searcher.documents()]

    head, *items = SAMPLE.read_text(encoding="utf-8").partition("</channel>")[0].split("<item>")
    (tmp_path / "blog").mkdir()
    files = [
        write(
            tmp_path / "blog" / f"blog.wordpress.2020-01-06.00{n}.xml",
            "<item>".join([head, *part]) + "</channel></rss>",
        )
        for n, part in enumerate((items[:40], items[40:]))
    ]
    whole = built(SAMPLE)
    assert len(whole) == 375
    assert any(d.parent and d.locator.startswith("comment=") for d in whole)
    assert built(*([tmp_path / "blog"] if as_directory else files)) == whole


def test_links_of_comments_are_resolved_against_their_post(tmp_path: Path, settings: Settings) -> None:
    said = comment(7).replace("Said 7", '<![CDATA[<a href="../2/">that</a>]]>')
    pipeline.build([write(tmp_path / "a.xml", export(item(1, "http://b.example/1/", comments=said)))], settings)
    assert [d.html for d in documents(settings) if d.kind == "comment"] == [
        '<p><a href="http://b.example/2/" rel="nofollow noopener noreferrer">that</a></p>\n'
    ]


def test_replies_point_to_the_comment_they_answer(tmp_path: Path, settings: Settings) -> None:
    source = write(
        tmp_path / "a.xml", export(item(1, "http://b.example/1/", comments=comment(7) + comment(8, parent=7)))
    )
    pipeline.build([source], settings)
    post, first, second = sorted(documents(settings), key=lambda d: d.permalink)
    assert (first.thread, second.thread, first.parent, second.parent) == (post.id, post.id, "", first.id)
    assert second.permalink == "http://b.example/1/#comment-8"


def test_ids_are_the_same_in_every_run_and_follow_the_permalink(tmp_path: Path, settings: Settings) -> None:
    one = write(tmp_path / "a.xml", export(item(1, "http://www.b.example/1/"), item(2)))
    pipeline.build([one], settings)
    first = [d.id for d in documents(settings)]
    other = write(tmp_path / "b.xml", export(item(2), item(99, "https://b.example/1")))
    pipeline.build([other], settings)
    assert set(first) & {d.id for d in documents(settings) if d.title == "Post 99"}
    pipeline.build([one], settings)
    assert [d.id for d in documents(settings)] == first


def test_a_second_copy_is_folded_and_its_new_comments_are_kept(tmp_path: Path, settings: Settings) -> None:
    link = "http://b.example/1/"
    a = write(tmp_path / "a.xml", export(item(1, link, comments=comment(7))))
    b = write(tmp_path / "b.xml", export(item(1, link, comments=comment(7) + comment(8))))
    report = pipeline.build([a, b], settings)
    assert report.counts == {"posts": 1, "pages": 0, "comments": 2, "pingbacks": 0}
    assert report.skipped == Counter(duplicate=2)


def test_an_export_of_the_same_blog_with_other_numbers_is_the_same_blog(tmp_path: Path, settings: Settings) -> None:
    a = write(tmp_path / "a.xml", export(item(1, "http://b.example/1/")))
    b = write(tmp_path / "b.xml", export(item(1001, "http://b.example/1/")))
    report = pipeline.build([a, b], settings)
    assert (report.total("posts"), report.skipped) == (1, Counter(duplicate=1))


def test_posts_of_one_export_that_share_an_address_are_both_kept(tmp_path: Path, settings: Settings) -> None:
    source = write(tmp_path / "a.xml", export(item(1, "http://b.example/x/"), item(2, "http://b.example/x/")))
    assert pipeline.build([source], settings).total("posts") == 2


def test_a_directory_mixes_formats_and_accounts_for_every_file(tmp_path: Path, settings: Settings) -> None:
    folder = tmp_path / "mixed"
    (folder / "deep").mkdir(parents=True)
    write(folder / "export.data", export(item(1)))
    (folder / "picture.xml").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(50))
    write(folder / "deep" / "empty.txt", "")
    write(folder / "deep" / "feed.html", '<?xml version="1.0"?><rss><channel></channel></rss>')
    report = pipeline.build([folder], settings)
    assert report.total("posts") == 1
    assert report.skipped == Counter(unrecognised=1, empty=2)
    lines = [json.loads(line) for line in _import_report(settings).splitlines()]
    assert {(line["locator"], line["reason"]) for line in lines} == {
        ("picture.xml", "unrecognised"),
        ("deep/empty.txt", "empty"),
        ("deep/feed.html", "empty"),
    }


def _import_report(settings: Settings) -> str:
    return (Generations(settings.index_dir).current().path / IMPORT_REPORT).read_text()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "There is no file or directory"),
        ("", "is empty"),
        ("\x89PNG", "Backfile reads: WordPress export"),
        ("just a note", "is in no format that Backfile knows"),
        (export(), "There is no published post to index"),
        (export(item(1), tail=""), "--partial"),
    ],
)
def test_bad_input_fails_with_a_reason_and_the_old_index_stays(
    tmp_path: Path, settings: Settings, content: str | None, message: str
) -> None:
    pipeline.build([write(tmp_path / "good.xml", export(item(1, body="treasure")))], settings)
    bad = tmp_path / "bad.xml"
    if content is not None:
        bad.write_bytes(content.encode("latin-1"))
    with pytest.raises(SourceError, match=message):
        pipeline.build([bad], settings)
    assert [d.text for d in documents(settings)] == ["treasure"]


def test_a_directory_with_nothing_readable_is_refused(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "a.jpg").write_bytes(b"\xff\xd8\xff")
    with pytest.raises(SourceError, match=r"Nothing in .*pictures is an archive"):
        pipeline.build([tmp_path / "pictures"], settings)
    (tmp_path / "void").mkdir()
    with pytest.raises(SourceError, match="Nothing in"):
        pipeline.build([tmp_path / "void"], settings)


def test_partial_keeps_what_was_read_of_a_truncated_export_and_says_so(tmp_path: Path, settings: Settings) -> None:
    source = write(tmp_path / "cut.xml", export(item(1, body="kept"), item(2), tail="")[:-40])
    with pytest.raises(IncompleteSourceError, match=r"cut\.xml"):
        pipeline.build([source], settings)
    report = pipeline.build([source], settings, partial=True)
    assert report.total("posts") == 1
    assert "cut.xml" in report.sources[0].incomplete
    assert [d.text for d in documents(settings)] == ["kept"]


def test_memory_of_no_process_grows_with_the_archive(tmp_path: Path) -> None:
    """48 MB more of posts may cost 16 MB; their length is in what cleaning drops, so that the index costs little.

    The peak of the main process is read where its past as a copy of this one does not count.
    """
    peaks = []
    for size in (200, 1000):
        body = "words " * 20 + "<!--" + "x" * 60_000 + "-->"
        source = write(tmp_path / f"{size}.xml", export(*(item(n, body=body) for n in range(size))))
        run = (
            "import re, resource; from pathlib import Path\n"
            "from indexer import pipeline; from indexer.settings import Settings\n"
            f"settings = Settings(index_dir=Path({str(tmp_path / str(size))!r}), jobs=2)\n"
            f"pipeline.build([Path({str(source)!r})], settings)\n"
            "print(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1])\n"
            "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
        )
        done = subprocess.run([sys.executable, "-c", run], cwd=ROOT, capture_output=True, text=True, check=True)
        peaks.append([int(line) for line in done.stdout.split()])
    (main, worker), (main_of_more, worker_of_more) = peaks
    assert main_of_more - main < 16_000
    assert worker
    assert worker_of_more - worker < 16_000


def test_an_unknown_format_is_a_usage_error(settings: Settings) -> None:
    with pytest.raises(UsageError, match=r"Formats: wordpress, .*savedpage.*, pagetext"):
        pipeline.build([SAMPLE], settings, format_name="nosuch")


def test_unchanged_archives_are_recognised(tmp_path: Path, settings: Settings) -> None:
    source = write(tmp_path / "a.xml", export(item(1)))
    assert pipeline.unchanged([source], settings) is None
    pipeline.build([source], settings)
    assert pipeline.unchanged([source], settings) is not None
    write(source, export(item(1), item(2)))
    assert pipeline.unchanged([source], settings) is None
    with pytest.raises(BackfileError):
        pipeline.unchanged([tmp_path / "gone"], settings)


@pytest.mark.parametrize(
    ("archive", "counts", "skipped"),
    [
        (
            "wxr/alienlebarge__alienlebarge.github.com--wordpress.xml",
            (571, 0, 371, 30),
            {"draft": 15, "pending": 2, "unapproved": 4},
        ),
        ("wxr/cc-archive__labs--docs__wordpress.xml", (219, 5, 119, 62), {}),
        ("wxr/brobertsaz__blog--wordpress.xml", (208, 2, 130, 14), None),
        ("wxr/bitcoinfrance__bitcoinfrance.github.io--wordpress.xml", (78, 10, 193, 42), None),
        (
            "wxr/WordPress__theme-test-data--themeunittestdata.wordpress.xml",
            (55, 21, 25, 4),
            {"draft": 1, "future": 1, "password": 2, "unapproved": 3, "attachment": 37, "menu": 70},
        ),
        ("seed", (1, 0, 1, 0), {}),
    ],
)
def test_real_archives_come_out_to_the_item(
    archives: Path, settings: Settings, archive: str, counts: tuple[int, ...], skipped: dict[str, int] | None
) -> None:
    report = pipeline.build([archives / archive], settings)
    assert tuple(report.counts.values()) == counts
    if skipped is not None:
        assert report.skipped == Counter(skipped)


def test_the_seed_document_comes_out_whole(archives: Path, settings: Settings) -> None:
    pipeline.build([archives / "seed"], settings)
    post, said = sorted(documents(settings), key=lambda d: d.kind, reverse=True)
    assert post.title == "Last Efforts To Stop A Military Confrontation Between US And Iran"
    assert str(post.published) == "2008-05-04 11:40:00"
    assert post.categories == ("All General Discussions", "Iran", "Iraq", "Sadr/Mahdi Army")
    assert post.author == ""
    assert "Published by" not in post.text
    assert "One Response" not in post.text
    assert post.text.startswith("As the Iraqis and US have been purging")
    assert post.text.endswith("the one that is up close and personal.")
    assert (said.author, said.thread) == ("danking_70", post.id)
    assert said.text.startswith("Hard to believe")
    assert said.text.endswith("killing our soldiers?")


# --- worker processes -------------------------------------------------------------------------------------------------

# More than is indexed without processes.
PADDING = "\n" * 10_000_000


@pytest.fixture
def lines_format(monkeypatch: pytest.MonkeyPatch) -> None:
    table = (*sources.formats(), *lines.FORMATS)
    monkeypatch.setattr(sources, "formats", lambda: table)


def a_post(url: str, number: str = "") -> lines.Line:
    return "post", {"native_id": number, "url": url, "title": "T", "html": f"<p>All of {url}</p>"}


def a_comment(post: str, html: str, number: str = "", **more: str) -> lines.Line:
    return "comment", {"native_id": number, "post": post, "html": html, "author": "Ann", **more}


def seconds_of_children() -> float:
    """Processor time of the processes that this one started and that are gone."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime


ONE, TWO = "http://b.example/1/", "http://b.example/2/"


@pytest.mark.usefixtures("lines_format")
@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_any_number_of_processes_decides_alike_on_every_trap(tmp_path: Path, jobs: int) -> None:
    first = lines.write(
        tmp_path / "first.lines",
        [
            a_comment(TWO, "early", "5"),  # before its post, which the next source has
            a_comment(TWO, "early, without number"),
            a_comment("http://b.example/nowhere/", "orphan"),
            a_post(ONE),
            a_comment(ONE, "<b>said</b> this", published="2008-05-04T13:05:10+00:00"),
            a_comment(ONE, "said <i>this</i>", published="2008-05-04T13:05:50+00:00"),  # the same minute and text
            a_comment(ONE, "said this", published="2008-05-04T13:06:00+00:00"),
            a_comment(ONE, "said this", published="2008-05-04T13:05:00+00:00", author="Bea"),
            a_comment(ONE, "numbered", "7", published="2008-05-04T14:00:00+00:00"),
            a_comment(ONE, "an answer", "8", parent="7", published="2008-05-04T15:00:00+00:00"),
            a_comment(ONE, "numbered, again", "7"),
            a_comment(ONE, "[...] seen elsewhere [...]", "9", kind="pingback"),
        ],
    )
    second = lines.write(
        tmp_path / "second.lines",
        [
            a_post("https://b.example/1"),
            a_comment(ONE, "said this", published="2008-05-04T13:05:00+00:00"),
            a_post(TWO),
            a_comment(TWO, "early, without number"),
        ],
    )
    second.write_text(second.read_text() + PADDING)
    settings = Settings(index_dir=tmp_path / "index_data", jobs=jobs)
    before = seconds_of_children()
    report = pipeline.build([first, second], settings, format_name="lines")
    assert (seconds_of_children() > before) == (jobs > 1)
    assert [source.payload()["skipped"] for source in report.sources] == [
        {"duplicate": 2, "orphan": 1},
        {"duplicate": 3},
    ]
    assert report.counts == {"posts": 2, "pages": 0, "comments": 7, "pingbacks": 1}
    assert [(line["locator"], line["detail"]) for line in map(json.loads, _import_report(settings).splitlines())] == [
        ("first.lines#3", "its post 'http://b.example/nowhere/' is not in the archive"),
        ("first.lines#6", "the same as first.lines#5"),
        ("first.lines#11", "the same as first.lines#9"),
        ("second.lines#1", "the same as first.lines#4"),
        ("second.lines#2", "the same as first.lines#5"),
        ("second.lines#4", "the same as first.lines#2"),
    ]
    with closing(engine.open_searcher(settings)) as searcher:
        found = [searcher.thread(d.id) for d in documents(settings) if d.kind == "post"]
    threads = {
        thread.post.permalink: [(d.locator, d.text, d.kind) for d in (thread.post, *thread.comments, *thread.pingbacks)]
        for thread in found
        if thread
    }
    assert threads == {
        ONE: [
            ("first.lines#4", f"All of {ONE}", "post"),
            ("first.lines#8", "said this", "comment"),
            ("first.lines#5", "said this", "comment"),
            ("first.lines#7", "said this", "comment"),
            ("first.lines#9", "numbered", "comment"),
            ("first.lines#10", "an answer", "comment"),
            ("first.lines#12", "[...] seen elsewhere [...]", "pingback"),
        ],
        TWO: [
            ("second.lines#3", f"All of {TWO}", "post"),
            ("first.lines#2", "early, without number", "comment"),
            ("first.lines#1", "early", "comment"),
        ],
    }


def result(settings: Settings, *archives: Path) -> tuple[dict[str, Any], str, list[Document]]:
    """All that a run leaves but its times: the report, the import report, the documents."""
    report = pipeline.build(archives, settings, partial=True)
    for source in report.sources:
        source.seconds = 0
    report = replace(report, seconds=0, stages=dict.fromkeys(report.stages, 0), generation="")
    found = []
    with closing(engine.open_searcher(settings)) as searcher:
        for page in range(1, 200):
            hits = searcher.search(SearchRequest(page=page, page_size=100, sort="oldest")).hits
            for thread in map(searcher.thread, [hit.id for hit in hits]):
                assert thread
                found += [thread.post, *thread.comments, *thread.pingbacks]
            if not hits:
                break
    return report.payload(), _import_report(settings), found


def test_real_archives_come_out_the_same_from_any_number_of_processes(archives: Path, tmp_path: Path) -> None:
    """All exports, the damaged ones too: more than is indexed without processes."""
    paths = archives / "wxr", archives / "seed"
    alone = result(Settings(index_dir=tmp_path / "alone", jobs=1), *paths)
    assert len(alone[2]) > 1500
    before = seconds_of_children()
    assert result(Settings(index_dir=tmp_path / "shared", jobs=2), *paths) == alone
    assert seconds_of_children() > before


def workers_of(main: int) -> list[int]:
    """The worker processes of a process."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == main and b"spawn_main" in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return sorted(found)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export that keeps workers busy for some seconds."""
    body = "<p>All <b>the</b> <i>words</i> of it.</p>" * 200
    return write(tmp_path_factory.mktemp("large") / "large.xml", export(*(item(n, body=body) for n in range(5000))))


@pytest.mark.parametrize(
    ("sent", "to", "status", "said"),
    [
        (signal.SIGINT, "all", 130, "backfile: Stopped.\n"),
        (signal.SIGTERM, "main", -signal.SIGTERM, ""),
        (signal.SIGKILL, "main", -signal.SIGKILL, ""),
        (
            signal.SIGKILL,
            "worker",
            1,
            "backfile: A worker process was killed, most likely because memory ran out. Nothing was changed in the index. "
            "Use fewer processes: BACKFILE_JOBS=1 backfile index SOURCE...\n",
        ),
    ],
)
@pytest.mark.parametrize("delay", [0.05, 1.5], ids=["starting", "at work"])
def test_a_run_that_is_stopped_leaves_no_process_no_traceback_and_the_old_index(
    tmp_path: Path, settings: Settings, large: Path, sent: int, to: str, status: int, said: str, delay: float
) -> None:
    pipeline.build([write(tmp_path / "good.xml", export(item(1, body="treasure")))], settings)
    command = [sys.executable, "-m", "indexer.cli", "index", str(large)]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "BACKFILE_JOBS": "2"}
    with subprocess.Popen(
        command, cwd=tmp_path, env=env, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as main:
        deadline = time.monotonic() + 60
        while len(workers_of(main.pid)) < 2 and main.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(delay)
        workers = workers_of(main.pid)
        assert len(workers) == 2, "the run was not stopped at work"
        os.killpg(main.pid, sent) if to == "all" else os.kill(main.pid if to == "main" else workers[1], sent)
        _, errors = main.communicate(timeout=60)  # ends when the last process that may write there is gone
    assert (main.returncode, errors) == (status, said)
    assert [d.text for d in documents(settings)] == ["treasure"]


# --- redactions -------------------------------------------------------------------------------------------------------


def test_a_takedown_survives_every_rebuild_and_is_counted(tmp_path: Path, settings: Settings) -> None:
    link = "http://b.example/1/"
    source = write(
        tmp_path / "a.xml",
        export(
            item(1, link, comments=comment(7) + comment(8)),
            item(2, "http://b.example/2/", body="Jane Doe and <i>Jane</i> Doe", comments=comment(9)),
        ),
    )
    file = write(
        tmp_path / "redactions.toml",
        '[[document]]\nurl = "http://b.example/1/#comment-7"\n[[document]]\nurl = "http://b.example/none/"\n'
        '[[phrase]]\ntext = "jane doe"\n[[author]]\nname = "Nobody"\n',
    )
    pipeline.build([source], settings)
    settings = replace(settings, redactions=file)
    for _ in range(2):
        report = pipeline.build([source], settings)
        assert report.redactions == {"document 1": 1, "document 2": 0, "author 1": 0, "phrase 1": 1}
        assert (report.counts["comments"], report.skipped) == (2, Counter(redacted=1))
        # Nor is it in the generation before, which is not kept.
        files = b"".join(f.read_bytes() for f in settings.index_dir.rglob("*") if f.is_file())
        assert b"Jane" not in files
        assert len(list((settings.index_dir / "generations").iterdir())) == 1
        assert "Said 7" not in everything(settings)
        assert "[redacted] and" in everything(settings)
    with pytest.raises(SettingError, match="There is no"):
        pipeline.build([source], replace(settings, redactions=tmp_path / "none.toml"))


def test_a_phrase_in_a_title_changes_no_id(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    table = (*sources.formats(), *lines.FORMATS)
    monkeypatch.setattr(sources, "formats", lambda: table)
    titles = {"native_id": "", "url": "", "html": "Words"}
    posts = [{"title": "On Jane Doe"}, {"title": "On Jane Doe", "html": "More words"}, {"title": "On John Doe"}]
    source = lines.write(tmp_path / "a.lines", [("post", {**titles, **post}) for post in posts])
    pipeline.build([source], settings)
    before = documents(settings)
    assert sorted(d.title for d in before) == ["On Jane Doe", "On Jane Doe", "On John Doe"]
    phrase = '[[phrase]]\ntext = "Jane Doe"\n[[phrase]]\ntext = "John Doe"\n[[phrase]]\ntext = "More"\n'
    settings = replace(settings, redactions=write(tmp_path / "r.toml", phrase))
    pipeline.build([source], settings)
    after = documents(settings)
    assert {d.id for d in after} == {d.id for d in before}
    assert {d.title for d in after} == {"On [redacted]"}
    write(tmp_path / "r.toml", phrase + f'[[document]]\nid = "{before[0].id}"\n')
    report = pipeline.build([source], settings)
    assert report.redactions["document 1"] == 1
    assert {d.id for d in documents(settings)} == {d.id for d in before[1:]}


def test_a_phrase_is_nowhere_in_what_a_run_writes(tmp_path: Path, settings: Settings) -> None:
    folder = tmp_path / "blog"
    folder.mkdir()
    on = "http://b.example/on-jane-doe/"
    body = 'All the words of <a href="/jane-doe/">hers</a>'
    write(
        folder / "jane-doe.xml",
        export(item(1, on, body, comment(7)), item(2, "http://b.example/2/", comments=comment(8))),
    )
    write(
        folder / "twice jane_doe.xml",
        export(item(1, on + "?utm_source=x", comments=comment(7)).replace("b.example", "www.b.example")),
    )
    write(folder / "Jane%20Doe.xml", export(item(3, "http://b.example/3/").replace("publish", "draft")))
    disqus = (
        '<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals"><thread dsq:id="1"><id/>'
        "<link>http://b.example/2009/gone-jane-doe/</link><title>x</title></thread>"
        '<post dsq:id="5"><id/><message>Hi</message><createdAt>2009-05-04T12:00:00Z</createdAt><isDeleted>false</isDeleted>'
        '<isSpam>false</isSpam><author><name>Ann</name></author><thread dsq:id="1"/></post></disqus>'
    )
    write(folder / "zz.xml", disqus)
    pipeline.build([folder], settings)
    before = documents(settings)
    settings = replace(settings, redactions=write(tmp_path / "r.toml", '[[phrase]]\ntext = "Jane Doe"\n'))
    report = pipeline.build([folder], settings)
    assert report.skipped == Counter(draft=1, duplicate=2, orphan=1)
    folders = settings.index_dir.rglob("*")
    assert not re.search(rb"jane.{0,3}doe", b"".join(f.read_bytes() for f in folders if f.is_file()), re.I)
    after = documents(settings)
    assert [d.id for d in after] == [d.id for d in before]
    assert {d.permalink for d in after} == {"", "http://b.example/2/", "http://b.example/2/#comment-8"}
    assert {d.locator for d in after} == {
        f"[redacted].xml#{place}" for place in ("post=1", "post=2", "comment=7", "comment=8")
    }


def test_an_export_without_permalinks_joins_what_it_was_made_of(tmp_path: Path, settings: Settings) -> None:
    posts = [
        item(n, f"http://b.example/on-jane-doe-{n}/", comments=comment(n)).replace("Post", "Jane Doe") for n in (1, 2)
    ]
    source = write(tmp_path / "a.xml", export(*posts))
    settings = replace(settings, redactions=write(tmp_path / "r.toml", '[[phrase]]\ntext = "Jane Doe"\n'))
    pipeline.build([source], settings)
    with closing(engine.open_searcher(settings)) as searcher:
        exported = "\n".join(exchange.lines(searcher.about(), searcher.documents()))
    assert "permalink" not in exported
    once = documents(settings)
    pipeline.build([source, write(tmp_path / "b.jsonl", exported)], settings)
    assert sorted(d.id for d in documents(settings)) == sorted(d.id for d in once)


def test_a_post_taken_down_takes_its_comments_with_it(tmp_path: Path, settings: Settings) -> None:
    source = write(
        tmp_path / "a.xml",
        export(item(1, "http://b.example/1/", comments=comment(7)), item(2, comments=comment(9))),
    )
    file = write(tmp_path / "r.toml", '[[document]]\nurl = "https://www.b.example/1?utm_source=x"\n')
    report = pipeline.build([source], replace(settings, redactions=file))
    assert (report.counts["posts"], report.counts["comments"], report.skipped) == (1, 1, Counter(redacted=2))
