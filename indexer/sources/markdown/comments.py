"""Comments that a site keeps as data: Staticman and its like, and what exporters made of other systems' comments.

    _data/comments/<post>/<id>.yml    a comment (https://staticman.net/docs/configuration)
    _data/comments/<post>.yml         the comments of a post, as a list or under ``comments:``
    _data/comments.json               the comments of all posts, each naming its post, or grouped by it
    _comments/<id>.yml                a comment that names its post (https://github.com/mpalmer/jekyll-static-comments)
    <post>/comments/<id>.yml          beside the post
    comments: in front matter         (https://import.jekyllrb.com/docs/wordpress/)

YAML, JSON or TOML. A post is named by its path or number inside the comment, else by the folder or file it lies in. E-mail
addresses, their hashes, IP numbers and avatars made of them are never looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from indexer.archive import Comment, CommentKind, Item, Skipped
from indexer.errors import SourceError
from indexer.sources.base import InputFile, person_name, person_url
from indexer.sources.markdown.address import rooted
from indexer.sources.markdown.frontmatter import parse_json, parse_toml, parse_yaml
from indexer.sources.markdown.render import markdown_html
from indexer.sources.markdown.site import Site, contents
from indexer.sources.markdown.values import first, first_moment, is_false, is_true, text

NAME = "markdown"
_DEEPEST = 5
_WORDS = ("message", "body", "comment", "content", "html", "text", "comment_text", "msg")
_MARKDOWN = frozenset(["message", "comment", "text", "comment_text", "msg"])
_AUTHORS = ("name", "author", "author_name", "username", "user", "nickname", "nick", "commenter")
_SITES = ("website", "author_url", "author_website", "site", "homepage", "web", "url", "link")
_DATES = (
    "date",
    "created_at",
    "created",
    "createdat",
    "published",
    "timestamp",
    "time",
    "datetime",
    "posted",
    "date_gmt",
)
_IDS = ("_id", "id", "comment_id", "uuid", "guid")
_POSTS = (
    *("_parent", "post_id", "post", "post_slug", "postslug", "post_url", "page", "page_id", "page_url", "pageid"),
    *("slug", "path", "permalink", "uri", "thread", "entry", "article", "parent_post"),
)
_PARENTS = ("replying_to", "replying_to_id", "parent", "parent_id", "reply_to", "in_reply_to", "replyto", "parentid")
# A name that a program gave: digits of a clock, or hexadecimal ones. Others ("1.yml") number the files of one folder.
_GIVEN = re.compile(r"(?:[a-z]+-)?\d{6,}|[0-9a-f-]{16,}|[\w-]*\d{9,}[\w-]*", re.I)
# The line that ends a comment in a Movable Type export, left behind by a converter.
_SEPARATOR = re.compile(r"(?:\A|\n)-----\s*\Z")
_WORDPRESS = ("author_email", "date_gmt")


@dataclass(frozen=True, slots=True)
class _Context:
    """What comments of a file have in common. ``keys`` name their post; ``ordinals`` are ids by place, where replies count so."""

    locator: str
    keys: tuple[str, ...]
    site: Site
    ordinals: Sequence[str] = ()


def comment_names(base: str, name: str) -> tuple[str, ...]:
    """How comments kept under ``name`` call their post: one name in this tree, one for any."""
    return tuple(dict.fromkeys((f"{base}comments/{name.lower()}", f"comments/{name.lower()}")))


def data_comments(file: InputFile, site: Site) -> Iterator[Item]:
    """The comments of a data file, or one `Skipped` when it holds none."""
    try:
        values = _parse(file)
    except ValueError:
        yield Skipped(source=NAME, locator=file.name, reason="unreadable", detail="it is no YAML, JSON or TOML")
        return
    keys = _file_names(file)
    single = isinstance(values, Mapping) and is_comment(values)
    ordinals: Sequence[str] = ()
    if single and text(_named(values, _PARENTS)).isdecimal():
        ordinals = _folder_ordinals(file)
    found = list(_entries(values, keys, 0))
    for number, (entry, named) in enumerate(found, 1):
        locator = file.name if single else f"{file.name}#comment={number}"
        given = _stem(file.name) if single else ""
        yield _item(entry, _Context(locator, named, site, ordinals), given)
    if not found:
        yield Skipped(source=NAME, locator=file.name, reason="data", detail="it holds no comments")


def _file_names(file: InputFile) -> tuple[str, ...]:
    """What the path of a file of comments says of their post."""
    return tuple(alias for key in _keys(file.name) for alias in comment_names(_base(file.name), key))


def header_comments(value: Any, locator: str, post: str, site: Site) -> Iterator[Item]:
    """The comments in the front matter of a post that is called ``post``."""
    for number, (entry, _) in enumerate(_entries(value, (), 0), 1):
        yield _item(entry, _Context(f"{locator}#comment={number}", (post,), site), "")


def text_comment(values: Mapping[str, Any], body: str, file: InputFile, site: Site) -> Item:
    """A comment with front matter and its words below."""
    keys = _file_names(file)
    return _item({**values, "message": body}, _Context(file.name, keys, site), _stem(file.name))


def is_comment(entry: Mapping[Any, Any]) -> bool:
    """Whether a mapping is a comment: somebody's words."""
    return any(isinstance(entry.get(key), str) for key in _WORDS) and any(
        key in entry for key in (*_AUTHORS, *_DATES, "email")
    )


def _parse(file: InputFile) -> Any:
    ending = file.name.removesuffix(".gz").rpartition(".")[2].lower()
    source = contents(file)
    if not source.strip():
        raise ValueError("empty or too large")
    return {"json": parse_json, "toml": parse_toml}.get(ending, parse_yaml)(source)


def _entries(value: Any, keys: tuple[str, ...], depth: int) -> Iterator[tuple[Mapping[str, Any], tuple[str, ...]]]:
    """Every comment in a list, a mapping by post, or under ``comments``, with the names of its post; replies come behind."""
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for item in value:
            yield from _entries(item, keys, depth + 1)
    elif isinstance(value, Mapping):
        if is_comment(value):
            yield value, keys
            for reply in ("replies", "children", "comments"):
                if isinstance(value.get(reply), list):
                    yield from _entries(value[reply], keys, depth + 1)
            return
        own = _post_keys(value)
        listed = next(
            (value[key] for key in ("comments", "posts", "threads", "data") if isinstance(value.get(key), list | dict)),
            None,
        )
        if listed is not None:
            yield from _entries(listed, own + keys, depth + 1)
            return
        for key, inner in value.items():
            if isinstance(inner, list | Mapping):
                name = text(key)
                # A key above one comment is that comment's, unless nothing else names the post.
                own_key = isinstance(inner, Mapping) and is_comment(inner) and bool(keys)
                named = () if own_key else _references(name)
                yield from _entries(inner, named + keys, depth + 1)


def _item(entry: Mapping[str, Any], context: _Context, given: str) -> Item:
    if reason := _left_out(entry):
        return Skipped(source=NAME, locator=context.locator, reason=reason)
    key = next((k for k in _WORDS if isinstance(entry.get(k), str) and entry[k].strip()), "")
    if not key:
        return Skipped(source=NAME, locator=context.locator, reason="empty", detail="a comment without words")
    words = _SEPARATOR.sub("", entry[key].replace("\r\n", "\n"))
    stored = key not in _MARKDOWN
    names = (*_post_keys(entry, context.site), *context.keys)
    kind = first(entry, "type", "kind", "activity").lower()
    ping: CommentKind = "pingback" if kind in ("pingback", "trackback", "webmention", "ping") else "comment"
    author, url = _who(entry)
    return Comment(
        source=NAME,
        locator=context.locator,
        native_id=_number(entry, given),
        post=next(iter(names), ""),
        parent=_parent(entry, context.ordinals),
        author=author,
        author_url=url,
        published=first_moment(entry, context.site.zone, _DATES),
        html=words if stored else markdown_html(words),
        kind=ping,
        autop=stored,
        post_aliases=tuple(dict.fromkeys(names[1:])),
    )


def _left_out(entry: Mapping[str, Any]) -> str:
    """Why a comment was not shown; "" when it was."""
    status = first(entry, "status", "comment_approved").lower()
    if is_true(entry.get("spam")) or is_true(entry.get("is_spam")) or status == "spam":
        return "spam"
    if is_true(entry.get("deleted")) or is_true(entry.get("is_deleted")) or status in ("trash", "deleted"):
        return "deleted"
    held = is_true(entry.get("hidden")) or is_true(entry.get("private")) or is_true(entry.get("draft"))
    refused = any(
        is_false(entry.get(key)) for key in ("approved", "is_approved", "published", "visible", "show", "moderated")
    )
    waiting = status in ("pending", "hold", "unapproved", "draft", "private", "0", "moderation")
    return "unapproved" if held or refused or waiting else ""


def _who(entry: Mapping[str, Any]) -> tuple[str, str]:
    """Name and address of a comment's author."""
    person: Mapping[str, Any] = next((entry[key] for key in _AUTHORS if isinstance(entry.get(key), Mapping)), {})
    name = first(entry, *_AUTHORS) or first(person, "name", "display_name", "username")
    url = next((found for key in _SITES if (found := person_url(text(entry.get(key))))), "") or person_url(
        first(person, "url")
    )
    return person_name(name), url


def _number(entry: Mapping[str, Any], given: str) -> str:
    """The comment's id: WordPress's own number as it is, others marked as what they are; "" for none."""
    id = first(entry, *_IDS)
    if id and all(key in entry for key in _WORDPRESS):
        return id
    if not id:
        id = given if _GIVEN.fullmatch(given) else ""
    return _marked(id)


def _marked(id: str) -> str:
    return f"static-{re.sub(r'^comment-', '', id)}" if id else ""


def _parent(entry: Mapping[str, Any], ordinals: Sequence[str]) -> str:
    """The id of the comment that this answers. A small number counts the comments on the post, from one."""
    parent = text(_named(entry, _PARENTS))
    if parent in ("", "0", "null", "none") or parent.startswith("/"):
        return ""
    if parent.isdecimal() and ordinals and len(parent) < 6:
        return ordinals[int(parent) - 1] if 0 < int(parent) <= len(ordinals) else ""
    if all(key in entry for key in _WORDPRESS):
        return parent
    return _marked(parent)


def _named(entry: Mapping[str, Any], keys: tuple[str, ...]) -> Any:
    return next((entry[key] for key in keys if text(entry.get(key))), None)


def _post_keys(entry: Mapping[str, Any], site: Site | None = None) -> tuple[str, ...]:
    """The names by which an entry calls its post."""
    found = [text(entry.get(key)) for key in _POSTS]
    url = text(entry.get("url"))
    if url.startswith("/") or (
        site and site.url and url.startswith(site.url + "/") and any(k in entry for k in _SITES if k != "url")
    ):
        found.append(url)
    if not is_comment(entry):
        found += [text(entry.get(key)) for key in ("url", "id", "name") if isinstance(entry.get("comments"), list)]
    return tuple(dict.fromkeys(name for key in found if key for name in _references(key, site)))


def _references(key: str, site: Site | None = None) -> tuple[str, ...]:
    """A key as URL or path, and as the name of a file."""
    if re.match(r"https?://", key):
        return (key,)
    last = key.strip("/").rpartition("/")[2]
    last = re.sub(r"\.(?:html?|md|markdown)$", "", last)
    named = comment_names("", last) if last else ()
    if not key.startswith("/"):
        return (*comment_names("", key), *named)
    whole = (site.url + key,) if site and site.url else ()
    return (*whole, rooted(key), *named)


_MARKER = re.compile(
    r"(?P<base>(?:.*?/)??)(?P<marker>(?:_data/|data/)?_?comments?)(?:/(?P<rest>.*)|\.\w+)", re.S | re.I
)


def _base(name: str) -> str:
    """What stands before the folder of comments."""
    m = _MARKER.fullmatch(name)
    return m["base"] if m else ""


def _keys(name: str) -> list[str]:
    """What the path of a file of comments says of their post: the folders below the marker, or above it, or the file's name."""
    m = _MARKER.fullmatch(name.removesuffix(".gz"))
    if m is None:
        stem = re.sub(r"[._-]comments$", "", _stem(name))
        return [stem] if stem else []
    rest = (m["rest"] or "").rpartition(".")[0]
    folder, _, stem = rest.rpartition("/")
    keys = [folder, folder.rpartition("/")[2], folder.partition("/")[0]] if folder else [stem]
    if "/" in rest and not _GIVEN.fullmatch(stem):
        keys.append(stem)
    if "data" not in m["marker"].lower():
        keys += [m["base"].strip("/").rpartition("/")[2]]
    return [key for key in dict.fromkeys(keys) if key]


def _stem(name: str) -> str:
    return name.removesuffix(".gz").rpartition("/")[2].partition(".")[0]


_last_folder: dict[tuple[object, tuple[str, ...]], tuple[str, ...]] = {}


def _folder_ordinals(file: InputFile) -> tuple[str, ...]:
    """The ids of the comments in a file's folder that answer no other, in the order in which a site shows them: by file name.

    Kept for the folder that was asked for last, as its files are read in a row.
    """
    siblings = tuple(file.files_in(file.name.rpartition("/")[0]))
    key = file.path.parent if not file.member else file.path, siblings
    if key not in _last_folder:
        found = []
        for name in siblings:
            sibling = file.beside(name) if name.rpartition(".")[2].lower() in ("yml", "yaml", "json", "toml") else None
            try:
                entry = _parse(InputFile(sibling.path, name, member=sibling.member)) if sibling else None
            except (ValueError, SourceError):
                continue
            if isinstance(entry, Mapping) and is_comment(entry) and not text(_named(entry, _PARENTS)):
                found.append(_number(entry, _stem(name)))
        _last_folder.clear()
        _last_folder[key] = tuple(found)
    return _last_folder[key]
