"""Finding the files of a source, gzip and ZIP undone, and names without addresses."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest

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
            assert file.open().read() == text
            assert file.head() == text
            continue
        with pytest.raises(IncompleteSourceError, match=r"Cannot read .*a\.gz to its end"):
            file.open().read()
    zipped(tmp_path / "b.zip", **{"in.gz": ""})
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("in.gz", whole)
    (inside,) = sources.find(tmp_path / "b.zip", unheard)
    assert inside.open().read() == text


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
        ("@joe", "@joe"),
        ("Web 2.0", "Web 2.0"),
        (f"{'a' * 100}@b.example", "a" * 100),
        ("a" * 200_000 + "@", "a" * 200_000 + "@"),
    ],
)
def test_a_name_holds_no_address(found: str, name: str) -> None:
    assert person_name(found) == name


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
