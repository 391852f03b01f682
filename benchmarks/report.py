"""Results as tables, for the terminal and as Markdown, and as JSON."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table as RichTable

from benchmarks.engines import OURS
from benchmarks.results import Measured, Report, Site, Size, best_ms
from benchmarks.targets import Verdict, main_size, verdicts

_NONE = "–"
_NOTES = (
    "Beside other engines, the time of a query is the best of several warm runs, and the work is the ten best by BM25 (title "
    "three times), the number of hits, and counts per category, month, author and kind.",
    "×n: n times Backfile's figure. Hits differ where stemmers do, and in a phrase where stems count as the same word.",
    "Indexing of cleaned documents is timed from parsed rows to an index committed to the disk. Its peak memory is that of the "
    "process (VmHWM), without the rows; that of `backfile index` is of all its processes (Pss), looked at again and again.",
    "Memory of the worker is what it holds beyond mapped files (Pss_Anon and Pss_Shmem) after all requests.",
)


@dataclass(frozen=True, slots=True)
class Table:
    """A title, column heads and rows of text; the first column is text, the others are numbers."""

    title: str
    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


def show(console: Console, report: Report) -> None:
    """Print everything."""
    for table in _tables(report):
        drawn = RichTable(title=table.title, title_justify="left")
        for place, name in enumerate(table.head):
            drawn.add_column(name, justify="right" if place else "left")
        for row in table.rows:
            drawn.add_row(*row)
        console.print(drawn)
    for line in (*_remarks(report), _where(report)):
        console.print(line, highlight=False, markup=False)


def as_markdown(report: Report) -> str:
    """Everything as one piece of Markdown, its headings of the third level."""
    parts = [_where(report)]
    for table in _tables(report):
        lines = [table.head, ("---", *("---:" for _ in table.head[1:])), *table.rows]
        parts += [f"### {table.title}", "\n".join(f"| {' | '.join(line)} |" for line in lines)]
    notes = [f"- {line}" for line in _remarks(report)]
    return "\n\n".join([*parts, "\n".join(notes)]) + "\n"


def as_json(report: Report) -> str:
    """Everything as one JSON object: the fields of `benchmarks.results.Report`, and ``targets``."""
    targets = [{**asdict(verdict), "met": verdict.met} for verdict in verdicts(report.sizes)]
    return json.dumps({**asdict(report), "targets": targets}, indent=1, ensure_ascii=False) + "\n"


def _tables(report: Report) -> Iterator[Table]:
    for size in report.sizes:
        yield _comparison(size)
        yield _site(size)
    yield _targets(report)


def _comparison(size: Size) -> Table:
    """Engines side by side."""

    def row(name: str, figure: Callable[[Measured], float], hits: str = "") -> tuple[str, ...]:
        ours = figure(size.engines[OURS])
        return (name, hits, number(ours), *(_beside(figure(m), ours) for n, m in size.engines.items() if n != OURS))

    rows = [
        row("indexing, s", lambda m: m.indexing.seconds),
        row("its peak memory, MB", lambda m: m.indexing.peak_mb),
        row("index, MB", lambda m: m.indexing.size_mb),
        row("opening, ms", lambda m: m.searching.opening_ms),
    ]
    for query in size.engines[OURS].searching.queries:
        rows.append(row(f"{query}, ms", best_ms(query), _hits(size, query)))
    rows.append(row("median query, ms", lambda m: m.searching.median_ms))
    return Table(f"{_size(size)}, cleaned: engines", ("", "hits", *size.engines), rows)


def _site(size: Size) -> Table:
    """Backfile alone, as it is used."""
    site = size.site
    rows: list[tuple[str, ...]] = [(f"{query}, ms", *_of_page(site, query)) for query in site.page]
    columns = (
        [timing.median_ms for timing in site.page.values()],
        [timing.median_ms for timing in site.http.values()],
        [timing.p95_ms for timing in site.http.values()],
    )
    rows.append(("median, ms", *(number(statistics.median(column)) for column in columns)))
    stages = ", ".join(f"{stage} {number(seconds)}" for stage, seconds in site.stages.items())
    figures = {
        f"backfile index of the export, s ({stages})": site.indexing.seconds,
        "its peak memory, MB": site.indexing.peak_mb,
        "index, MB": site.indexing.size_mb,
        "memory of a serving worker, MB": site.worker_mb,
    }
    rows += [(name, number(figure), "", "") for name, figure in figures.items()]
    return Table(
        f"{_size(size)}: Backfile in use", ("", "search, median", "HTTP, median", "HTTP, 95th percentile"), rows
    )


def _of_page(site: Site, query: str) -> tuple[str, str, str]:
    page, request = site.page[query], site.http[query]
    return number(page.median_ms), number(request.median_ms), number(request.p95_ms)


def _targets(report: Report) -> Table:
    rows = [
        (v.name, _bound(v, v.least), _NONE if v.aim is None else _bound(v, v.aim), _figure(v, v.measured), v.met)
        for v in verdicts(report.sizes)
    ]
    return Table(
        f"Targets, at {main_size(report.sizes).documents:,} documents", ("", "at least", "aim", "measured", "met"), rows
    )


def _bound(verdict: Verdict, bound: float) -> str:
    return f"{'≥' if verdict.more else '≤'} {bound:,g} {verdict.unit}".rstrip()


def _figure(verdict: Verdict, measured: float | None) -> str:
    if measured is None:
        return _NONE
    return f"{number(measured) if verdict.unit else format(measured, ',g')} {verdict.unit}".rstrip()


def _size(size: Size) -> str:
    return f"{size.documents:,} documents ({size.posts:,} posts, {size.comments:,} comments)"


def _hits(size: Size, query: str) -> str:
    """The number of hits, least to most where engines differ."""
    found = sorted({measured.searching.hits[query] for measured in size.engines.values()})
    return f"{found[0]:,}" if len(found) == 1 else f"{found[0]:,}–{found[-1]:,}"


def _beside(figure: float, ours: float) -> str:
    return f"{number(figure)} ×{number(figure / ours)}" if figure and ours else number(figure)


def number(figure: float) -> str:
    """Three digits that tell something; a dash for 0, which stands for what nothing told."""
    if not figure:
        return _NONE
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.1f}" if figure >= 10 else f"{figure:.2f}"


def _remarks(report: Report) -> Iterator[str]:
    """What is special about this run, then what is so in every run."""
    for size in report.sizes:
        for name, reason in size.left_out.items():
            yield f"Left out at {size.documents:,} documents: {name}. {reason}"
        if size.streamed:
            yield (
                f"At {size.documents:,} documents rows are parsed while an engine takes them, and that time is subtracted. "
                "(tantivy's own thread goes on meanwhile: its time is about a tenth too short.)"
            )
    yield from _NOTES


def _where(report: Report) -> str:
    machine = report.machine
    engines = {name: measured.version for size in report.sizes for name, measured in size.engines.items()}
    versions = ", ".join(f"{name} {version}" for name, version in {**engines, **machine.libraries}.items())
    return (
        f"Measured on {machine.date}: {machine.processor}, {machine.cores} cores, {machine.memory_gb:.0f} GB of memory, "
        f"{machine.system}, Python {machine.python}; {versions}; load before {machine.load:.1f}."
    )
