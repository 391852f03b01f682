"""Colours are readable by computation: those of the stylesheet, and any accent an owner may choose."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.colours import DARK, LIGHT, READABLE, contrast, readable, stylesheet

STYLES = Path(__file__).resolve().parents[1] / "webapp" / "static"
PAIR = re.compile(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\);")
TOKENS = {name: (light, dark) for name, light, dark in PAIR.findall((STYLES / "style.css").read_text())}
COLOURS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)
    assert contrast("#ff0000", "#ff0000") == 1


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground", "least"),
    [
        *((text, ground, READABLE) for text in ("ink", "soft", "accent") for ground in ("paper", "sheet")),
        ("on-accent", "accent", READABLE),
        ("on-mark", "mark", READABLE),
        # What is seen but not read, criterion 1.4.11: the edges of fields and buttons.
        ("edge", "paper", 3),
        ("edge", "sheet", 3),
    ],
)
def test_the_stylesheets_own_colours_are_readable(text: str, ground: str, least: float, theme: int) -> None:
    assert contrast(TOKENS[text][theme], TOKENS[ground][theme]) >= least


def test_an_accent_is_held_against_the_papers_of_the_stylesheet() -> None:
    assert tuple((TOKENS["paper"][theme], TOKENS["sheet"][theme]) for theme in (0, 1)) == (LIGHT, DARK)


@given(COLOURS)
def test_any_accent_becomes_readable(accent: str) -> None:
    for papers in (LIGHT, DARK):
        assert min(contrast(readable(accent, papers), paper) for paper in papers) >= READABLE


@given(COLOURS)
def test_a_readable_accent_is_left_alone(accent: str) -> None:
    fit = readable(accent, LIGHT)
    assert readable(fit, LIGHT) == fit


def test_the_accent_is_given_for_light_and_dark() -> None:
    assert "--accent: light-dark(#0055aa, #" in stylesheet("#0055aa")


def test_every_colour_follows_the_switch() -> None:
    """A colour that asks the system would stay as it is when the reader chooses otherwise."""
    assert [path.name for path in STYLES.glob("*.css") if "prefers-color-scheme" in path.read_text()] == []
