"""A document of the editor of Ghost 1 to 4 (Mobiledoc's JSON) in, HTML out.

Versions 0.2 and 0.3 of https://github.com/bustle/mobiledoc-kit/blob/master/MOBILEDOC.md:

    {"version", "markups": [[tag, attributes]], "atoms": [[name, text, payload]], "cards": [[name, payload]],
     "sections": [[1, tag, markers], [2, image URL], [3, "ul" | "ol", [markers, ...]], [10, card]]}

A marker is ``[type, opened markups, number of closed ones, text or atom]``; in 0.2, ``sections`` is ``[markups, sections]``, a
marker has no type, and a section names its card itself.
"""

from __future__ import annotations

from html import escape
from typing import Any

from indexer.sources.ghost.cards import card
from indexer.sources.ghost.values import text

_MARKUP, _IMAGE, _LIST, _CARD = 1, 2, 3, 10
_SECTION_TAGS = frozenset(["p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote"])
_MARKUP_TAGS = frozenset(["a", "b", "code", "em", "i", "s", "strong", "sub", "sup", "u", "del", "mark"])
# More markups opened at one place than there are kinds of them is damage.
_MOST_OPEN = 50


def mobiledoc_html(document: Any) -> str:
    """The HTML of a document as JSON; "" where it holds nothing."""
    if not isinstance(document, dict):
        return ""
    markups, sections = _list(document, "markups"), _list(document, "sections")
    if "markups" not in document and len(sections) == 2 and all(isinstance(part, list) for part in sections):
        markups, sections = sections
    reader = _Document(markups, _list(document, "atoms"), _list(document, "cards"))
    return "".join(reader.section(section) for section in sections if isinstance(section, list) and section)


def _list(parent: Any, name: str) -> list[Any]:
    value = parent.get(name)
    return value if isinstance(value, list) else []


def _at(values: Any, index: Any) -> Any:
    """``values[index]``, None where there is none."""
    inside = isinstance(values, list) and type(index) is int and 0 <= index < len(values)
    return values[index] if inside else None


class _Document:
    """What the sections refer to by number."""

    def __init__(self, markups: list[Any], atoms: list[Any], cards: list[Any]) -> None:
        self._markups, self._atoms, self._cards = markups, atoms, cards

    def section(self, section: list[Any]) -> str:
        kind, value = section[0], _at(section, 1)
        if kind == _MARKUP:
            name = text(value).lower()
            tag = name if name in _SECTION_TAGS else "blockquote" if name in ("aside", "pull-quote") else "p"
            return f"<{tag}>{self._markers(_at(section, 2))}</{tag}>"
        if kind == _IMAGE:
            return f'<img src="{escape(text(value))}">'
        if kind == _LIST:
            tag = "ol" if text(value).lower() == "ol" else "ul"
            items = _at(section, 2)
            lines = [f"<li>{self._markers(item)}</li>" for item in items] if isinstance(items, list) else []
            return f"<{tag}>{''.join(lines)}</{tag}>"
        if kind == _CARD:
            named = _at(self._cards, value) if isinstance(value, int) else section[1:]
            return card(text(_at(named, 0)), _at(named, 1) or {})
        return ""

    def _markers(self, markers: Any) -> str:
        """Text with the markups that open before it and close after it."""
        written: list[str] = []
        open_tags: list[str] = []
        for marker in markers if isinstance(markers, list) else []:
            if not isinstance(marker, list) or len(marker) not in (3, 4):
                continue
            kind, (opened, closed, value) = marker[0] if len(marker) == 4 else 0, marker[-3:]
            for number in opened[:_MOST_OPEN] if isinstance(opened, list) else []:
                start, tag = self._markup(_at(self._markups, number))
                if len(open_tags) < _MOST_OPEN:
                    open_tags.append(tag)
                    written.append(start)
            written.append(self._atom(value) if kind == 1 else escape(text(value), quote=False))
            for _ in range(min(closed, len(open_tags)) if isinstance(closed, int) else 0):
                written.append(_end(open_tags.pop()))
        return "".join(written + [_end(tag) for tag in reversed(open_tags)])

    def _markup(self, markup: Any) -> tuple[str, str]:
        """Start tag and name of a markup; empty of one that is unknown, which has a place among the open ones all the same."""
        tag = text(_at(markup, 0)).lower()
        if tag not in _MARKUP_TAGS:
            return "", ""
        attributes = _at(markup, 1)
        pairs = attributes if isinstance(attributes, list) else []
        href = next((text(v) for k, v in zip(pairs[::2], pairs[1::2], strict=False) if k == "href"), "")
        return (f'<a href="{escape(href)}">' if tag == "a" else f"<{tag}>"), tag

    def _atom(self, number: Any) -> str:
        atom = _at(self._atoms, number)
        name = text(_at(atom, 0))
        return "<br>" if name == "soft-return" else escape(text(_at(atom, 1)), quote=False)


def _end(tag: str) -> str:
    return f"</{tag}>" if tag else ""
