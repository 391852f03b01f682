"""What was lost: ``python -m benchmarks.fidelity [ARCHIVES] [--only NAME] [--json]`` reads a folder of archives and counts.

    ARCHIVES/MANIFEST.json       what another program counted, per file: {"format": FOLDER, "file": ..., "counted": {...}}
    ARCHIVES/FOLDER/file         an export; compared with its row of the manifest by `COMPARISONS` (one function per FOLDER)
    ARCHIVES/mirror/BLOG/...     a tree of saved pages; compared with what the pages say of themselves
    ARCHIVES/FOLDER/...          anything else is read and counted, and compared with nothing

A mirror's comments are compared with the number that each post announces ("12 Responses to ..."), copies of a post folded. Its
posts are compared with the pages that look like a post's to `looks_like_a_post`, which knows nothing of the reader.
"""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from indexer.archive import Comment, Item, Post, Repaired, Skipped
from indexer.clean.permalinks import normalise
from indexer.errors import SourceError
from indexer.sources import find, read
from indexer.sources.savedpage import announced_comments
from indexer.sources.savedpage.decode import decode
from indexer.sources.savedpage.tree import Tree

ARCHIVES = Path(__file__).resolve().parents[2] / "shared" / "archives"
MIRRORS = "mirror"
# What the mirrors are held against: the share of announced comments, and of pages that look like a post's.
LEAST_COMMENTS, LEAST_POSTS = 0.99, 0.98


@dataclass(frozen=True, slots=True)
class Check:
    """One number of the manifest, or of the pages themselves, and what the reader found."""

    what: str
    expected: int
    found: int

    @property
    def missing(self) -> int:
        return max(0, self.expected - self.found)

    @property
    def surplus(self) -> int:
        return max(0, self.found - self.expected)


@dataclass(slots=True, kw_only=True)
class Result:
    """What one archive gave. ``items`` are posts, comments and skipped ones; ``differences`` say where a check does not hold."""

    name: str
    posts: int = 0
    comments: int = 0
    items: int = 0
    seconds: float = 0.0
    skipped: Counter[str] = field(default_factory=Counter)
    repaired: Counter[str] = field(default_factory=Counter)
    checks: list[Check] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    error: str = ""

    def total(self, name: str) -> int:
        """``missing``, ``surplus`` or ``expected`` over all checks."""
        return sum(getattr(check, name) for check in self.checks)

    def payload(self) -> dict[str, Any]:
        """The JSON of one archive."""
        per_thousand = 1000 * self.seconds / self.items if self.items else 0.0
        return {
            **asdict(self),
            "missing": self.total("missing"),
            "surplus": self.total("surplus"),
            "seconds": round(self.seconds, 3),
            "seconds_per_1000": round(per_thousand, 3),
        }


# --- exports: one comparison per folder ----------------------------------------------------------------------------


def _about_a_comment(item: Item) -> bool:
    return isinstance(item, Comment) or (isinstance(item, Skipped) and "comment" in item.locator.rpartition("#")[2])


def _seen(items: Sequence[Item]) -> tuple[int, int]:
    """How many items were seen, kept or skipped: (posts and what else is no comment, comments)."""
    counted = [item for item in items if isinstance(item, Post | Comment | Skipped)]
    comments = sum(map(_about_a_comment, counted))
    return len(counted) - comments, comments


def wxr(counted: dict[str, Any], items: Sequence[Item]) -> list[Check]:
    """WordPress: every ``<item>`` and every comment, kept or skipped."""
    posts, comments = _seen(items)
    return [Check("items", counted["items"], posts), Check("comments", counted["comments"], comments)]


def blogger(counted: dict[str, Any], items: Sequence[Item]) -> list[Check]:
    """Blogger: every entry of the feed (settings too), the published posts and pages, the comments."""
    kinds, (others, comments) = counted["kinds"], _seen(items)
    posts = kinds.get("post", 0) + kinds.get("page", 0) - counted["drafts"]
    return [
        Check("entries", sum(kinds.values()), others + comments),
        Check("published posts", posts, sum(isinstance(item, Post) for item in items)),
        Check("comments", kinds.get("comment", 0), comments),
    ]


def movabletype(counted: dict[str, Any], items: Sequence[Item]) -> list[Check]:
    """Movable Type: every entry, the published ones, and comments and pings together."""
    entries, comments = _seen(items)
    # An entry without a status is published.
    hidden = sum(number for status, number in counted["status"].items() if status != "Publish")
    return [
        Check("entries", counted["entries"], entries),
        Check("published entries", counted["entries"] - hidden, sum(isinstance(item, Post) for item in items)),
        Check("comments and pings", counted["comments"] + counted["pings"], comments),
    ]


def ghost(counted: dict[str, Any], items: Sequence[Item]) -> list[Check]:
    """Ghost: every post and page, and the published ones."""
    posts, _ = _seen(items)
    published = counted["status"].get("published", 0)
    return [
        Check("posts and pages", counted["posts"], posts),
        Check("published", published, sum(isinstance(item, Post) for item in items)),
    ]


def disqus(counted: dict[str, Any], items: Sequence[Item]) -> list[Check]:
    """Disqus: the comments that are neither deleted nor spam. (A thread is no item: its post is in another archive.)"""
    if "posts" not in counted:
        return []
    hidden = counted["deleted"] + counted["spam"]
    return [Check("comments", counted["posts"] - hidden, sum(isinstance(item, Comment) for item in items))]


def warc(counted: dict[str, Any], items: Sequence[Item]) -> list[Check]:
    """Web archives: as many pages as HTML responses with status 200 (each is a post, or skipped with its reason)."""
    if counted.get("html200") is None:
        return []
    others = ("revisit", "data", "unrecognised", "duplicate")
    pages = sum(isinstance(i, Post) or (isinstance(i, Skipped) and i.reason not in others) for i in items)
    return [Check("pages", counted["html200"], pages)]


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


# --- mirrors -------------------------------------------------------------------------------------------------------

_BODY = re.compile(r"<body\b[^>]*?\bclass\s*=\s*[\"']([^\"']*)", re.I)
_LISTS = frozenset("home blog archive category tag author date search paged error404 attachment".split())
_FORM = re.compile(
    r"name=[\"']?comment_post_ID|wp-comments-post\.php|<form[^>]*id=[\"']?commentform|mt-comments\.\w+", re.I
)
_PERMALINK = re.compile(
    r"(?:^|/)(?:19|20)\d\d/\d\d/(?:\d\d/)?(?!index\.html|\d\d/|\d\d\.html|page/)[^/]+(?:\.html|(?:/(?:comment-page-\d+|\?[^/]*))?/index\.html)$"
    r"|(?:^|/)archives?/\d{6}\.html$|(?:^|/)pages/\d+\.html$"
)
_FEED = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:rss|feed|rdf)", re.I | re.S)
_HTML = re.compile(r"<(?:!doctype html|html|head|body)", re.I)


def looks_like_a_post(text: str, name: str) -> bool:
    """Whether a page of a mirror is a post's, by three rough signs: the classes of ``<body>``, a comment form, a permalink.

    Where ``<body>`` has WordPress's classes they decide. Else a comment form stands only on a post; else the path decides.
    """
    if _FEED.match(text[:4096]) or not _HTML.search(text[:65536]):
        return False
    classes = set(m[1].split()) if (m := _BODY.search(text)) else set()
    if classes & {"single", "single-post", "page-template", "postid"}:
        return True
    if classes & _LISTS:
        return False
    return bool(_FORM.search(text) or _PERMALINK.search(name))


@dataclass(slots=True)
class _Thread:
    """A post of a mirror with its copies: the largest number that one of them announces, and all comments found."""

    page: str
    announced: int | None = None
    comments: set[tuple[str, ...]] = field(default_factory=set)


def read_mirror(path: Path, result: Result) -> None:
    """Read a mirror and compare it with itself; fills ``result``."""
    threads: dict[str, _Thread] = {}
    expected = found = 0
    for file in find(path, lambda size: None):
        items = _read(file, result)
        text = decode(file.path.read_bytes()).text
        post = next((item for item in items if isinstance(item, Post)), None)
        likely = looks_like_a_post(text, file.name)
        expected += likely
        found += likely and post is not None
        if likely and post is None:
            result.differences.append(f"{file.name}: a post page that gave no post")
        if post is None:
            continue
        if not likely:
            result.differences.append(f"{file.name}: a post was found on what does not look like a post page")
        thread = threads.setdefault(normalise(post.url) or post.native_id or file.name, _Thread(file.name))
        count = announced_comments(Tree(text).soup)
        thread.announced = max(thread.announced or 0, count) if count is not None else thread.announced
        thread.comments.update(_identity(item) for item in items if _about_a_comment(item))
    result.posts, result.comments = len(threads), sum(len(thread.comments) for thread in threads.values())
    result.checks = [Check("post pages", expected, found), *_compared(threads, result)]


def _identity(item: Item) -> tuple[str, ...]:
    """What tells one comment of a post from another: the number, else author, minute and text."""
    if isinstance(item, Comment):
        return (item.native_id,) if item.native_id else (item.author, str(item.published), item.html)
    # Skipped: the locator's end is the number, where there is one.
    return (item.locator.rpartition("#")[2].removeprefix("comment-"),) if isinstance(item, Skipped) else ()


def _compared(threads: dict[str, _Thread], result: Result) -> Iterator[Check]:
    """Announced and found comments, post by post, summed so that one post's surplus hides no other's loss."""
    announced = missing = surplus = 0
    for thread in threads.values():
        if thread.announced is None:
            if thread.comments:
                result.differences.append(f"{thread.page}: announces no number, {len(thread.comments)} comments found")
            continue
        check = Check(thread.page, thread.announced, len(thread.comments))
        announced, missing, surplus = announced + check.expected, missing + check.missing, surplus + check.surplus
        if check.expected != check.found:
            result.differences.append(f"{check.what}: announces {check.expected} comments, {check.found} found")
    yield Check("announced comments", announced, announced - missing)
    yield Check("comments beyond those announced", 0, surplus)


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
        items = [item for file in find(archive.path, lambda size: None) for item in _read(file, result)]
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


def _read(file: Any, result: Result) -> list[Item]:
    """The items of one file; what comes before damage is kept, as ``--partial`` does."""
    items: list[Item] = []
    started = time.perf_counter()
    try:
        items.extend(read(file, None, False))
    except SourceError as error:
        result.error = str(error)
    result.seconds += time.perf_counter() - started
    result.items += sum(isinstance(item, Post | Comment | Skipped) for item in items)
    result.skipped.update(item.reason for item in items if isinstance(item, Skipped))
    for item in items:
        if isinstance(item, Repaired):
            result.repaired[item.reason] += item.count
    return items


# --- showing -------------------------------------------------------------------------------------------------------


def shares(results: Sequence[Result]) -> dict[str, float]:
    """Over all mirrors: the share of announced comments found, and of pages that look like a post's and gave one."""
    out = {}
    for what in ("announced comments", "post pages"):
        checks = [c for r in results if r.name.startswith(MIRRORS + "/") for c in r.checks if c.what == what]
        expected = sum(check.expected for check in checks)
        out[what] = sum(check.found for check in checks) / expected if expected else 1.0
    return out


def _table(results: Sequence[Result]) -> Table:
    table = Table("archive", *("posts", "comments", "expected", "missing", "surplus", "s per 1,000", "skipped"))
    for column in table.columns[1:7]:
        column.justify = "right"
    for r in results:
        speed = f"{1000 * r.seconds / r.items:.2f}" if r.items else ""
        skipped = ", ".join(f"{reason} {count}" for reason, count in r.skipped.most_common())
        numbers = (r.posts, r.comments, *(r.total(n) if r.checks else "" for n in ("expected", "missing", "surplus")))
        table.add_row(r.name, *map(str, numbers), speed, r.error or skipped)
    sums = [sum(getattr(r, n) for r in results) for n in ("posts", "comments")]
    sums += [sum(r.total(n) for r in results) for n in ("expected", "missing", "surplus")]
    seconds, items = sum(r.seconds for r in results), sum(r.items for r in results)
    table.add_section()
    table.add_row("total", *map(str, sums), f"{1000 * seconds / items:.2f}" if items else "", f"{items} items")
    return table


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
            f"{found['post pages']:.2%} of post pages (at least {LEAST_POSTS:.0%} wanted)."
        )


if __name__ == "__main__":
    main()
