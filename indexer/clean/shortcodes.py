r"""WordPress shortcodes: HTML with ``[gallery ids="1,2"]`` in, HTML without out.

Only shortcodes that WordPress, WordPress.com or a widespread plug-in defines are touched; everything else in brackets is
prose ("[sic]", "[1]"). The syntax is that of wp-includes/shortcodes.php: ``[name]``, ``[name attributes]``,
``[name]content[/name]``, and ``[[name]]`` for a shortcode that is meant to be read.
"""

from __future__ import annotations

import re
from html import escape

# Code that is shown as it is. The names are those of Syntaxhighlighter Evolved, which WordPress.com runs.
_CODE = frozenset(
    "sourcecode code source as3 actionscript3 bash shell coldfusion cf cpp csharp css delphi diff erlang fsharp groovy go "
    "html java javascript js latex matlab objc pascal perl php plain powershell python ruby scala sql text vb vbnet xml "
    "yaml".split()
)
# Something to watch or hear, and where a bare identifier leads; "" where only a full address will do.
_MEDIA = {
    "youtube": "https://www.youtube.com/watch?v=",
    "vimeo": "https://vimeo.com/",
    "dailymotion": "https://www.dailymotion.com/video/",
    **dict.fromkeys("audio video embed googlevideo soundcloud dewplayer flash kml slideshare ted vine".split(), ""),
    **dict.fromkeys(
        "twitter-timeline tweet instagram flickr gist scribd spotify bandcamp mixcloud wpvideo hulu".split(), ""
    ),
}
# Pictures that the shortcode does not name.
_GALLERIES = frozenset("gallery nggallery imagebrowser singlepic".split())
_CAPTIONS = frozenset(["caption", "wp_caption"])
# No reader writes these in brackets, so they are shortcodes even when nothing else says so.
_UNMISTAKABLE = frozenset(
    "gallery youtube vimeo dailymotion googlevideo wpvideo dewplayer nggallery singlepic imagebrowser contact-form "
    "contact-form-7 contact-field gravityform polldaddy crowdsignal wufoo googlemaps googleapps archiveorg brightcove "
    "videopress recent-posts display-posts jetpack_subscription_form blog_subscription_form".split()
)
# Ordinary words, so shortcodes only with attributes (``[row class="x"]``) or an end tag.
_WORDS = frozenset(
    "playlist map poll quiz recipe presentation slide archives column columns row one_half one_third two_third one_fourth "
    "three_fourth tabs tab accordion toggle button spoiler highlight dropcap divider spacer pullquote box alert footnote "
    "table members_only".split()
)
# Page builders: Visual Composer, Divi, Avada, Shortcodes Ultimate.
_BUILDERS = r"(?:vc|et_pb|fusion|su)_\w+"
_NAMES = sorted({*_CODE, *_MEDIA, *_CAPTIONS, *_UNMISTAKABLE, *_WORDS}, key=len, reverse=True)
# Attributes hold no brackets (in WordPress no closing one), which keeps this linear on any input.
SHORTCODE = re.compile(
    r"(?P<before>\[?)\[(?P<end>/?)"
    rf"(?P<name>{'|'.join(re.escape(name) for name in _NAMES)}|{_BUILDERS})"
    r"(?P<attributes>(?:[\s=:/][^\[\]]*)?)\](?P<after>\]?)"
)
# Begins as one does, and is found ten times as fast, as it begins with a bracket.
_BEGINNING = re.compile(rf"\[/?(?:{'|'.join(re.escape(name) for name in _NAMES)}|{_BUILDERS})")
_URL = re.compile(r"https?://[^\s\"'<>|\[\]]+")
_IDENTIFIER = re.compile(r"(?:\bid=|^[\s=]+)[\"']?([\w-]{5,20})(?=[\s\"'&?/]|$)", re.A)
_ATTRIBUTE = re.compile(r"=|://")
_CAPTION_ATTRIBUTE = re.compile(r"""\bcaption=(?:"([^"]*)"|'([^']*)')""")
_IMAGE = re.compile(r"\s*((?:<a\b[^<>]*>\s*)?<img\b[^<>]*>(?:\s*</a>)?)(.*)", re.S | re.I)


def expand(html: str, *, shown: bool = True) -> str:
    """``html`` with captions as ``<figure>``, code as ``<pre>``, media as links; other shortcodes go, what they enclose stays.

    ``shown``, for a reader's eyes: a link to media shows its address (without, the ``<a>`` is there but empty), and an empty
    ``<figure>`` is left of a gallery, for the reading view to say so.
    """
    if "[" not in html or not _BEGINNING.search(html):
        return html
    tags = list(SHORTCODE.finditer(html))
    return _Expansion(html, tags, shown).run() if tags else html


class _Expansion:
    """One pass over the tags of one text. ``out`` is what is done, ``at`` how far in ``html`` that reaches."""

    def __init__(self, html: str, tags: list[re.Match[str]], shown: bool) -> None:
        self.html, self.tags, self.shown = html, tags, shown
        self.closed = _closed(tags)
        self.out: list[str] = []
        self.at = 0
        self.enclosing: re.Match[str] | None = None  # the open code or embed: until its end tag nothing else counts
        self.escaped: set[str] = set()  # names of which ``[[name]`` was met, and not yet ``[/name]]``
        self.caption: tuple[int, str] | None = None  # where in ``out`` the open caption begins, and its attributes

    def run(self) -> str:
        for tag in self.tags:
            if self.enclosing:
                if tag["end"] and tag["name"] == self.enclosing["name"]:
                    content = self.html[self.at : tag.start() + len(tag["before"])]
                    self.out.append(self._enclosed(self.enclosing, content))
                    self.enclosing = None
                    self.at = tag.end() - len(tag["after"])
            elif self._is_escaped(tag):
                self._unescape(tag)
            elif self._is_shortcode(tag):
                self._copy_to(tag.start() + len(tag["before"]))
                self.at = tag.end() - len(tag["after"])
                self._carry_out(tag)
        self._copy_to(len(self.html))
        return "".join(self.out)

    def _copy_to(self, position: int) -> None:
        self.out.append(self.html[self.at : position])

    def _is_escaped(self, tag: re.Match[str]) -> bool:
        """``[[name]]``, or one end of ``[[name]content[/name]]``."""
        if tag["end"]:
            return tag["name"] in self.escaped
        if tag["before"] and not tag["after"] and tag.start() in self.closed:
            self.escaped.add(tag["name"])
            return True
        return bool(tag["before"] and tag["after"])

    def _unescape(self, tag: re.Match[str]) -> None:
        self._copy_to(tag.start())
        self.at = tag.start() if tag["end"] else tag.start() + len(tag["before"])
        self._copy_to(tag.end() - len(tag["after"]))
        self.at = tag.end()
        if tag["end"]:
            self.escaped.discard(tag["name"])

    def _is_shortcode(self, tag: re.Match[str]) -> bool:
        name = tag["name"]
        if name in _CODE:
            return not tag["end"] and tag.start() in self.closed
        if name in _WORDS or (name in _MEDIA and name not in _UNMISTAKABLE):
            return bool(tag["end"] or _ATTRIBUTE.search(tag["attributes"]) or tag.start() in self.closed)
        return True

    def _carry_out(self, tag: re.Match[str]) -> None:
        name, attributes = tag["name"], tag["attributes"]
        if name in _CAPTIONS:
            if tag["end"]:
                self._end_caption()
            self.caption = None if tag["end"] else (len(self.out), attributes)
        elif tag["end"]:
            return
        elif name in _CODE or (name in _MEDIA and tag.start() in self.closed):
            self.enclosing = tag
        elif name in _MEDIA:
            self.out.append(self._link(name, attributes))
        elif name in _GALLERIES and self.shown:
            self.out.append("<figure></figure>")

    def _enclosed(self, tag: re.Match[str], content: str) -> str:
        if tag["name"] in _CODE:
            # The plug-in stores code escaped; markup in it says that something else stored it raw.
            code = escape(content, quote=False) if "<" in content else content
            return f"<pre><code>{code.strip(chr(10))}</code></pre>"
        if not content.strip():  # [video mp4="http://..."][/video]
            return self._link(tag["name"], tag["attributes"])
        url = _URL.fullmatch(content.strip())
        return _anchor(url[0], url[0]) if url else content

    def _link(self, name: str, attributes: str) -> str:
        url = _address(name, attributes)
        return _anchor(url, url if self.shown else "") if url else ""

    def _end_caption(self) -> None:
        if self.caption is None:
            return
        start, attributes = self.caption
        content = "".join(self.out[start:])
        picture = _IMAGE.fullmatch(content)
        image, text = (picture[1], picture[2]) if picture else (content, "")
        if given := _CAPTION_ATTRIBUTE.search(attributes):
            text = given[1] or given[2] or text
        caption = f"<figcaption>{text.strip()}</figcaption>" if text.strip() else ""
        self.out[start:] = [f"<figure>{image}{caption}</figure>"]


def _closed(tags: list[re.Match[str]]) -> set[int]:
    """Where the start tags are whose next tag of the same name is an end tag."""
    closed, end_follows = set(), set()
    for tag in reversed(tags):
        if tag["end"]:
            end_follows.add(tag["name"])
        elif tag["name"] in end_follows:
            closed.add(tag.start())
            end_follows.discard(tag["name"])
    return closed


def _anchor(url: str, label: str) -> str:
    # An address in an archive has its "&" escaped already, or is one that browsers read all the same.
    return f'<a href="{url}">{label}</a>'


def _address(name: str, attributes: str) -> str:
    """Where ``[name attributes]`` leads, "" when that cannot be told."""
    if url := _URL.search(attributes):
        return url[0]
    identifier = _IDENTIFIER.search(attributes)
    return _MEDIA[name] + identifier[1] if identifier and _MEDIA[name] else ""
