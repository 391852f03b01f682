"""Every real archive, folder by folder, through the whole pipeline: all is accounted for, nothing leaks, nothing changes."""

from __future__ import annotations

import json
import re
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from indexer import engine, exchange, pipeline
from indexer.accounting import IndexReport
from indexer.engine.generations import IMPORT_REPORT, Generations
from indexer.engine.port import Document
from indexer.settings import Settings

FOLDERS = "blogger disqus disqus-wxr feed ghost markdown mirror movabletype page seed warc wxr".split()
# Without a post there is no index.
WITHOUT_POSTS = ("disqus", "disqus-wxr")


@dataclass(frozen=True, slots=True)
class Built:
    folder: Path
    settings: Settings
    report: IndexReport

    @property
    def notes(self) -> list[dict[str, Any]]:
        path = Generations(self.settings.index_dir).current().path / IMPORT_REPORT
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module", params=[name for name in FOLDERS if name not in WITHOUT_POSTS])
def built(request: pytest.FixtureRequest, archives: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder: Path = archives / request.param
    sources = [folder, *(archives / name for name in WITHOUT_POSTS)] if request.param == "markdown" else [folder]
    settings = Settings(index_dir=tmp_path_factory.mktemp(request.param) / "index_data")
    return Built(folder, settings, pipeline.build(sources, settings, partial=True))


def documents(settings: Settings) -> list[Document]:
    with closing(engine.open_searcher(settings)) as searcher:
        return list(searcher.documents())


def test_everything_seen_is_indexed_or_skipped(built: Built) -> None:
    report = built.report
    assert report.total("read") > 0
    for source in report.sources:
        assert source.read == source.indexed + source.skipped.total()
    found = documents(built.settings)
    assert len(found) == sum(report.counts.values())
    assert len({document.id for document in found}) == len(found)
    notes = built.notes
    assert sum(note["what"] == "skipped" for note in notes) == report.skipped.total()
    assert sum(note.get("count", 0) for note in notes) == report.repaired.total()
    assert all(note["locator"] and note["reason"] for note in notes)


# Where formats keep addresses of people and machines. What stands in a body is the author's business.
METADATA = re.compile(
    rb"<(?:wp:comment_author_email|wp:comment_author_IP|wp:author_email|email|ipAddress|dsq:email|dc:creator|author|managingEditor"
    rb"|webMaster|itunes:email)\b[^>]*>(?:<!\[CDATA\[)?([^<\]]*)"
    rb'|^(?:AUTHOR EMAIL|EMAIL|IP|WARC-IP-Address):[ \t]*(\S+)|"(?:email|ip|ip_address)":\s*"([^"]*)"'
    rb"|^\s*(?:email|ip|author_email):\s*[\"']?([^\s\"']+)",
    re.I | re.M,
)
# An address begins where a word does: without this the search is quadratic on what is packed.
ADDRESS = re.compile(rb"(?<![\w.+%-])(?:[\w.+%-]{1,64}@[\w-]+(?:\.[\w-]+)+|(?:\d{1,3}\.){3}\d{1,3}\b)")


def addresses(folder: Path) -> set[str]:
    """E-mail addresses and IP numbers that stand in metadata, and nowhere in the folder in a text."""
    held: set[bytes] = set()
    written: set[bytes] = set()
    for path in folder.rglob("*"):
        if not path.is_file() or path.suffix in (".gz", ".wacz"):
            continue
        metadata, text = path.read_bytes(), b""
        if metadata.startswith(b"---\n"):  # front matter
            metadata, _, text = metadata.partition(b"\n---\n")
        held |= {
            address for match in METADATA.finditer(metadata) for address in ADDRESS.findall(match[match.lastindex or 0])
        }
        written |= {*ADDRESS.findall(text), *ADDRESS.findall(METADATA.sub(b"", metadata))}
    return {address.decode() for address in held - written}


def test_no_address_of_the_metadata_is_in_any_byte_that_is_produced(built: Built) -> None:
    secrets = addresses(built.folder)
    with closing(engine.open_searcher(built.settings)) as searcher:
        exported = "\n".join(exchange.lines(searcher.about(), searcher.documents()))
        produced = exported + "\n".join(repr(asdict(document)) for document in searcher.documents())
    generation = Generations(built.settings.index_dir).current().path
    for file in generation.iterdir():  # terms and facets as they are; what is compressed is read above
        produced += file.read_bytes().decode("latin-1")
    for found in {match.group().decode() for match in ADDRESS.finditer(produced.encode("utf-8", "replace"))}:
        assert found not in secrets
    # The others hold none or few that stand nowhere in a text.
    assert secrets or built.folder.name not in ("ghost", "markdown", "movabletype", "warc", "wxr")


def test_an_update_of_an_unchanged_archive_changes_nothing(built: Built) -> None:
    before = documents(built.settings)
    report = pipeline.update([], built.settings, partial=True)
    assert report.changes == {"added": 0, "changed": 0, "removed": 0, "unchanged": len(before), "kept": 0}
    assert documents(built.settings) == before


def test_what_is_exported_reads_back_to_the_identical_index(built: Built, tmp_path: Path) -> None:
    with closing(engine.open_searcher(built.settings)) as searcher:
        about = searcher.about()
        before = list(searcher.documents())
        (tmp_path / "export.jsonl").write_text(
            "".join(line + "\n" for line in exchange.lines(about, before)), encoding="utf-8"
        )
    again = Settings(index_dir=tmp_path / "index_data")
    report = pipeline.build([tmp_path / "export.jsonl"], again)
    assert report.skipped == {}
    assert [_unplaced(d) for d in documents(again)] == [_unplaced(d) for d in before]
    with closing(engine.open_searcher(again)) as searcher:
        assert (searcher.about().blog_name, searcher.about().counts) == (about.blog_name, about.counts)


def _unplaced(document: Document) -> Document:
    """A document but for where it was found."""
    return replace(document, source="", locator="", archive="")


# Exports of one file each, in formats that differ in what they lose with their end.
CUT = {
    "blogger": "Nexusdecode__blogger2jekyll--blog-08-19-2012.FULL.xml",
    "ghost": "mhyrr__ghost_export--ghost.json",
    "movabletype": "ADN-DevTech__typepad-migration-dump--justonesandzeros__Export-text.txt",
    "wxr": "alienlebarge__alienlebarge.github.com--wordpress.xml",
}


@pytest.mark.parametrize("name", CUT)
def test_an_export_that_is_cut_off_changes_nothing(name: str, archives: Path, tmp_path: Path) -> None:
    whole = (archives / name / CUT[name]).read_bytes()
    copy = tmp_path / CUT[name]
    copy.write_bytes(whole)
    settings = Settings(index_dir=tmp_path / "index_data")
    pipeline.build([copy], settings)
    before = documents(settings)
    for share in (0.3, 0.8):
        copy.write_bytes(whole[: int(len(whole) * share)])
        changes = pipeline.update([], settings, partial=True).changes
        assert changes["unchanged"] + changes["kept"] == len(before)
        assert documents(settings) == before


def test_a_source_that_is_gone_changes_nothing(archives: Path, tmp_path: Path) -> None:
    """The same blog as an export and as files made of it; one at a time is not there."""
    export = tmp_path / "export.txt"
    export.write_bytes((archives / "movabletype" / CUT["movabletype"]).read_bytes())
    files = tmp_path / "files"
    files.symlink_to(archives / "markdown" / "justonesandzeros", target_is_directory=True)
    settings = Settings(index_dir=tmp_path / "index_data")
    pipeline.build([files, export], settings)
    before = documents(settings)
    for source in (export, files):
        away = source.rename(tmp_path / "away")
        pipeline.update([], settings, partial=True)
        assert documents(settings) == before
        away.rename(source)
    assert pipeline.update([], settings).changes["unchanged"] == len(before)
