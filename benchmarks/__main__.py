"""The command: ``python -m benchmarks [--size small|medium|large]``; ``make bench`` installs what it needs before."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click
from rich.console import Console

from benchmarks import BenchmarkError, blog, engines, measuring, report, site
from benchmarks.results import Machine, Measured, Report, Size
from benchmarks.targets import LARGE, USUAL
from benchmarks.timing import LEAST_SECONDS

_SMALL = 11_000
SIZES = {"small": (_SMALL,), "medium": (_SMALL, USUAL), "large": (_SMALL, USUAL, LARGE)}
_Path = click.Path(path_type=Path, dir_okay=False)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--size", type=click.Choice(list(SIZES)), default="medium", show_default=True)
@click.option(
    "--documents", type=click.IntRange(blog.DOCUMENTS_PER_POST), help="One blog of so many documents instead."
)
@click.option(
    "--folder",
    envvar="BENCH_DIR",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(tempfile.gettempdir()) / "backfile-bench",
    show_default=True,
    help="Blogs are kept here, and indexes while they are measured.  [environment: BENCH_DIR]",
)
@click.option("--seconds", default=LEAST_SECONDS, show_default=True, help="Each query is asked at least so long.")
@click.option("--json", "json_file", type=_Path, help="Write the results as JSON.")
@click.option("--markdown", "markdown_file", type=_Path, help="Write the results as Markdown.")
def main(
    size: str, documents: int | None, folder: Path, seconds: float, json_file: Path | None, markdown_file: Path | None
) -> None:
    """Compare Backfile with other engines on a made-up blog."""
    results = Report(machine=Machine.this(), sizes=[])
    try:
        for count in (documents,) if documents else SIZES[size]:
            results.sizes.append(_measure(count, folder, seconds))
            for file, text in ((json_file, report.as_json), (markdown_file, report.as_markdown)):
                if file:  # after each size: the next one may take hours
                    file.write_text(text(results), encoding="utf-8")
    except BenchmarkError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{error.filename or folder}: {error.strerror or error}") from error
    report.show(Console(), results)


def _measure(documents: int, folder: Path, seconds: float) -> Size:
    """Everything at one size."""
    _say(documents, f"writing a blog to {folder}, or taking the one that is there")
    written = blog.cached(folder, documents)
    queries, streamed = written.queries(), documents > measuring.PARSED_AHEAD
    measured: dict[str, Measured] = {}
    left_out: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="run-", dir=folder) as scratch:
        for name in engines.NAMES:
            try:
                if reason := engines.named(name).left_out(documents):
                    raise BenchmarkError(reason)
                _say(documents, name)
                place = Path(scratch) / "engine"
                measured[name] = measuring.measure(name, written.documents, streamed, queries, place, seconds)
            except BenchmarkError as error:
                if name == engines.OURS:
                    raise BenchmarkError(f"Backfile on cleaned documents: {error}") from error
                left_out[name] = str(error)
                _say(documents, f"{name} is left out: {error}")
        _say(documents, "backfile index, the page, HTTP")
        used = site.measure(written, Path(scratch), seconds)
    return Size(
        documents=documents,
        posts=written.posts,
        comments=written.comments,
        streamed=streamed,
        engines=measured,
        left_out=left_out,
        site=used,
    )


def _say(documents: int, what: str) -> None:
    click.echo(f"{documents:,} documents: {what}", err=True)


if __name__ == "__main__":
    main()
