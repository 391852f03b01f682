"""What the command line shows a person: progress, the report of a run, search results, statistics. Uses rich."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.progress import BarColumn, DownloadColumn, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.table import Table
from rich.text import Text

from indexer.accounting import IndexReport
from indexer.engine.generations import IMPORT_REPORT, Generation
from indexer.engine.port import FACET_FIELDS, CommentHit, Hit, SearchResults, Snippet
from indexer.progress import UNMEASURED, Progress, Silent
from indexer.settings import index_flag

# Facet values listed per facet under the results.
_FACET_VALUES = 6


class _Speed(ProgressColumn):
    """Documents so far and per second, while input is read."""

    def render(self, task: Task) -> Text:
        documents = task.fields.get("documents", 0)
        if task.total is None or not task.elapsed:
            return Text("")
        return Text(f"{documents:,} docs, {documents / task.elapsed:,.0f}/s", style="cyan", no_wrap=True)


class _Shown:
    """Progress as a bar on a terminal: bytes of input read, documents per second, time left."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._task = bars.add_task("Looking", total=None, documents=0)

    def stage(self, name: str) -> None:
        self._bars.update(self._task, description=escape(name))
        if name in UNMEASURED:  # a pulsing bar: nothing tells how far these are
            self._bars.reset(self._task, total=None, description=escape(name))

    def total(self, size: int) -> None:
        self._bars.update(self._task, total=size)

    def read(self, size: int) -> None:
        self._bars.advance(self._task, size)

    def indexed(self, documents: int) -> None:
        self._bars.update(self._task, documents=documents)


@contextmanager
def progress(console: Console) -> Iterator[Progress]:
    """A progress bar on ``console`` if that is a terminal, else silence."""
    if not console.is_terminal:
        yield Silent()
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), _Speed(), TimeRemainingColumn())
    with Bars(*columns, console=console, transient=True) as bars:
        yield _Shown(bars)


def print_report(console: Console, result: IndexReport, index_dir: Path) -> None:
    """The report at the end of a run: per source what was read, indexed, skipped and repaired, and why."""
    print_audit(console, result.payload())
    documents = sum(result.counts.values())
    changes = ", ".join(f"{name} {n:,}" for name, n in result.changes.items() if n)
    done = f"Updated: {changes}" if changes else f"Indexed {documents:,} posts, comments and pingbacks"
    left_out = index_dir / "generations" / result.generation / IMPORT_REPORT
    console.print(
        f"[green]{done} in {result.seconds:,.1f} s[/], in {escape(str(index_dir))}. "
        f"What was left out or repaired is listed in {escape(str(left_out))}",
        highlight=False,
        soft_wrap=True,
    )
    where = index_flag(index_dir)
    console.print(
        f"Language of the blog: {result.language}. If it is another: backfile index{escape(where)} --language NAME SOURCE...",
        highlight=False,
        soft_wrap=True,
    )
    console.print(
        f"Search it: backfile search{escape(where)} WORDS. Serve it: backfile serve{escape(where)}",
        highlight=False,
        soft_wrap=True,
    )


_COLUMNS = ("read", "posts", "pages", "comments", "pingbacks", "skipped", "repaired")


def print_audit(console: Console, report: Mapping[str, Any]) -> None:
    """What became of everything that was read: the JSON of a run as a table, with the reasons under it."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("source", overflow="fold")
    for name in _COLUMNS:
        table.add_column(name, justify="right")
    names = _short([source["source"] for source in report["sources"]])
    rows = [(name, source, "") for name, source in zip(names, report["sources"], strict=True)]
    rows += [("total", report, "bold")] if len(rows) > 1 else []
    for title, row, style in rows:
        values = (row[name] for name in _COLUMNS)
        numbers = (sum(value.values()) if isinstance(value, Mapping) else value for value in values)
        table.add_row(escape(title), *(f"{number:,}" for number in numbers), style=style)
    console.print(table)
    for name, source in zip(names, report["sources"], strict=True):
        of = f" in {name}" if len(names) > 1 else ""
        _print_reasons(console, f"Skipped{of}", source["skipped"])
        _print_reasons(console, f"Repaired{of}", source["repaired"])
        if source["incomplete"]:
            console.print(f"[yellow]Not read to its end:[/] {escape(source['incomplete'])}", highlight=False)
    if kept := report.get("changes", {}).get("kept"):
        console.print(
            f"Kept from sources that were not read to their end, not counted above: {kept:,}", highlight=False
        )
    _print_reasons(console, "Redacted documents", report.get("redactions", {}))
    for rule in (rule for rule, count in report.get("redactions", {}).items() if not count):
        console.print(f"[yellow]Warning:[/] {escape(rule)} of the redactions matched nothing.", highlight=False)


def _short(paths: Sequence[str]) -> list[str]:
    """The last parts of paths, where they differ; else the paths."""
    names = [Path(path).name or path for path in paths]
    return [name if names.count(name) == 1 else path for name, path in zip(names, paths, strict=True)]


def _print_reasons(console: Console, what: str, counts: Mapping[str, int]) -> None:
    if counts:
        ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        reasons = ", ".join(f"{escape(name)} {n:,}" for name, n in ordered)
        console.print(f"{escape(what)}: {reasons}", highlight=False)


def print_results(console: Console, results: SearchResults) -> None:
    """Search results as a person reads them, matches coloured."""
    total, request = results.total, results.request
    for notice in results.notices:
        console.print(Text(str(notice), style="yellow"))
    unit = "thread" if request.grouped else "document"
    console.print(
        f"[bold]{_count(results.listed, unit)}[/]: {_count(total.posts, 'post')} and {_count(total.comments, 'comment')} match "
        f"({results.took_ms:,.1f} ms{', cut short by the time limit' if results.partial else ''})",
        highlight=False,
    )
    if results.suggestion:
        console.print(Text.assemble("Did you mean: ", (results.suggestion, "bold cyan")))
    if not results.listed:
        console.print("Try fewer or other words, OR between them, the start of one (milit*), or fewer filters.")
    if results.listed and not results.hits:
        console.print(f"The results end before this page. The last one: --page {results.pages}", highlight=False)
    first = (request.page - 1) * request.page_size
    for number, hit in enumerate(results.hits, first + 1):
        _print_hit(console, number, hit)
    if request.page < results.pages:
        console.print(
            f"\nPage {request.page} of {results.pages}. The next one: --page {request.page + 1}", highlight=False
        )
    if results.listed:
        _print_facets(console, results)


def _print_hit(console: Console, number: int, hit: Hit) -> None:
    title = hit.title or "(no title)"
    heading = Text.assemble(
        (f"\n{number}. ", "dim"), (f"Comment on {title}" if hit.kind == "comment" else title, "bold")
    )
    console.print(heading)
    facts = [_date(hit.published), hit.author, ", ".join(hit.categories)]
    console.print(Padding(Text(" · ".join(fact for fact in facts if fact), style="dim"), (0, 0, 0, 3), expand=False))
    if hit.snippet.fragments:
        console.print(Padding(_snippet(hit.snippet), (0, 0, 0, 3), expand=False))
    for comment in hit.comments:
        console.print(Padding(_comment(comment), (0, 0, 0, 6), expand=False))
    if (more := hit.comments_total - len(hit.comments)) > 0:
        console.print(Padding(Text(_count(more, "more matching comment"), style="dim"), (0, 0, 0, 6), expand=False))
    if hit.permalink:
        console.print(Padding(Text(hit.permalink, style="blue"), (0, 0, 0, 3), expand=False))


def _comment(comment: CommentHit) -> Text:
    return Text.assemble(
        (comment.author or "Anonymous", "italic"), f", {_date(comment.published)}: ", _snippet(comment.snippet)
    )


def _snippet(snippet: Snippet) -> Text:
    return Text.assemble(*((text, "bold yellow" if match else "") for text, match in snippet.fragments))


def _print_facets(console: Console, results: SearchResults) -> None:
    console.print()
    for name in FACET_FIELDS:
        facet = results.facets.get(name)
        if facet is None or not facet.values:
            continue
        shown = [f"{value.value} ({value.count:,})" for value in facet.values[:_FACET_VALUES]]
        rest = len(facet.values) + facet.other - len(shown)
        line = ", ".join(shown) + (f", {rest:,} more" if rest else "")
        console.print(Text.assemble((f"{name.replace('_', '-'):<15}", "bold"), line))


def print_stats(console: Console, generation: Generation) -> None:
    """What the index in use holds."""
    manifest = generation.manifest
    rows: list[tuple[str, Any]] = [
        ("blog", manifest.blog.get("name", "")),
        ("address", manifest.blog.get("url", "")),
        *((name, f"{count:,}") for name, count in manifest.counts.items()),
        ("language", manifest.language),
        ("created", manifest.created),
        (
            "generation",
            f"{generation.name} ({manifest.engine}, schema {manifest.schema}, {manifest.size / 1e6:,.1f} MB)",
        ),
    ]
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, value in rows:
        if value:
            table.add_row(Text(name, style="bold"), Text(str(value)))
    console.print(table)
    console.print()
    print_audit(console, manifest.report)
    console.print(
        f"What was left out or repaired is listed in {escape(str(generation.path / IMPORT_REPORT))}",
        highlight=False,
        soft_wrap=True,
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _date(when: datetime | None) -> str:
    return f"{when.day} {when:%B %Y}" if when else "undated"
