"""Text dumps of a post's page: the head, the paragraphs, the numbered comments, and what is no such dump."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.archive import Comment, Item, Post, Repaired, Skipped
from indexer.errors import SourceError
from indexer.sources import pagetext
from indexer.sources.base import HEAD_BYTES, InputFile

FOLDER = Path(__file__).parent / "archives" / "pagetext"
SEED = "strata-sphere-2008-05-04.txt"


def items(path: Path) -> list[Item]:
    return list(pagetext.read(InputFile(path, path.name)))


def written(folder: Path, data: bytes) -> list[Item]:
    path = folder / "dump.txt"
    path.write_bytes(data)
    return items(path)


def sniffs(data: bytes) -> bool:
    return pagetext.sniff(data[:HEAD_BYTES], Path("dump.txt"))


def test_a_dump_yields_its_post_and_its_numbered_comments() -> None:
    path = FOLDER / "several-comments.txt"
    post, *comments = items(path)
    assert isinstance(post, Post)
    native = post.native_id
    assert len(native) == 16
    assert post == Post(
        source="pagetext",
        locator="several-comments.txt",
        native_id=native,
        url="",
        title="Rope",
        author="Ada Quay",
        published=datetime(2008, 5, 4, 21, 5, tzinfo=UTC),
        categories=("Boats", "Knots & Splices"),
        html="<p>Two strands are enough.</p>\n<p>12 comments on a rope is a title of its own.</p>\n"
        "<p>1. Take a rope.</p>\n<p>2. Pull.</p>",
    )
    assert comments == [
        Comment(
            source="pagetext",
            locator="several-comments.txt#comment-1",
            native_id=f"{native}-1",
            post=native,
            author="Bo",
            published=datetime(2008, 5, 4, 12, 1, tzinfo=UTC),
            html="<p>Which knot?</p>\n<p>1. this one says:<br>\n2. that one</p>",
        ),
        Comment(
            source="pagetext",
            locator="several-comments.txt#comment-2",
            native_id=f"{native}-2",
            post=native,
            author="Cy",
            published=datetime(2008, 5, 5, 8, 30, tzinfo=UTC),
            html="<p>&lt;b&gt;None&lt;/b&gt; &amp; all.<br>\nSecond line.</p>",
        ),
        Comment(
            source="pagetext",
            locator="several-comments.txt#comment-3",
            native_id=f"{native}-3",
            post=native,
            author="Knot news",
            published=datetime(2008, 5, 6, 7, 0, tzinfo=UTC),
            html="<p>[...] rope [...]</p>",
            kind="pingback",
        ),
    ]


def test_the_date_may_stand_in_the_byline_and_there_may_be_no_responses() -> None:
    post = items(FOLDER / "no-responses.txt")
    assert post == [
        Post(
            source="pagetext",
            locator="no-responses.txt",
            native_id=post[0].native_id if isinstance(post[0], Post) else "",
            url="",
            title="Fog",
            author="Ada",
            published=datetime(2007, 3, 3, 8, 15, tzinfo=UTC),
            categories=("Weather",),
            html="<p>Grey.</p>",
        )
    ]


def test_line_ends_byte_order_mark_and_encoding_change_nothing(tmp_path: Path) -> None:
    plain = "May 04 2008\n\nL’été\n\nPublished by Zoé at 11:40 am under Vie\n\nDéjà.\n\nNo responses yet\n"
    wanted = written(tmp_path, plain.encode())
    assert [type(item) for item in wanted] == [Post]
    assert written(tmp_path, plain.replace("\n", "\r\n").encode("utf-8-sig")) == wanted
    assert written(tmp_path, plain.encode("windows-1252")) == wanted
    assert written(tmp_path, plain.encode("utf-16")) == wanted


def test_control_characters_are_taken_out_and_counted(tmp_path: Path) -> None:
    repaired, post = written(tmp_path, b"May 04 2008\n\nFog\n\nPublished by Al at 1:00 pm under X\n\nGr\x01ey\x07.\n")
    assert repaired == Repaired(source="pagetext", locator="dump.txt", reason="control-character", count=2)
    assert isinstance(post, Post)
    assert post.html == "<p>Grey.</p>"


def test_the_native_id_depends_on_title_and_date_only(tmp_path: Path) -> None:
    text = "May 04 2008\n\nFog\n\nPublished by Al at 1:00 pm under X\n\n{}\n"
    (one,) = written(tmp_path, text.format("Grey.").encode())
    (two,) = written(tmp_path, text.format("Greyer.").encode())
    (other,) = written(tmp_path, text.format("Grey.").replace("04", "05").encode())
    assert isinstance(one, Post)
    assert isinstance(two, Post)
    assert isinstance(other, Post)
    assert one.native_id == two.native_id != other.native_id


@pytest.mark.parametrize(
    "text",
    [
        "",
        "May 04 2008\n\nA letter\n\nDear Ann,\n\nit was published by a friend.\n",
        "Published by Acme Press in 2004\n\nChapter one\n",
        "AUTHOR: Al\nTITLE: Fog\nDATE: 05/04/2008 11:40:00 AM\n-----\nBODY:\nPosted by Al on May 4, 2008\n",
        "---\ntitle: Fog\ndate: 2008-05-04\n---\nPosted by Al at 1:00 pm under X\n",
        "<html><body>May 04 2008\nFog\nPublished by Al at 1:00 pm under X</body></html>",
        "Fog\n\n" + "Published by Al at 1:00 pm under X " * 20 + "\n\nMay 04 2008\n",
        "2008-05-04 10:00:00 INFO start\n2008-05-04 10:00:01 INFO filed under nothing\n",
    ],
)
def test_other_texts_are_no_dump(text: str, tmp_path: Path) -> None:
    assert not sniffs(text.encode())


def test_a_file_forced_to_be_read_is_skipped_with_a_reason(tmp_path: Path) -> None:
    assert written(tmp_path, b"Dear Ann") == [
        Skipped(
            source="pagetext",
            locator="dump.txt",
            reason="not-a-post",
            detail="no date, title and byline at its start",
        )
    ]


def test_a_file_that_cannot_be_opened_is_a_source_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"missing\.txt"):
        items(tmp_path / "missing.txt")


@given(st.data())
def test_any_damage_yields_items(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    whole = (FOLDER / "several-comments.txt").read_bytes()
    cut = data.draw(st.integers(0, len(whole)))
    damaged = whole[:cut] + data.draw(st.binary(max_size=40)) + whole[data.draw(st.integers(0, len(whole))) :]
    sniffs(damaged)
    for item in written(tmp_path_factory.getbasetemp(), damaged):
        repr(item).encode()


def test_the_seed_document_comes_out_whole(archives: Path) -> None:
    path = archives / "seed" / SEED
    assert sniffs(path.read_bytes())
    post, comment = items(path)
    assert isinstance(post, Post)
    assert isinstance(comment, Comment)
    assert (post.title, post.author, post.published, post.categories, post.url) == (
        "Last Efforts To Stop A Military Confrontation Between US And Iran",
        "",
        datetime(2008, 5, 4, 11, 40, tzinfo=UTC),
        ("All General Discussions", "Iran", "Iraq", "Sadr/Mahdi Army"),
        "",
    )
    assert post.html.startswith("<p>As the Iraqis and US have been purging")
    assert post.html.endswith("up close and personal.</p>")
    assert "response" not in post.html[-400:].lower()
    assert "Published by" not in post.html
    assert (comment.author, comment.published, comment.post, comment.kind) == (
        "danking_70",
        None,
        post.native_id,
        "comment",
    )
    assert comment.html.count("<p>") == 2
    assert comment.html.startswith("<p>Hard to believe we")
    assert comment.html.endswith("Iran is killing our soldiers?</p>")
