"""What the other tables say of posts: names of authors and tags, addresses, the blog's clock, who may see them."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, tzinfo
from typing import Any
from urllib.parse import quote, urlsplit

from indexer.archive import Blog
from indexer.sources.base import person_name
from indexer.sources.ghost.values import Row, is_true, line, moment, text, zone

# ``status`` of a post: ``sent`` went out by e-mail and was never on the site.
_STATUS_REASONS = {"draft": "draft", "scheduled": "future", "sent": "private", "": "draft"}
# Where Ghost put posts unless told otherwise.
_PERMALINK = "/:slug/"
# The keys that Ghost gave the settings over the years.
_ADDRESS, _CLOCK = ("url", "blogUrl"), ("timezone", "activeTimezone")


class Tables:
    """Filled row by row (`learn`), then asked. Memory: some hundred bytes per post, tag, user and member."""

    def __init__(self) -> None:
        self._settings: dict[str, str] = {}
        self._tags: dict[str, str] = {}
        self._users: dict[str, str] = {}
        self._members: dict[str, str] = {}
        self._tags_of: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
        self._authors_of: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
        self._withheld: dict[str, str] = {}

    def learn(self, table: str, row: Any) -> None:
        """Takes note of a row, whichever table it is of."""
        if not isinstance(row, dict):
            return
        id = text(row.get("id"))
        match table:
            case "meta":
                self._settings.setdefault("url", text(row.get("url")))
            case "settings":
                self._settings[text(row.get("key"))] = text(row.get("value"))
            case "tags":
                self._tags[id] = tag_name(row)
            case "users":
                self._users[id] = person(row)
            case "members":
                self._members[id] = person_name(line(row.get("name")))
            case "posts_tags":
                self._refer(self._tags_of, row, "tag_id")
            case "posts_authors":
                self._refer(self._authors_of, row, "author_id")
            case "posts":
                if id and (reason := withheld(row)):
                    self._withheld[id] = reason

    @staticmethod
    def _refer(table: defaultdict[str, list[tuple[int, str]]], row: Row, column: str) -> None:
        if post := text(row.get("post_id")):
            table[post].append((_order(row), text(row.get(column))))

    @property
    def url(self) -> str:
        """The blog's address without a final slash; "" in most exports, which do not tell it."""
        address = next((value for key in _ADDRESS if (value := self._settings.get(key, "").strip())), "").rstrip("/")
        return address if is_address(address) else ""

    @property
    def clock(self) -> tzinfo:
        """The blog's time zone; UTC where the export does not tell."""
        return zone(next((value for key in _CLOCK if (value := self._settings.get(key))), "UTC"))

    def blog(self, source: str) -> Blog | None:
        """The blog as its settings describe it; None where they do not."""
        name, description = (line(self._settings.get(key)) for key in ("title", "description"))
        # Called `default_locale` by early versions, `lang` by those before 4.30.
        language = next(
            (value for key in ("locale", "lang", "default_locale") if (value := self._settings.get(key))), ""
        )
        if not name and not language:
            return None
        return Blog(source=source, name=name, description=description, url=self.url, language=language)

    def withheld(self, post_id: str) -> str:
        """Why the post is left out; "" when it is not, or unknown."""
        return self._withheld.get(post_id, "")

    def member(self, id: str) -> str:
        return self._members.get(id, "")

    def tags(self, post: Row) -> tuple[str, ...]:
        """The names of its public tags, the primary one first."""
        inline = post.get("tags")
        names = [tag_name(tag) for tag in inline] if isinstance(inline, list) else []
        names += [self._tags.get(id, "") for _, id in sorted(self._tags_of.get(text(post.get("id")), ()), key=_first)]
        return tuple(dict.fromkeys(filter(None, names)))

    def author(self, post: Row) -> str:
        """The names of its authors, the primary one first, as a byline."""
        ids = [id for _, id in sorted(self._authors_of.get(text(post.get("id")), ()), key=_first)]
        names = [self._users.get(id, "") for id in ids or [text(post.get("author_id"))]]
        if not any(names):
            inline = post.get("authors")
            names = [person(author) for author in (inline if isinstance(inline, list) else [post.get("author")])]
        return ", ".join(dict.fromkeys(filter(None, names)))

    def path(self, post: Row, published: datetime | None) -> str:
        """The path of a post below the blog's address; "" without a slug."""
        slug = quote(text(post.get("slug")).strip(), safe="%~")
        if not slug:
            return ""
        pattern = self._settings.get("permalinks", "") or _PERMALINK
        if is_page(post) or ":slug" not in pattern or (published is None and ":year" in pattern):
            pattern = _PERMALINK
        date = {":year": "%Y", ":month": "%m", ":day": "%d"}
        for name, code in date.items():
            pattern = pattern.replace(name, published.strftime(code) if published else name)
        path = pattern.replace(":id", quote(text(post.get("id")), safe="")).replace(":slug", slug)
        # What is left to fill in (:author, :primary_tag) is not known for certain.
        return path if ":" not in path else f"/{slug}/"


def withheld(post: Row) -> str:
    """Why a post is left out, as the code of a `Skipped`; "" of a public one.

    Ghost takes a post without a status for a draft. A post for members, or for those who pay, is not public.
    """
    status, visibility = text(post.get("status")).lower(), text(post.get("visibility")).lower()
    if status != "published":
        return _STATUS_REASONS.get(status, "unrecognised")
    return "private" if visibility not in ("", "public") else ""


def is_page(post: Row) -> bool:
    """Whether it is a page: by ``page`` until Ghost 2, by ``type`` since Ghost 3."""
    return is_true(post.get("page")) or text(post.get("type")) == "page"


def is_address(url: str) -> bool:
    """Whether ``url`` is an address on the web."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and "@" not in parts.netloc


def tag_name(tag: object) -> str:
    """The name of a public tag. Internal ones (``#name``) steer the theme, and no visitor sees them."""
    row = tag if isinstance(tag, dict) else {"name": tag}
    name = line(row.get("name"))
    return "" if name.startswith("#") or text(row.get("visibility")) == "internal" else name


def person(user: object) -> str:
    """The name of an author, or what stands for it in their address."""
    row = user if isinstance(user, dict) else {"name": user}
    return person_name(line(row.get("name"))) or person_name(line(row.get("slug")))


def date_of(post: Row, clock: tzinfo) -> datetime | None:
    """When it was published; where that is missing, when it was created."""
    return moment(post.get("published_at"), clock) or moment(post.get("created_at"), clock)


def _order(row: Row) -> int:
    order = row.get("sort_order")
    return order if isinstance(order, int) else 0


def _first(pair: tuple[int, str]) -> int:
    """Rows of equal order stay as they are in the table."""
    return pair[0]
