"""A title or a name: marked-up text in, one line of plain text out."""

from __future__ import annotations

from indexer.clean.characters import BREAK, lines
from indexer.clean.text import read


def plain(text_with_markup: str) -> str:
    """One line: tags gone, entities decoded (once), white space collapsed, control characters out, NFC.

    Brackets stay as they are: WordPress runs no shortcodes in titles. Never raises.
    """
    if "<" in text_with_markup or "&" in text_with_markup:
        text = read(text_with_markup)
        return " ".join(f"{text.own} {text.quoted}".split())
    return one_line(text_with_markup)


def one_line(text: str) -> str:
    """Text without markup as one line: white space collapsed, control characters out, NFC. Never raises."""
    return lines(text.replace(BREAK, ""))
