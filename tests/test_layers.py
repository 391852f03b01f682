"""Who may import whom (the map in ARCHITECTURE.md): every import of every module, in-function ones too."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted([*(ROOT / "indexer").rglob("*.py"), *(ROOT / "webapp").rglob("*.py")])

# Layer of a module: the longest matching prefix. A layer may import itself and what is listed.
ARROWS = {
    "indexer.cli": {
        "indexer.report",
        "indexer.serving",
        "indexer.pipeline",
        "indexer.exchange",
        "indexer.sources",
        "indexer.engine",
    },
    "indexer.report": {"indexer.progress", "indexer.accounting", "indexer.engine"},
    "indexer.serving": set(),
    "indexer.pipeline": {
        "indexer.accounting",
        "indexer.inputs",
        "indexer.reading",
        "indexer.steps",
        "indexer.joining",
        "indexer.merge",
        "indexer.progress",
        "indexer.redaction",
        "indexer.remains",
        "indexer.workers",
        "indexer.sources",
        "indexer.engine",
    },
    "indexer.reading": {
        "indexer.accounting",
        "indexer.inputs",
        "indexer.joining",
        "indexer.progress",
        "indexer.redaction",
        "indexer.sources",
        "indexer.steps",
        "indexer.workers",
    },
    "indexer.inputs": {"indexer.accounting", "indexer.progress", "indexer.sources"},
    "indexer.exchange": {"indexer.engine"},
    "indexer.accounting": set(),
    "indexer.progress": set(),
    "indexer.merge": {"indexer.accounting", "indexer.steps", "indexer.engine"},
    "indexer.remains": {"indexer.engine"},
    "indexer.steps": {"indexer.documents", "indexer.redaction", "indexer.sources", "indexer.clean", "indexer.engine"},
    "indexer.joining": {"indexer.columns", "indexer.copies", "indexer.documents", "indexer.clean"},
    "indexer.columns": set(),
    "indexer.copies": {"indexer.documents", "indexer.clean"},
    "indexer.redaction": {"indexer.documents"},
    "indexer.documents": {"indexer.clean", "indexer.engine"},
    "indexer.workers": set(),
    "indexer.sources": set(),
    "indexer.clean": set(),
    "indexer.engine": set(),
    "webapp": {"indexer.engine"},
}
# The ground that everybody stands on.
GROUND = {
    "indexer.settings": {"indexer.errors"},
    "indexer.archive": set(),
    "indexer.permalinks": set(),
    "indexer.errors": set(),
    "indexer": set(),
}
ONLY_IN = {
    "whoosh": "indexer.engine.whoosh",
    "opensearchpy": "indexer.engine.opensearch",
    "flask": "webapp",
    "gunicorn": "indexer.serving",
}


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[str]:
    """Full names of what a module imports; of ``from a import b`` both ``a.b`` and, for the layer, its prefix."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def layer(name: str) -> str | None:
    known = [*ARROWS, *GROUND]
    return max((row for row in known if name == row or name.startswith(row + ".")), key=len, default=None)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_follow_the_arrows(path: Path) -> None:
    here = layer(name_of(path))
    assert here is not None
    allowed = {here} | (GROUND[here] if here in GROUND else ARROWS[here] | set(GROUND))
    for name in imports(path):
        there = layer(name)
        if there is not None and name.split(".")[0] in ("indexer", "webapp"):
            assert there in allowed, f"{name_of(path)} imports {name}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_library_behind_a_port_is_imported_only_behind_it(path: Path) -> None:
    for name in imports(path):
        owner = ONLY_IN.get(name.split(".")[0])
        if owner:
            assert name_of(path) == owner or name_of(path).startswith(owner + "."), f"{name_of(path)} imports {name}"
