"""The command ``backfile``: a thin layer of click over the pipeline and the engine.

Standard output holds the answer (one JSON object with ``--json``, also of a failure); progress and errors go to standard error,
progress only to a terminal. Every `BackfileError` becomes one line and its exit status here, and nowhere else.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from itertools import takewhile
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console

from indexer import engine, exchange, report, settings
from indexer.engine.generations import Generations, rebuild
from indexer.engine.payload import search_payload
from indexer.engine.port import FACET_FIELDS, MAX_PAGE_SIZE, SORTS, FacetField, SearchRequest
from indexer.engine.query import parse_period
from indexer.engine.requests import EXCLUDED, MAX_PAGE, is_value, read_request
from indexer.errors import BackfileError, CorruptIndexError, UsageError

_Command = TypeVar("_Command", bound=Callable[..., Any])


class _PathType(click.Path):
    """A path; not the empty one, which an unset variable leaves and which would mean the working directory."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not str(value):
            self.fail("The path is empty.", param, ctx)
        return super().convert(value, param, ctx)


_PATH = _PathType(path_type=Path)
_index_option = click.option("--index", "index_dir", type=_PATH, help="Directory of the index.")
_json_option = click.option(
    "--json", "as_json", is_flag=True, help='Print one JSON object; of a failure {"error": REASON, "hint": WHAT TO DO}.'
)


# Columns where standard output is no terminal: lines are for programs then, and none is broken.
_ENDLESS = 1_000_000


class _Console(Console):
    """Standard output. Leaves a reader that went away to `_Group`; rich itself would end with status 1."""

    def __init__(self, *, highlight: bool = True) -> None:
        super().__init__(highlight=highlight, width=None if sys.stdout and sys.stdout.isatty() else _ENDLESS)

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


class _Group(click.Group):
    """Turns every error into one line and an exit status, and with ``--json`` into an object on standard output as well."""

    def invoke(self, ctx: click.Context) -> Any:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(
                stream, io.TextIOWrapper
            ):  # whatever the encoding of the terminal, nothing fails for a letter
                stream.reconfigure(errors="backslashreplace")
        try:
            return super().invoke(ctx)
        except BackfileError as error:
            _stop(error.reason, error.hint, error.exit_status, as_json=bool(ctx.obj))
        except click.UsageError as error:  # click says the rest itself
            if ctx.obj:
                _print_failure(error.format_message(), f"See: {error.ctx.command_path} --help" if error.ctx else "")
            raise
        except BrokenPipeError:  # the reader of a pipe went away: not an error of ours
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SystemExit(0) from None
        except OSError as error:
            thing = error.filename or (
                "The working directory" if isinstance(error, FileNotFoundError) else "The output"
            )
            _stop(f"{thing}: {error.strerror or error}.", "", 1, as_json=bool(ctx.obj))
        except KeyboardInterrupt:
            _stop("Stopped.", "", 130, as_json=bool(ctx.obj))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Notes whether JSON is asked for: the arguments may be wrong, and so never come to the command."""
        name, command, rest = super().resolve_command(ctx, args)
        known = command is not None and any(parameter.name == "as_json" for parameter in command.params)
        ctx.obj = known and "--json" in takewhile(lambda argument: argument != "--", rest)
        return name, command, rest


def _known_format(context: click.Context, parameter: click.Parameter, name: str | None) -> str | None:
    """Raises `UsageError` naming the formats unless ``name`` is one."""
    if name is None:
        return None
    from indexer import sources  # their parsers take a quarter of a second to load

    return sources.format_named(name).name


def _format_option(help: str) -> Callable[[_Command], _Command]:
    return click.option("--format", "format_name", callback=_known_format, help=help)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="backfile", prog_name="backfile")
def main() -> None:
    """Full-text search for archived blogs, posts and comments."""


@main.command("index")
@click.argument("sources", nargs=-1, required=True, type=_PATH, metavar="SOURCE...")
@_index_option
@_format_option("Read every file as this format instead of detecting it.")
@click.option(
    "--language", help="Language of the blog, for stemming (english, french, ...).  [default: what the archive says]"
)
@click.option("--if-changed", is_flag=True, help="Do nothing when these archives are as they were when indexed.")
@click.option("--partial", is_flag=True, help="Keep what was read of a source that cannot be read to its end.")
@_json_option
def index_command(
    sources: tuple[Path, ...],
    index_dir: Path | None,
    format_name: str | None,
    language: str | None,
    if_changed: bool,
    partial: bool,
    as_json: bool,
) -> None:
    """Build the index from these archives (files or directories), then switch to it."""
    from indexer import pipeline  # with it come the cleaning and its parsers, which a search does without

    chosen = settings.load({"index_dir": index_dir, "language": language})
    if if_changed and (unchanged := pipeline.unchanged(sources, chosen, format_name)):
        _print_json(unchanged.report) if as_json else click.echo(f"The index in {chosen.index_dir} is up to date.")
        return
    with report.progress(Console(stderr=True)) as progress:
        result = pipeline.build(sources, chosen, format_name=format_name, partial=partial, progress=progress)
    if as_json:
        _print_json(result.payload())
    else:
        report.print_report(_Console(), result, chosen.index_dir)


@main.command("update")
@click.argument("sources", nargs=-1, type=_PATH, metavar="[SOURCE]...")
@_index_option
@_format_option("Read every new source as this format instead of detecting it.")
@click.option(
    "--partial", is_flag=True, help="Keep the documents of a source that is gone or cannot be read to its end."
)
@_json_option
def update_command(
    sources: tuple[Path, ...], index_dir: Path | None, format_name: str | None, partial: bool, as_json: bool
) -> None:
    """Read the archives of the index again, and these with them; change only what is new, changed or gone."""
    from indexer import pipeline

    chosen = settings.load({"index_dir": index_dir})
    with report.progress(Console(stderr=True)) as progress:
        result = pipeline.update(sources, chosen, format_name=format_name, partial=partial, progress=progress)
    if as_json:
        _print_json(result.payload())
    else:
        report.print_report(_Console(), result, chosen.index_dir)


_FORMS: dict[FacetField, str] = {"year": "2008", "month": "2008-05"}


def _exclusions(given: tuple[str, ...]) -> dict[str, list[str]]:
    """``category=Iran`` as the parameters of a request; raises `UsageError`."""
    known = {name.replace("_", "-"): name for name in FACET_FIELDS}
    found: dict[str, list[str]] = {}
    for text in given:
        option, _, value = text.partition("=")
        name = known.get(option.strip())
        if name is None or not is_value(name, value):
            raise UsageError(
                f"--exclude: {text!r} is not a name and one of its values.",
                f"Write category=Iran, year=2008 or month=2008-05; names are {', '.join(known)}.",
            )
        found.setdefault(EXCLUDED + name, []).append(value)
    return found


@main.command()
@click.argument("query", nargs=-1, metavar="QUERY")
@_index_option
@click.option("--category", multiple=True, help="Only this category (repeatable: any of them).")
@click.option("--tag", multiple=True, help="Only this tag (repeatable).")
@click.option("--author", multiple=True, help="Only what this author wrote (repeatable).")
@click.option("--post-author", multiple=True, help="Only posts by this author, and their comments (repeatable).")
@click.option("--comment-author", multiple=True, help="Only comments by this author (repeatable).")
@click.option(
    "--kind", multiple=True, type=click.Choice(["post", "page", "comment"]), help="Only this kind (repeatable)."
)
@click.option("--site", multiple=True, help="Only what links to this host (repeatable).")
@click.option("--year", multiple=True, help="Only this year (repeatable).")
@click.option("--month", multiple=True, help="Only this month, as 2008-05 (repeatable).")
@click.option(
    "--exclude", multiple=True, metavar="NAME=VALUE", help="Nothing with this value: category=Iran (repeatable)."
)
@click.option("--from", "since", help="From this day on: 2008, 2008-05 or 2008-05-04.")
@click.option("--to", "until", help="Up to this day, inclusive.")
@click.option("--sort", type=click.Choice(SORTS), default="relevance", show_default=True)
@click.option("--page", type=click.IntRange(1, MAX_PAGE), default=1)
@click.option("--page-size", type=click.IntRange(1, MAX_PAGE_SIZE), help="Results per page.")
@click.option(
    "--group", type=click.Choice(["thread", "none"]), default="thread", help="none: every document by itself."
)
@_json_option
def search(
    query: tuple[str, ...],
    index_dir: Path | None,
    exclude: tuple[str, ...],
    since: str | None,
    until: str | None,
    page_size: int | None,
    as_json: bool,
    **rest: Any,
) -> None:
    """Search posts and comments. A query that begins with a minus goes after ``--``."""
    chosen = settings.load({"index_dir": index_dir, "page_size": page_size})
    for option, date in (("--from", since), ("--to", until)):
        if date is not None and parse_period(date) is None:
            raise UsageError(f"{option}: {date!r} is no date.", "Write 2008, 2008-05 or 2008-05-04.")
    for name, form in _FORMS.items():
        for text in rest[name]:
            if not is_value(name, text):
                raise UsageError(
                    f"--{name}: {text!r} is no {name}.", f"Write it as {form}; a range: --from 2008-05-04 --to 2008-06."
                )
    values = {"q": [" ".join(query)], "from": [since or ""], "to": [until or ""]}
    values |= {name: list(rest[name]) for name in FACET_FIELDS} | _exclusions(exclude)
    values |= {name: [str(rest[name])] for name in ("sort", "page", "group")}
    request = read_request(values, chosen.page_size)
    with closing(engine.open_searcher(chosen)) as searcher:
        results = searcher.search(request)
    if as_json:
        _print_json(search_payload(results))
    else:
        report.print_results(_Console(highlight=False), results)


@main.command()
@_index_option
@click.option("--host", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=int, help="Port to listen on.  [default: 8000]")
@click.option("--workers", type=int, help="Worker processes.  [default: one per core]")
@click.option("--check", "only_check", is_flag=True, help="Only check that the address can be listened on.")
def serve(only_check: bool, **overrides: Any) -> None:
    """Serve the search page."""
    from indexer import serving

    chosen = settings.load(overrides)
    serving.check_port(chosen)
    if only_check:
        return
    click.echo(f"Backfile is at http://{serving.address(chosen)} (Ctrl+C stops it)", err=True)
    if Generations(chosen.index_dir).stamp() is None:
        where = settings.index_flag(chosen.index_dir)
        click.echo(
            f"There is no index in {chosen.index_dir} yet. Build one: backfile index{where} export.xml", err=True
        )
    serving.run(chosen)


@main.command()
@_index_option
@_json_option
def stats(index_dir: Path | None, as_json: bool) -> None:
    """What the index holds and what was left out."""
    chosen = settings.load({"index_dir": index_dir})
    generation = Generations(chosen.index_dir).current()
    if as_json:
        manifest = generation.manifest
        _print_json(
            {
                "generation": generation.name,
                "created": manifest.created,
                "engine": manifest.engine,
                "language": manifest.language,
                "blog": manifest.blog,
                **manifest.counts,
                "bytes": manifest.size,
                "report": manifest.report,
            }
        )
    else:
        report.print_stats(_Console(), generation)


@main.command()
@_index_option
@_json_option
def check(index_dir: Path | None, as_json: bool) -> None:
    """Verify every file of the index, and that it answers."""
    chosen = settings.load({"index_dir": index_dir})
    generation = Generations(chosen.index_dir).current()
    damage = generation.damage()
    if not damage:
        with closing(engine.open_generation(generation, chosen)) as searcher:
            wrong = generation.manifest.disagreement(searcher.search(SearchRequest(facets=())).total)
        damage = [wrong] if wrong else []
    if as_json:
        _print_json({"ok": not damage, "generation": generation.name, "damage": damage})
    if damage and not as_json:
        raise CorruptIndexError(f"{generation.path}: {'; '.join(damage)}.", rebuild(chosen.index_dir))
    if damage:
        raise SystemExit(1)
    if not as_json:
        _Console().print(
            f"The index in {chosen.index_dir} is sound ({len(generation.manifest.files)} files).", highlight=False
        )


@main.command()
@_index_option
@click.option("--output", type=_PATH, help="File to write; one that ends in .gz is compressed.")
def export(index_dir: Path | None, output: Path | None) -> None:
    """Write all documents as JSON lines, which `index` reads back. Without --output to standard output."""
    chosen = settings.load({"index_dir": index_dir})
    with closing(engine.open_searcher(chosen)) as searcher:
        lines = (line + "\n" for line in exchange.lines(searcher.about(), searcher.documents()))
        if output is None:
            for line in lines:
                click.echo(line.encode("utf-8", "backslashreplace"), nl=False)
            return
        exchange.write(lines, output)
    counts = Generations(chosen.index_dir).current().manifest.counts
    click.echo(f"Wrote {sum(counts.values()):,} posts, pages, comments and pingbacks to {output}.", err=True)


@main.command()
@_json_option
def formats(as_json: bool) -> None:
    """The archive formats that Backfile reads."""
    from indexer import sources

    rows = [{"name": row.name, "title": row.title} for row in sources.formats()]
    if as_json:
        _print_json({"formats": rows})
    else:
        for row in rows:
            click.echo(f"{row['name']:<12} {row['title']}")


def _print_json(value: Any) -> None:
    """JSON is UTF-8 whatever the terminal's encoding (RFC 8259, section 8.1); bytes of file names that are none are escaped."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8", "backslashreplace"))


def _print_failure(reason: str, hint: str) -> None:
    """The one shape of a failure in JSON (README.md)."""
    with suppress(OSError):  # where standard output is what failed
        _print_json({"error": reason, "hint": hint})


def _stop(reason: str, hint: str, status: int, *, as_json: bool) -> None:
    if as_json:
        _print_failure(reason, hint)
    click.echo(f"backfile: {reason} {hint}".rstrip(), err=True)
    raise SystemExit(status)


if __name__ == "__main__":
    main()
