"""The comparison of bodies with trafilatura's: how it counts, and how it comes out on the pages of that one's evaluation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks import bodies

WORDS = "The ferry keeps its own time, and nobody on the quay has ever asked it why. " * 4
PAGE = f"""<html><head><title>Fog</title></head><body class="single"><p>Menu</p><div class="hentry">
    <h1 class="entry-title">Fog</h1>
    <div class="entry-content"><p>{WORDS}</p></div></div><div><p>Elsewhere on this site</p></div></body></html>"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One page, of which one phrase is expected in vain."""
    pages = tmp_path / bodies.FOLDER
    pages.mkdir()
    (pages / "fog.html").write_text(PAGE)
    expected = {"fog.html": {"with": ["keeps its  own time", "no such words"], "without": ["Elsewhere on this site"]}}
    (pages / "expected.json").write_text(json.dumps(expected))
    return tmp_path


def test_phrases_are_counted_as_trafilatura_counts_them() -> None:
    score = bodies.Score()
    score.add("a", "one two\nthree", ["one", "two three", "four"], ["three", "five"])
    assert (score.found, score.wanted, score.unwanted, score.others) == (2, 3, 1, 2)
    assert (score.precision, score.recall) == (2 / 3, 2 / 3)
    assert score.f == pytest.approx(2 / 3)
    assert score.wrong == ["a: misses 'four'", "a: holds 'three'"]
    assert (bodies.Score().precision, bodies.Score().recall, bodies.Score().f) == (0, 0, 0)


def test_every_reader_is_scored(folder: Path) -> None:
    scores = bodies.scores(folder / bodies.FOLDER)
    assert list(scores) == ["Backfile", "trafilatura", "trafilatura, no comments"]
    assert {(score.found, score.unwanted) for score in scores.values()} == {(1, 0)}


def test_the_command_prints_scores_and_on_demand_what_was_wrong(folder: Path) -> None:
    run = CliRunner().invoke(bodies.main, [str(folder), "--wrong"])
    assert run.exit_code == 0
    assert "Backfile" in run.output
    assert "1/2" in run.output
    assert run.output.endswith("fog.html: misses 'no such words'\n")


def test_bodies_are_no_worse_than_trafilaturas(archives: Path) -> None:
    """In trafilatura's usual form, and in the one of its evaluation, which leaves comments out."""
    ours, *theirs = bodies.scores(archives / bodies.FOLDER).values()
    assert len(theirs) == 2
    for score in theirs:
        assert (ours.wanted, ours.others) == (score.wanted, score.others)
        assert ours.found >= score.found
        assert ours.f >= score.f
