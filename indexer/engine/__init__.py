"""The engine: documents in, answers out, behind `indexer.engine.port`.

    port.py         the types and protocols that everybody else uses
    payload.py      the JSON of a search
    requests.py     loose values -> SearchRequest
    query/          the query language: any string -> tree, and back
    edits.py        how far two words are apart
    analysis.py     text -> words and stems, for documents and queries alike
    languages.py    what the analysis knows of single languages
    snippets.py     where a query's words stand in a text
    schema.py       the field table
    generations.py  build aside, verify, switch
    live.py         a searcher that follows the switch
    allocation.py   memory for searching
    whoosh/         the embedded engine

The functions here choose the engine, so that nobody else names one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from indexer.engine import schema
from indexer.engine.allocation import keep_freed_memory
from indexer.engine.analysis import Analyzer
from indexer.engine.generations import IMPORT_REPORT, Generation, Generations, Manifest, rebuild
from indexer.engine.live import LiveSearcher
from indexer.engine.port import About, IndexWriter, Searcher
from indexer.errors import CorruptIndexError
from indexer.settings import DEFAULT_MEMORY_MB, Settings

ENGINE = "whoosh"


def open_live(settings: Settings) -> Searcher:
    """A searcher that follows the index in ``settings.index_dir``; there need not be one yet."""
    keep_freed_memory()
    return LiveSearcher(Generations(settings.index_dir), lambda generation: open_generation(generation, settings))


def open_searcher(settings: Settings) -> Searcher:
    """A searcher on the index in use; raises the index errors of `indexer.errors`."""
    return open_generation(Generations(settings.index_dir).current(), settings)


def open_generation(generation: Generation, settings: Settings) -> Searcher:
    """A searcher on one generation."""
    from indexer.engine.whoosh.searcher import WhooshSearcher

    keep_freed_memory()
    about = _about(generation, settings)
    try:
        return WhooshSearcher(generation.path, about, settings.query_seconds)
    except Exception as error:  # Whoosh raises whatever its pickles and struct formats raise on a damaged file
        raise CorruptIndexError(
            f"The index in {generation.path} cannot be opened ({error}).", rebuild(generation.path.parent.parent)
        ) from error


def open_writer(path: Path, language: str, memory_mb: int = DEFAULT_MEMORY_MB, base: Path | None = None) -> IndexWriter:
    """A writer of the index files in ``path``; ``memory_mb`` is the setting of that name.

    With ``base``, the directory of another index of the same schema and language, the new one begins with what that holds;
    ``path`` is to be empty, and nothing in ``base`` is changed. Entering the writer's block and leaving it raise
    `CorruptIndexError` where ``base`` is damaged.
    """
    from indexer.engine.whoosh.writer import WhooshWriter

    return WhooshWriter(path, Analyzer(language), memory_mb * 1_000_000, base)


def new_manifest(
    *,
    language: str,
    blog: Mapping[str, str],
    counts: Mapping[str, int],
    report: Mapping[str, Any],
    sources: Sequence[Mapping[str, Any]] = (),
    inputs: str = "",
) -> Manifest:
    """The manifest of a generation that this version of Backfile just wrote."""
    return Manifest(
        schema=schema.fingerprint(),
        engine=ENGINE,
        language=language,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        blog=blog,
        counts=counts,
        report=report,
        sources=sources,
        inputs=inputs,
    )


def _about(generation: Generation, settings: Settings) -> About:
    manifest = generation.manifest
    return About(
        generation=generation.name,
        created=datetime.fromisoformat(manifest.created),
        blog_name=settings.blog_name or manifest.blog.get("name", ""),
        blog_description=settings.blog_description or manifest.blog.get("description", ""),
        blog_url=settings.blog_url or manifest.blog.get("url", ""),
        language=manifest.language,
        counts=manifest.counts,
        report=manifest.report,
        import_report=generation.path / IMPORT_REPORT,
    )
