"""Archived HTML to HTML that the reading view may show: a hostile body in, an inert one out.

    shortcodes -> paragraphs (autop) -> frames become links -> nh3 -> elements renamed

nh3 (the Rust library ammonia on html5ever) parses as a browser does and keeps what is listed here, nothing else.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Collection, Mapping
from functools import lru_cache
from html import escape
from urllib.parse import urljoin

import nh3
from lxml import etree

from indexer.clean.autop import autop as paragraphs
from indexer.clean.autop import uses_autop
from indexer.clean.characters import CONTROLS, is_printable
from indexer.clean.shortcodes import SHORTCODE, expand
from indexer.clean.simple import pieces
from indexer.clean.text import DROPPED, event_parser

# Elements of the output and their attributes. No class, style or id: they would meet the page's own.
ATTRIBUTES: dict[str, set[str]] = {
    "*": {"dir", "lang"},
    "a": {"href", "title"},
    "abbr": {"title"},
    "del": {"datetime"},
    "details": {"open"},
    "img": {"src", "alt", "title", "width", "height"},
    "ins": {"datetime"},
    "li": {"value"},
    "ol": {"reversed", "start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
}
BLOCKS = frozenset(
    "blockquote br caption col colgroup dd details div dl dt figcaption figure h3 h4 h5 h6 hr img li ol p pre summary "
    "table tbody td tfoot th thead tr ul".split()
)
INLINE = frozenset(
    "a abbr b bdi bdo cite code del dfn em i ins kbd mark q rp rt ruby s samp small strong sub sup time u var wbr".split()
)
TAGS = BLOCKS | INLINE
# Elements that come out under another name. The page has the one h1, its sections h2; mapping both to h3 and leaving h3
# alone keeps sanitising idempotent. Landmarks would claim to be the page's own; the rest is obsolete.
RENAMED = {
    **dict.fromkeys(["h1", "h2"], "h3"),
    **dict.fromkeys("address article aside center fieldset footer form header legend main nav section".split(), "div"),
    **dict.fromkeys(["dir", "menu"], "ul"),
    "acronym": "abbr",
    "strike": "s",
    "tt": "code",
}
# Attributes of the input: what comes out under another name may have that one's.
_READ = {**ATTRIBUTES, **{old: ATTRIBUTES[new] for old, new in RENAMED.items() if new in ATTRIBUTES}}
REL = "nofollow noopener noreferrer"

# Parsing as a browser does takes quadratic time and memory on elements nested or misnested by the thousand, and on an
# element of a hundred thousand attributes. Of 14,689 bodies in real exports one was beyond these bounds (5,812 "<", 294 KB).
MAX_TAGS = 2000
MAX_LENGTH = 200_000
# A browser repeats unclosed formatting in every paragraph: 2 KB can become 280 KB. Above this, see `_simplified`.
MAX_GROWTH = 8
MAX_DEPTH = 50
# Further passes until the output parses to itself. None of 25,000 generated inputs took more than two.
MAX_PASSES = 4
# An ``img`` as wide as a million pixels, or a cell spanning as many columns, only breaks the page.
MAX_DIGITS = 4

_NUMERIC = frozenset("width height colspan rowspan start value".split())
_FRAME = re.compile(
    r"""<(?:iframe|embed)\b[^<>]*?\ssrc\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)'|([^\s"'<>]+))[^<>]*>(?:[^<]*</(?:iframe|embed)>)?""",
    re.I,
)
_RENAMED_TAG = re.compile(rf"(</?)({'|'.join(RENAMED)})(?=[ >])")
_TAG_NAME = re.compile(r"<([a-zA-Z][^\s/>]*)")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.I)
_PLAIN_WEB = re.compile(r"https?://[^/?#\s]\S*")
_WEB = re.compile(r"https?://[^/?#]+", re.I)
_MOVED = 'loading="lazy" '
_CONTROL = re.compile(f"[{''.join(map(chr, CONTROLS))}]")
_GIVEN_REL = re.compile(r' rel="[^"<>]*">')
_NUMBER = re.compile(r"&#(\d+);")
_PRE_NEWLINES = re.compile(r"(<pre[^<>]*>)\n+")
# Elements that a browser repeats when they were not closed ("active formatting elements" in the HTML standard).
_FORMATTING = frozenset("b code em i s small strike strong tt u".split())
# Where an element outside these is dropped, or text in a table is moved in front of it, what is left may parse differently
# from what was parsed, and is cleaned again.
# (A heading is a heading, and an acronym an inline element, by any name.)
_STABLE = (TAGS - {"table"}) | {"h1", "h2", "acronym"}
# An <object> of the time holds the <embed> that becomes a link.
_DROPPED = DROPPED - {"object"}
_VOID = frozenset(["br", "col", "hr", "img", "wbr"])
_SIMPLE = (TAGS | RENAMED.keys()) - _FORMATTING


def safe_html(html: str, *, autop: bool = False, base_url: str = "") -> str:
    """``html`` with nothing left but `TAGS` and `ATTRIBUTES`; links and images lead to http and https only.

    ``autop``: newlines make paragraphs, as WordPress stores them. Relative addresses are resolved against ``base_url``, or
    dropped without one. Idempotent (but for ``autop``); never raises; time is linear beyond `MAX_TAGS`.
    """
    html = html.replace("\0", "")
    if "<" not in html and "&" not in html and "[" not in html:
        text = html.replace(">", "&gt;").replace("\xa0", "&nbsp;")
        return _without_controls(paragraphs(text) if autop else text)
    if not html.isascii():
        html = html.encode("utf-8", "ignore").decode("utf-8")  # lone surrogates, which nh3 refuses
    with_paragraphs = autop and uses_autop(html)
    html = _FRAME.sub(_frame_link, expand(html))
    safe = _sanitised(paragraphs(html) if with_paragraphs else html, base_url)
    # What is left in brackets is prose. Written so, it will not be taken for a shortcode when it comes by again.
    return safe.replace("[", "&#91;") if "[" in safe and SHORTCODE.search(safe) else safe


def web_address(url: str, base_url: str = "") -> str | None:
    """``url`` as an absolute http(s) address, or None when it is none. "//host" is taken for https."""
    if _PLAIN_WEB.fullmatch(url):
        return url
    url = re.sub(r"[\t\r\n]", "", url).strip("".join(map(chr, range(0x21))))
    if url.startswith("//"):
        url = "https:" + url
    if url and base_url and not _SCHEME.match(url):
        try:
            url = urljoin(base_url, url)
        except ValueError:
            return None
    site = _WEB.match(url)
    return url if site and _is_site(site[0]) else None


@lru_cache(maxsize=4096)
def _is_site(url: str) -> bool:
    """Whether nh3 takes ``https://host`` for an address: it has seen the addresses in the HTML, not those made here."""
    return "href" in nh3.clean(f'<a href="{escape(url)}/">', tags={"a"}, attributes={"a": {"href"}}, link_rel=None)


class _AttributeFilter(threading.local):
    """Called by nh3 for every attribute that it would keep; ``base_url`` is that of the body being cleaned."""

    base_url = ""

    def __call__(self, tag: str, attribute: str, value: str) -> str | None:
        if attribute in ("href", "src"):
            return web_address(value, self.base_url)
        if attribute in _NUMERIC and not (value.isascii() and value.isdigit() and len(value) <= MAX_DIGITS):
            return None
        return value


_attribute_filter = _AttributeFilter()
_cleaner = nh3.Cleaner(
    tags=set(TAGS | RENAMED.keys()),
    clean_content_tags=set(_DROPPED),
    attributes=_READ,
    attribute_filter=_attribute_filter,
    url_schemes={"http", "https"},
    link_rel=REL,
    set_tag_attribute_values={"img": {"loading": "lazy"}},
)


def _sanitised(html: str, base_url: str) -> str:
    _attribute_filter.base_url = base_url
    if html.count("<") > MAX_TAGS or len(html) > MAX_LENGTH:
        html = _simplified(html)
    elif pieces(html) is not None:
        return _without_controls(_serialised(html))
    safe = _cleaner.clean(html)
    if len(safe) > MAX_GROWTH * (len(html) + 1000):
        safe = _cleaner.clean(_simplified(html))
    names = {name.lower() for name in _TAG_NAME.findall(html)}
    safe = _settled(safe, names)
    # Where the filter takes an attribute away, nh3 puts the last one in its place.
    if _MOVED in safe or not _STABLE.issuperset(names):
        for _ in range(MAX_PASSES):
            before, safe = safe, _settled(_cleaner.clean(safe), ())
            if safe == before:
                break
    return safe


def _serialised(html: str) -> str:
    """What nh3 makes of HTML that `indexer.clean.simple` reads, in a third of the time: all of it may stay."""
    if "&" in html:
        html = _NUMBER.sub(lambda m: chr(int(m[1])), html.replace("&quot;", '"'))
    html = html.replace("\xa0", "&nbsp;")
    if "<br" in html:
        html = html.replace("<br />", "<br>").replace("<br/>", "<br>")
    if "<a " not in html:
        return html
    # Only links have attributes, and no text has a ">".
    return _GIVEN_REL.sub(">", html).replace('">', f'" rel="{REL}">')


def _settled(safe: str, names: Collection[str]) -> str:
    """What came out of nh3 with elements renamed; ``names`` are those of the elements that went in."""
    safe = _without_controls(safe)
    if not RENAMED.keys().isdisjoint(names):
        safe = _RENAMED_TAG.sub(lambda m: m[1] + RENAMED[m[2]], safe)
    # A parser drops the first newline in <pre>, so one that was kept would be gone the next time.
    return _PRE_NEWLINES.sub(r"\1", safe) if "<pre" in safe else safe


def _without_controls(text: str) -> str:
    if is_printable(text.replace("\n", "")):  # much cheaper than the search below
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.translate(CONTROLS) if _CONTROL.search(text) else text


def _frame_link(frame: re.Match[str]) -> str:
    src = (frame[1] or frame[2] or frame[3] or "").strip()
    if not re.match(r"(?:https?:)?//", src, re.I):
        return ""
    src = src.replace('"', "&quot;")
    return f' <a href="{src}">{src.removeprefix("//")}</a> '


def _simplified(html: str) -> str:
    """``html`` balanced, at most `MAX_DEPTH` deep and without formatting, so that nh3 takes linear time. Linear itself."""
    simplifier = _Simplifier()
    etree.fromstring(html.encode("utf-8", "ignore"), event_parser(simplifier))
    return "".join(simplifier.out)


class _Simplifier:
    """What lxml calls for every tag and text; ``kept`` says of each open element whether its tags are written."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.kept: list[bool] = []
        self.depth = 0
        self.dropped = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self.dropped += tag in _DROPPED
        keep = tag in _SIMPLE and self.depth < MAX_DEPTH and not self.dropped
        self.kept.append(keep)
        self.depth += keep
        if keep:
            known = sorted(_READ.get(tag, set()) & attributes.keys())
            written = [f' {name}="{escape(attributes[name])}"' for name in known]
            self.out.append(f"<{tag}{''.join(written)}>")

    def end(self, tag: str) -> None:
        self.dropped -= tag in _DROPPED
        if self.kept.pop():
            self.depth -= 1
            if tag not in _VOID:
                self.out.append(f"</{tag}>")

    def data(self, text: str) -> None:
        if not self.dropped:
            self.out.append(escape(text, quote=False))

    def close(self) -> None:
        """Nothing to return: `_simplified` reads ``out``."""
