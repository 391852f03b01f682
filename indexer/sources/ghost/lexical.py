"""A document of Ghost 5's editor (Lexical's JSON) in, HTML out.

A tree of nodes ``{"type": ..., "children": [...]}``: https://lexical.dev/docs/concepts/nodes and, for Ghost's own,
https://github.com/TryGhost/Koenig (packages/kg-default-nodes). A node with neither a meaning here nor children is a card.
"""

from __future__ import annotations

from html import escape
from typing import Any

from indexer.sources.ghost.cards import card, is_public
from indexer.sources.ghost.values import Row, rows, text

# Deepest real nesting: lists in lists, a dozen. What is deeper is left out, so that no document exhausts the stack.
MAX_DEPTH = 50

# ``format`` of a text node, bit by bit: https://github.com/facebook/lexical, packages/lexical/src/LexicalConstants.ts
_FORMATS = ((1, "strong"), (2, "em"), (4, "s"), (8, "u"), (16, "code"), (32, "sub"), (64, "sup"), (128, "mark"))
_BLOCKS = {
    "paragraph": "p",
    "quote": "blockquote",
    "extended-quote": "blockquote",
    "aside": "blockquote",
    "listitem": "li",
    "code": "pre",
    "table": "table",
    "tablerow": "tr",
    "tablecell": "td",
}
_LINKS = frozenset(["link", "autolink", "at-link"])
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_TEXTS = frozenset(["text", "extended-text", "code-highlight", "hashtag", "emoji", "tk"])


def lexical_html(document: Any) -> str:
    """The HTML of a document as JSON; "" where it holds nothing."""
    root = document.get("root") if isinstance(document, dict) else None
    return _children(root, 0) if isinstance(root, dict) else ""


def _children(node: Row, depth: int) -> str:
    return "".join(_node(child, depth + 1) for child in rows(node.get("children")))


def _node(node: Row, depth: int) -> str:
    kind = text(node.get("type"))
    if kind in _TEXTS or depth > MAX_DEPTH:
        return _text(node)
    if kind == "linebreak":
        return "<br>"
    if kind == "tab":
        return "\t"
    if "children" not in node:
        return card(kind, node)
    return _element(kind, node, _children(node, depth)) if is_public(node) else ""


def _element(kind: str, node: Row, content: str) -> str:
    tag = text(node.get("tag"))
    if kind in _LINKS:
        return f'<a href="{escape(text(node.get("url")))}">{content}</a>'
    if kind == "list":
        tag = "ol" if tag == "ol" or text(node.get("listType")) == "number" else "ul"
    elif kind in ("heading", "extended-heading"):
        tag = tag if tag in _HEADINGS else "h2"
    else:
        tag = _BLOCKS.get(kind, "div")
    return f"<{tag}>{content}</{tag}>"


def _text(node: Row) -> str:
    written = escape(text(node.get("text")), quote=False)
    bits = node.get("format")
    if written and isinstance(bits, int):
        for bit, tag in _FORMATS:
            if bits & bit:
                written = f"<{tag}>{written}</{tag}>"
    return written
