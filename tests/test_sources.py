"""Finding the files of a source, gzip and ZIP undone, and names without addresses."""

from __future__ import annotations

import gzip
import re
import zipfile
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from indexer import sources
from indexer.errors import IncompleteSourceError, SourceError
from indexer.sources.base import InputFile, person_name, person_url, unheard


def names(path: Path) -> list[str]:
    return [file.name for file in sources.find(path, unheard)]


def zipped(path: Path, **files: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def test_a_zip_stands_for_its_files_when_given_or_at_the_top_of_a_directory(tmp_path: Path) -> None:
    content = {"a/b.txt": "B", "a.xml": "A", "__MACOSX/a.xml": "-", ".hidden": "-", "c?p=1": "C"}
    (tmp_path / "deep").mkdir()
    given = zipped(tmp_path / "x.data", **content)
    zipped(tmp_path / "y.zip", **content)
    zipped(tmp_path / "deep" / "z.zip", **content)
    assert names(given) == ["a/b.txt", "a.xml", "c?p=1"]
    assert names(tmp_path) == ["deep/z.zip", "x.data", "y.zip/a/b.txt", "y.zip/a.xml", "y.zip/c?p=1"]
    heard: list[int] = []
    (file, *_) = sources.find(given, heard.append)
    with file.open() as stream:
        assert stream.read() == b"B"
    assert (sum(heard), file.size) == (1, 1)


def test_gzip_is_undone_and_damage_is_told(tmp_path: Path) -> None:
    text = b"words " * 1000
    whole = gzip.compress(text)
    for data in (whole, whole[: len(whole) // 2] + gzip.compress(b"more")):
        (tmp_path / "a.gz").write_bytes(data)
        file = InputFile(tmp_path / "a.gz", "a.gz")
        if data is whole:
            with file.open() as stream:
                assert stream.read() == text
            assert file.head() == text
            continue
        with pytest.raises(IncompleteSourceError, match=r"Cannot read .*a\.gz to its end"), file.open() as stream:
            stream.read()
    zipped(tmp_path / "b.zip", **{"in.gz": ""})
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("in.gz", whole)
    (inside,) = sources.find(tmp_path / "b.zip", unheard)
    assert inside.open().read() == text


@pytest.mark.parametrize("packing", ["stored", "deflated", "gzip"])
def test_damage_inside_a_zip_or_gzip_file_is_told_as_that(tmp_path: Path, packing: str) -> None:
    """A byte that changed in the middle makes bad XML: the checksum that says so comes at the end."""
    content = (
        b"<rss xmlns:wp='http://wordpress.org/export/1.2/'><channel><title>" + b"x" * 5000 + b"</title></channel></rss>"
    )
    path = tmp_path / "a.data"
    if packing == "gzip":
        path.write_bytes(gzip.compress(content, compresslevel=0))
    else:
        kind = zipfile.ZIP_STORED if packing == "stored" else zipfile.ZIP_DEFLATED
        with zipfile.ZipFile(path, "w", kind, compresslevel=0) as archive:
            archive.writestr("a.xml", content)
    path.write_bytes(path.read_bytes().replace(b"x" * 100, b"<" * 100, 1))
    (file,) = sources.find(path, unheard)
    name = "gzip" if packing == "gzip" else "ZIP"
    with pytest.raises(
        IncompleteSourceError, match=rf"Cannot read .*a\.data.* to its end: the {name} file is damaged \("
    ) as e:
        list(sources.read(file, None, alone=True))
    assert e.value.hint == "Fetch it again, or keep what was read with --partial."


def test_a_zip_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "cut.zip").write_bytes(zipped(tmp_path / "x.zip", a="A").read_bytes()[:20])
    with pytest.raises(SourceError, match=r"cut\.zip: it is no whole ZIP file"):
        sources.find(tmp_path / "cut.zip", unheard)


def test_a_file_beside_another(tmp_path: Path) -> None:
    (tmp_path / "blog" / "posts").mkdir(parents=True)
    (tmp_path / "blog" / "posts" / "a.md").write_text("A")
    (tmp_path / "blog" / "_config.yml").write_text("C")
    (tmp_path / "outside").write_text("-")
    archive = zipped(tmp_path / "blog.zip", **{"posts/a.md": "A", "_config.yml": "C"})
    for source in (tmp_path / "blog", archive):
        (post,) = [file for file in sources.find(source, unheard) if file.name == "posts/a.md"]
        config = post.beside("_config.yml")
        assert config is not None
        assert (config.name, config.open().read()) == ("_config.yml", b"C")
        assert [post.beside(name) for name in ("none", "../outside", str(tmp_path / "outside"), "", "posts")] == [
            None
        ] * 5


def test_a_zip_file_with_a_password_is_told(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", a="A")
    # The flag of encryption, in both headers of the member.
    path.write_bytes(
        path.read_bytes()
        .replace(b"PK\3\4\x14\0\0", b"PK\3\4\x14\0\1")
        .replace(b"\x14\x03\x14\0\0", b"\x14\x03\x14\0\1")
    )
    (file,) = sources.find(path, unheard)
    with pytest.raises(SourceError, match=r"a\.zip/a: .* is encrypted.*\. Unpack the ZIP file, or leave it out\."):
        file.head()


@pytest.mark.parametrize(
    ("found", "name"),
    [
        ("Joe", "Joe"),
        ("joe@example.com", "joe"),
        ("joe@example.com (Joe Doe)", "joe (Joe Doe)"),
        ("Joe <joe.doe@mail.example.org>", "Joe <joe.doe>"),
        ("a@b.example@d.example", "a"),
        ("192.0.2.17", ""),
        ("2001:db8:0:0:0:0:2:1", ""),
        ("2001:db8::1", ""),
        ("Joe (2001:db8::1), 192.0.2.17.", "Joe ( ), ."),
        ("IP:2001:db8::1 IPv6:2001:DB8::1: [2001:db8::1]:80 fe80::1%eth0 2001:db8::/32", "IP: IPv6: : :80"),
        ("::1", ""),
        ("::ffff:192.0.2.17", ""),
        ("abcd:abcd:abcd:abcd:abcd:abcd:abcd:abcd", ""),
        ("bad:2001:db8:0:0:0:0:2:1", "bad:"),
        ("192.0.2.17:8080 Joe", "Joe"),
        ("1:192.0.2.17:2", "1:"),
        ("jane@localhost", "jane"),
        ("jane@[192.0.2.17], jane@[IPv6:2001:db8::1]", "jane, jane"),
        ('"jane doe"@example.com', "jane doe"),
        ("@joe", "@joe"),
        ("@jane", "@jane"),
        ("M@tt", "M@tt"),
        ("me@localhosts", "me@localhosts"),
        ("Jane at 10:30", "Jane at 10:30"),
        ("10:30:15", "10:30:15"),
        ("C::B", "C::B"),
        ("Ratio 3:1", "Ratio 3:1"),
        ("std::vector", "std::vector"),
        ("4::Ever", "4::Ever"),
        ("::", "::"),
        ("00:1a:2b:3c:4d:5e", "00:1a:2b:3c:4d:5e"),
        ("Backfile 1.2.3.4.5", "Backfile 1.2.3.4.5"),
        ("Web 2.0", "Web 2.0"),
        (f"{'a' * 100}@b.example", "a" * 100),
        ("a" * 200_000 + "@", "a" * 200_000 + "@"),
    ],
)
def test_a_name_holds_no_address(found: str, name: str) -> None:
    assert person_name(found) == name


@given(
    st.ip_addresses(),
    st.sampled_from(
        ["{}", "[{}]", "Joe {}", "({})", "Joe, {}.", "ip={}", "ip:{}", "IPv6:{}", "{}/64", "von {} aus", "{}: {}"]
    ),
    st.booleans(),
)
def test_a_name_holds_no_number(number: IPv4Address | IPv6Address, form: str, long: bool) -> None:
    text = number.exploded.upper() if long else str(number)
    assume(re.search(r"\d", text))
    assert text not in person_name(form.format(text, text))
    assert not re.search(r"\d[.:]", person_name(form.format(text, text)).replace("IPv6:", ""))


@given(st.text(st.sampled_from('12af:.@[]%/ xé"')) | st.text())
def test_what_is_taken_out_of_a_name_leaves_none_behind(found: str) -> None:
    assert person_name(person_name(found)) == person_name(found)


@given(
    st.from_regex(
        r"(@?[A-Za-zé]{1,9}|[0-9]{1,2}:[0-9]{1,2}(:[0-9]{2})?|[g-z]+::[g-z]+|[A-F]::[A-F])( [a-z]+)*", fullmatch=True
    )
)
def test_a_name_without_addresses_stays(found: str) -> None:
    assert person_name(found) == found


@pytest.mark.parametrize(
    ("found", "url"),
    [
        (" http://joe.example/ ", "http://joe.example/"),
        ("mailto:joe@example.com", ""),
        ("http://joe@example.com/", ""),
        ("http://x.example/?mail=joe@example.com", ""),
        ("http://", ""),
        ("javascript:alert(1)", ""),
        ("joe.example", ""),
    ],
)
def test_a_persons_address_on_the_web(found: str, url: str) -> None:
    assert person_url(found) == url
