"""A text to HTML: Markdown by markdown-it-py, with what kramdown, Goldmark and Python-Markdown add to it; other markup as it is.

HTML                  as it stands (.html, and what a converter of another blog's pages put into .md)
Markdown              tables, footnotes, definition lists, strike-through; attributes (``{: .class}``) and tables of contents go
reStructuredText      see `rst`
Textile, Org, ...     paragraphs: their words are found, their markup shows
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

from indexer.sources.markdown.rst import rst_html
from indexer.sources.markdown.tags import undo_tags

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

HTML_ENDINGS = frozenset(["html", "htm", "xhtml"])
MARKDOWN_ENDINGS = frozenset(["md", "markdown", "mkd", "mkdn", "mdown", "mdwn", "mdx", "mmd"])
RST_ENDINGS = frozenset(["rst", "rest"])
OTHER_ENDINGS = frozenset(["textile", "org", "adoc", "asciidoc", "ad", "txt"])
# A text this long is read as paragraphs: some things take the parser quadratic time.
LONGEST_MARKDOWN = 1_000_000

_BLOCK = (
    "(?:p|div|table|ul|ol|dl|h[1-6]|blockquote|pre|img|center|section|article|figure|iframe|style|script|br|font|span|a|"
    "strong|b)"
)
_HTML_START = re.compile(rf"\s*(?:<!--.{{0,2000}}?-->\s*)?<{_BLOCK}[\s>/]", re.I | re.S)
_PRE = re.compile(r"<(pre|script|style|textarea)\b.*?(?:</\1\s*>|\Z)", re.I | re.S)
_IS_MARKDOWN = re.compile(
    r"^(?:#{1,6} \S|[*+-] +\S|\d{1,3}\. +\S|```|~~~|> ?\S|\[[^\]\n]{1,80}\]:)|\]\([^)\s]{1,500}\)|(?<![\w*])\*\*\w|\[\^\w+\]",
    re.M,
)
_FENCE = re.compile(r"[ ]{0,3}(`{3,}|~{3,})")
# Lines that say how something looks, or where a list of headings goes.
_MARKS = re.compile(r"\s*(?:\{:{1,2}[^}\n]*\}|\[TOC\]|\[\[_?TOC_?\]\]|\.\. TEASER_END.*)\s*", re.I)
_ATTRIBUTES = re.compile(r"[ \t]*\{:[^}\n]{0,200}\}|(?<=\S)[ \t]*\{[ \t]*[#.][\w-][^}\n]{0,200}\}[ \t]*$")
_ABBREVIATION = re.compile(r"\s{0,3}\*\[[^\]\n]+\]:")
_TOC_ITEM = re.compile(r"\s*(?:[*+-]|\d+\.)\s+\S.{0,40}")
_PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*")


def to_html(body: str, ending: str, generator: str, address: str = "") -> str:
    """The HTML of a post's body. ``ending`` is its file's, ``generator`` and ``address`` its site's."""
    jekyll = generator in ("jekyll", "")
    liquid = generator in ("jekyll", "hexo", "eleventy", "")
    if ending not in RST_ENDINGS:
        body = undo_tags(body, liquid=liquid, in_code=jekyll, address=address)
    if ending in HTML_ENDINGS:
        return body.strip()
    if ending in RST_ENDINGS or (ending == "txt" and generator == "nikola"):
        return rst_html(body)
    if ending in OTHER_ENDINGS:
        return paragraphs(body)
    return markdown_html(body)


def markdown_html(body: str) -> str:
    """Markdown as HTML; a text that is all HTML as it stands."""
    if is_html(body):
        return body.strip()
    if len(body) > LONGEST_MARKDOWN:
        return paragraphs(body)
    return str(_parser().render(_without_marks(body))).strip()


def is_html(body: str) -> bool:
    """Whether a text is HTML without Markdown in it: CommonMark would end blocks at empty lines, and see code in indentation."""
    return bool(_HTML_START.match(body)) and not _IS_MARKDOWN.search(_PRE.sub("", body))


def paragraphs(body: str) -> str:
    """A text in any other markup: what stands between empty lines is a paragraph."""
    found = (run.strip("\n") for run in _PARAGRAPHS.split(body.strip()))
    return "\n".join(f"<p>{escape(run, quote=False)}</p>".replace("\n", "<br>\n") for run in found if run)


def _without_marks(body: str) -> str:
    """Markdown without attributes and lists of headings, but in code."""
    if not re.search(r"\{[:#. ]|TOC|TEASER|^\s{0,3}\*\[", body, re.I | re.M):
        return body
    lines: list[str] = []
    fence = ""
    for line in body.split("\n"):
        if m := _FENCE.match(line):
            if not fence:
                fence = m[1]
            elif m[1].startswith(fence):
                fence = ""
        elif not fence and not line.startswith("    "):
            if _MARKS.fullmatch(line):
                # "* Contents", then {:toc}: the list is replaced by the headings.
                if "toc" in line.lower() and lines and _TOC_ITEM.fullmatch(lines[-1]):
                    lines.pop()
                line = ""
            elif _ABBREVIATION.match(line):
                line = ""
            elif "{" in line:
                line = _ATTRIBUTES.sub("", line)
        lines.append(line)
    return "\n".join(lines)


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.deflist import deflist_plugin
    from mdit_py_plugins.footnote import footnote_plugin

    return (
        MarkdownIt("commonmark", {"html": True})
        .enable(["table", "strikethrough"])
        .use(footnote_plugin)
        .use(deflist_plugin)
    )
