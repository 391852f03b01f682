"""WordPress's paragraphs: HTML as it is stored, with bare newlines, in; HTML with ``<p>`` and ``<br>`` out.

The effect of ``wpautop`` in WordPress's wp-includes/formatting.php, without the stray end tags that it leaves.
"""

from __future__ import annotations

import re

# The elements that stand outside paragraphs: $allblocks of wpautop, and <center> from before it.
_BLOCKS = (
    "table|thead|tfoot|caption|col|colgroup|tbody|tr|td|th|div|dl|dd|dt|ul|ol|li|form|map|area|blockquote|address|p|"
    "h[1-6]|hr|fieldset|legend|section|article|aside|hgroup|header|footer|nav|figure|figcaption|details|menu|summary|center"
)
# Inside these a newline is the author's: they pass through whole.
_VERBATIM = frozenset(["pre", "script", "style", "textarea"])
# A tag ends before the next "<", here and below, so that thousands of tags without ">" take linear time.
_BLOCK_TAG = re.compile(rf"<(?P<end>/?)(?P<name>{_BLOCKS}|{'|'.join(_VERBATIM)})(?![\w:-])[^<>]*>")
# The same takes twice as long when it ignores case, and since HTML 4 few write tags in capitals.
_BLOCK_TAG_ANY_CASE = re.compile(_BLOCK_TAG.pattern, re.I)
_CAPITALS = re.compile(r"</?[a-z]*[A-Z]")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.S)
# Their literal first characters make the searches without "<br" and without tags five times as fast as the others.
_BLANK_LINE = re.compile(r"\n\s*\n")
_BLANK_LINE_OR_BREAKS = re.compile(r"\n\s*\n|<br\s*/?>\s*(?:<br\s*/?>\s*)+", re.I)
_BREAK = re.compile(r"<[bB][rR]")
_NEWLINE_OR_TAG = re.compile(r"(?P<newline>\n|<br\s*/?>\n)|<[a-z/!][^<>]*>", re.I)
# Where not every newline is a line break to be written: one behind a break, one inside a tag.
_OTHER_NEWLINE = re.compile(r"<(?:[bB][rR]\s*/?>\n|[a-zA-Z/!][^<>\n]*\n)")


def uses_autop(html: str) -> bool:
    """Whether WordPress would make paragraphs of newlines: not where the block editor has left its comments."""
    return "<!-- wp:" not in html


def autop(html: str) -> str:
    """``html`` with a paragraph for every run of text between blank lines, and ``<br>`` for every other newline."""
    html = html.replace("\r\n", "\n").replace("\r", "\n")
    if "<" not in html:
        return _paragraphs(html, "")
    if "<!--" in html:
        html = _COMMENT.sub("", html)
    out: list[str] = []
    end, opened, verbatim = 0, "", ""
    block_tag = _BLOCK_TAG_ANY_CASE if _CAPITALS.search(html) else _BLOCK_TAG
    for tag in block_tag.finditer(html):
        text, end, name = html[end : tag.start()], tag.end(), tag["name"].lower()
        out.append(text if verbatim else _paragraphs(text, opened))
        out.append(tag[0])
        opened = "" if tag["end"] else name
        if verbatim == name and tag["end"]:
            verbatim = ""
        elif not verbatim and opened in _VERBATIM:
            verbatim = name
    out.append(html[end:] if verbatim else _paragraphs(html[end:], opened))
    return "".join(out)


def _paragraphs(text: str, opened: str) -> str:
    """``text`` between two block tags as paragraphs; ``opened`` is the element whose start tag stands before it, or "".

    A single run of text in ``<li>``, ``<td>``, ``<div>`` and most others is no paragraph; in ``<blockquote>`` it is one.
    """
    blank_line = _BLANK_LINE_OR_BREAKS if "<" in text and _BREAK.search(text) else _BLANK_LINE
    runs = [_line_breaks(run.strip()) for run in blank_line.split(text) if run and not run.isspace()]
    if not runs:
        return "\n" if text else ""
    if opened == "p":
        return "</p>\n<p>".join(runs)
    if len(runs) == 1 and opened not in ("", "hr", "blockquote"):
        return runs[0]
    return "".join(f"<p>{run}</p>\n" for run in runs)


def _line_breaks(run: str) -> str:
    if "\n" not in run:
        return run
    if _OTHER_NEWLINE.search(run):
        return _NEWLINE_OR_TAG.sub(lambda m: "<br>\n" if m["newline"] else m[0], run)
    return run.replace("\n", "<br>\n")
