"""What a site says of itself: the settings file found in the folders above a post.

    _config.yml              Jekyll (https://jekyllrb.com/docs/configuration/options/), Hexo
    hugo.toml, config.toml   Hugo (https://gohugo.io/configuration/), Zola; YAML and JSON too, or below config/_default/
    pelicanconf.py           Pelican (https://docs.getpelican.com/en/latest/settings.html)
    conf.py                  Nikola (https://getnikola.com/handbook.html#configuration)
    .eleventy.js             Eleventy: names and address in _data/site.json or metadata.json

Settings that are Python are never run: of each assignment that is a literal, the value is read.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from indexer.errors import SourceError
from indexer.sources.base import InputFile
from indexer.sources.markdown.frontmatter import parse_json, parse_toml, parse_yaml
from indexer.sources.markdown.values import first, is_true, items, person, text
from indexer.sources.savedpage.decode import decode

Generator = Literal["jekyll", "hexo", "hugo", "pelican", "nikola", "eleventy", ""]

# A settings file larger than this is something else.
MAX_BYTES = 1024 * 1024
# Folders whose site is remembered; a tree of page bundles has one per post.
_REMEMBERED = 5_000

_BASENAMES = ("_config", "hugo", "config", "config/_default/hugo", "config/_default/config")
_SCRIPTS = (".eleventy.js", "eleventy.config.js", "eleventy.config.mjs", "eleventy.config.cjs")
# Where Eleventy sites keep name and address, by custom of its starter projects.
_SITE_DATA = tuple(
    f"{folder}_data/{name}.{ending}"
    for folder in ("", "src/")
    for name in ("site", "metadata", "meta")
    for ending in ("json", "yml", "yaml")
)
_PARSERS: dict[str, Callable[[str], Any]] = {
    "yml": parse_yaml,
    "yaml": parse_yaml,
    "toml": parse_toml,
    "json": parse_json,
}
_NAMES = (
    *(f"_config.{ending}" for ending in ("yml", "yaml", "toml")),
    *(f"{base}.{ending}" for base in _BASENAMES[1:] for ending in ("toml", "yaml", "yml", "json")),
    "pelicanconf.py",
    "conf.py",
    *_SCRIPTS,
)
# Where nobody but the author ever saw the site.
_NOWHERE = re.compile(
    r"(?:localhost|127\.0\.0\.1|0\.0\.0\.0|(?:www\.)?(?:example|yoursite|your-?domain|domain)\.(?:com|org|net))(?:[:/]|\Z)"
)


@dataclass(frozen=True, slots=True)
class Site:
    """``folder`` is its root within the source, with a final slash, or "". ``url`` is its address without a final slash, or "".

    ``origin`` is ``url`` without its path. ``language`` is the one that addresses leave out, where there may be several;
    ``written_in`` the tag of its texts' language. ``patterns`` are permalink patterns by kind or section. ``defaults`` are
    Jekyll's defaults of front matter: the folder that each is for, and its values.
    """

    folder: str = ""
    generator: Generator = ""
    url: str = ""
    title: str = ""
    description: str = ""
    author: str = ""
    zone: str = ""
    language: str = ""
    written_in: str = ""
    future: bool = False
    ugly: bool = False
    patterns: Mapping[str, str] = field(default_factory=dict)
    defaults: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    authors: Mapping[str, str] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        return re.sub(r"(?<=[^/:])/.*", "", self.url)


@dataclass(frozen=True, slots=True)
class _Known:
    """The site of a folder, and the file that it was read from, as it was then."""

    site: Site
    settings: InputFile | None = None
    stamp: tuple[int, int] = (0, 0)


_known: dict[tuple[Path, str], _Known] = {}


def site_of(file: InputFile) -> Site:
    """The site that a file belongs to; one without settings when no folder above it has any."""
    root = file.path if file.member else file.path.parents[file.name.count("/")]
    folder = file.name.rpartition("/")[0]
    known = _known.get((root, folder))
    if known is None or known.stamp != _stamp(known.settings):
        if len(_known) >= _REMEMBERED:
            _known.clear()
        known = _find(InputFile(file.path, file.name, member=file.member), root, folder, fresh=known is not None)
    return known.site


def _stamp(settings: InputFile | None) -> tuple[int, int]:
    """Changes when a settings file does."""
    if settings is None or settings.member:
        return 0, 0
    try:
        status = settings.path.stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size


def _find(file: InputFile, root: Path, folder: str, *, fresh: bool) -> _Known:
    """The site whose settings lie in this folder, else that of the folder above; ``fresh``: what was known is out of date."""
    known = None if fresh else _known.get((root, folder))
    if known is None:
        known = _site_in(file, folder)
        if known is None:
            known = _find(file, root, folder.rpartition("/")[0], fresh=fresh) if folder else _Known(Site())
        _known[root, folder] = known
    return known


def _site_in(file: InputFile, folder: str) -> _Known | None:
    """The site whose settings lie in this folder."""
    prefix = f"{folder}/" if folder else ""
    there = {name.removeprefix(prefix) for name in file.files_in(folder)}
    there.update(name.removeprefix(prefix) for name in file.files_in(f"{prefix}config/_default"))
    for name in _NAMES:
        settings = file.beside(prefix + name) if name in there else None
        if settings is not None and (site := _read(settings, prefix, name)) is not None:
            return _Known(site, settings, _stamp(settings))
    return None


def _read(settings: InputFile, prefix: str, name: str) -> Site | None:
    """The site of one settings file; None when that is some other program's."""
    if name in _SCRIPTS:
        return _eleventy(settings, prefix)
    ending = name.rpartition(".")[2]
    values = _literals(contents(settings)) if ending == "py" else _mapping(settings)
    if name == "pelicanconf.py":
        published = settings.beside(f"{prefix}publishconf.py")
        return _pelican(prefix, values | (_literals(contents(published)) if published else {}))
    if name == "conf.py":
        return _nikola(prefix, values) if "BLOG_TITLE" in values or "POSTS" in values else None
    lowered = {str(key).lower(): value for key, value in values.items()}
    if name.startswith("_config."):
        return _jekyll(settings, prefix, lowered)
    return _hugo(prefix, lowered) if is_hugo(lowered) else None


def is_hugo(values: Mapping[str, Any]) -> bool:
    """Whether these are settings of Hugo or Zola: ``config.toml`` is many a program's."""
    return any(
        key in values
        for key in ("baseurl", "base_url", "languagecode", "defaultcontentlanguage", "permalinks", "taxonomies")
    )


def contents(file: InputFile) -> str:
    """The text of a small file, "" when it is not small or cannot be read."""
    try:
        with file.open() as stream:
            data = stream.read(MAX_BYTES + 1)
    except SourceError:
        return ""
    return decode(data).text if len(data) <= MAX_BYTES else ""


def _mapping(file: InputFile) -> dict[str, Any]:
    try:
        values = _PARSERS[file.name.rpartition(".")[2]](contents(file))
    except ValueError:
        return {}
    return values if isinstance(values, dict) else {}


def _literals(source: str) -> dict[str, Any]:
    """The names that a Python file assigns literals to."""
    with warnings.catch_warnings(action="ignore"):
        try:
            statements = ast.parse(source).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return {}
    found: dict[str, Any] = {}
    for statement in statements:
        if isinstance(statement, ast.Assign):
            try:
                value = ast.literal_eval(statement.value)
            except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
                continue
            found |= {target.id: value for target in statement.targets if isinstance(target, ast.Name)}
    return found


def _address(url: str, path: str = "") -> str:
    """The address of a site, without a final slash; "" where it is none that others could reach."""
    url = url.strip().rstrip("/")
    if url.startswith("//"):
        url = f"https:{url}"
    host = re.sub(r"^https?://", "", url, flags=re.I)
    if host == url or not host or re.search(r"[\s{}<>]", url) or _NOWHERE.match(host.lower()):
        return ""
    path = path.strip().strip("/")
    return f"{url}/{path}" if path and "://" not in path else url


def _jekyll(settings: InputFile, prefix: str, values: Mapping[str, Any]) -> Site:
    hexo = any(key in values for key in ("source_dir", "public_dir", "new_post_name"))
    patterns = {"post": first(values, "permalink")}
    collections = values.get("collections")
    for name, collection in collections.items() if isinstance(collections, dict) else ():
        if isinstance(collection, dict):
            patterns[text(name)] = first(collection, "permalink")
    defaults = []
    for entry in items(values.get("defaults")):
        if isinstance(entry, dict) and isinstance(entry.get("values"), dict):
            scope = entry.get("scope")
            path = first(scope, "path") if isinstance(scope, dict) else ""
            kind = first(scope, "type") if isinstance(scope, dict) else ""
            if kind in ("", "post", "posts"):
                defaults.append((path.strip("/"), entry["values"]))
    return Site(
        folder=prefix,
        generator="hexo" if hexo else "jekyll",
        url=_address(first(values, "url"), first(values, "root" if hexo else "baseurl")),
        title=first(values, "title", "name"),
        description=first(values, "description", "subtitle", "tagline"),
        author=person(values.get("author")),
        zone=first(values, "timezone"),
        written_in=first(values, "language" if hexo else "lang", "locale", "lang"),
        future=is_true(values.get("future")),
        patterns={name: pattern for name, pattern in patterns.items() if pattern},
        defaults=tuple(sorted(defaults, key=lambda default: len(default[0]))),
        authors=_authors(settings, prefix),
    )


def _authors(settings: InputFile, prefix: str) -> dict[str, str]:
    """Full names by short names, where a Jekyll site keeps them (``_data/authors.yml``)."""
    file = settings.beside(f"{prefix}_data/authors.yml")
    people = _mapping(file) if file else {}
    return {text(key): name for key, value in people.items() if isinstance(value, dict) and (name := person([value]))}


def _hugo(prefix: str, values: Mapping[str, Any]) -> Site:
    raw = values.get("params")
    params = {str(key).lower(): value for key, value in raw.items()} if isinstance(raw, dict) else {}
    permalinks = values.get("permalinks")
    patterns: dict[str, str] = {}
    for section, pattern in permalinks.items() if isinstance(permalinks, dict) else ():
        # Since 0.120 patterns may be grouped by kind: [permalinks.page].
        group = pattern if isinstance(pattern, dict) else {section: pattern}
        if not isinstance(pattern, dict) or section == "page":
            patterns |= {text(name): text(one) for name, one in group.items() if text(one)}
    author = values.get("author") or params.get("author")
    return Site(
        folder=prefix.removesuffix("config/_default/"),
        generator="hugo",
        url=_address(first(values, "baseurl", "base_url")),
        title=first(values, "title"),
        description=first(params, "description", "subtitle") or first(values, "description"),
        author=person(author),
        zone=first(values, "timezone"),
        language=first(values, "defaultcontentlanguage", "default_language").lower(),
        written_in=first(values, "languagecode", "locale", "defaultcontentlanguage", "default_language"),
        future=is_true(values.get("buildfuture")),
        ugly=is_true(values.get("uglyurls")) and not isinstance(values.get("uglyurls"), dict),
        patterns=patterns,
    )


def _pelican(prefix: str, values: Mapping[str, Any]) -> Site:
    patterns = {"post": first(values, "ARTICLE_URL"), "page": first(values, "PAGE_URL")}
    return Site(
        folder=prefix,
        generator="pelican",
        url=_address(first(values, "SITEURL")),
        title=first(values, "SITENAME"),
        description=first(values, "SITESUBTITLE"),
        author=person(values.get("AUTHOR")),
        zone=first(values, "TIMEZONE"),
        language=first(values, "DEFAULT_LANG").lower(),
        written_in=first(values, "DEFAULT_LANG"),
        patterns={name: pattern for name, pattern in patterns.items() if pattern},
    )


def _nikola(prefix: str, values: Mapping[str, Any]) -> Site:
    patterns = {}
    for kind, key in (("post", "POSTS"), ("page", "PAGES")):
        for rule in items(values.get(key)):
            if isinstance(rule, tuple) and len(rule) > 1 and isinstance(rule[1], str):
                patterns[f"{kind}:{text(rule[0]).rpartition('/')[0]}"] = rule[1]
    return Site(
        folder=prefix,
        generator="nikola",
        url=_address(first(values, "SITE_URL")),
        title=first(values, "BLOG_TITLE"),
        description=first(values, "BLOG_DESCRIPTION"),
        author=person(values.get("BLOG_AUTHOR")),
        zone=first(values, "TIMEZONE"),
        language=first(values, "DEFAULT_LANG").lower(),
        written_in=first(values, "DEFAULT_LANG"),
        future=is_true(values.get("FUTURE_IS_NOW")),
        ugly=not is_true(values.get("PRETTY_URLS", True)),
        patterns=patterns,
    )


def _eleventy(settings: InputFile, prefix: str) -> Site:
    found = (settings.beside(prefix + name) for name in _SITE_DATA)
    values = next((values for file in found if file and (values := _mapping(file))), {})
    return Site(
        folder=prefix,
        generator="eleventy",
        url=_address(first(values, "url", "siteUrl", "baseUrl")),
        title=first(values, "title", "name", "siteName"),
        description=first(values, "description"),
        author=person(values.get("author")),
        written_in=first(values, "language", "lang", "locale"),
    )
