"""Whether the words of a post are found: ``python -m benchmarks.bodies [ARCHIVES]``, our reader beside plain trafilatura.

    ARCHIVES/page/NAME.html       pages of trafilatura's evaluation
    ARCHIVES/page/expected.json   {NAME.html: {"with": [phrases of the article], "without": [phrases around it]}}

Scored as trafilatura scores itself (tests/evaluate.py there): a phrase of ``with`` in the text is a true positive, one that is
missing a false negative, a phrase of ``without`` in the text a false positive. White space counts as one space on both sides.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import click
import trafilatura
from rich.console import Console
from rich.table import Table

from benchmarks.fidelity import ARCHIVES
from indexer.archive import Post
from indexer.clean.text import extract
from indexer.sources.savedpage import page_items

FOLDER = "page"


@dataclass(slots=True)
class Score:
    """Phrases over all pages: ``found`` of ``wanted``, ``unwanted`` of ``others``; ``wrong``: what was not as it should be."""

    wanted: int = 0
    found: int = 0
    others: int = 0
    unwanted: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        return self.found / (self.found + self.unwanted) if self.found else 0.0

    @property
    def recall(self) -> float:
        return self.found / self.wanted if self.wanted else 0.0

    @property
    def f(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    def add(self, name: str, text: str, wanted: list[str], others: list[str]) -> None:
        """Count one page's phrases in the text that a reader found."""
        text = _one_line(text)
        missing = [phrase for phrase in wanted if _one_line(phrase) not in text]
        present = [phrase for phrase in others if _one_line(phrase) in text]
        self.wanted += len(wanted)
        self.found += len(wanted) - len(missing)
        self.others += len(others)
        self.unwanted += len(present)
        self.wrong += [f"{name}: misses {phrase!r}" for phrase in missing]
        self.wrong += [f"{name}: holds {phrase!r}" for phrase in present]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def our_text(page: bytes, name: str) -> str:
    """The text that would be indexed for a page's post, "" when the page has none."""
    post = next((item for item in page_items(page, name) if isinstance(item, Post)), None)
    if post is None:
        return ""
    text = extract(post.html)
    return f"{text.own}\n{text.quoted}"


def their_text(page: bytes, name: str, *, comments: bool) -> str:
    """The text that trafilatura finds; it counts comments as text unless told otherwise (its evaluation tells)."""
    return trafilatura.extract(page, include_comments=comments) or ""


READERS: dict[str, Callable[[bytes, str], str]] = {
    "Backfile": our_text,
    "trafilatura": partial(their_text, comments=True),
    "trafilatura, no comments": partial(their_text, comments=False),
}


def scores(folder: Path) -> dict[str, Score]:
    """Every reader's score over the pages of a folder."""
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    results = {name: Score() for name in READERS}
    for page, phrases in sorted(expected.items()):
        data = (folder / page).read_bytes()
        for name, read in READERS.items():
            results[name].add(page, read(data, page), phrases["with"], phrases["without"])
    return results


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("archives", type=click.Path(path_type=Path, exists=True, file_okay=False), default=ARCHIVES)
@click.option("--wrong", is_flag=True, help="List the phrases that our reader misses or should not hold.")
def main(archives: Path, wrong: bool) -> None:
    """Score the readers on the pages in ARCHIVES/page."""
    results = scores(archives / FOLDER)
    table = Table("reader", "phrases found", "unwanted found", "precision", "recall", "F")
    for name, s in results.items():
        shares = (f"{share:.3f}" for share in (s.precision, s.recall, s.f))
        table.add_row(name, f"{s.found}/{s.wanted}", f"{s.unwanted}/{s.others}", *shares)
    console = Console()
    console.print(table)
    for line in results["Backfile"].wrong if wrong else ():
        console.print(line, highlight=False, markup=False, soft_wrap=True)


if __name__ == "__main__":
    main()
