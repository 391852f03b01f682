"""The owner's accent colour, made readable: WCAG 2.2's relative luminance and contrast. Pure."""

from __future__ import annotations

import colorsys

# The papers of static/style.css that coloured text stands on: the page's and that of boxes, in light and in dark.
LIGHT = ("#faf7f0", "#fffdf8")
DARK = ("#171512", "#201d19")
# WCAG 2.2, success criterion 1.4.3, for text of ordinary size.
READABLE = 4.5


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two ``#rrggbb`` colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """The relative luminance of a ``#rrggbb`` colour, 0 to 1 (WCAG 2.2, "relative luminance")."""
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def readable(colour: str, papers: tuple[str, ...], least: float = READABLE) -> str:
    """``colour``, darkened on light papers and lightened on dark ones as little as it takes to have the contrast on each.

    Black or white has it at the latest.
    """
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(colour))
    step = -0.01 if luminance(papers[0]) > 0.5 else 0.01
    while min(contrast(colour, paper) for paper in papers) < least:
        lightness = min(1.0, max(0.0, lightness + step))
        colour = "#" + "".join(f"{round(c * 255):02x}" for c in colorsys.hls_to_rgb(hue, lightness, saturation))
    return colour


def stylesheet(accent: str) -> str:
    """The custom properties of ``accent`` for light and dark; what stands on the accent has the colour of the paper."""
    light, dark = readable(accent, LIGHT), readable(accent, DARK)
    return (
        f":root {{ --accent: light-dark({light}, {dark}); --on-accent: light-dark({LIGHT[1]}, {DARK[1]}); }}\n"
        "@media print { :root { --accent: #000; } }\n"
    )


def _channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue
