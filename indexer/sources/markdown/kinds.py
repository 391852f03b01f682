"""What a file of a tree is: content, a comment, settings, template, data; by its path, its ending and how it begins."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Literal

from indexer.sources.markdown.frontmatter import has_header
from indexer.sources.markdown.render import HTML_ENDINGS, MARKDOWN_ENDINGS, OTHER_ENDINGS, RST_ENDINGS

Role = Literal["content", "comments", "setting", "template", "data", "header"]

DATA_ENDINGS = frozenset(["yml", "yaml", "json", "toml"])
_TABLES = frozenset(["csv", "tsv"])
_MARKUP = MARKDOWN_ENDINGS | RST_ENDINGS | (OTHER_ENDINGS - {"txt"})
# Endings of what Jekyll and Eleventy fill in: with front matter they are templates.
_FILLED = frozenset(
    [
        "xml",
        "txt",
        "json",
        "js",
        "css",
        "scss",
        "sass",
        "less",
        "svg",
        "webmanifest",
        "rss",
        "atom",
        "liquid",
        "njk",
        "xsl",
    ]
)
_TEMPLATE_FOLDERS = frozenset(["_layouts", "_includes", "_plugins", "archetypes"])
# Folders of templates that other programs have as well: what lies in them must look like one.
_MAYBE_TEMPLATES = frozenset(["layouts", "templates", "themes", "includes", "partials", "theme"])
_SETTINGS = re.compile(
    r"_config[\w.-]*\.(?:ya?ml|toml)|pelicanconf\.py|publishconf\.py|hugo\.(?:toml|ya?ml|json)|staticman\.ya?ml"
)
_MAYBE_SETTINGS = re.compile(r"(?:config|conf)\.(?:toml|ya?ml|json|py)|params\.toml|menus?[\w.]*\.toml|languages\.toml")
_LOOKS_LIKE_SETTINGS = re.compile(
    rb"""^\s*["']?(?:baseurl|base_url|languagecode|defaultcontentlanguage|permalinks|BLOG_TITLE|SITE_URL|paginate|theme)["']?\s*[=:]""",
    re.I | re.M,
)
_COMMENT_FOLDERS = frozenset(["comments", "_comments", "comment", "staticman"])
_COMMENT_FILE = re.compile(r"(?:comments?|[\w-]+[._]comments)")
_LOOKS_LIKE_COMMENT = re.compile(rb"""["']?\b(?:message|body|comment|content|text|html)["']?\s*[=:]""", re.I)
_LOOKS_SIGNED = re.compile(rb"""["']?\b(?:name|author|author_name|user|username)["']?\s*[=:]""", re.I)


def role_of(path: PurePath, head: bytes) -> Role | None:
    """What a file is to a tree; None when it is nothing of a tree's. ``head`` is how it begins."""
    if b"\0" in head[:1024] and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None
    name = path.name.lower().removesuffix(".gz")
    stem, _, ending = name.rpartition(".")
    folders = [part.lower() for part in path.parts[:-1]]
    if _SETTINGS.fullmatch(name) or (_MAYBE_SETTINGS.fullmatch(name) and _LOOKS_LIKE_SETTINGS.search(head)):
        return "setting"
    if ending in DATA_ENDINGS | _TABLES:
        return _data_role(stem, ending, folders, head)
    if ending not in _MARKUP | HTML_ENDINGS | _FILLED | {"meta"}:
        return None
    headed = has_header(_decoded(head)) if _may_have_header(head) or ending in RST_ENDINGS else False
    if ending == "meta":
        return "header" if headed else None
    if not _TEMPLATE_FOLDERS.isdisjoint(folders[-6:]):
        return "template"
    if (
        not _MAYBE_TEMPLATES.isdisjoint(folders[-6:])
        and ending in HTML_ENDINGS | _FILLED
        and (b"{{" in head or b"{%" in head)
    ):
        return "template"
    if ending in _FILLED and not (ending == "txt" and re.match(rb"\s*\.\. |---\s[^\0]*?^title:", head[:4096], re.M)):
        return "template" if head.startswith((b"---\n", b"---\r\n")) and headed else None
    return "content" if headed or ending in _MARKUP else None


def _decoded(head: bytes) -> str:
    """The beginning of a text, well enough to see its header."""
    encoding = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
    return head.decode(encoding, "replace").replace("\r\n", "\n").replace("\r", "\n")


def _may_have_header(head: bytes) -> bool:
    start = head[:400].lstrip(b"\xef\xbb\xbf \t\r\n")
    return (
        start.startswith((b"---", b"+++", b"{", b"..", b"<!--", b"\xff\xfe", b"\xfe\xff"))
        or b":" in start.split(b"\n", 1)[0]
    )


def _data_role(stem: str, ending: str, folders: list[str], head: bytes) -> Role | None:
    commenting = not _COMMENT_FOLDERS.isdisjoint(folders[-5:]) or bool(_COMMENT_FILE.fullmatch(stem))
    if commenting and ending in DATA_ENDINGS:
        signed = _LOOKS_LIKE_COMMENT.search(head) and _LOOKS_SIGNED.search(head)
        if signed and ("_data" in folders or "data" in folders[-5:] or ending != "json" or stem != "index"):
            return "comments"
    if "_data" in folders or (folders[-1:] == ["data"] and ending in ("toml", "yml", "yaml")):
        return "data"
    return None
