"""What was lost: ``python -m benchmarks.fidelity [ARCHIVES] [--only NAME] [--json]`` reads a folder of archives and counts.

    ARCHIVES/MANIFEST.json       what another program counted, per file: {"format": FOLDER, "file": ..., "counted": {...}}
    ARCHIVES/FOLDER/file         an export; compared with its row of the manifest by `COMPARISONS` (one function per FOLDER)
    ARCHIVES/mirror/BLOG/...     a tree of saved pages; compared with what the pages say of themselves
    ARCHIVES/FOLDER/...          anything else is read and counted, and compared with nothing

A mirror's comments are compared with the number that each post announces ("12 Responses to ..."), copies of a post and pages of
its thread folded, and with the ids of the elements that hold them. What a thread has on a page that is not in the mirror
(``comment-page-2``) is listed, and not expected. Its posts are compared with the pages that look like a post's to
`looks_like_a_post`, which knows nothing of the reader.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from benchmarks.counting import Check, Result, compare, read_file, seen
from benchmarks.mirrors import read_mirror
from indexer.archive import Comment, Item, Post, Skipped
from indexer.errors import SourceError
from indexer.sources import find

ARCHIVES = Path(__file__).resolve().parents[2] / "shared" / "archives"
MIRRORS = "mirror"
# What the mirrors are held against: the share of announced comments, and of pages that look like a post's.
LEAST_COMMENTS, LEAST_POSTS = 0.99, 0.98


# --- exports: one comparison per folder ----------------------------------------------------------------------------


def wxr(counted: dict[str, Any], items: Sequence[Item]) -> list[Check]:
    """WordPress: every ``<item>`` and every comment, kept or skipped."""
    posts, comments = seen(items)
    return [compare("items", counted["items"], posts), compare("comments", counted["comments"], comments)]


def blogger(counted: dict[str, Any], items: Sequence[Item]) -> list[Check]:
    """Blogger: every entry of the feed (settings too), the published posts and pages, the comments."""
    kinds, (others, comments) = counted["kinds"], seen(items)
    posts = kinds.get("post", 0) + kinds.get("page", 0) - counted["drafts"]
    return [
        compare("entries", sum(kinds.values()), others + comments),
        compare("published posts", posts, sum(isinstance(item, Post) for item in items)),
        compare("comments", kinds.get("comment", 0), comments),
    ]


def movabletype(counted: dict[str, Any], items: Sequence[Item]) -> list[Check]:
    """Movable Type: every entry, the published ones, and comments and pings together."""
    entries, comments = seen(items)
    # An entry without a status is published.
    hidden = sum(number for status, number in counted["status"].items() if status != "Publish")
    return [
        compare("entries", counted["entries"], entries),
        compare("published entries", counted["entries"] - hidden, sum(isinstance(item, Post) for item in items)),
        compare("comments and pings", counted["comments"] + counted["pings"], comments),
    ]


def ghost(counted: dict[str, Any], items: Sequence[Item]) -> list[Check]:
    """Ghost: every post and page, and the published ones."""
    posts, _ = seen(items)
    published = counted["status"].get("published", 0)
    return [
        compare("posts and pages", counted["posts"], posts),
        compare("published", published, sum(isinstance(item, Post) for item in items)),
    ]


def disqus(counted: dict[str, Any], items: Sequence[Item]) -> list[Check]:
    """Disqus: the comments that are neither deleted nor spam. (A thread is no item: its post is in another archive.)"""
    if "posts" not in counted:
        return []
    hidden = counted["deleted"] + counted["spam"]
    return [compare("comments", counted["posts"] - hidden, sum(isinstance(item, Comment) for item in items))]


def warc(counted: dict[str, Any], items: Sequence[Item]) -> list[Check]:
    """Web archives: as many pages as HTML responses with status 200 (each is a post, or skipped with a reason of pages).

    Not where the library that counted gave up: Backfile reads on behind the damage.
    """
    if counted.get("html200") is None or counted.get("warcio_error"):
        return []
    reasons = ("listing", "not-a-post", "empty", "attachment", "password")
    pages = sum(isinstance(i, Post) or (isinstance(i, Skipped) and i.reason in reasons) for i in items)
    return [compare("pages", counted["html200"], pages)]


Comparison = Callable[[dict[str, Any], Sequence[Item]], list[Check]]
# By the folder that holds the exports, which is the manifest's name of the format.
COMPARISONS: dict[str, Comparison] = {
    "wxr": wxr,
    "blogger": blogger,
    "movabletype": movabletype,
    "ghost": ghost,
    "disqus": disqus,
    "disqus-wxr": disqus,
    "warc": warc,
}


# --- reading -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Archive:
    """One source: a file with its row of the manifest, or a folder."""

    name: str
    path: Path
    folder: str
    counted: dict[str, Any] | None


def archives(root: Path) -> Iterator[Archive]:
    """The archives of a folder. A folder named in the manifest holds files, one of folders only holds trees."""
    listed = {(row["format"], Path(row["file"]).name): row["counted"] for row in _manifest(root)}
    formats = {name for name, _ in listed}
    for folder in sorted(child for child in root.iterdir() if child.is_dir()):
        children = sorted(folder.iterdir())
        if folder.name in formats or all(child.is_dir() for child in children):
            for child in children:
                counted = listed.get((folder.name, child.name))
                yield Archive(f"{folder.name}/{child.name}", child, folder.name, counted)
        else:
            yield Archive(folder.name, folder, folder.name, None)


def _manifest(root: Path) -> list[dict[str, Any]]:
    path = root / "MANIFEST.json"
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
    return rows


def measure(archive: Archive) -> Result:
    """Read one archive to its end and compare it."""
    result = Result(name=archive.name)
    try:
        if archive.folder == MIRRORS:
            read_mirror(archive.path, result)
            return result
        items = [item for file in find(archive.path, lambda size: None) for item in read_file(file, result)]
    except SourceError as error:
        result.error = str(error)
        return result
    result.posts = sum(isinstance(item, Post) for item in items)
    result.comments = sum(isinstance(item, Comment) for item in items)
    if archive.counted is not None and archive.folder in COMPARISONS:
        result.checks = COMPARISONS[archive.folder](archive.counted, items)
    result.differences += [
        f"{check.what}: {check.expected} counted, {check.found} found"
        for check in result.checks
        if check.expected != check.found
    ]
    return result


# --- showing -------------------------------------------------------------------------------------------------------


def shares(results: Sequence[Result]) -> dict[str, float]:
    """Over all mirrors: the share of announced comments found, and of pages that look like a post's and gave one."""
    out = {}
    for what in ("announced comments", "post pages"):
        checks = [c for r in results if r.name.startswith(MIRRORS + "/") for c in r.checks if c.what == what]
        expected = sum(check.expected for check in checks)
        out[what] = 1 - sum(check.missing for check in checks) / expected if expected else 1.0
    return out


def _table(results: Sequence[Result]) -> Table:
    table = Table("archive", "posts", "comments", "compared", "missing", "surplus", "s per 1,000", "skipped")
    for column in table.columns:
        column.justify = "left" if column.header in ("archive", "compared", "skipped") else "right"
    for r in results:
        compared = ", ".join(f"{check.what} {check.found}/{check.expected}" for check in r.checks)
        skipped = ", ".join(f"{reason} {count}" for reason, count in r.skipped.most_common())
        differs = (str(r.total(n)) if r.checks else "" for n in ("missing", "surplus"))
        table.add_row(r.name, str(r.posts), str(r.comments), compared, *differs, _speed([r]), r.error or skipped)
    table.add_section()
    posts, comments, items = (sum(getattr(r, n) for r in results) for n in ("posts", "comments", "items"))
    missing, surplus = (sum(r.total(n) for r in results) for n in ("missing", "surplus"))
    table.add_row("total", str(posts), str(comments), f"{items} items", str(missing), str(surplus), _speed(results))
    return table


def _speed(results: Sequence[Result]) -> str:
    """Seconds per 1,000 items."""
    seconds, items = sum(r.seconds for r in results), sum(r.items for r in results)
    return f"{1000 * seconds / items:.2f}" if items else ""


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False), default=ARCHIVES)
@click.option("--only", default="", help="Only archives whose name holds this: mirror/, wxr, eightbar.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def main(folder: Path, only: str, as_json: bool) -> None:
    """Read every archive in FOLDER and say what was lost."""
    results = [measure(archive) for archive in archives(folder) if only in archive.name]
    if as_json:
        click.echo(json.dumps({"archives": [r.payload() for r in results], "shares": shares(results)}, indent=1))
        return
    console = Console()
    console.print(_table(results))
    for result in results:
        for difference in result.differences:
            console.print(f"{result.name}: {difference}", highlight=False, markup=False, soft_wrap=True)
    if any(result.name.startswith(MIRRORS + "/") for result in results):
        found = shares(results)
        console.print(
            f"Mirrors: {found['announced comments']:.2%} of announced comments (at least {LEAST_COMMENTS:.0%} wanted), "
            f"{found['post pages']:.2%} of post pages (at least {LEAST_POSTS:.0%} wanted).",
            soft_wrap=True,
        )


if __name__ == "__main__":
    main()
