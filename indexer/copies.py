"""Which posts are copies of each other, and which post a comment means. The rules stand in `indexer.joining`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from indexer.clean.permalinks import is_identity, normalise
from indexer.documents import PostKey, words_of

# WordPress's address of a post by its number, normalised.
_SHORT = re.compile(r"(?P<host>[^?]*)\?(?:p|page_id)=\d+")
_COMMENT_ANCHOR = re.compile(r"#(?:comment-|c)?([\w-]+)\Z")
_PATH = re.compile(r"(?://)?[^/?]*(.*)")
_WORD = re.compile(r"\w+")


class Reference(NamedTuple):
    """How a comment names its post; ``file`` and ``archive`` (the source given) are numbers."""

    archive: int
    file: int
    source: str
    post: str
    aliases: tuple[str, ...]


def spot(address: str) -> tuple[str, str]:
    """What an address of a page or a comment on it means: the page's normalised address, the comment's number or ""."""
    anchor = _COMMENT_ANCHOR.search(address)
    return normalise(address), anchor[1] if anchor else ""


def is_short(address: str) -> bool:
    """Whether a normalised address is one by number (``example.org?p=12``)."""
    return bool(_SHORT.fullmatch(address))


def grouped(posts: Sequence[PostKey], files: Sequence[int]) -> tuple[list[list[int]], list[int]]:
    """Posts as groups of copies, by their places, and of each post its group.

    ``files`` are numbers of the files that they come from.
    """
    groups = _Groups(posts, files)
    for place, post in enumerate(posts):
        for name in _names(post):
            groups.meet(place, name)
    groups.meet_by_title()
    return groups.result()


class _Groups:
    """Groups that grow together; of each what every file in it calls the post."""

    def __init__(self, posts: Sequence[PostKey], files: Sequence[int]) -> None:
        self._posts, self._files = posts, files
        self._known: dict[str, int] = {}
        self._root = list(range(len(posts)))
        self._members: list[list[int]] = [[place] for place in range(len(posts))]
        self._numbers: list[dict[int, str]] = [{file: post.native_id} for file, post in zip(files, posts, strict=True)]

    def meet(self, place: int, name: str) -> None:
        """The post at ``place`` goes by ``name``: it is a copy of who came before under it, unless one file tells them apart."""
        known = self._known.setdefault(name, place)
        # Another blog at this address may have counted from one too: numbers do not join two posts that have permalinks.
        if not (is_short(name) and self._has_permalink(known) and self._has_permalink(place)):
            self._join(known, place)

    def _has_permalink(self, place: int) -> bool:
        url = self._posts[place].url
        return is_identity(url) and not is_short(normalise(url))

    def meet_by_title(self) -> None:
        """Join posts of one title and minute where at least one has no address, and no file holds both."""
        known: dict[tuple[str, str], int] = {}
        for place, post in enumerate(self._posts):
            if not post.title or not post.published:
                continue
            name = words_of(post.title), post.published.isoformat(timespec="minutes")
            other = known.setdefault(name, place)
            one, two = self._root[other], self._root[place]
            lacking = not (is_identity(self._posts[other].url) and is_identity(post.url))
            if lacking and not self._numbers[one].keys() & self._numbers[two].keys():
                self._join(other, place)

    def _join(self, one: int, two: int) -> None:
        one, two = self._root[one], self._root[two]
        if one == two or self._apart(one, two):
            return
        keep, go = (one, two) if len(self._members[one]) >= len(self._members[two]) else (two, one)
        for member in self._members[go]:
            self._root[member] = keep
        self._members[keep] += self._members[go]
        self._members[go] = []
        self._numbers[keep] |= self._numbers[go]

    def _apart(self, one: int, two: int) -> bool:
        """Whether a file has a number in both, and not the same."""
        left, right = self._numbers[one], self._numbers[two]
        if len(left) > len(right):
            left, right = right, left
        return any(number and right.get(file) and right[file] != number for file, number in left.items())

    def result(self) -> tuple[list[list[int]], list[int]]:
        roots = dict.fromkeys(self._root)  # in the order of each group's first post
        number = {root: n for n, root in enumerate(roots)}
        return [sorted(self._members[root]) for root in roots], [number[root] for root in self._root]


def _names(post: PostKey) -> Iterator[str]:
    """What a post is known by: its addresses, or its number in its format with its date."""
    url = normalise(post.url)
    if is_identity(post.url):
        yield url
        yield from _short_addresses(post)
    elif post.native_id:
        yield "\0".join((post.source, post.native_id, str(post.published or words_of(post.title))))
    host = _host(url)
    for alias in map(normalise, post.aliases):
        # Many a blog was begun on a machine where its number 12 was another blog's too.
        if is_identity(alias) and (not is_short(alias) or _host(alias) == host):
            yield alias


def _short_addresses(post: PostKey) -> tuple[str, ...]:
    """WordPress's addresses of a post with a permalink by its number."""
    if not post.native_id.isdecimal() or is_short(normalise(post.url)):
        return ()
    home = _host(normalise(post.url))
    return f"{home}?p={post.native_id}", f"{home}?page_id={post.native_id}"


def _host(address: str) -> str:
    """A normalised address without path and query."""
    return re.split(r"[/?]", address.removeprefix("//"), maxsplit=1)[0]


class Directory:
    """Finds the group of the post that a comment, or a person, names. -1 stands for none."""

    def __init__(
        self, posts: Sequence[PostKey], files: Sequence[int], archives: Sequence[int], group_of: Sequence[int]
    ) -> None:
        self._addresses: dict[str, int] = {}
        self._numbers: dict[tuple[object, ...], int] = {}
        self._paths: dict[str, int] = {}
        self._hosts = {_host(normalise(post.url)) for post in posts}
        for post, file, archive, group in zip(posts, files, archives, group_of, strict=True):
            if url := normalise(post.url):
                self._addresses.setdefault(url, group)
            if post.native_id:
                self._numbers.setdefault((file, post.native_id), group)
                self._numbers.setdefault((archive, post.source, post.native_id), group)
        # What a post is called elsewhere counts after what posts call themselves.
        for post, group in zip(posts, group_of, strict=True):
            for alias in (*post.aliases, *_short_addresses(post)):
                self._addresses.setdefault(normalise(alias) or alias, group)
        for address, group in self._addresses.items():
            if is_short(address):  # every blog has a post of this number
                continue
            path = _path(address)
            self._paths[path] = group if self._paths.get(path, group) == group else -1

    def at(self, address: str) -> int:
        """The group with this address, or this other name."""
        return self._addresses.get(normalise(address) or address, -1)

    def find(self, reference: Reference) -> int:
        """The group that a comment means: by number in its file, in its source, by address, by the address's path alone."""
        archive, file, source, post, aliases = reference
        for number in ((file, post), (archive, source, post)):
            if (group := self._numbers.get(number, -1)) >= 0:
                return group
        names = [name for name in (post, *aliases) if name]
        found = next((group for name in names if (group := self.at(name)) >= 0), -1)
        # The blog moved, or it is not known where it was: a path that only one post has still tells. Not so of a host that has
        # posts here: of another blog, that one is another post.
        addresses = (normalise(name) or name for name in names)
        paths = (_path(a) for a in addresses if not is_short(a) and _host(a) not in self._hosts)
        return (
            found if found >= 0 else next((g for path in paths if path and (g := self._paths.get(path, -1)) >= 0), -1)
        )


def _path(address: str) -> str:
    """The path and query of a normalised address; "" where they are too short to tell one blog's posts from another's."""
    path = address if address.startswith("/") and not address.startswith("//") else _PATH.fullmatch(address)[1]  # type: ignore[index]
    return path.rstrip("/") if len(_WORD.findall(path)) > 1 else ""
