"""What stands above a text, or beside it: YAML, TOML, JSON, Pelican's and Nikola's headers.

    ---              YAML: Jekyll, Hugo, Eleventy, Hexo (https://jekyllrb.com/docs/front-matter/)
    +++              TOML: Hugo, Zola (https://gohugo.io/content-management/front-matter/)
    { ... }          JSON: Hugo
    Title: x         Pelican, Markdown (https://docs.getpelican.com/en/latest/content.html#file-metadata)
    :date: x         Pelican, reStructuredText: fields under the title
    #+TITLE: x       Org, for Hugo (https://gohugo.io/content-management/formats/)
    = Title          AsciiDoc, with ``:key: value`` lines below
    .. title: x      Nikola, at the top, in a comment, or in a ``.meta`` file (https://getnikola.com/handbook.html#metadata-fields)

Text in, `Header` out. Keys come out in lower case without ``_`` and ``-``, so that ``last_modified_at`` and ``lastModifiedAt``
are one. YAML scalars stay text: no tag becomes a number ("2008"), a switch ("no") or a date on the way.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

import yaml

# Comments in front matter make it long; a megabyte of it is no post's.
LONGEST = 1024 * 1024
# Brackets within brackets: parsers recurse, people do not.
_DEEPEST = 60

_BLANK = "\ufeff \t\n"
_YAML = re.compile(r"---[ \t]*\n(?P<header>(?:.*\n)*?)(?:---|\.\.\.)[ \t]*(?:\n|\Z)")
_TOML = re.compile(r"\+\+\+[ \t]*\n(?P<header>(?:.*\n)*?)\+\+\+[ \t]*(?:\n|\Z)")
_OPENED = re.compile(r"(?:---[ \t]*\n[ \t]*[\w\"'][\w \"'.-]*:|\+\+\+[ \t]*\n)")
_JSON = re.compile(r"\{\s*\"")
_PELICAN_KEYS = (
    "title|date|modified|tags|keywords|category|categories|slug|author|authors|summary|lang|status|translation"
)
_PELICAN = re.compile(rf"(?:{_PELICAN_KEYS}):[ \t]*\S.*(?:\n|\Z)", re.I)
_PELICAN_LINE = re.compile(r"[ ]{0,3}(?P<key>[A-Za-z0-9_-]+):[ \t]*(?P<value>.*)")
_RST_TITLE = re.compile(
    r"(?:(?P<over>[^\w\s])(?P=over){2,}[ \t]*\n)?[ \t]*(?P<title>\S.*)\n(?P<line>[^\w\s])(?P=line){2,}[ \t]*(?:\n|\Z)"
)
_RST_FIELD = re.compile(r":(?P<key>[\w -]+):[ \t]*(?P<value>.*)")
_ORG_LINE = re.compile(r"#\+(?P<key>\w+):[ \t]*(?P<value>.*)")
_ADOC = re.compile(r"=[ \t]+(?P<title>\S.*)\n(?P<header>(?:\S.*(?:\n|\Z))*)")
_NIKOLA = re.compile(r"(?P<comment><!--\s*)?\.\. [a-z][\w-]*:")
_NIKOLA_LINE = re.compile(r"\s*\.\. (?P<key>[\w-]+):[ \t]*(?P<value>.*)")
_LOOSE_LINE = re.compile(r"(?P<key>[\w-]+)\s*[:=]\s*(?P<value>.*)")


@dataclass(slots=True)
class Header:
    """``kind`` is yaml, toml, json, pelican, rst, org, asciidoc, nikola, or "" for none; ``body`` is what stands below.

    ``damaged``: it is not well-formed, and was read line by line.
    """

    kind: str
    values: dict[str, Any]
    body: str
    damaged: bool = False


class FrontMatterError(ValueError):
    """Front matter has no end, or is longer than any; its text says which."""


class _Loader(yaml.CSafeLoader):
    """Texts, lists and mappings only. Merge keys (``<<``) are not followed: nested ones multiply without end."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own name
        letter: [("tag:yaml.org,2002:null", re.compile(r"(?:~|null|Null|NULL|)\Z"))] for letter in ["~", "n", "N", ""]
    }


def _plain(loader: yaml.CSafeLoader, _: str, node: yaml.Node) -> Any:
    """Values of any other tag (``!ruby/sym``, ``!!binary``, ``!!timestamp``) as what they are written like."""
    if isinstance(node, yaml.ScalarNode):
        return node.value
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node)
    return loader.construct_mapping(node) if isinstance(node, yaml.MappingNode) else None


_Loader.yaml_constructors = {
    tag: make
    for tag, make in yaml.CSafeLoader.yaml_constructors.items()
    if tag and tag.rpartition(":")[2] in ("null", "str", "seq", "map")
}
_Loader.add_multi_constructor("", _plain)


def has_header(head: str) -> bool:
    """Whether a text begins with front matter of any kind."""
    head = head.lstrip(_BLANK)
    return bool(
        _YAML.match(head) or _OPENED.match(head) or _JSON.match(head) or _NIKOLA.match(head) or _is_pelican(head)
    )


def _is_pelican(head: str) -> bool:
    return bool(_PELICAN.match(head)) and bool(re.search(r"^title:", head.split("\n\n", 1)[0], re.I | re.M))


def split(text: str) -> Header:
    """A text's header and body. Raises `FrontMatterError`."""
    whole, text = text, text.lstrip(_BLANK)
    for pattern, parse, kind in ((_YAML, parse_yaml, "yaml"), (_TOML, parse_toml, "toml")):
        if m := pattern.match(text):
            return _parsed(kind, parse, m["header"], text[m.end() :])
    if _OPENED.match(text):
        raise FrontMatterError("its front matter has no end")
    if _JSON.match(text):
        return _json(text)
    if m := _NIKOLA.match(text):
        return _nikola(text, commented=bool(m["comment"]))
    if _is_pelican(text):
        return _lines(text, "pelican", _PELICAN_LINE)
    if _ORG_LINE.match(text):
        return _lines(text, "org", _ORG_LINE)
    if m := _ADOC.match(text):
        return _asciidoc(text, m)
    if _RST_FIELD.match(text):
        return _lines(text, "rst", _RST_FIELD)
    if m := _RST_TITLE.match(text):
        return _rst(text, m)
    return Header("", {}, whole)


def _parsed(kind: str, parse: Callable[[str], Any], header: str, body: str) -> Header:
    """A block of front matter; one that is not well-formed is read line by line, as far as it goes."""
    if len(header) > LONGEST:
        raise FrontMatterError("its front matter is longer than any post's")
    try:
        values = parse(header)
    except ValueError:
        return Header(kind, _loose(header), body, damaged=True)
    return Header(kind, _canonical(values), body)


def parse_yaml(text: str) -> Any:
    """YAML as texts, lists and mappings; raises ValueError."""
    if len(text) > LONGEST * 10 or _depth(text) > _DEEPEST:
        raise ValueError("too large or too deep")
    try:
        return yaml.load(text, _Loader)
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError("no YAML") from error


def parse_toml(text: str) -> Any:
    """TOML as Python's own values; raises ValueError."""
    # Python's parser takes quadratic time for many dotted keys.
    if len(text) > LONGEST // 4 or _depth(text) > _DEEPEST:
        raise ValueError("too large or too deep")
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise ValueError("no TOML") from error


def parse_json(text: str) -> Any:
    """JSON as Python's own values, numbers as text; raises ValueError."""
    return _decoded(text.lstrip(_BLANK))[0]


def _decoded(text: str) -> tuple[Any, int]:
    try:
        return _JSON_DECODER.raw_decode(text)
    except RecursionError as error:
        raise ValueError("too deep") from error


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


_JSON_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=_constant)


def _depth(text: str) -> int:
    """How deep brackets and lists of lists may nest: never less than they do."""
    deepest = depth = 0
    for run in re.findall(r"[\[{]+|[\]}]+", text):
        depth = max(0, depth + len(run) if run[0] in "[{" else depth - len(run))
        deepest = max(deepest, depth)
    dashes = max((len(m[0]) // 2 for m in re.finditer(r"^[ \t]*(?:[-?:] +)+", text, re.M)), default=0)
    return max(deepest, dashes)


def _canonical(values: Any) -> dict[str, Any]:
    """A mapping with keys in one spelling; nothing else is a header."""
    if not isinstance(values, dict):
        return {}
    return {canonical_key(key): value for key, value in values.items()}


def canonical_key(key: Any) -> str:
    """``last_modified_at``, ``lastModifiedAt`` and ``Last-Modified-At`` as one."""
    return str(key).lower().replace("_", "").replace("-", "") if not isinstance(key, tuple) else ""


def _loose(header: str) -> dict[str, Any]:
    """``key: value`` lines and the ``- items`` below them, for what is no YAML."""
    values: dict[str, Any] = {}
    last = ""
    for line in header.split("\n"):
        if m := _LOOSE_LINE.match(line):
            last, value = canonical_key(m["key"]), m["value"].strip()
            inner = value[1:-1] if len(value) > 1 and value[0] + value[-1] in ("''", '""', "[]") else value
            values[last] = [i.strip("\"' ") for i in inner.split(",")] if value[:1] == "[" else inner or None
        elif last and (item := line.strip()).startswith("- ") and not isinstance(values[last], str):
            values[last] = [*(values[last] or []), item[2:].strip("\"' ")]
    return values


def _json(text: str) -> Header:
    start = text.index("{")
    try:
        values, end = _decoded(text[start:])
    except ValueError:
        raise FrontMatterError("its front matter is no JSON") from None
    if end > LONGEST:
        raise FrontMatterError("its front matter is longer than any post's")
    return Header("json", _canonical(values), text[start + end :])


def _lines(text: str, kind: str, pattern: re.Pattern[str]) -> Header:
    """``Key: value`` lines up to the first that is none; indented lines continue the one above."""
    lines = text.split("\n")
    values: dict[str, Any] = {}
    last, count = "", 0
    for line in lines:
        if m := pattern.match(line):
            last = canonical_key(m["key"])
            values[last] = m["value"].strip()
        elif last and line.startswith("    ") and line.strip():
            values[last] = f"{values[last]} {line.strip()}".strip()
        else:
            break
        count += 1
    return Header(kind, values, "\n".join(lines[count:]))


def _nikola(text: str, *, commented: bool) -> Header:
    start = text.index("..")
    text = text[start:]
    if commented:
        inner, _, body = text.partition("-->")
        return Header("nikola", _lines(inner, "nikola", _NIKOLA_LINE).values, body)
    return _lines(text, "nikola", _NIKOLA_LINE)


def _rst(text: str, title: re.Match[str]) -> Header:
    """A title with its underline, and the fields below it."""
    rest = text[title.end() :].lstrip("\n")
    if not _RST_FIELD.match(rest):
        return Header("", {}, text)
    header = _lines(rest, "rst", _RST_FIELD)
    header.values.setdefault("title", title["title"].strip())
    return header


def _asciidoc(text: str, title: re.Match[str]) -> Header:
    """A title, and attributes on the lines below it; its author's line holds an address and is passed over."""
    found = (m for line in title["header"].split("\n") if (m := _RST_FIELD.match(line)))
    values: dict[str, Any] = {
        canonical_key(m["key"]).removeprefix("page").removeprefix("jbake"): m["value"].strip() for m in found
    }
    return Header("asciidoc", {"title": title["title"].strip(), **values}, text[title.end() :])


def parse_meta(text: str) -> dict[str, Any]:
    """A Nikola ``.meta`` file: ``.. key: value`` lines, or seven lines in a fixed order as the first versions had."""
    if _NIKOLA.match(text):
        return _nikola(text, commented=False).values
    if has_header(text):
        return split(text).values
    return dict(zip(("title", "slug", "date", "tags", "link", "description", "type"), text.split("\n"), strict=False))
