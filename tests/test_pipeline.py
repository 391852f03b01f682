"""Archives in, a new generation out."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from indexer import engine, pipeline
from indexer.engine.generations import Generations
from indexer.engine.port import Document, SearchRequest
from indexer.errors import BackfileError, IncompleteSourceError, SourceError, UsageError
from indexer.settings import Settings

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
    assert report.skipped == Counter({"duplicate": 1, "duplicate-comment": 1})


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
    assert report.skipped == Counter(unrecognised=1, empty=1, feed=1)
    lines = [json.loads(line) for line in _import_report(settings).splitlines()]
    assert {(line["locator"], line["reason"]) for line in lines} == {
        ("picture.xml", "unrecognised"),
        ("deep/empty.txt", "empty"),
        ("deep/feed.html", "feed"),
    }


def _import_report(settings: Settings) -> str:
    return (Generations(settings.index_dir).current().path / pipeline.IMPORT_REPORT).read_text()


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


def test_memory_does_not_grow_with_the_archive(tmp_path: Path) -> None:
    """Four times the comments, each with new words, may cost a vocabulary, not a copy of the archive."""
    peaks = []
    for size in (1500, 6000):
        comments = "".join(
            comment(n).replace("Said", f"word{n} " + "the same old words again " * 20) for n in range(1, size)
        )
        source = write(tmp_path / f"{size}.xml", export(item(1, "http://b.example/1/", comments=comments)))
        run = (
            "import resource; from pathlib import Path\n"
            "from indexer import pipeline; from indexer.settings import Settings\n"
            f"pipeline.build([Path({str(source)!r})], Settings(index_dir=Path({str(tmp_path / str(size))!r})))\n"
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
        )
        done = subprocess.run([sys.executable, "-c", run], cwd=ROOT, capture_output=True, text=True, check=True)
        peaks.append(int(done.stdout))
    assert peaks[1] < 1.5 * peaks[0]


def test_an_unknown_format_is_a_usage_error(settings: Settings) -> None:
    with pytest.raises(UsageError, match="Formats: wordpress, savedpage, pagetext"):
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
