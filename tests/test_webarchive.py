"""Web archives: WARC, ARC, WACZ."""

from __future__ import annotations

import gzip
import io
import json
import tempfile
import time
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from indexer import sources
from indexer.archive import Capture, Comment, Item, Post, Repaired, Skipped
from indexer.errors import IncompleteSourceError
from indexer.sources import webarchive
from indexer.sources.base import InputFile
from indexer.sources.savedpage import MAX_BYTES
from indexer.sources.webarchive.compression import CODINGS, zstd
from indexer.sources.webarchive.members import Gap, chunks
from indexer.sources.webarchive.records import Record, records
from indexer.sources.webarchive.stream import Stream
from tests.fuzzing import damaged, read_damaged

HTML = b"<!DOCTYPE html><html><body><p>Hello there.</p></body></html>"
URL = "http://blog.example/2008/05/hello/"
DATE = datetime(2014, 1, 3, 3, 3, 21, tzinfo=UTC)
RESPONSE = "application/http; msgtype=response"


def warc(
    type: str, url: str, block: bytes, content_type: str = RESPONSE, length: int | str | None = None, **more: str
) -> bytes:
    fields = {
        "WARC-Type": type,
        "WARC-Target-URI": url,
        "WARC-Date": "2014-01-03T03:03:21Z",
        "WARC-IP-Address": "192.0.2.77",
        "Content-Type": content_type,
        "Content-Length": str(len(block) if length is None else length),
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value)
    return b"WARC/1.0\r\n" + head.encode() + b"\r\n" + block + b"\r\n\r\n"


def http(content: bytes, status: str = "200 OK", content_type: str = "text/html; charset=UTF-8", **more: str) -> bytes:
    fields = {"Content-Type": content_type, **{name.replace("_", "-"): value for name, value in more.items()}}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value)
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + content


def page(number: int = 1) -> bytes:
    return HTML.replace(b"there", b"there %d" % number)


def response(number: int = 1, **more: str) -> bytes:
    return warc("response", f"http://blog.example/{number}/", http(page(number)), **more)


INFO = warc("warcinfo", "", b"software: Test 1.0\r\n", "application/warc-fields")
REQUEST = warc(
    "request", URL, b"GET /2008/05/hello/ HTTP/1.1\r\nHost: blog.example\r\n\r\n", "application/http; msgtype=request"
)


def arc(url: str, block: bytes, content_type: str = "text/html", length: int | str | None = None) -> bytes:
    line = f"{url} 192.0.2.77 20140103030321 {content_type} {len(block) if length is None else length}\n"
    return line.encode() + block + b"\n"


ARC_HEADER = (
    b"filedesc://x.arc 0.0.0.0 20140103030321 text/plain 74\n1 0 Test\nURL IP-address Archive-date Content-type Archive-length\n"
    + (b" " * 8 + b"\n")
)


def items(data: bytes, tmp_path: Path, name: str = "crawl.warc") -> list[Item]:
    path = tmp_path / name
    path.write_bytes(data)
    return list(webarchive.read(InputFile(path, name)))


def capture(number: int, body: bytes = HTML, url: str = URL, **more: object) -> Capture:
    values: dict[str, object] = {
        "source": "webarchive",
        "locator": f"crawl.warc#record={number}",
        "url": url,
        "captured": DATE,
        "charset": "UTF-8",
        "body": body,
        **more,
    }
    return Capture(**values)  # type: ignore[arg-type]


def skipped(number: int, reason: str, detail: str = "") -> Skipped:
    return Skipped(source="webarchive", locator=f"crawl.warc#record={number}", reason=reason, detail=detail)


def repaired(number: int, reason: str, detail: str) -> Repaired:
    return Repaired(source="webarchive", locator=f"crawl.warc#record={number}", reason=reason, detail=detail)


def log(detail: str) -> Skipped:
    return Skipped(source="webarchive", locator="crawl.warc", reason="crawl-log", detail=f"about the crawl: {detail}")


def captures(found: list[Item]) -> list[Capture]:
    return [item for item in found if isinstance(item, Capture)]


@pytest.mark.parametrize(
    ("head", "path", "expected"),
    [
        (INFO, "x.warc", True),
        (b"\r\n" + INFO, "x", True),
        (b"WARC/0.18\nWARC-Type: warcinfo\n", "x", True),
        (ARC_HEADER, "x.arc", True),
        (b" CDX N b a m s k r M S V g\ncom,example)/ 2014", "x.cdx", True),
        (b'com,example)/ 20201007212236 {"url": "http://www.example.com/"}', "x", True),
        (b'{"format": "json-pages-1.0", "id": "pages"}', "pages.jsonl", True),
        (b'{"profile": "data-package", "wacz_version": "1.1.1"}', "datapackage.json", True),
        (b"2014 crawler started", "x.wacz/logs/crawl.log", True),
        (HTML, "page.html", False),
        (b"<p>WARC/1.0 is a format</p>", "page.html", False),
        (b'{"posts": []}', "x.json", False),
        (b"", "x.warc", False),
        (b"\x1f\x8b\x08damaged", "x.warc.gz", True),
        (b"\x1f\x8b\x08damaged", "x.xml.gz", False),
        (zstd.compress(INFO), "x", True),
        (b"\x5d\x2a\x4d\x18\x08\x00\x00\x00", "x", True),
        (b"(\xb5/\xfddamaged", "x.warc.zst", True),
        (zstd.compress(HTML), "page.html.zst", False),
    ],
)
def test_an_archive_is_known_by_its_first_record_and_an_index_by_its_form(
    head: bytes, path: str, expected: bool
) -> None:
    assert webarchive.sniff(head, Path(path)) is expected


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_every_record_is_a_capture_or_skipped_with_its_reason(compress: type[bytes], tmp_path: Path) -> None:
    parts = [
        INFO,
        REQUEST,
        warc("response", URL, http(HTML)),
        warc("response", "dns:blog.example", b"20140103030321\nblog.example. A 192.0.2.77\n", "text/dns"),
        warc("response", "http://blog.example/a.png", http(b"\x89PNG", content_type="image/png")),
        warc("response", "http://blog.example/gone/", http(HTML, "404 Not Found")),
        warc("response", "http://blog.example/broken/", http(HTML, "500 Oops")),
        warc("response", "http://blog.example/part/", http(HTML, "206 Partial Content")),
        warc("response", "http://blog.example/same/", http(b"", "304 Not Modified")),
        warc("response", "http://blog.example/random/", http(b"", "302 Found", Location=URL)),
        warc("response", URL, b"no HTTP"),
        warc("resource", URL, HTML, "text/html; charset=latin-1"),
        warc("resource", "metadata://gnu.org/software/wget/warc/wget.log", b"log", "text/plain"),
        warc("resource", "urn:pageinfo:http://blog.example/", b"{}", "application/json"),
        warc("conversion", URL, HTML, "text/html"),
        warc("conversion", URL, b"Hello there.", "text/plain"),
        warc("continuation", URL, b"more"),
        warc("metadata", URL, b"outlink: http://blog.example/", "application/warc-fields"),
    ]
    assert items(b"".join(map(compress, parts)), tmp_path) == [
        capture(3),
        skipped(5, "not-a-page", "image/png"),
        skipped(6, "error-page", "status 404"),
        skipped(7, "error-page", "status 500"),
        skipped(8, "not-a-page", "status 206"),
        skipped(9, "revisit", "not modified since a capture before it"),
        skipped(10, "redirect", "status 302"),
        skipped(11, "unreadable", "it does not begin as HTTP does"),
        capture(12, charset="latin-1"),
        capture(15, charset=""),
        skipped(16, "not-a-page", "text/plain"),
        skipped(17, "unreadable", "a later piece of another record"),
        log("2 metadata, 1 warcinfo, 1 request, 1 dns, 1 urn"),
    ]


def test_a_page_becomes_a_post_with_its_comments_and_the_date_of_its_capture(tmp_path: Path) -> None:
    html = b"""<html><head><title>Hello &laquo; Blog</title></head><body class="single postid-12">
        <div class="post" id="post-12"><h2 class="entry-title">Hello</h2>
        <div class="entry-content"><p>Gr\xc3\xbc\xc3\x9fe.</p></div></div>
        <ol class="commentlist"><li class="comment" id="comment-7"><cite>Ann</cite> <p>First.</p></li></ol></body></html>"""
    path = tmp_path / "crawl.warc"
    path.write_bytes(INFO + warc("response", URL, http(html)))
    found = list(sources.read(InputFile(path, "crawl.warc"), None, alone=True))
    posts = [(i.source, i.locator, i.native_id, i.url, i.captured) for i in found if isinstance(i, Post)]
    assert posts == [("webarchive", "crawl.warc#record=2", "12", URL, DATE)]
    comments = [(i.source, i.locator, i.native_id, i.post, i.author) for i in found if isinstance(i, Comment)]
    assert comments == [("webarchive", "crawl.warc#record=2#comment-7", "7", URL, "Ann")]


@pytest.mark.parametrize(
    "block",
    [
        http(gzip.compress(HTML), Content_Encoding="gzip"),
        http(gzip.compress(HTML[:9]) + gzip.compress(HTML[9:]), Content_Encoding="x-gzip"),
        http(zlib.compress(HTML), Content_Encoding="deflate"),
        http(zlib.compress(HTML)[2:-4], Content_Encoding="deflate"),
        http(zlib.compress(gzip.compress(HTML)), Content_Encoding="gzip, deflate"),
        http(HTML, Content_Encoding="gzip"),
        http(HTML, Content_Encoding="br"),
        http(HTML, Content_Encoding="zstd"),
        http(brotli.compress(HTML), Content_Encoding="br"),
        http(zstd.compress(HTML), Content_Encoding="zstd"),
        http(zstd.compress(HTML[:9]) + zstd.compress(HTML[9:]), Content_Encoding="ZSTD"),
        http(gzip.compress(brotli.compress(HTML)), Content_Encoding="br, gzip"),
        http(HTML, Content_Encoding="identity"),
        http(b"3c\r\n" + HTML + b"\r\n0\r\n\r\n", Transfer_Encoding="chunked"),
        http(b"00a;x=y\r\n" + HTML[:10] + b"\r\n32\r\n" + HTML[10:] + b"\r\n0\r\n\r\n", Transfer_Encoding="Chunked"),
        http(HTML, Transfer_Encoding="chunked"),
        http(
            b"%x\r\n" % len(gzip.compress(HTML)) + gzip.compress(HTML) + b"\r\n0\r\n\r\n",
            Transfer_Encoding="chunked",
            Content_Encoding="gzip",
        ),
        http(HTML).replace(b"\r\n", b"\n"),
        http(HTML).replace(b"\r\n", b"\r\r\n"),
        http(HTML).replace(b"HTTP/1.1 200 OK", b"HTTP/1.1 200"),
        http(HTML).replace(b"HTTP/1.1", b"HTTP/2"),
    ],
)
def test_content_is_as_it_was_before_it_was_sent(block: bytes, tmp_path: Path) -> None:
    assert len(HTML) == 0x3C
    assert items(warc("response", URL, block), tmp_path) == [capture(1)]


def test_content_that_cannot_be_decompressed_says_so(tmp_path: Path) -> None:
    data = warc("response", URL, http(b"\x0b\x02\x80", Content_Encoding="compress"))
    cut = warc("response", URL, http(gzip.compress(HTML)[:-9], Content_Encoding="gzip"))
    found = items(data + cut + response(3, WARC_Truncated="length"), tmp_path)
    assert found[0] == skipped(1, "unreadable", "compressed in a way that Backfile does not read (compress)")
    assert found[1] == repaired(2, "truncated", "the crawler did not get all of the page")
    (partial, whole) = captures(found)
    assert HTML.startswith(partial.body)
    assert partial.body
    assert found[3:] == [repaired(3, "truncated", "the crawler did not get all of the page"), whole]


LONG = b"".join(b"<p>%d</p>" % (n * n) for n in range(20_000))


@pytest.mark.parametrize(("coding", "compress"), [("br", brotli.compress), ("zstd", zstd.compress)])
def test_brotli_and_zstandard_are_read_as_far_as_they_go(
    coding: str, compress: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    whole = compress(LONG)
    middle = len(whole) // 2
    bodies = [whole, whole[:-1], whole[:middle], whole[:middle] + bytes(99) + whole[middle:], b"\xff\xfe\xfd"]
    found = items(b"".join(warc("response", URL, http(b, Content_Encoding=coding)) for b in bodies), tmp_path)
    lengths = [len(c.body) for c in captures(found)]
    assert [LONG.startswith(c.body[: len(LONG) // 4]) for c in captures(found)] == [True] * 4
    assert lengths[0] == len(LONG)
    assert all(len(LONG) // 4 < length <= len(LONG) for length in lengths[1:3])
    damage = [item for item in found if not isinstance(item, Capture)]
    assert damage == [
        *(repaired(n, "truncated", "the crawler did not get all of the page") for n in (2, 3, 4)),
        skipped(5, "unreadable", f"damaged from the beginning ({coding})"),
    ]


@pytest.mark.parametrize(
    ("coding", "bomb"),
    [
        ("br", brotli.compress(b"<p>" + bytes(10 * MAX_BYTES))),
        ("zstd", zstd.compress(b"<p>" + bytes(10 * MAX_BYTES))),
        ("zstd", zstd.compress(b"<p>" + bytes(MAX_BYTES // 4)) * 40),
    ],
)
def test_a_bomb_of_brotli_or_zstandard_stays_small(coding: str, bomb: bytes) -> None:
    assert len(bomb) < 100_000
    data, whole = CODINGS[coding](bomb, MAX_BYTES)
    assert MAX_BYTES < len(data) < MAX_BYTES + 50_000
    assert not whole


def test_a_page_of_nothing_but_frames_takes_no_time() -> None:
    started = time.monotonic()
    assert CODINGS["zstd"](zstd.compress(b"") * 1_000_000, MAX_BYTES) == (b"", False)
    assert time.monotonic() - started < 5


def test_a_bomb_and_a_giant_stay_small(tmp_path: Path) -> None:
    bomb = gzip.compress(b"<p>" + b"0" * (4 * MAX_BYTES))
    chunk = b"%x\r\n" % len(bomb) + bomb + b"\r\n0\r\n\r\n"
    found = items(
        warc("response", URL, http(chunk, Content_Encoding="gzip", Transfer_Encoding="chunked"))
        + warc("response", URL, http(b"<p>" + b"0" * (MAX_BYTES + 100_000)))
        + response(3),
        tmp_path,
    )
    (first, second, third) = found[1:] if isinstance(found[0], Repaired) else found
    assert isinstance(first, Capture)
    assert MAX_BYTES < len(first.body) < MAX_BYTES + 10_000  # the saved-page reader refuses it
    assert second == skipped(2, "unreadable", "larger than any blog's page")
    assert third == capture(3, page(3), "http://blog.example/3/")


@pytest.mark.parametrize(
    ("content", "content_type", "expected"),
    [
        (b'<?xml version="1.0"?>\n<!-- x --><rss version="2.0">', "application/rss+xml", "application/rss+xml"),
        (b'\xef\xbb\xbf<feed xmlns="http://www.w3.org/2005/Atom">', "text/xml", "application/atom+xml"),
        (b"<rdf:RDF xmlns=''>", "text/html", "application/rss+xml"),
        (b'{"version": "https://jsonfeed.org/version/1.1"}', "application/feed+json", "application/feed+json"),
        (b"<?xml version='1.0'?><!DOCTYPE html><html><body>x</body></html>", "application/xml", "text/html"),
        (HTML, "application/xhtml+xml", "text/html"),
        (HTML, "", "text/html"),
        (b"<rsd version='1.0'>", "text/xml", ""),
        (b"{}", "application/json", ""),
        (b"\x89PNG", "", ""),
    ],
)
def test_pages_and_feeds_are_told_by_what_they_hold(
    content: bytes, content_type: str, expected: str, tmp_path: Path
) -> None:
    (found,) = items(warc("response", URL, http(content, content_type=content_type)), tmp_path)
    if expected:
        assert found == capture(1, content, charset="", media_type=expected)
    else:
        assert found == skipped(1, "not-a-page", content_type)


def test_a_feed_is_read_as_a_feed() -> None:
    rss = b"<rss><channel><item><title>Tides</title><link>http://blog.example/tides/</link></item></channel></rss>"
    (post,) = sources.captured_page(capture(1, rss, media_type="application/rss+xml"))
    assert isinstance(post, Post)
    assert (post.source, post.locator, post.url) == ("feed", "crawl.warc#record=1#item=1", "http://blog.example/tides/")


def test_a_permanent_redirect_is_another_name_of_where_it_leads(tmp_path: Path) -> None:
    def redirect(source: str, target: str, status: str = "301 Moved") -> bytes:
        return warc("response", f"http://blog.example{source}", http(b"", status, Location=target))

    found = items(
        warc("response", URL, http(HTML))
        + redirect("/?p=12", URL)
        + redirect("/old", "/older", "308 Permanent")
        + redirect("/older", "/2008/05/hello/#top")
        + redirect("/random", URL, "302 Found")
        + redirect("/", URL)
        + redirect("/both", URL)
        + redirect("/both", "/elsewhere")
        + redirect("/around", "/around")
        + redirect("/list?email=a@blog.example", URL)
        + redirect("/list?email=a%40blog.example", URL)
        + redirect("/x", "mailto:a@blog.example")
        + redirect("/y", "http://["),
        tmp_path,
    )
    names = ("http://blog.example/?p=12", "http://blog.example/old", "http://blog.example/older")
    assert found[0] == capture(1, aliases=names)
    assert [item.reason for item in found[1:] if isinstance(item, Skipped)] == ["redirect"] * 12


def test_an_address_with_the_posts_number_is_another_name_of_it(tmp_path: Path) -> None:
    url = "http://blog.example/?p=12"
    assert items(warc("response", url, http(HTML)), tmp_path) == [capture(1, url=url, aliases=(url,))]


def test_a_revisit_says_whether_its_original_is_there(tmp_path: Path) -> None:
    found = items(
        warc("response", URL, http(HTML), WARC_Payload_Digest="sha1:A", WARC_Record_ID="<urn:uuid:1>")
        + warc("revisit", URL, http(b""), WARC_Payload_Digest="sha1:A")
        + warc("revisit", URL, b"", WARC_Refers_To="<urn:uuid:1>")
        + warc("revisit", URL, http(b""), WARC_Payload_Digest="sha1:B", WARC_Refers_To="<urn:uuid:2>"),
        tmp_path,
    )
    assert found == [
        capture(1),
        skipped(2, "revisit", "the same as a capture before it"),
        skipped(3, "revisit", "the same as a capture before it"),
        skipped(4, "revisit", "the same as a capture that is not in this file"),
    ]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("<http://blog.example/a/>", "http://blog.example/a/"),
        ("http://blog.example/a b/", "http://blog.example/a%20b/"),
        ("http://blog.example/a#b", "http://blog.example/a"),
        ("http://bücher.example/caf%C3%A9/?x=ü", "http://bücher.example/caf%C3%A9/?x=ü"),
        ("http://blog.example/?email=a%40b.example", ""),
        ("http://ann@blog.example/", ""),
        ("file:///home/ann/page.html", ""),
        ("", ""),
    ],
)
def test_addresses_are_as_they_were_meant(url: str, expected: str, tmp_path: Path) -> None:
    assert items(warc("response", url, http(HTML)), tmp_path) == [capture(1, url=expected)]


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("2014-01-03T03:03:21.123456789Z", DATE),
        ("20140103030321", DATE),
        ("2014-01", datetime(2014, 1, 1, tzinfo=UTC)),
        ("2014", datetime(2014, 1, 1, tzinfo=UTC)),
        ("0000-00-00", None),
        ("2014-02-31T00:00:00Z", None),
        ("yesterday", None),
    ],
)
def test_dates_of_any_precision(date: str, expected: datetime | None, tmp_path: Path) -> None:
    assert items(warc("response", URL, http(HTML), WARC_Date=date), tmp_path) == [capture(1, captured=expected)]


def test_arc_of_both_versions(tmp_path: Path) -> None:
    second = arc(URL, http(HTML)).replace(b"20140103030321 text/html ", b"20140103030321 text/html 200 abc - 0 x.arc ")
    found = items(
        ARC_HEADER
        + arc(URL, http(HTML))
        + second
        + arc("http://blog.example/a b", http(HTML))
        + arc(URL, HTML)
        + arc("dns:blog.example", b"blog.example. A 192.0.2.77", "text/dns")
        + arc(URL, http(HTML, "404 Not Found")),
        tmp_path,
    )
    assert found == [
        capture(2),
        capture(3),
        capture(4, url="http://blog.example/a%20b"),
        capture(5, charset=""),
        skipped(7, "error-page", "status 404"),
        log("1 warcinfo, 1 dns"),
    ]


def test_no_item_holds_the_number_of_a_server_or_a_reader(tmp_path: Path) -> None:
    block = http(HTML, Set_Cookie="user=ann@blog.example", X_Forwarded_For="192.0.2.99")
    found = items(
        INFO + warc("response", URL, block) + warc("response", URL, http(HTML, "404 ann@blog.example")), tmp_path
    )
    assert "192.0.2" not in repr(found)
    assert "ann@" not in repr(found)


# Damage


@pytest.mark.parametrize("length", [0, 1, 100, 185, 190, 400, 10**9, 10**17, "", "abc", "-1"])
def test_a_record_of_wrong_length_ends_where_the_next_begins(length: int | str, tmp_path: Path) -> None:
    wrong = warc("response", "http://blog.example/2/", http(page(2)), length=length)
    found = items(response(1) + wrong + response(3), tmp_path)
    assert captures(found) == [
        capture(1, page(1), "http://blog.example/1/"),
        capture(2, page(2), "http://blog.example/2/"),
        capture(3, page(3), "http://blog.example/3/"),
    ]
    assert [item for item in found if not isinstance(item, Capture)] == [
        repaired(2, "record-length", "it ends where the next record begins")
    ]


def test_line_ends_changed_on_the_way(tmp_path: Path) -> None:
    data = INFO + response(1) + response(2) + response(3)
    for ends in (b"\n", b"\r\r\n"):
        found = items(data.replace(b"\r\n", ends), tmp_path)
        assert [c.body for c in captures(found)][:2] == [page(1), page(2)]
        # Of the last record only its own wrong length tells where it ends.
        assert page(3).startswith(captures(found)[2].body.rstrip())
        assert len(captures(found)[2].body) > len(page(3)) - 20


def test_bytes_that_are_no_record_are_skipped(tmp_path: Path) -> None:
    noise = b"noise\x00" * 50_000
    gz = gzip.compress
    found = items(gz(response(1)) + gz(noise) + gz(response(2)) + gz(b"") + b"\0" * 999 + gz(response(3)), tmp_path)
    assert [c.body for c in captures(found)] == [page(1), page(2), page(3)]
    assert found[1] == skipped(1, "unreadable", "300,000 bytes that are no record")
    found = items(b"\0\0" + noise + response(1) + noise, tmp_path)
    assert found == [
        skipped(0, "unreadable", "300,000 bytes that are no record"),
        capture(1, page(1), "http://blog.example/1/"),
        skipped(1, "truncated", "300,000 bytes that are no record"),
    ]
    found = items(gz(response(1)) + noise + gz(response(2)), tmp_path)
    assert [c.body for c in captures(found)] == [page(1), page(2)]
    assert found[1] == skipped(1, "unreadable", "bytes between compressed data that are none")


def test_one_gzip_member_over_all_records(tmp_path: Path) -> None:
    found = items(gzip.compress(INFO + response(2) + response(3)), tmp_path)
    assert [c.body for c in captures(found)] == [page(2), page(3)]
    assert found[2:] == [log("1 warcinfo")]


MEMBERS = [gzip.compress(record) for record in (INFO, response(2), response(3), response(4))]


def test_a_file_cut_anywhere_gives_what_is_whole_and_says_that_it_is_cut(tmp_path: Path) -> None:
    ends = [sum(map(len, MEMBERS[:n])) for n in range(len(MEMBERS) + 1)]
    data = b"".join(MEMBERS)
    for cut in sorted({*range(len(MEMBERS[0]), len(data), 3), *ends[1:]}):
        found = items(data[:cut], tmp_path)
        whole = sum(end <= cut for end in ends) - 2
        bodies = [c.body for c in captures(found)]
        # The last bytes of a member are its checksum: the page may be all there without them.
        assert bodies in ([page(n) for n in range(2, 2 + whole)], [page(n) for n in range(2, 3 + whole)])
        reasons = [item.reason for item in found if isinstance(item, Skipped)]
        assert reasons == ["crawl-log"] if cut in ends else ["truncated", "crawl-log"]


def test_a_damaged_member_costs_its_record_and_no_other(tmp_path: Path) -> None:
    start, length = len(MEMBERS[0]) + len(MEMBERS[1]), len(MEMBERS[2])
    for at in range(length):
        data = bytearray(b"".join(MEMBERS))
        data[start + at] ^= (0x01, 0x80, 0xFF)[at % 3]
        found = items(bytes(data), tmp_path)
        bodies = [c.body for c in captures(found)]
        assert bodies[0] == page(2)
        assert bodies[-1] == page(4)
        damage = [i for i in found if isinstance(i, Skipped | Repaired) and i.reason != "crawl-log"]
        assert damage or bodies == [page(2), page(3), page(4)]


def test_the_first_member_may_be_the_damaged_one(tmp_path: Path) -> None:
    data = bytearray(b"".join(MEMBERS))
    data[12] ^= 0xFF
    path = tmp_path / "crawl.warc.gz"
    path.write_bytes(data)
    (file,) = sources.find(path, lambda _: None)
    found = list(sources.read(file, None, alone=False))
    assert [(i.locator, i.reason) for i in found if isinstance(i, Skipped)] == [
        ("crawl.warc.gz#record=0", "unreadable"),
        *((f"crawl.warc.gz#record={n}", "not-a-post") for n in (1, 2, 3)),
    ]
    path.rename(path.with_name("export.xml.gz"))
    with pytest.raises(IncompleteSourceError, match=r"Cannot read .* to its end"):
        list(sources.read(InputFile(path.with_name("export.xml.gz"), "export.xml.gz"), None, alone=False))


def test_a_wrong_checksum_is_told(tmp_path: Path) -> None:
    bad = MEMBERS[2][:-8] + bytes(4) + MEMBERS[2][-4:]
    found = items(MEMBERS[0] + MEMBERS[1] + bad + MEMBERS[3], tmp_path)
    assert [c.body for c in captures(found)] == [page(2), page(3), page(4)]
    assert [i.reason for i in found if isinstance(i, Repaired)] == ["checksum"]


def test_a_cut_record_whose_page_is_all_there_is_read(tmp_path: Path) -> None:
    told = http(HTML, Content_Length=str(len(HTML)))
    assert items(warc("response", URL, told, length=len(told) + 7).rstrip(), tmp_path) == [
        repaired(1, "record-length", f"{len(told)} of its {len(told) + 7} bytes"),
        capture(1),
    ]
    chunked = http(b"3c\r\n" + HTML + b"\r\n0\r\n\r\n", Transfer_Encoding="chunked")
    assert captures(items(warc("response", URL, chunked, length=999), tmp_path)) == [capture(1)]


# A record per frame, as the specification has it, and what compresses them: the words that records have in common.
DICTIONARY = zstd.train_dict([response(n) for n in range(300)], 2000)
RECORDS = (INFO, response(2), response(3), response(4))


def skippable(content: bytes, magic: bytes = b"\x5d\x2a\x4d\x18") -> bytes:
    return magic + len(content).to_bytes(4, "little") + content


def frames(*records: bytes, dictionary: zstd.ZstdDict | None = None) -> list[bytes]:
    options = {int(zstd.CompressionParameter.checksum_flag): 1}
    return [zstd.compress(record, options=options, zstd_dict=dictionary) for record in records]


EXTENSION = skippable(b"\x28\xb5\x2f\xfd, not a frame", b"\x5e\x2a\x4d\x18")
WITH_DICTIONARY = b"".join(frames(*RECORDS, dictionary=DICTIONARY))


@pytest.mark.parametrize(
    "data",
    [
        b"".join(frames(*RECORDS)),
        zstd.compress(b"".join(RECORDS)),
        b"".join(frame + EXTENSION for frame in frames(*RECORDS)),
        b"".join(frames(*RECORDS, b"")) + bytes(40_000),
        skippable(DICTIONARY.dict_content) + WITH_DICTIONARY,
        skippable(zstd.compress(DICTIONARY.dict_content)) + EXTENSION + WITH_DICTIONARY,
    ],
)
def test_an_archive_compressed_with_zstandard(data: bytes, tmp_path: Path) -> None:
    found = items(data, tmp_path)
    assert [c.body for c in captures(found)] == [page(2), page(3), page(4)]
    assert found[3:] == [log("1 warcinfo")]


@pytest.mark.parametrize(
    ("dictionary", "message"),
    [
        (skippable(DICTIONARY.dict_content[:4] + bytes(400)), "damaged or too long"),
        (skippable(zstd.compress(DICTIONARY.dict_content)[:-1]), "damaged or too long"),
        (skippable(zstd.compress(bytes(9_000_000))), "longer than 8 MB"),
        (b"\x5d\x2a\x4d\x18\xff\xff\xff\xff", "longer than 8 MB"),
        (b"\x5d\x2a\x4d", "no record in it is whole"),
        (skippable(zstd.train_dict([page(n) for n in range(300)], 1000).dict_content), "no record in it is whole"),
    ],
)
def test_a_dictionary_that_cannot_be_read_is_an_error(dictionary: bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(IncompleteSourceError, match=message):
        items(dictionary + WITH_DICTIONARY, tmp_path)


def test_frames_cut_anywhere_give_what_is_whole_and_say_that_they_are_cut(tmp_path: Path) -> None:
    parts = frames(*RECORDS)
    ends = [sum(map(len, parts[:n])) for n in range(len(parts) + 1)]
    data = b"".join(parts)
    for cut in sorted({*range(len(parts[0]), len(data), 3), *ends[1:]}):
        found = items(data[:cut], tmp_path)
        whole = sum(end <= cut for end in ends) - 2
        bodies = [c.body for c in captures(found)]
        # The last bytes of a frame are its checksum: the page may be all there without them.
        assert bodies in ([page(n) for n in range(2, 2 + whole)], [page(n) for n in range(2, 3 + whole)])
        reasons = [item.reason for item in found if isinstance(item, Skipped)]
        assert reasons == ["crawl-log"] if cut in ends else ["truncated", "crawl-log"]
    found = items(data + EXTENSION[:-1], tmp_path)
    assert [item.reason for item in found if isinstance(item, Skipped)] == ["truncated", "crawl-log"]


def test_a_damaged_frame_costs_its_record_and_no_other(tmp_path: Path) -> None:
    parts = frames(*RECORDS)
    start, length = len(parts[0]) + len(parts[1]), len(parts[2])
    for at in range(length):
        data = bytearray(b"".join(parts))
        data[start + at] ^= (0x01, 0x80, 0xFF)[at % 3]
        found = items(bytes(data), tmp_path)
        bodies = [c.body for c in captures(found)]
        assert bodies[0] == page(2)
        assert bodies[-1] == page(4)
        damage = [i.reason for i in found if isinstance(i, Skipped | Repaired) and i.reason != "crawl-log"]
        assert damage or bodies == [page(2), page(3), page(4)]


def test_frames_of_nothing_but_damage_take_no_time(tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(IncompleteSourceError, match="too much of it is damaged"):
        items(frames(INFO)[0] + b"\x28\xb5\x2f\xfd\xff\xff" * 100_000, tmp_path)
    with pytest.raises(IncompleteSourceError, match="no record in it is whole"):
        items(zstd.compress(b"") * 20_000, tmp_path)
    items(frames(INFO)[0] + zstd.compress(bytes(200_000_000)) + frames(response(2))[0], tmp_path)
    assert time.monotonic() - started < 20


@pytest.mark.parametrize("data", [b"WARC/1.0\r\nWARC-Ty", gzip.compress(INFO)[:40], b"nothing", INFO[:-40]])
def test_a_file_without_a_whole_record_is_an_error(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(IncompleteSourceError, match="no record in it is whole"):
        items(data, tmp_path)


def test_a_record_of_an_unknown_type_is_skipped(tmp_path: Path) -> None:
    assert items(warc("unheard-of", URL, HTML), tmp_path) == [skipped(1, "unreadable", "a record of no known type")]


def test_a_file_of_nothing_but_damage_takes_no_time(tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(IncompleteSourceError, match="too much of it is damaged"):
        items(MEMBERS[0] + (b"\x1f\x8b\x08\x00" + b"\xff" * 20) * 100_000, tmp_path)
    lying = warc("response", URL, b"", length=10**7).rstrip() + b"\r\n\r\n"
    items(lying * 100_000, tmp_path)
    items(response(1) + b"http: 1 1 1 1 1 1 1\n" * 200_000 + response(2), tmp_path)
    items(response(1) + b"http://" + b"1 " * 1_000_000 + response(2), tmp_path)
    assert time.monotonic() - started < 30


def test_a_long_member_is_salvaged_up_to_the_damage(tmp_path: Path) -> None:
    block = b"".join(b"<p>%d</p>" % (n * n) for n in range(200_000))
    member = bytearray(gzip.compress(warc("response", URL, http(block)) + response(2)))
    for at in range(len(member) // 2, len(member) // 2 + 40):
        member[at] ^= 0xFF
    path = tmp_path / "crawl.warc.gz"
    path.write_bytes(MEMBERS[1] + bytes(member) + MEMBERS[3])
    with InputFile(path, path.name).open_raw() as raw:
        found = list(chunks(raw, path.name))
    assert [isinstance(chunk, Gap) for chunk in found].count(True) == 1
    gap = next(n for n, chunk in enumerate(found) if isinstance(chunk, Gap))
    read = b"".join(chunk for chunk in found[1:gap] if isinstance(chunk, bytes))
    assert len(read) > len(block) // 3
    assert found[gap + 1 :] == [response(4)]


# WACZ, indexes, whole archives


def wacz(members: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)
    return data.getvalue()


WACZ = wacz(
    {
        "archive/data.warc.gz": b"".join(MEMBERS),
        "indexes/index.cdx.gz": gzip.compress(b'example,blog)/2 20140103030321 {"url": "http://blog.example/2/"}\n'),
        "indexes/index.idx": b"!meta 0 {}\n",
        "logs/crawl.log": b'{"message": "started"}\n',
        "pages/pages.jsonl": b'{"format": "json-pages-1.0", "id": "pages"}\n{"id": "1", "url": "http://blog.example/2/"}\n',
        "datapackage.json": b'{"profile": "data-package", "wacz_version": "1.1.1"}',
    }
)


@pytest.mark.parametrize("in_folder", [False, True])
def test_a_wacz_is_its_web_archives(in_folder: bool, tmp_path: Path) -> None:
    path = tmp_path / "blog.wacz"
    path.write_bytes(WACZ)
    files = sources.find(tmp_path if in_folder else path, lambda _: None)
    found = [item for file in files for item in webarchive.read(file) if webarchive.sniff(file.head(), file.where)]
    assert [(c.locator.rpartition("/")[2], c.body) for c in captures(found)] == [
        (f"data.warc.gz#record={n}", page(n)) for n in (2, 3, 4)
    ]
    assert Counter(item.reason for item in found if isinstance(item, Skipped)) == {"index": 5, "crawl-log": 1}


def test_an_index_beside_its_archive_is_skipped_as_one(tmp_path: Path) -> None:
    data = b" CDX N b a m s k r M S V g\ncom,example)/ 20140103 http://example.com/ text/html 200 A - - 1 2 x.warc.gz\n"
    for name, content in (("x.cdx", data), ("x.cdx.gz", gzip.compress(data))):
        path = tmp_path / name
        path.write_bytes(content)
        assert list(sources.read(InputFile(path, name), None, alone=True)) == [
            Skipped(source="webarchive", locator=name, reason="index", detail="describes a web archive, holds no page")
        ]


def records_of(data: bytes) -> list[Record]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "crawl.warc")
        path.write_bytes(data)
        with InputFile(path, path.name).open_raw() as raw:
            return list(records(Stream(chunks(raw, path.name))))


def blocks() -> st.SearchStrategy[bytes]:
    return st.one_of(st.binary(max_size=300), st.just(http(HTML)), st.just(HTML), st.just(b""))


@given(st.lists(st.tuples(st.sampled_from(["response", "resource", "metadata"]), blocks()), min_size=1), st.booleans())
def test_undamaged_archives_are_read_as_warcio_reads_them(parts: list[tuple[str, bytes]], compressed: bool) -> None:
    whole = [warc(type, "urn:x" if type == "response" else URL, block) for type, block in parts]
    data = b"".join(map(gzip.compress, whole) if compressed else whole)
    expected = [(r.rec_type, r.raw_stream.read()) for r in ArchiveIterator(io.BytesIO(data), no_record_parse=True)]
    assert [(r.type, r.body, r.damage) for r in records_of(data)] == [(*record, "") for record in expected]
    assert [block for _, block in expected] == [block for _, block in parts]


PLAIN = b"".join(
    (INFO, REQUEST, response(2), warc("revisit", URL, http(b""), WARC_Payload_Digest="sha1:A"), response(3))
)
SAMPLES = [
    PLAIN,
    b"".join(MEMBERS),
    gzip.compress(PLAIN),
    ARC_HEADER + arc(URL, http(HTML)) + arc("http://blog.example/a b", http(HTML)),
    warc("response", URL, http(b"3c\r\n" + HTML + b"\r\n0\r\n\r\n", Transfer_Encoding="chunked")),
    warc("response", URL, http(gzip.compress(HTML), Content_Encoding="gzip")),
    warc("response", URL, http(brotli.compress(HTML), Content_Encoding="br")),
    warc("response", URL, http(zstd.compress(HTML), Content_Encoding="zstd")),
    b"".join(frame + EXTENSION for frame in frames(*RECORDS)),
    skippable(DICTIONARY.dict_content) + WITH_DICTIONARY,
    warc("response", "http://blog.example/?p=1", http(b"", "301 Moved", Location=URL))
    + warc("response", URL, http(HTML)),
]


@given(damaged(SAMPLES))
def test_whatever_the_bytes_are(data: bytes) -> None:
    for item in read_damaged(webarchive.FORMAT, data, "crawl.warc.gz"):
        assert "192.0.2.77" not in repr(item) or isinstance(item, Capture)
        if isinstance(item, Capture):
            list(sources.captured_page(item))


@given(st.lists(st.sampled_from([*SAMPLES, b"\r\n", b"WARC/1.0\r\n", b"\x1f\x8b\x08", b"noise", *MEMBERS]), max_size=6))
def test_pieces_of_archives_in_any_order(parts: list[bytes]) -> None:
    read_damaged(webarchive.FORMAT, b"".join(parts), "crawl.warc")


# What warcio, which counted, does not read at all, or only up to the first damage.
READ_BEYOND_WARCIO = {
    "webrecorder__warcio--test__data__example-bad-non-chunked.warc.gz": {
        "warcinfo": 2,
        "response": 1,
        "request": 2,
        "revisit": 1,
    },
    "webrecorder__warcio--test__data__example-bad.warc.gz.bad": {
        "warcinfo": 1,
        "response": 2,
        "request": 2,
        "revisit": 1,
    },
    "webrecorder__pywb--sample_archive__warcs__example-bad.warc.gz.bad": {
        "warcinfo": 1,
        "response": 2,
        "request": 2,
        "revisit": 1,
    },
    "webrecorder__warcio--test__data__example-wrong-chunks.warc.gz": {"response": 1, "request": 1},
}
# Captures beyond the answers with status 200 and HTML: a resource, two empty pages without HTTP, two pages behind damage.
MORE_CAPTURES = {
    "webrecorder__warcio--test__data__example-resource.warc.gz": 1,
    "webrecorder__warcio--test__data__bad.arc": 2,
    "webrecorder__pywb--sample_archive__warcs__bad.arc": 2,
    **dict.fromkeys([name for name in READ_BEYOND_WARCIO if "bad" in name], 1),
}


def web_archives(archives: Path) -> Iterator[tuple[str, dict[str, object], InputFile]]:
    for entry in json.loads((archives / "MANIFEST.json").read_text()):
        counted, name = entry["counted"], entry["file"]
        if entry["format"] == "warc" and isinstance(counted["records"], dict) and "cdx" not in name:
            yield name, counted, InputFile(archives / "warc" / name, name)


def test_real_archives_hold_what_the_manifest_counts(archives: Path) -> None:
    seen = 0
    for name, counted, file in web_archives(archives):
        with file.open_raw() as raw:
            types = Counter(record.type for record in records(Stream(chunks(raw, name))))
        assert types == READ_BEYOND_WARCIO.get(name, counted["records"]), name
        found = list(webarchive.read(file))
        assert len(captures(found)) == counted["html200"] + MORE_CAPTURES.get(name, 0), name  # type: ignore[operator]
        numbered = {i.locator for i in found if isinstance(i, Capture | Skipped) and "#record=" in i.locator}
        about = [i.detail for i in found if isinstance(i, Skipped) and i.reason == "crawl-log"]
        logged = sum(int(word.replace(",", "")) for detail in about for word in detail.split() if word[0].isdigit())
        assert len(numbered) + logged == types.total(), name
        seen += 1
    assert seen == 33


def posts_and_comments(items: Iterator[Item]) -> tuple[dict[str, str], dict[tuple[str, str], str]]:
    found = list(items)
    posts = {item.url: item.html for item in found if isinstance(item, Post)}
    return posts, {(item.post, item.native_id): item.html for item in found if isinstance(item, Comment)}


def test_a_crawl_holds_what_a_mirror_of_the_same_blog_holds(archives: Path) -> None:
    mirror = sources.find(archives / "mirror" / "lesscode", lambda _: None)
    copied = posts_and_comments(item for file in mirror for item in sources.read(file, None, alone=False))
    crawl = archives / "warc" / "crawl" / "lesscode.org.warc.gz"
    found = list(webarchive.read(InputFile(crawl, crawl.name)))
    assert Counter(type(item).__name__ if isinstance(item, Capture) else item.reason for item in found) == {  # type: ignore[union-attr]
        "Capture": 203 - 1,
        "error-page": 204,
        "redirect": 1,
        "not-a-page": 1,
        "crawl-log": 1,
    }
    same = [c for c in captures(found) if c.url in copied[0]]
    read = posts_and_comments(item for capture in same for item in sources.captured_page(capture))
    assert (len(read[0]), len(read[1])) == (12, 134)
    # A link and an address were replaced by made-up ones (in .invalid) in the mirror, not in the crawl.
    made_up = [key for key, html in copied[0].items() if ".invalid" in html]
    assert {url for url, html in copied[0].items() if html != read[0][url]} == set(made_up)
    assert {key[1] for key, html in copied[1].items() if html != read[1][key]} == {"632"}


def test_a_second_crawl_repeats_the_first(archives: Path) -> None:
    crawl = archives / "warc" / "crawl" / "lesscode.org-recrawl-revisit.warc.gz"
    found = list(webarchive.read(InputFile(crawl, crawl.name)))
    assert Counter(i.reason for i in found if isinstance(i, Skipped)) == {
        "error-page": 203,
        "revisit": 164,
        "crawl-log": 1,
    }
    assert len(found) == 203 + 164 + 1
