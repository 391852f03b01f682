"""Which posts are copies of each other, and which post a comment means. The rules stand in `indexer.joining`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from typing import NamedTuple

from indexer.documents import PostKey, digest, words_of
from indexer.permalinks import is_identity, is_short, normalise

# Looking through two groups of fewer files is quicker than remembering what came of it.
_FEW = 8
_PATH = re.compile(r"(?://)?[^/?]*(.*)")
_WORD = re.compile(r"\w+")


class Reference(NamedTuple):
    """How a comment names its post; ``file`` and ``archive`` (the source given) are numbers."""

    archive: int
    file: int
    source: str
    post: str
    aliases: tuple[str, ...]


def grouped(
    posts: Sequence[PostKey], files: Sequence[int], read: int, same: Mapping[int, int]
) -> tuple[list[list[int]], list[int]]:
    """Posts as groups of copies, by their places, and of each post its group.

    ``files`` are numbers of the files that they come from. The first ``read`` posts were read and are grouped as if they were
    all; those that an index holds follow. Each of these is first the one that it is the ``same`` as, by place, then goes by its
    names: so it joins groups that nothing that was read does, and divides none. Two of them that were read again, or have a name
    in common, are two posts: so they were when all was read.
    """
    held = range(read, len(posts))
    shared = Counter(name for place in held for name in set(_shown_names(posts[place])))
    numbers = [post.native_id for post in posts]
    for place in held:
        if place not in same and all(shared[name] == 1 for name in _shown_names(posts[place])):
            numbers[place] = ""
    groups = _Groups(posts, files, numbers)
    given = {post.id for post in posts[:read] if post.id}
    for place, post in enumerate(posts[:read]):
        for name in (*_names(post), *_ids(post, given)):
            groups.meet(place, name)
    groups.meet_by_title(read)
    for place, other in same.items():
        groups.join(other, place)
    for place in held:
        for name in _names(posts[place]):
            groups.meet(place, name)
    groups.meet_by_title(len(posts))
    return groups.result()


class _Groups:
    """Groups that grow together; of each what every file in it calls the post, "" where it has no number there."""

    def __init__(self, posts: Sequence[PostKey], files: Sequence[int], numbers: Sequence[str]) -> None:
        self._posts, self._files = posts, files
        self._known: dict[tuple[str, str], int] = {}
        self._root = list(range(len(posts)))
        self._members: list[list[int]] = [[place] for place in range(len(posts))]
        self._numbers: list[dict[int, str]] = [{file: number} for file, number in zip(files, numbers, strict=True)]
        # Pairs of groups that a file tells apart, and that share a file. Growing, they do so for ever.
        self._apart: set[tuple[int, int]] = set()
        self._sharing: set[tuple[int, int]] = set()

    def meet(self, place: int, name: str) -> None:
        """The post at ``place`` goes by ``name``: it is a copy of who came before under it, unless one file tells them apart.

        Then it is one of who came before under the name and its number.
        """
        known = self._known.setdefault((name, ""), place)
        # Another blog at this address may have counted from one too: numbers do not join two posts that have permalinks.
        if is_short(name) and self._has_permalink(known) and self._has_permalink(place):
            return
        if not self.join(known, place) and (number := self._posts[place].native_id):
            self.join(self._known.setdefault((name, number), place), place)

    def _has_permalink(self, place: int) -> bool:
        url = self._posts[place].url
        return is_identity(url) and not is_short(normalise(url))

    def meet_by_title(self, end: int) -> None:
        """Join posts, up to ``end``, of one title and minute where at least one has no address, and no file holds both."""
        known: dict[tuple[str, str], int] = {}
        for place, post in enumerate(self._posts[:end]):
            if not post.title or not post.published:
                continue
            name = words_of(post.title), post.published.isoformat(timespec="minutes")
            other = known.setdefault(name, place)
            lacking = not (is_identity(self._posts[other].url) and is_identity(post.url))
            if lacking and not self._differ(other, place, self._sharing, _share):
                self.join(other, place)

    def join(self, one: int, two: int) -> bool:
        """Make one group of the groups of two posts; False where a file tells them apart."""
        one, two = self._root[one], self._root[two]
        if one == two:
            return True
        if self._differ(one, two, self._apart, _tell_apart):
            return False
        keep, go = (one, two) if len(self._members[one]) >= len(self._members[two]) else (two, one)
        for member in self._members[go]:
            self._root[member] = keep
        self._members[keep] += self._members[go]
        self._members[go] = []
        for file, number in self._numbers[go].items():
            self._numbers[keep][file] = self._numbers[keep].get(file) or number
        self._numbers[go] = {}
        return True

    def _differ(self, one: int, two: int, known: set[tuple[int, int]], differ: _Differ) -> bool:
        """Whether the groups of two posts, if they are two, ``differ``; large ones that do are remembered in ``known``."""
        one, two = sorted((self._root[one], self._root[two]))
        if one == two or (one, two) in known:
            return one != two
        left, right = sorted((self._numbers[one], self._numbers[two]), key=len)
        found = differ(left, right)
        if found and len(left) >= _FEW:
            known.add((one, two))
        return found

    def result(self) -> tuple[list[list[int]], list[int]]:
        roots = dict.fromkeys(self._root)  # in the order of each group's first post
        number = {root: n for n, root in enumerate(roots)}
        return [sorted(self._members[root]) for root in roots], [number[root] for root in self._root]


# Of two groups, the smaller first, the numbers that their files have.
_Differ = Callable[[dict[int, str], dict[int, str]], bool]


def _tell_apart(left: dict[int, str], right: dict[int, str]) -> bool:
    """Whether a file has a number in both, and not the same."""
    return any(number and right.get(file) and right[file] != number for file, number in left.items())


def _share(left: dict[int, str], right: dict[int, str]) -> bool:
    """Whether a file is in both."""
    return any(file in right for file in left)


def _names(post: PostKey) -> Iterator[str]:
    """What a post is known by: its addresses, or its number in its format with its date."""
    url = normalise(post.url)
    if is_identity(post.url):
        yield url
        yield from short_addresses(post)
    elif post.native_id:
        yield "\0".join((post.source, post.native_id, str(post.published or words_of(post.title))))
    host = _host(url)
    for alias in map(normalise, post.aliases):
        # Many a blog was begun on a machine where its number 12 was another blog's too.
        if is_identity(alias) and (not is_short(alias) or _host(alias) == host):
            yield alias


def _shown_names(post: PostKey) -> Iterator[str]:
    """The addresses by which the index knows a post."""
    return filter(is_identity, map(normalise, (post.url, *post.aliases)))


def own_names(post: PostKey) -> tuple[str, str, str]:
    """What a post without a permalink is known by in its archive, and where another one has that name."""
    name = "\0".join((post.source, post.native_id or f"{post.file}\0{post.title}"))
    return name, f"{name}\0{post.file}", f"{name}\0{post.file}\0{post.published}\0{post.length}"


def _ids(post: PostKey, given: Set[str]) -> Iterator[str]:
    """The ids, of those that Backfile's own exports have ``given``, that name this post; without a permalink, with its date.

    In an export there may be nothing else to know a post by: the owner had its title and address taken out.
    """
    if post.id:
        yield from (post.id, f"{post.id}\0{post.published}")
    elif given and is_identity(post.url):
        yield from {digest(normalise(post.url))} & given
    elif given:
        yield from (f"{id}\0{post.published}" for id in map(digest, own_names(post)) if id in given)


def short_addresses(post: PostKey) -> tuple[str, ...]:
    """WordPress's addresses of a post with a permalink by its number."""
    # What has an id of Backfile's own has it for a number.
    if post.id or not post.native_id.isdecimal() or is_short(normalise(post.url)):
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
            for alias in (*post.aliases, *short_addresses(post)):
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
