"""The Movable Type export source: what it yields, what it leaves out, and which lines of dashes are text."""

from __future__ import annotations

import json
import re
import time
import tracemalloc
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.archive import Comment, Item, Post, Repaired, Skipped
from indexer.errors import IncompleteSourceError
from indexer.sources import formats, mt_parser
from indexer.sources.base import HEAD_BYTES, InputFile
from indexer.sources.movabletype import FORMAT, date, tag_list
from tests.fuzzing import damaged, read_damaged

HEADER = "AUTHOR: Ann\nTITLE: One\nDATE: 05/04/2008 11:40:00 AM\n"


def read_bytes(folder: Path, data: bytes) -> list[Item]:
    path = folder / "x.txt"
    path.write_bytes(data)
    return list(FORMAT.read(InputFile(path, "x.txt")))


def read(folder: Path, text: str) -> list[Item]:
    return read_bytes(folder, text.encode())


def entry(body: str = "b", header: str = HEADER, more: str = "") -> str:
    return f"{header}-----\nBODY:\n{body}\n-----\n{more}--------\n"


def only_post(items: list[Item]) -> Post:
    (found,) = [item for item in items if isinstance(item, Post)]
    return found


# --- a whole export ---------------------------------------------------------------------------------------------------

TYPEPAD = """AUTHOR: Ann Lee
AUTHOR EMAIL: ann@mail.example
TITLE: Fog &amp; <em>tide</em>
STATUS: Publish
ALLOW COMMENTS: 1
CONVERT BREAKS: wysiwyg
ALLOW PINGS: 0
BASENAME: fog-tide
PRIMARY CATEGORY: Sea
CATEGORY: Harbour
CATEGORY: Sea

UNIQUE URL: https://fog.example/blog/2008/05/fog-tide.html
DATE: 05/04/2008 11:40:07 PM
TAGS: "Movable Type",fog,@todo
-----
BODY:
<p>First.</p>
-----
EXTENDED BODY:
<p>Second.</p>
-----
EXCERPT:
Neither first nor second.
-----
KEYWORDS:
tide tables, fog,
-----

COMMENT:
AUTHOR: bob@mail.example
EMAIL: bob@mail.example
IP: 192.0.2.1
URL: http://bob.example/
DATE: 05/05/2008 12:05:00 AM
Well said.

EMAIL: is a word, here.
-----
PING:
TITLE: About fog
URL: http://other.example/fog
IP: 192.0.2.2
BLOG NAME: Other
DATE: 05/06/2008 01:00:00 PM
An excerpt...
-----
--------
AUTHOR: Ann Lee
TITLE: Secret plans
STATUS: Draft
DATE: 05/07/2008 01:00:00 PM
-----
BODY:
Hidden.
-----
COMMENT:
AUTHOR: Carl
DATE: 05/08/2008 01:00:00 PM
Hidden too.
-----
--------
"""


def test_an_export_with_everything(tmp_path: Path) -> None:
    assert read(tmp_path, TYPEPAD) == [
        Post(
            source="movabletype",
            locator="x.txt#entry=1",
            native_id="20080504234007-fog-tide",
            url="https://fog.example/blog/2008/05/fog-tide.html",
            title="Fog &amp; <em>tide</em>",
            author="Ann Lee",
            published=datetime(2008, 5, 4, 23, 40, 7, tzinfo=UTC),
            categories=("Sea", "Harbour"),
            tags=("Movable Type", "fog", "tide tables"),
            html='<div class="excerpt">Neither first nor second.</div>\n\n<p>First.</p>\n\n<p>Second.</p>',
        ),
        Comment(
            source="movabletype",
            locator="x.txt#entry=1/comment=1",
            native_id="",
            post="20080504234007-fog-tide",
            author="bob",
            author_url="http://bob.example/",
            published=datetime(2008, 5, 5, 0, 5, tzinfo=UTC),
            html="Well said.\n\nEMAIL: is a word, here.",
            autop=True,
        ),
        Comment(
            source="movabletype",
            locator="x.txt#entry=1/ping=1",
            native_id="",
            post="20080504234007-fog-tide",
            author="Other",
            author_url="http://other.example/fog",
            published=datetime(2008, 5, 6, 13, tzinfo=UTC),
            html="<strong>About fog</strong>\n\nAn excerpt...",
            kind="pingback",
            autop=True,
        ),
        Skipped(source="movabletype", locator="x.txt#entry=2", reason="draft", detail="draft"),
        Skipped(
            source="movabletype",
            locator="x.txt#entry=2/comment=1",
            reason="draft",
            detail="its post x.txt#entry=2 is left out",
        ),
    ]


@pytest.mark.parametrize(
    ("status", "reason"),
    [("draft", "draft"), ("Future", "future"), ("Review", "pending"), ("Spam", "spam"), ("Unpublish", "private")],
)
def test_what_is_not_published_stays_out(tmp_path: Path, status: str, reason: str) -> None:
    (item,) = read(tmp_path, entry(header=f"{HEADER}STATUS: {status}\n"))
    assert item == Skipped(source="movabletype", locator="x.txt#entry=1", reason=reason, detail=status.lower())


def test_of_an_unknown_status_nothing_is_told(tmp_path: Path) -> None:
    (item,) = read(tmp_path, entry(header=f"{HEADER}STATUS: for Ann's eyes\n"))
    assert item == Skipped(source="movabletype", locator="x.txt#entry=1", reason="unrecognised")


def test_comments_on_an_entry_of_another_file_are_kept(tmp_path: Path) -> None:
    skipped, comment = read(
        tmp_path, entry(header=f"{HEADER}NO ENTRY: 1\n", more="COMMENT:\nAUTHOR: Bob\nHi.\n-----\n")
    )
    assert isinstance(skipped, Skipped)
    assert skipped.reason == "data"
    assert isinstance(comment, Comment)
    assert (comment.post, comment.html) == ("20080504114000-one", "Hi.")


# --- lines of dashes --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        "above\n-----\nbelow",
        "above\n--------\nbelow",
        "above\n--------\n-----\nbelow",
        "-----\n\n-----",
        "a table\n----- -----\n1     2\n------",
        "-----\nNOTE:\nno section",
        "a book\n--------\nTITLE: Dune\nAUTHOR: Herbert\n\nwas good",
        "an export looks so:\n-----\nBODY:\ntext",
        "then\n-----\nCOMMENT:\nis what comes",
        "mail\n-----\nSubject: dashes",
    ],
)
def test_a_line_of_dashes_in_a_text_is_text(tmp_path: Path, body: str) -> None:
    comment = f"COMMENT:\nAUTHOR: Bob\n{body}\n-----\n"
    items = read(tmp_path, entry(body, more=comment) + entry("b2"))
    assert [type(item) for item in items] == [Post, Comment, Post]
    assert [item.html for item in items if isinstance(item, Post | Comment)] == [body, body, "b2"]


def test_a_separator_may_be_missing_between_entries(tmp_path: Path) -> None:
    first, second = entry("b1").replace("\n-----\n--------\n", "\n--------\n"), entry("b2")
    assert [item.html for item in read(tmp_path, first + second) if isinstance(item, Post)] == ["b1", "b2"]


def test_blank_lines_around_separators_mean_nothing(tmp_path: Path) -> None:
    text = entry(more="\nCOMMENT:\nAUTHOR: Bob\nHi.\n-----\n\n\n\n").replace("-----\nBODY", "-----\n\nBODY") + "\n\n"
    assert [item.html for item in read(tmp_path, "\n\n" + text) if isinstance(item, Post | Comment)] == ["b", "Hi."]


def test_a_comment_keeps_lines_that_look_like_its_header(tmp_path: Path) -> None:
    comment = "COMMENT:\nAUTHOR: Bob\nURL: http://bob.example\nURL: I mean http://ann.example\nDATE: never\n-----\n"
    _, found = read(tmp_path, entry(more=comment))
    assert isinstance(found, Comment)
    assert found.author_url == "http://bob.example"
    assert found.html == "URL: I mean http://ann.example\nDATE: never"


TEXT = st.lists(
    st.sampled_from(["", "-----", "--------", "word", "BODY:", "COMMENT:", "KEYWORDS:", "------"]), max_size=8
)


@given(st.lists(TEXT, min_size=1, max_size=4))
def test_whatever_dashes_are_in_the_bodies_no_word_is_lost(bodies: list[list[str]]) -> None:
    """A text may look like a section, and its words become tags, but each of them is somewhere, and each entry is one."""
    lines = [[f"{line}{i}x{j}" if line == "word" else line for j, line in enumerate(b)] for i, b in enumerate(bodies)]
    data = "".join(entry("\n".join([*body, f"last{i}x"])) for i, body in enumerate(lines)).encode()
    posts = [item for item in read_damaged(FORMAT, data, "x.txt") if isinstance(item, Post)]
    assert len(posts) == len(bodies)
    for number, post in enumerate(posts):
        words = [line for line in lines[number] if line.startswith("word")]
        assert all(word in f"{post.html} {post.tags}" for word in [*words, f"last{number}x"])


# --- the header -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10/03/2023 10:54:50 AM", datetime(2023, 10, 3, 10, 54, 50, tzinfo=UTC)),
        ("10/03/2023 12:00:00 AM", datetime(2023, 10, 3, tzinfo=UTC)),
        ("10/03/2023 12:30:00 PM", datetime(2023, 10, 3, 12, 30, tzinfo=UTC)),
        ("10/03/2023 01:30 p.m.", datetime(2023, 10, 3, 13, 30, tzinfo=UTC)),
        ("1/2/2002 15:47:06", datetime(2002, 1, 2, 15, 47, 6, tzinfo=UTC)),
        ("01/31/2002 15:47", datetime(2002, 1, 31, 15, 47, tzinfo=UTC)),
        ("01/31/2002 13:00:00 PM", datetime(2002, 1, 31, 13, tzinfo=UTC)),
        ("01/31/99 15:47:06", datetime(1999, 1, 31, 15, 47, 6, tzinfo=UTC)),
        ("01/31/04 15:47:06", datetime(2004, 1, 31, 15, 47, 6, tzinfo=UTC)),
        ("31/01/2004 15:47:06", None),
        ("01/31/0000 15:47:06", None),
        ("01/31/2004", None),
        ("", None),
    ],
)
def test_dates(text: str, expected: datetime | None) -> None:
    assert date(text) == expected


@given(st.datetimes(min_value=datetime(1000, 1, 1)).map(lambda moment: moment.replace(microsecond=0)))
def test_any_date_is_read_in_both_clocks(moment: datetime) -> None:
    day = f"{moment:%m/%d/}{moment.year:04}"
    assert date(f"{day} {moment:%I:%M:%S %p}") == date(f"{day} {moment:%H:%M:%S}") == moment.replace(tzinfo=UTC)


def test_tags() -> None:
    assert tag_list("\"a, b\",c d,'e, f', rock'n'roll ,,@mine,\"@mine too\"") == ["a, b", "c d", "e, f", "rock'n'roll"]
    assert tag_list("") == []


@pytest.mark.parametrize(
    ("breaks", "body", "html", "autop"),
    [
        ("0", "a\n\nb", "a\n\nb", False),
        ("richtext", "a\n\nb", "a\n\nb", False),
        ("1", "<p>a</p>\n\nb", "<p>a</p>\n\nb", True),
        ("__default__", "a\n\nb", "a\n\nb", True),
        ("textile_2", "*a*\n\nb", "*a*\n\nb", True),
        ("markdown", "*a*\n\n<div>b</div>", "<p><em>a</em></p>\n<div>b</div>", False),
        ("markdown_with_smartypants", "a | b\n--|--\n1 | 2", "<table>", False),
        ("some_plugin", "a\n\nb", "a\n\nb", True),
        ("some_plugin", "<p>a</p>", "<p>a</p>", False),
        ("", "a\n\nb", "a\n\nb", True),
    ],
)
def test_what_newlines_mean(tmp_path: Path, breaks: str, body: str, html: str, autop: bool) -> None:
    post = only_post(read(tmp_path, entry(body, header=f"{HEADER}CONVERT BREAKS: {breaks}\n")))
    assert (post.html.strip()[: len(html)], post.autop) == (html, autop)


@pytest.mark.parametrize(
    ("excerpt", "kept"),
    [
        ("The sea was calm.", False),
        ("the SEA &mdash; was ca...", False),
        ("<p>The sea was</p>", False),
        ("The sea was calm, as ever.", False),
        ("The sea, how wild.", True),
        ("The sea was calm. I was not, I fear.", True),
        ("", False),
        ("  \n", False),
    ],
)
def test_an_excerpt_is_kept_when_it_says_something_else(tmp_path: Path, excerpt: str, kept: bool) -> None:
    body = "<p>Today the <b>sea</b> was\ncalm.</p>"
    post = only_post(read(tmp_path, entry(body, more=f"EXCERPT:\n{excerpt}\n-----\n")))
    assert post.html == (f'<div class="excerpt">{excerpt}</div>\n\n{body}' if kept else body)


def test_posts_without_address_are_told_apart(tmp_path: Path) -> None:
    named = HEADER + "BASENAME: one_more\n"
    undated = "TITLE: Ein Tag – am Meer\n"
    items = read(tmp_path, entry(header=named) * 2 + entry(header=undated) + entry(header="AUTHOR: Ann\n"))
    assert [item.native_id for item in items if isinstance(item, Post)] == [
        "20080504114000-one_more",
        "20080504114000-one_more-2",
        "ein-tag-am-meer",
        "entry",
    ]


def test_an_address_that_an_editor_made_a_link_is_read(tmp_path: Path) -> None:
    comment = 'COMMENT:\nAUTHOR: Bob\nURL: <a href="http://bob.example/">http://bob.example/</a>\nHi.\n-----\n'
    _, found = read(tmp_path, entry(more=comment))
    assert isinstance(found, Comment)
    assert found.author_url == "http://bob.example/"


# --- bytes ------------------------------------------------------------------------------------------------------------


def test_windows_line_ends_and_a_byte_order_mark(tmp_path: Path) -> None:
    data = b"\xef\xbb\xbf" + TYPEPAD.replace("\n", "\r\n").encode()
    assert read_bytes(tmp_path, data) == read(tmp_path, TYPEPAD)


def test_bytes_that_are_no_utf8_are_windows_1252(tmp_path: Path) -> None:
    text = entry("It’s “fog” – à la carte")
    assert only_post(read_bytes(tmp_path, text.encode("cp1252"))).html == "It’s “fog” – à la carte"
    both = text.encode("cp1252") + text.encode()
    assert read_bytes(tmp_path, both)[-1] == Repaired(
        source="movabletype",
        locator="x.txt",
        reason="encoding",
        detail="bytes that are no utf-8, read as windows-1252",
        count=5,
    )


def test_a_file_that_breaks_off_fails_after_what_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text(entry("b1") + entry("b2")[:-16] + "cut of")
    items: list[Item] = []
    problem = r"x.txt .*not closed.* last complete entry is number 1\. .*--partial"
    with pytest.raises(IncompleteSourceError, match=problem):
        items.extend(FORMAT.read(InputFile(path, "x.txt")))
    assert only_post(items).html == "b1"


def test_the_last_line_of_dashes_may_be_missing(tmp_path: Path) -> None:
    post, repaired = read(tmp_path, entry().removesuffix("--------\n"))
    assert isinstance(post, Post)
    assert isinstance(repaired, Repaired)
    assert repaired.reason == "missing-end"


def test_what_is_no_entry_is_told(tmp_path: Path) -> None:
    post, junk = read(tmp_path, entry() + "<!-- served in 3 seconds -->\n")
    assert isinstance(post, Post)
    assert junk == Skipped(
        source="movabletype", locator="x.txt#entry=2", reason="unrecognised", detail="no header of an entry"
    )


def test_an_entry_without_end_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mt_parser, "MAX_ENTRY_BYTES", 1024 * 1024)
    for flood in ("-----\n\n\n", "word\n", "x" * 1000, "--------\nTITLE: x\n", "\n"):
        with pytest.raises(IncompleteSourceError, match="more than 1 MB"):
            read(tmp_path, entry() + HEADER + "-----\nBODY:\n" + flood * (2 * 1024**2 // len(flood)))


def test_memory_grows_with_the_longest_entry_only(tmp_path: Path) -> None:
    one = entry("word " * 20000)
    path = tmp_path / "x.txt"
    path.write_text(one * 100)
    tracemalloc.start()
    assert sum(1 for _ in FORMAT.read(InputFile(path, "x.txt"))) == 100
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * len(one)


@pytest.mark.parametrize(
    "flood",
    [
        "-----\n",
        "--------\n",
        "-----\n--------\n",
        "-----\nCOMMENT:\n",
        "--------\nTITLE: x\n",
        "\n",
        "-----\n\n\n\n",
        "TITLE:\n",
    ],
)
def test_time_is_linear(tmp_path: Path, flood: str) -> None:
    def seconds(times: int) -> float:
        started = time.process_time()
        read_damaged(FORMAT, (entry("a\n" + flood * times)).encode(), "x.txt")
        return time.process_time() - started

    seconds(100)
    assert seconds(40_000) < 40 * max(seconds(4_000), 0.01)


@given(damaged([TYPEPAD.encode(), TYPEPAD.replace("\n", "\r\n").encode("cp1252"), entry("é").encode("cp1252")]))
def test_any_damage_is_borne(data: bytes) -> None:
    read_damaged(FORMAT, data, "x.txt")


# --- recognising ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (TYPEPAD.encode(), True),
        (b"\xef\xbb\xbf\r\n" + TYPEPAD.replace("\n", "\r\n").encode(), True),
        (b"TITLE: x\n-----\nBODY:\n", True),
        (b"TITLE: x\n---\nlayout: post\n---\nBODY:\n", False),
        (b"---\ntitle: x\n---\nbody\n", False),
        (b"<html><pre>TITLE: x\n-----\nBODY:\n", False),
        (b"", False),
    ],
)
def test_sniff(data: bytes, expected: bool) -> None:
    assert FORMAT.sniff(data, Path("x")) is expected


# --- the real archives ------------------------------------------------------------------------------------------------

# Where the count of the manifest is another: two lines of eight dashes there stand in comments (a query, its answer).
ENTRIES = {"ADN-DevTech__typepad-migration-dump--justonesandzeros__Export-text.txt": 371}


def test_real_exports_to_the_item(archives: Path) -> None:
    manifest = json.loads((archives / "MANIFEST.json").read_text())
    rows = [row for row in manifest if row["format"] == "movabletype"]
    assert len(rows) == 5
    for row in rows:
        path, counted = archives / "movabletype" / row["file"], row["counted"]
        file = InputFile(path, path.name)
        assert next(f.name for f in formats() if f.sniff(path.read_bytes()[:HEAD_BYTES], path)) == "movabletype"
        items = list(FORMAT.read(file))
        posts = [item for item in items if isinstance(item, Post)]
        skipped = Counter(item.reason for item in items if isinstance(item, Skipped))
        kinds = Counter(item.kind for item in items if isinstance(item, Comment))
        assert len(posts) == counted["status"]["Publish"]
        assert skipped == Counter({"draft": counted["status"].get("Draft", 0)})
        assert len(posts) + skipped.total() == ENTRIES.get(row["file"], counted["entries"])
        assert kinds == Counter(comment=counted["comments"], pingback=counted["pings"])
        assert len({post.native_id for post in posts}) == len(posts)
        assert all(item.published for item in items if isinstance(item, Post | Comment))


FIELDS = re.compile(rb"^(?:EMAIL|IP|AUTHOR EMAIL):(.*)$|^(?:AUTHOR|BLOG NAME): *(\S+@\S+?)\s*$", re.M)


def test_no_address_of_a_real_export_comes_out(archives: Path) -> None:
    """Everything in a field that is meant for addresses, and every address in one that is meant for a name.

    Some wrote theirs into a text as well: those are looked for in everything but the texts.
    """
    seen = 0
    for path in sorted((archives / "movabletype").iterdir()):
        data = path.read_bytes()
        private = {(a or b).strip().decode() for a, b in FIELDS.findall(data)} - {""}
        seen += len(private)
        written = {address for address in private if address.encode() in FIELDS.sub(b"", data)}
        for item in FORMAT.read(InputFile(path, path.name)):
            bare = replace(item, html="") if isinstance(item, Post | Comment) else item
            assert not [address for address in private if address in repr(bare)]
            assert not [address for address in private - written if address in repr(item)]
    assert seen > 100
