"""reStructuredText to HTML, as far as a text needs it to be found and read: no docutils, no directives run.

Titles, paragraphs, lists, literal blocks, block quotes, inline markup and links become HTML; of directives the content stays, of
images the ``alt``; comments and targets go. What is not known stays as text.
(https://docutils.sourceforge.io/docs/ref/rst/restructuredtext.html)
"""

from __future__ import annotations

import re
from html import escape

_UNDERLINE = re.compile(r"([!-/:-@\[-`{-~])\1{2,}\s*")
_DIRECTIVE = re.compile(r"\.\. (?:\|[^|]+\| )?(?P<name>[\w:+-]+)::[ \t]*(?P<argument>.*)")
_COMMENT = re.compile(r"\.\.(?:\s|$)")
_OPTION = re.compile(r"\s+:(?P<name>[\w-]+):[ \t]*(?P<value>.*)")
_ITEM = re.compile(r"\s*(?P<mark>[-*+•]|(?:\d{1,3}|#|[a-z])[.)])\s+(?P<rest>\S.*)", re.I)
_TARGET = re.compile(r"^\.\. _`?(?P<name>[^:`\n]+)`?:[ \t]*(?P<url>\S+)[ \t]*$", re.M)
_CODE = frozenset(["code", "code-block", "sourcecode", "highlight", "listing", "parsed-literal"])
_DROPPED = frozenset(["contents", "meta", "raw", "include", "default-role", "role", "slides", "post-list"])
_VIDEOS = {
    "youtube": "https://www.youtube.com/watch?v={}",
    "vimeo": "https://vimeo.com/{}",
    "gist": "https://gist.github.com/{}",
}
_INLINE = re.compile(
    r"``(?P<code>.+?)``(?!`)"
    r"|`(?P<label>[^`<]*?)\s*<(?P<url>[^`<>\s]+)>`__?"
    r"|`(?P<name>[^`\n]+)`__?"
    r"|:[\w:-]+:`(?P<role>[^`]+)`"
    r"|\*\*(?P<strong>\S(?:[^*\n]|\*(?!\*))*?)\*\*"
    r"|(?<![\w*])\*(?P<em>[^\s*](?:[^*\n]*[^\s*])?)\*(?!\w)"
    r"|(?<![\w`])(?P<word>[\w-]+)_(?![\w`])"
    r"|`(?P<plain>[^`\n]+)`"
)


def rst_html(text: str) -> str:
    """HTML of a reStructuredText document without its title."""
    targets = {m["name"].strip().lower(): m["url"] for m in _TARGET.finditer(text)}
    lines = text.expandtabs(8).split("\n")
    return "\n".join(_Reader(lines, targets).blocks(0, len(lines))).strip()


class _Reader:
    """Lines to blocks; each block of an indented part is read once more, so depth is bounded."""

    def __init__(self, lines: list[str], targets: dict[str, str]) -> None:
        self.lines, self.targets = lines, targets

    def blocks(self, start: int, end: int, depth: int = 0) -> list[str]:
        """The blocks of lines ``start`` to ``end``."""
        out: list[str] = []
        at = start
        while at < end:
            line = self.lines[at]
            if not line.strip():
                at += 1
            elif _UNDERLINE.fullmatch(line) and at + 2 < end and _UNDERLINE.fullmatch(self.lines[at + 2]):
                out.append(f"<h2>{self.inline(self.lines[at + 1].strip())}</h2>")
                at += 3
            elif at + 1 < end and _is_title(line, self.lines[at + 1]):
                out.append(f"<h2>{self.inline(line.strip())}</h2>")
                at += 2
            elif _COMMENT.match(line.lstrip()):
                at = self._explicit(at, end, out, depth)
            else:
                at = self._paragraph(at, end, out)
        return out

    def _explicit(self, at: int, end: int, out: list[str], depth: int) -> int:
        """A directive, comment or target; returns the line behind it."""
        line = self.lines[at]
        indent = len(line) - len(line.lstrip())
        after = self._indented(at + 1, end, indent)
        m = _DIRECTIVE.match(line.lstrip())
        if m and m["name"] not in _DROPPED:
            out += self._directive(m["name"], m["argument"].strip(), at + 1, after, depth)
        return after

    def _directive(self, name: str, argument: str, start: int, end: int, depth: int) -> list[str]:
        options: dict[str, str] = {}
        while start < end and (m := _OPTION.fullmatch(self.lines[start])):
            options[m["name"]] = m["value"].strip()
            start += 1
        if name in _CODE:
            return [_pre(self.lines[start:end])]
        content = self.blocks(start, end, depth + 1) if depth < 20 else [_pre(self.lines[start:end])]
        if name in ("image", "figure", "thumbnail"):
            alt = escape(options.get("alt", ""))
            return [f'<img src="{escape(argument)}" alt="{alt}">', *content]
        if name in _VIDEOS and argument:
            url = escape(_VIDEOS[name].format(argument.split()[0]))
            return [f'<a href="{url}">{url}</a>', *content]
        head = [f"<p>{self.inline(argument)}</p>"] if argument else []
        return (
            ["<blockquote>", *head, *content, "</blockquote>"] if name in ("epigraph", "pull-quote") else head + content
        )

    def _indented(self, at: int, end: int, indent: int) -> int:
        """The first line from ``at`` that is not indented deeper than ``indent``."""
        while at < end and (not self.lines[at].strip() or len(self.lines[at]) - len(self.lines[at].lstrip()) > indent):
            at += 1
        return at

    def _paragraph(self, at: int, end: int, out: list[str]) -> int:
        """A paragraph or a list item, and the literal block that ``::`` at its end announces."""
        first = at
        if m := _ITEM.match(self.lines[at]):
            indent = m.start("rest")
            at += 1
            while at < end and self.lines[at].startswith(" " * indent) and self.lines[at].strip():
                at += 1
            words = " ".join([m["rest"], *(line.strip() for line in self.lines[first + 1 : at])])
            out.append(f"<ul><li>{self.inline(words)}</li></ul>")
        else:
            while at < end and self.lines[at].strip():
                at += 1
            words = "\n".join(line.strip() for line in self.lines[first:at])
            shown = words[:-1] if words.endswith("::") else words
            quoted = self.lines[first].startswith(" ")
            if shown.strip(":"):
                body = f"<p>{self.inline(shown)}</p>"
                out.append(f"<blockquote>{body}</blockquote>" if quoted else body)
        if words.endswith("::"):
            indent = len(self.lines[first]) - len(self.lines[first].lstrip())
            after = self._indented(at, end, indent)
            if block := _pre(self.lines[at:after]):
                out.append(block)
            return after
        return at

    def inline(self, text: str) -> str:
        """Inline markup as HTML; everything else escaped."""
        out: list[str] = []
        at = 0
        for m in _INLINE.finditer(text):
            out.append(escape(text[at : m.start()], quote=False))
            out.append(self._marked(m))
            at = m.end()
        out.append(escape(text[at:], quote=False))
        return "".join(out)

    def _marked(self, m: re.Match[str]) -> str:
        kind = m.lastgroup or ""
        shown = escape(m[kind], quote=False)
        if kind == "url":
            return f'<a href="{escape(m["url"])}">{escape(m["label"] or m["url"], quote=False)}</a>'
        if kind in ("name", "word"):
            url = self.targets.get(m[kind].lower())
            return (
                f'<a href="{escape(url)}">{shown}</a>'
                if url
                else shown
                if kind == "name"
                else escape(m[0], quote=False)
            )
        return {"code": f"<code>{shown}</code>", "strong": f"<strong>{shown}</strong>", "em": f"<em>{shown}</em>"}.get(
            kind, shown
        )


def _is_title(line: str, below: str) -> bool:
    return (
        bool(_UNDERLINE.fullmatch(below))
        and len(below.rstrip()) >= len(line.rstrip()) * 2 // 3
        and not line.startswith(" ")
    )


def _pre(lines: list[str]) -> str:
    """Lines as they stand, without their common indentation."""
    filled = [place for place, line in enumerate(lines) if line.strip()]
    lines = lines[filled[0] : filled[-1] + 1] if filled else []
    indent = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return f"<pre>{escape(chr(10).join(line[indent:] for line in lines), quote=False)}</pre>" if lines else ""
