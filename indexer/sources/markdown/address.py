"""The address of a post: what its front matter says, else what its generator makes of the file's path and the site's pattern.

Jekyll    /:categories/:year/:month/:day/:title.html    https://jekyllrb.com/docs/permalinks/
Hexo      /:year/:month/:day/:title/                    https://hexo.io/docs/permalinks
Hugo      /section/.../slug/                            https://gohugo.io/configuration/permalinks/
Pelican   /slug.html                                    https://docs.getpelican.com/en/latest/settings.html#url-settings
Nikola    /posts/slug/                                  https://getnikola.com/handbook.html
Eleventy  /path/slug/                                   https://www.11ty.dev/docs/permalinks/
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from indexer.sources.markdown.site import Site
from indexer.sources.markdown.values import first, items, text

# Where a post was first, when its blog moved here: importers for Jekyll, Ghost, Hugo and Astro write these.
_ORIGINAL = ("originalurl", "origurl", "legacyurl", "bloggerorigurl", "wordpressurl", "tumblrurl", "oldurl")
_CANONICAL = ("canonicalurl", "canonical", "relcanonical")
_ALIASES = (
    *(
        "aliases",
        "redirectfrom",
        "redirects",
        "disqusidentifier",
        "disqusid",
        "disqusurl",
        "guid",
        "shorturl",
        "shortlink",
    ),
    *_CANONICAL,
)
_STYLES = {
    "date": "/:categories/:year/:month/:day/:title.html",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "ordinal": "/:categories/:year/:y_day/:title.html",
    "weekdate": "/:categories/:year/W:week/:short_day/:title.html",
    "none": "/:categories/:title.html",
}
_HEXO = ":year/:month/:day/:title/"
_DATED = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})[-_](?P<slug>.+)", re.S)
_COMPACT = re.compile(r"(?P<year>(?:19|20)\d\d)(?P<month>[01]\d)(?P<day>[0-3]\d)(?:\d{4})?[-_](?P<slug>.+)", re.S)
_DAY_FOLDERS = re.compile(r"(?:^|/)(?P<year>(?:19|20)\d\d)[/-](?P<month>\d{1,2})[/-](?P<day>\d{1,2})(?:/|$)")
_LANGUAGE = re.compile(r"\.(?P<language>[a-z]{2}(?:-[a-z]{2,4})?)$", re.I)
_JEKYLL_TOKEN = re.compile(r":(\w+)")
_PELICAN_TOKEN = re.compile(r"\{(\w+)(?::((?:%-?[A-Za-z]|[^{}%])*))?\}")
# Folders that hold the content and are no part of an address.
_CONTENT = re.compile(r"(?:src/|source/|input/)?(?:content/|src/content/|_pages/|source/|src/|input/)?")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file lies. ``base`` is what stands before the ``marker`` ``_posts`` or ``content``, from the site's root, with a
    final slash; ``folder`` what follows up to the file; ``stem`` its name without ending and language, ``slug`` that without
    date; ``day`` the date in it, as three texts.
    """

    base: str
    marker: str
    folder: str
    stem: str
    slug: str
    ending: str
    language: str
    day: tuple[str, str, str] | None

    @property
    def folders(self) -> list[str]:
        return self.folder.split("/") if self.folder else []


_MARKER = re.compile(r"(?P<base>(?:.*?/)??)(?P<marker>_posts|_drafts|_pages|content)/(?P<rest>.*)", re.S)


def place(name: str, site: Site) -> Place:
    """What the path of a file says. A page bundle (``slug/index.md``) is called as its folder."""
    path = name.removesuffix(".gz").removeprefix(site.folder)
    m = _MARKER.fullmatch(path)
    base, marker, rest = (m["base"], m["marker"], m["rest"]) if m else ("", "", path)
    folder, _, file = rest.rpartition("/")
    stem, _, ending = file.rpartition(".")
    language = ""
    if (found := _LANGUAGE.search(stem)) and site.generator in ("hugo", "nikola", ""):
        language, stem = found["language"].lower(), stem[: found.start()]
    if stem.lower() == "index" and folder:
        folder, _, stem = folder.rpartition("/")
    for pattern in (_DATED, _COMPACT):
        if found := pattern.fullmatch(stem):
            dated = found["year"], found["month"], found["day"]
            return Place(base, marker, folder, stem, found["slug"], ending.lower(), language, dated)
    found = _DAY_FOLDERS.search(folder)
    day = (found["year"], found["month"], found["day"]) if found else None
    return Place(base, marker, folder, stem, stem, ending.lower(), language, day)


def address(
    values: Mapping[str, Any],
    where: Place,
    site: Site,
    kind: str,
    published: datetime | None,
    categories: tuple[str, ...],
) -> tuple[str, tuple[str, ...]]:
    """URL and other addresses of a post. Without an address of the site the URL is "", and paths stand among the others.

    The address that a post had before its blog moved here comes first: other archives know it by that.
    """
    own = _own(values, where, site, kind, published, categories)
    known = [_absolute(first(values, name), site) for name in _ORIGINAL]
    known += [_absolute(own, site), *(_absolute(first(values, name), site) for name in _CANONICAL)]
    url = next((u for u in known if u.startswith(("http://", "https://"))), "")
    others = [_absolute(text(alias), site) for name in _ALIASES for alias in items(values.get(name))]
    if (number := first(values, "wordpressid")) and site.url:
        others.append(f"{site.url}/?p={number}")
    return url, tuple(dict.fromkeys(other for other in [*known, *others] if other and other not in (url, "/")))


def rooted(path: str) -> str:
    """A path in one spelling, to be compared: from the root, without final slash."""
    return "/" + path.partition("#")[0].strip("/") if path else ""


def _absolute(path: str, site: Site) -> str:
    """An address as it stands, a path below the site's address, or, of a site without one, from the root."""
    path = path.strip()
    if not path or re.match(r"[a-z][a-z0-9+.-]*:", path, re.I):
        return path
    if path.startswith("//"):
        return "https:" + path
    if not path.startswith("/"):
        # What a comment system calls it ("post-12"), not where it is.
        return path
    # A path may or may not repeat the folder that the site lies in.
    below = site.url[len(site.origin) :]
    if site.url and below and (path + "/").startswith(below + "/"):
        return site.origin + path
    return site.url + path if site.url else rooted(path)


def _own(
    values: Mapping[str, Any],
    where: Place,
    site: Site,
    kind: str,
    published: datetime | None,
    categories: tuple[str, ...],
) -> str:
    """The address by which this site shows a post, from its root; "" when nobody can tell."""
    given = first(values, "permalink", "url", "savas", "path") if site.generator != "pelican" else first(values, "url")
    title = first(values, "title")
    tokens = _Tokens(values, where, published, categories, title)
    if given and not re.search(r"\{[{%]|\s", given):
        if re.match(r"https?://", given):
            return given
        path = _STYLES.get(given, given)
        path = _JEKYLL_TOKEN.sub(lambda m: tokens.jekyll(m[1]), path) if ":" in path else path
        return _squeezed("/" + path.removesuffix("index.html"))
    if given:
        return ""
    match site.generator:
        case "hugo":
            path = _hugo(where, site, tokens)
        case "pelican":
            path = _pelican(site, tokens, kind)
        case "nikola":
            path = _nikola(where, site, tokens, kind)
        case "eleventy":
            folder = _CONTENT.sub("", where.folder + "/", count=1).strip("/")
            path = f"{folder}/{'' if where.slug == 'index' else where.slug}/"
        case "hexo":
            path = _jekyll(where, site.patterns.get("post", _HEXO), tokens, kind)
        case "jekyll":
            path = _jekyll(where, _collection_pattern(where, site, kind), tokens, kind)
        case _:
            return ""
    return _squeezed("/" + path) if path else ""


def _squeezed(path: str) -> str:
    return re.sub(r"/{2,}", "/", quote(path, safe="%/!$&'()*+,;=:@~?#"))


def slugify(name: str) -> str:
    """A name as most generators write it into an address: letters and digits, everything else one hyphen."""
    return re.sub(r"[^\w]+|_+", "-", name.lower()).strip("-")


def _plain_slug(name: str) -> str:
    """As Pelican and Nikola do: without accents."""
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", ascii_only).strip().lower())


@dataclass(frozen=True, slots=True)
class _Tokens:
    """What the placeholders of a pattern stand for; "" where that is not known."""

    values: Mapping[str, Any]
    where: Place
    published: datetime | None
    categories: tuple[str, ...]
    title: str

    @property
    def slug(self) -> str:
        return first(self.values, "slug") or self.where.slug

    def date(self, codes: str) -> str:
        return self.published.strftime(codes) if self.published else ""

    def jekyll(self, name: str) -> str:
        """Jekyll's and Hexo's placeholders."""
        dates = {
            "year": "%Y",
            "month": "%m",
            "day": "%d",
            "short_year": "%y",
            "y_day": "%j",
            "hour": "%H",
            "minute": "%M",
            "second": "%S",
            "week": "%V",
            "short_day": "%a",
            "short_month": "%b",
            "long_month": "%B",
            "long_day": "%A",
        }
        if name in dates:
            return self.date(dates[name])
        if name in ("i_month", "i_day"):
            return self.date("%m" if name == "i_month" else "%d").lstrip("0")
        match name:
            case "title" | "name" | "post_title":
                return self.slug
            case "slug":
                return slugify(self.slug)
            case "categories" | "category":
                return "/".join(category.lower() for category in self.categories)
            case "slugified_categories":
                return "/".join(slugify(category) for category in self.categories)
            case "output_ext":
                return ".html"
            case "path":
                return "/".join([*self.where.folders[1:], self.where.slug])
            case "collection":
                return self.where.folders[0].removeprefix("_") if self.where.folders else ""
            case "basename" | "filename":
                return self.where.stem
        return ""

    def hugo(self, name: str) -> str:
        """Hugo's placeholders."""
        dates = {"year": "%Y", "month": "%m", "day": "%d", "monthname": "%B", "weekdayname": "%A", "yearday": "%j"}
        if name in dates:
            found = self.date(dates[name])
            return str(int(found)) if name == "yearday" and found else found.lower() if name.endswith("name") else found
        match name:
            case "slug":
                return _hugo_path(first(self.values, "slug") or self.title)
            case "title":
                return _hugo_path(self.title)
            case "slugorfilename" | "slugorcontentbasename":
                return _hugo_path(first(self.values, "slug") or self.where.stem)
            case "filename" | "contentbasename":
                return _hugo_path(self.where.stem)
            case "section":
                return self.where.folders[0] if self.where.folders else ""
            case "sections":
                return self.where.folder
        return ""

    def pelican(self, m: re.Match[str]) -> str:
        """Pelican's placeholders, which are Python's format fields; only dates take a format."""
        match m[1]:
            case "slug":
                return first(self.values, "slug") or _plain_slug(self.title)
            case "date":
                codes = m[2] or "%Y-%m-%d"
                return self.date(codes) if len(codes) < 40 else ""
            case "category":
                return _plain_slug(self.categories[0]) if self.categories else ""
            case "author":
                return _plain_slug(first(self.values, "author"))
            case "lang":
                return first(self.values, "lang")
        return ""


def _hugo_path(name: str) -> str:
    """https://gohugo.io/functions/urls/urlize/"""
    return re.sub(r"-{2,}", "-", re.sub(r"[^\w.\-/+~]+", "-", name.lower())).strip("-")


def _collection_pattern(where: Place, site: Site, kind: str) -> str:
    collection = where.folders[0].removeprefix("_") if where.folders and where.folders[0].startswith("_") else ""
    default = "/:collection/:path.html" if collection and kind == "page" else _STYLES["date"]
    return site.patterns.get(collection) or (default if collection else site.patterns.get("post", default))


def _jekyll(where: Place, pattern: str, tokens: _Tokens, kind: str) -> str:
    pattern = _STYLES.get(pattern, pattern)
    if kind == "page" and not (where.folders and where.folders[0].startswith("_")):
        # Pages lie where their file lies; of the pattern only the ending counts.
        slug = (
            ""
            if where.slug == "index"
            else where.slug + (".html" if pattern.endswith((".html", ":output_ext")) else "/")
        )
        return f"{where.folder}/{slug}"
    if ":year" in pattern and not tokens.published:
        return ""
    return _JEKYLL_TOKEN.sub(lambda m: tokens.jekyll(m[1]), pattern)


def _hugo(where: Place, site: Site, tokens: _Tokens) -> str:
    section = where.folders[0] if where.folders else ""
    if pattern := site.patterns.get(section) or site.patterns.get("/"):
        if ":year" in pattern and not tokens.published:
            return ""
        path = re.sub(r":(\w+)(?:\[[^\]]*\])?", lambda m: tokens.hugo(m[1]), pattern)
    else:
        name = first(tokens.values, "slug") or ("" if where.stem in ("index", "_index") else where.stem)
        path = f"{_hugo_path(where.folder)}/{_hugo_path(name)}"
    language = f"{where.language}/" if where.language and where.language != (site.language or "en") else ""
    return language + path.strip("/") + (".html" if site.ugly else "/")


def _pelican(site: Site, tokens: _Tokens, kind: str) -> str:
    default = "pages/{slug}.html" if kind == "page" else "{slug}.html"
    pattern = site.patterns.get(kind, default)
    if "{date" in pattern and not tokens.published:
        return ""
    language = first(tokens.values, "lang").lower()
    if language and language != (site.language or "en") and "{lang}" not in pattern:
        pattern = pattern.replace("{slug}", "{slug}-{lang}")
    return _PELICAN_TOKEN.sub(tokens.pelican, pattern)


def _nikola(where: Place, site: Site, tokens: _Tokens, kind: str) -> str:
    top, _, below = where.folder.partition("/")
    target = site.patterns.get(f"{kind}:{top}", "" if kind == "page" else top)
    language = f"{where.language}/" if where.language and where.language != (site.language or "en") else ""
    return f"{language}{target}/{below}/{tokens.slug}{'.html' if site.ugly else '/'}"
