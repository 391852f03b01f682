"""Template tags in a text, undone: Liquid (Jekyll, Hexo, Octopress) and the shortcodes of Hugo and Nikola.

In: a text with ``{% tag %}``, ``{{ output }}``, ``{{< shortcode >}}``, ``{{% shortcode %}}``. Out: Markdown or HTML. What a tag
encloses stays; of the tag itself stay captions, quotations' sources, images, and links to what it would embed. The rest goes, as
do the marks that end an excerpt. One pass, from left to right: time is linear.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape

# A tag longer than this is none; without a bound, braces that nothing closes would be searched for again and again.
_LONGEST_TAG = 4_000
_OPENER = re.compile(r"\{[{%]|^[ \t]*(?:```|~~~)|`+", re.M)
_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})")
_LIQUID = re.compile(r"\{%-?\s*([\w-]+)\s*(.*?)\s*-?%\}", re.S)
_SHORTCODE = re.compile(r"\{\{[<%]\s*(/?)\s*([\w./-]+)\s*(.*?)\s*/?\s*[>%]\}\}", re.S)
# A quotation mark that nothing closes quotes the rest: so no character is looked at twice.
_ARGUMENT = re.compile(
    r"""(?:([\w-]+)\s*[=:]\s*)?(?:"((?:[^"\\]|\\.)*)(?:"|\\?\Z)|'((?:[^'\\]|\\.)*)(?:'|\\?\Z)|`([^`]*)(?:`|\Z)|([^\s"',`|]+))""",
    re.S,
)
_MORE = re.compile(
    r"<!--[ \t]*(?:more|read ?more|excerpt|end[- ]?excerpt|TEASER_END|PELICAN_END_SUMMARY)\b[^>]{0,80}-->", re.I
)
# What is shown as it stands, and as code.
_CODE = frozenset(["highlight", "codeblock", "code", "prism", "code_block"])
_DROPPED = frozenset(["comment", "schema"])
_QUOTES = frozenset(["blockquote", "quote", "bquote", "epigraph"])
_PULL_QUOTE = re.compile(r"\{\"\s*|\s*\"\}")
_WORDS = ("caption", "title", "alt", "text", "content", "quote", "description")
_VIDEOS = {
    "youtube": "https://www.youtube.com/watch?v={}",
    "vimeo": "https://vimeo.com/{}",
    "gist": "https://gist.github.com/{}",
    "tweet": "https://twitter.com/{}",
    "twitter": "https://twitter.com/{}",
    "x": "https://twitter.com/{}",
    "instagram": "https://www.instagram.com/p/{}/",
    "soundcloud": "https://soundcloud.com/{}",
    "codepen": "https://codepen.io/{}",
    "jsfiddle": "https://jsfiddle.net/{}/",
    "speakerdeck": "https://speakerdeck.com/{}",
}


def undo_tags(text: str, *, liquid: bool, in_code: bool, address: str = "") -> str:
    """``text`` without template tags. ``liquid``: whether Liquid was at work; ``in_code``: in code, too (Jekyll reads it before
    Markdown); ``address`` is what ``{{ site.url }}`` stands for.
    """
    if "{" in text:
        text = _Undoing(text, liquid, in_code, address).run()
    return _MORE.sub("", text) if "<!--" in text else text


class _Undoing:
    """One text, from left to right; ``out`` is what there is so far, ``opened`` the tags that wait for their end."""

    def __init__(self, text: str, liquid: bool, in_code: bool, address: str) -> None:
        self.text, self.liquid, self.in_code, self.address = text, liquid, in_code, address
        self.out: list[str] = []
        self.at = 0
        self.opened: list[tuple[str, str]] = []
        self.missing: set[str] = set()

    def run(self) -> str:
        while m := _OPENER.search(self.text, self.at):
            self.out.append(self.text[self.at : m.start()])
            self.at = m.start()
            if not (self._code(m[0]) if "{" not in m[0] else self._tag()):
                self.out.append(m[0])
                self.at = m.end()
        self.out.append(self.text[self.at :])
        self.out += [after for _, after in reversed(self.opened)]
        return "".join(self.out)

    def _code(self, opener: str) -> bool:
        """Pass over code where tags in it are the author's."""
        if self.in_code:
            return False
        if fence := _FENCE.match(opener):
            return self._verbatim(f"\n{fence[1]}", self.at + len(opener), keep=True)
        return self._verbatim(opener, self.at + len(opener), keep=True)

    def _verbatim(self, end: str, start: int, *, keep: bool) -> bool:
        """Copy to the next ``end`` and behind it; False when there is none."""
        found = -1 if end in self.missing else self.text.find(end, start)
        if found < 0:
            self.missing.add(end)
            return False
        if keep:
            self.out.append(self.text[self.at : found + len(end)])
        self.at = found + len(end)
        return True

    def _tag(self) -> bool:
        """Undo the tag that begins here; False when it is none."""
        start = self.text[self.at : self.at + 3]
        if start in ("{{<", "{{%"):
            closing = (">" if start[2] == "<" else "%") + "}}"
            return self._between(closing, self._shortcode)
        if not self.liquid:
            return False
        if start.startswith("{%"):
            return self._between("%}", self._liquid)
        return self._between("}}", self._output)

    def _between(self, closing: str, handle: Callable[[str], bool]) -> bool:
        end = self.text.find(closing, self.at + 2, self.at + _LONGEST_TAG)
        if end < 0:
            return False
        tag = self.text[self.at : end + len(closing)]
        before = self.at
        self.at = end + len(closing)
        if handle(tag):
            return True
        self.at = before
        return False

    def _output(self, tag: str) -> bool:
        """``{{ site.url }}`` is known; of anything else nobody knows what it showed. Literal text in it is kept."""
        inner = tag[2:-2].strip("- \n\t")
        if re.match(r"site\.(?:url|baseurl)\b", inner):
            self.out.append(self.address if inner.startswith("site.url") or not self._follows_url() else "")
        elif m := re.match(r"[\"']([^\"']*)[\"']", inner):
            self.out.append(m[1])
        return True

    def _follows_url(self) -> bool:
        """Whether ``{{ site.baseurl }}`` only goes on with an address, or with a path that was just written."""
        return bool(self.out) and (self.out[-1] == self.address or (bool(self.out[-1]) and not self.out[-1].isspace()))

    def _shortcode(self, tag: str) -> bool:
        if tag[3:].lstrip().startswith("/*"):
            # An escaped shortcode shows as one.
            self.out.append(tag.replace("/*", "", 1).replace("*/", "", 1))
            return True
        m = _SHORTCODE.fullmatch(tag)
        if not m:
            return False
        closing, name, arguments = m.groups()
        if closing:
            self._close(name)
        else:
            self._open(name, arguments, rf"\{{\{{[<%]\s*/\s*{re.escape(name)}\s*[>%]\}}\}}", "/")
        return True

    def _liquid(self, tag: str) -> bool:
        m = _LIQUID.fullmatch(tag)
        if not m:
            return True
        name, arguments = m.groups()
        if name.startswith("end") and len(name) > 3:
            self._close(name[3:])
        else:
            if name == "pullquote" and (inside := self._enclosed("pull", r"\{%-?\s*endpullquote\s*-?%\}")) is not None:
                # The words between {" and "} are shown twice; once is enough.
                self.out.append(_PULL_QUOTE.sub("", inside))
                return True
            self._open(name, arguments, rf"\{{%-?\s*end{re.escape(name)}\s*-?%\}}", "end")
        return True

    def _open(self, name: str, arguments: str, end: str, prefix: str) -> None:
        """What the tag ``name`` leaves. ``end`` is the pattern of its end tag; ``prefix`` tells the two kinds of tags apart."""
        if name in ("raw", "verbatim") or name in _DROPPED or name in _CODE:
            if (inside := self._enclosed(prefix + name, end)) is not None:
                if name in _CODE:
                    inside = f"\n<pre><code>{escape(inside.strip(chr(10)), quote=False)}</code></pre>\n"
                self.out.append("" if name in _DROPPED else inside)
            return
        words = _arguments(arguments)
        if name in ("include", "include_cached", "include_relative", "render", "partial") and words:
            name, _, _ = (words.pop(0)[1].rpartition("/")[2]).partition(".")
        named = {key: value for key, value in words if key}
        positional = [value for key, value in words if not key]
        if name in _QUOTES or name == "figure":
            source = " ".join(positional) or " ".join(
                named.get(k, "") for k in ("author", "source", "cite", "title", "link")
            )
            if name == "figure":
                source = " ".join(dict.fromkeys(filter(None, (named.get("title"), named.get("caption")))))
            elif source.strip():
                source = f"— {source.strip()}"
            if name == "figure" and (image := named.get("src")):
                self.out.append(_image(image, named.get("alt", "")) + (f"\n\n{source}\n\n" if source else ""))
            else:
                self.out.append("\n\n<blockquote>\n\n" if name in _QUOTES else "")
                close = "\n\n</blockquote>\n\n" if name in _QUOTES else ""
                self.opened.append((name, f"\n\n{source}{close}" if source else close))
            return
        self.out.append(_reduced(name, positional, named))

    def _close(self, name: str) -> None:
        """The end of a tag: what it left for here. Tags in between that were never closed are closed."""
        places = [place for place, (opened, _) in enumerate(self.opened[-20:]) if opened == name]
        if places:
            start = max(0, len(self.opened) - 20) + places[-1]
            self.out += [after for _, after in reversed(self.opened[start:])]
            del self.opened[start:]

    def _enclosed(self, name: str, end: str) -> str | None:
        """The text up to an end tag, which is passed over; None when there is none."""
        found = None if name in self.missing else re.compile(end).search(self.text, self.at)
        if found is None:
            self.missing.add(name)
            return None
        inside = self.text[self.at : found.start()]
        self.at = found.end()
        return inside


def _arguments(text: str) -> list[tuple[str, str]]:
    """Arguments of a tag, each with its name or ""."""
    return [(m[1] or "", next((g for g in m.groups()[1:] if g is not None), "")) for m in _ARGUMENT.finditer(text)]


def _reduced(name: str, positional: list[str], named: dict[str, str]) -> str:
    """What is left of a tag that stands alone: an image, a link, or its words."""
    kind = next(
        (
            known
            for known in _VIDEOS
            if re.fullmatch(rf"(?:{known})(?:[_-]?(?:simple|embed|player|video|responsive))?", name)
        ),
        "",
    )
    if name in ("video", "embed") and named.get("provider") in _VIDEOS:
        kind = named["provider"]
    if kind:
        return _link(kind, positional, named)
    if name in ("img", "image", "picture", "lazyload", "responsive_image", "media", "thumbnail"):
        source = (
            named.get("src")
            or named.get("url")
            or named.get("path")
            or next((a for a in positional if "/" in a or "." in a), "")
        )
        words = named.get("alt") or named.get("title") or " ".join(a for a in positional if " " in a)
        caption = named.get("caption", "")
        return _image(source, words) + (f"\n\n{caption}\n\n" if caption else "") if source else words
    if name in ("link", "a", "button") and (href := named.get("url") or named.get("href")):
        return f'<a href="{escape(href)}">{named.get("text") or named.get("title") or href}</a>'
    words = next((named[key] for key in _WORDS if named.get(key)), "")
    return f"\n\n{words}\n\n" if words and name not in ("assign", "for", "if", "post_url", "ref", "relref") else ""


def _link(kind: str, positional: list[str], named: dict[str, str]) -> str:
    ids = [a.strip("\"'") for a in positional if not a.startswith("{")]
    if kind in ("tweet", "twitter", "x") and named.get("user") and named.get("id"):
        ids = [f"{named['user']}/status/{named['id']}"]
    elif kind == "gist" and len(ids) > 1:
        ids = ["/".join(ids[:2])]
    id = next((i for i in (named.get("id"), named.get("url"), named.get("video_id"), *ids) if i), "")
    if not re.match(r"[\w./:?=&%@+-]+$", id):
        return ""
    url = id if re.match(r"(?:https?:)?//", id) else _VIDEOS[kind].format(id)
    return f'<a href="{escape(url)}">{escape(named.get("title") or url)}</a>'


def _image(source: str, words: str) -> str:
    return f'<img src="{escape(source)}" alt="{escape(words)}">'
