"""A row of the table ``posts`` in, the HTML of its text out."""

from __future__ import annotations

import json
import re
from html import escape
from typing import Any

from indexer.sources.ghost.cards import markdown
from indexer.sources.ghost.lexical import lexical_html
from indexer.sources.ghost.mobiledoc import mobiledoc_html
from indexer.sources.ghost.values import Row, text

# What stands for the blog's address in texts, so that a blog can move: since Ghost 4.
_PLACEHOLDER = "__GHOST_URL__"
# A part of a post that is not for everybody: ``nonMember:true memberSegment:"status:free"`` says for whom.
_GATED_BEGIN = re.compile(r"<!--\s*kg-gated-block:begin\s([^\n>]{0,300})-->")
_GATED_END = re.compile(r"<!--\s*kg-gated-block:end\s*-->")
_PUBLIC = re.compile(r"\bnonMember:[\"']?true\b")


def body(post: Row, blog_url: str) -> tuple[str, bool]:
    """The text of a post as visitors saw it, and whether none of its forms could be read.

    What Ghost rendered wins; else the editor's document is rendered here, the newest editor's first.
    """
    html, damaged = _written(post)
    return _public(html).replace(_PLACEHOLDER, blog_url.rstrip("/")), damaged


def _written(post: Row) -> tuple[str, bool]:
    rendered = text(post.get("html"))
    if rendered.strip():
        return rendered, False
    damaged = False
    for column, render in (("lexical", lexical_html), ("mobiledoc", mobiledoc_html)):
        document = _document(post.get(column))
        damaged = damaged or document is None
        if html := render(document):
            return html, False
    if written := text(post.get("markdown")).strip():
        return markdown(written), False
    lines = [f"<p>{escape(line, quote=False)}</p>" for line in text(post.get("plaintext")).splitlines() if line.strip()]
    return "".join(lines), damaged


def _document(column: object) -> Any:
    """The JSON in a column; {} of an empty one, None of a damaged one."""
    if isinstance(column, dict):
        return column
    try:
        return json.loads(text(column) or "{}", strict=False)
    except (ValueError, RecursionError):
        return None


def _public(html: str) -> str:
    """``html`` without the parts that only members see; such a part without end reaches to the end of the post."""
    kept: list[str] = []
    at = 0
    while begin := _GATED_BEGIN.search(html, at):
        kept.append(html[at : begin.start()])
        end = _GATED_END.search(html, begin.end())
        if _PUBLIC.search(begin[1]):
            kept.append(html[begin.end() : end.start() if end else None])
        at = end.end() if end else len(html)
    return "".join(kept) + html[at:] if kept else html
