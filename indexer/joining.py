"""The join: one archive out of all that was read. Keys in, a fate for every item out.

    Join.add       the keys of a batch, in the order of reading
    Join.settle    when everything was read
    Join.places    per batch: where each item belongs
    Join.dropped   per batch: what is left out, and why

Posts are grouped in `indexer.copies`. The rules in words:

**Which posts are one post.** Posts with the same normalised permalink; or where one's permalink is another address of the
other (an alias that its archive names, the ``?p=12`` of its number on the same host). A post without a permalink is the same
as one with its number in the same format and its date, or with its title and minute in another file. A post of Backfile's own
export is also the same as one that its id is made of. But what one file holds under two numbers is two posts, whatever their
addresses.

**Which copy is kept.** The one whose format holds most (`indexer.sources.base.Format.rank`: exports, then pages, feeds, text
dumps); among these the latest capture, then the latest modification, then the longest text, then the first. What it lacks of
title, author, date, categories and tags comes from the next best copy. All others are ``duplicate``.

**Which comments are one comment.** Those with the same number under the same post; or, from different files or without a
number, with the same author, minute and words (letters and digits: quotes and dashes differ between an export and a page).
The copy of the highest rank is kept, then the first.

**Identity.** A thread's id is a hash of its permalink, without one of its format and number. A comment's is a hash of that
and its number, without one of what `said` is made of. So ids are the same in every run and from every format. They rest on what
the archive says, not on what the owner lets be seen of it: a new rule changes no id that another rule names.

**What was not read again.** In an update what the index holds of a source that was not read to its end (`indexer.remains`) stands
for it. It is the post that was read under its id, or else one of its names. It is kept rather than copies of its rank, unless
the very item was read again. Other posts that the index holds only lend what was read of them an address, an id and what the best
copy lacks.

**Redaction.** What an owner took down, by id or address, goes with its comments, whichever copy named it.

Memory: a record per post, 65 bytes per comment, and while `settle` runs 330 (measured with 200,000 comments).
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import NamedTuple

from indexer.archive import CommentKind
from indexer.columns import Comments, Numbers
from indexer.copies import Directory, Reference, grouped, own_names, short_addresses
from indexer.documents import CommentKey, Key, Place, PostKey, Thread, digest
from indexer.permalinks import is_identity, is_short, normalise, spot

# More are no addresses that people followed: some crawls find a page under a thousand.
_MOST_ADDRESSES = 50
_NEVER = datetime.min.replace(tzinfo=UTC)


class Copy(NamedTuple):
    """The item is a copy of the one at this place of this batch."""

    batch: int
    place: int


class Dropped(NamedTuple):
    """The item is left out for a reason."""

    reason: str
    detail: str


@dataclass(slots=True)
class _Merged:
    """How a group of copies comes out: the string it is known by, its best copy, its thread; whether any of it was read now.

    It is ``gone`` where the index holds it and nothing says that it is still there.
    """

    key: str
    best: int
    thread: Thread
    redacted: bool
    fresh: bool
    gone: bool

    @property
    def kept(self) -> bool:
        return not (self.redacted or self.gone)


_KEPT, _ORPHAN, _REDACTED = -1, -2, -3
# The number of the file that what the index holds is said to be from: as one file tells its posts apart, so does the index.
_HELD = 0


class Join:
    """See the module. ``ranks`` are the ranks of formats by name; ``takedown`` are ids and addresses to leave out.

    ``taken_down`` counts, after `settle`, the items that each of these removed.
    """

    def __init__(self, ranks: Mapping[str, int], takedown: Iterable[str] = ()) -> None:
        self._ranks = ranks
        self._takedown = tuple(takedown)
        self.taken_down: Counter[str] = Counter()
        self._starts = array("q", [0])  # of each batch, its first item; one more than batches
        self._entries = array("q")  # per item: -1 - place of a post, or the place of a comment
        self._posts: list[PostKey] = []
        self._post_items = array("q")
        self._post_files = array("i")
        self._post_archives = array("i")
        self._files: dict[tuple[int, str], int] = {(-1, ""): _HELD}
        self._unread: Collection[int] = ()
        self._is_known: Callable[[str], bool] = lambda _: False
        self._comments = Comments()
        self._numbers = Numbers()
        self._references: dict[Reference, int] = {}
        self._named: list[Reference] = []  # the references in order
        self._threads: list[int] = []  # per reference, its group or -1
        self._given: dict[int, str] = {}  # per comment of Backfile's own format, the id that it names
        self._redacted: set[int] = set()
        self._groups: list[_Merged] = []
        self._group_of: list[int] = []
        self._renamed: dict[str, str] = {}  # ids of copies to those of the comments that are kept

    def add(self, archive: int, keys: Sequence[Key], held: bool = False) -> None:
        """The keys of the next batch, which comes from the source number ``archive``, or is what the index has ``held`` of it."""
        for key in keys:
            file = _HELD if held else self._files.setdefault((archive, key.file), len(self._files))
            if isinstance(key, PostKey):
                self._post_items.append(len(self._entries))
                self._entries.append(-1 - len(self._posts))
                self._posts.append(key)
                self._post_files.append(file)
                self._post_archives.append(archive)
            else:
                self._add_comment(key, Reference(archive, file, key.source, key.post, key.post_aliases))
        self._starts.append(len(self._entries))

    def _add_comment(self, key: CommentKey, reference: Reference) -> None:
        columns, place = self._comments, len(self._comments.item)
        columns.reference.append(self._references.setdefault(reference, len(self._references)))
        columns.number.append(self._numbers.encode(key.native_id))
        columns.parent.append(self._numbers.encode(key.parent))
        columns.said.append(key.said)
        columns.pingback.append(key.kind == "pingback")
        columns.item.append(len(self._entries))
        columns.id.append(0)
        columns.fate.append(_ORPHAN)
        self._entries.append(place)
        if key.id:
            self._given[place] = key.id
        if key.redacted:
            self._redacted.add(place)

    @property
    def posts(self) -> int:
        """After `settle`: how many posts and pages are kept."""
        return sum(group.kept for group in self._groups)

    def settle(self, unread: Collection[int] = (), known: Callable[[str], bool] = lambda _: False) -> None:
        """Decide everything, when everything was added; again, when what is held was.

        ``unread`` sources were not read to their end; ``known`` tells whether the index has a document of an id.
        """
        self._unread, self._is_known = unread, known
        self._named = list(self._references)
        before = [self._groups[group] for group in self._group_of]
        read = len(self._posts) - self._post_files.count(_HELD)
        groups, self._group_of = grouped(self._posts, self._post_files, read, self._same(before))
        earlier = [self._earlier(group, before) for group in groups]
        taken = {name for merged in earlier if merged for name in (merged.key, merged.thread.id)}
        answered = {named.post for named in self._named if named.file == _HELD and named.archive in unread}
        self._groups = [
            self._merged(group, merged, taken, answered) for group, merged in zip(groups, earlier, strict=True)
        ]
        there = [n for n, group in enumerate(self._group_of) if not self._groups[group].gone]
        numbers = ([column[n] for n in there] for column in (self._post_files, self._post_archives, self._group_of))
        directory = Directory([self._posts[n] for n in there], *numbers)
        self._threads = [directory.find(reference) for reference in self._named]
        self._place_comments(self._take_down(directory))

    def places(self, batch: int) -> list[Place | None]:
        """Where each item of a batch belongs, None for what is left out."""
        entries = self._entries[self._starts[batch] : self._starts[batch + 1]]
        return [self._post_place(-1 - entry) if entry < 0 else self._comment_place(entry) for entry in entries]

    def dropped(self, batch: int) -> Iterator[tuple[int, Copy | Dropped]]:
        """What is left out of a batch, each with its place there."""
        start = self._starts[batch]
        for place, entry in enumerate(self._entries[start : self._starts[batch + 1]]):
            why = self._post_dropped(-1 - entry) if entry < 0 else self._comment_dropped(entry)
            if why:
                yield place, why

    # --- posts ---------------------------------------------------------------------------------------------------------

    def _same(self, before: Sequence[_Merged]) -> dict[int, int]:
        """Of each post that the index holds and that was read again a copy that was read, both by place.

        ``before`` is what each that was read came to without what is held. Two archives may each have a number 12.
        """
        by_id = {merged.thread.id: merged for merged in before}
        found: dict[int, int] = {}
        for place in range(len(before), len(self._posts)):
            post, merged = self._posts[place], by_id.get(self._posts[place].id)
            if merged and (
                is_identity(merged.key)
                or merged.thread.published == post.published
                or self._post_archives[merged.best] == self._post_archives[place]
            ):
                found[place] = merged.best
        return found

    def _earlier(self, group: Sequence[int], before: Sequence[_Merged]) -> _Merged | None:
        """What a group came to ``before`` it met what the index holds, if it is still known by that."""
        held = {self._posts[member].id for member in group if self._post_files[member] == _HELD}
        found = (before[member] for member in group if member < len(before))
        return next((merged for merged in found if not held or merged.thread.id in held), None)

    def _merged(self, group: Sequence[int], earlier: _Merged | None, taken: set[str], answered: Set[str]) -> _Merged:
        """The best copy of a group, what the others add to it, and its ``earlier`` identity or one that is not ``taken``.

        ``answered`` are the posts to which comments are held that were not read again.
        """
        members = self._ordered(group)
        posts = [self._posts[member] for member in members]
        fresh = [self._posts[member] for member in members if self._post_files[member] != _HELD]
        gone = not fresh and not any(
            self._post_archives[member] in self._unread or self._posts[member].native_id in answered
            for member in members
        )
        # A permalink says more than an address by number; else the best copy's counts.
        addressed = sorted((p for p in posts if is_identity(p.url)), key=lambda p: is_short(normalise(p.url)))
        addressed = addressed or posts[:1]
        key = earlier.key if earlier else _identity(addressed[0].url, fresh or posts, taken)
        given = earlier.thread.id if earlier else next((p.id for p in posts if p.id and p.id not in taken), "")
        id = given or digest(key)
        taken |= {key, id}
        url = next((p.shown_url for p in addressed if p.shown_url), "")
        thread = Thread(
            id,
            url,
            next((p.shown_title for p in posts if p.shown_title), ""),
            next((p.author for p in posts if p.author), ""),
            next((p.published for p in posts if p.published), None),
            next((p.categories for p in posts if p.categories), ()),
            next((p.tags for p in posts if p.tags), ()),
            _other_addresses(url, posts),
        )
        return _Merged(key, members[0], thread, any(p.redacted for p in posts), bool(fresh), gone)

    def _ordered(self, group: Sequence[int]) -> list[int]:
        """The copies of a post, the best one first; what the index holds is that, or next to it: it lends what is lacking."""
        members = sorted(group, key=self._completeness, reverse=True)
        held = [member for member in members if self._post_files[member] == _HELD]
        read = [member for member in members if self._post_files[member] != _HELD]
        found = {self._found(member) for member in read}
        standing = (
            member
            for member in held
            if self._post_archives[member] in self._unread
            and self._found(member) not in found
            and not (read and self._rank(read[0]) > self._rank(member))
        )
        best = [next(standing, (read or held)[0])]
        return list(dict.fromkeys(best + held + read))

    def _found(self, number: int) -> tuple[int, str]:
        return self._post_archives[number], self._posts[number].locator

    def _rank(self, number: int) -> int:
        return self._ranks.get(self._posts[number].source, 0)

    def _completeness(self, number: int) -> tuple[int, datetime, datetime, int, int]:
        """Orders the copies of a post, the best one last."""
        post = self._posts[number]
        return self._rank(number), _aware(post.captured), _aware(post.modified), post.length, -number

    def _post_place(self, number: int) -> Place | None:
        group = self._groups[self._group_of[number]]
        kept = number == group.best and group.kept
        return Place(self._posts[number].kind, group.thread.id, "", group.thread) if kept else None

    def _post_dropped(self, number: int) -> Copy | Dropped | None:
        group = self._groups[self._group_of[number]]
        if not group.kept:
            return Dropped("redacted", "taken down")  # what is gone is in no report
        return self._copy(self._post_items[group.best]) if number != group.best else None

    def _copy(self, item: int) -> Copy:
        batch = bisect_right(self._starts, item) - 1
        return Copy(batch, item - self._starts[batch])

    # --- comments ------------------------------------------------------------------------------------------------------

    def _place_comments(self, down: _Down) -> None:
        """The fate of every comment, by rank of format, then by source, what is held of one after all of it."""
        columns = self._comments
        columns.fate = array("q", [_ORPHAN]) * len(columns.fate)
        self._renamed.clear()
        order = [(-self._ranks.get(reference.source, 0), reference.archive) for reference in self._named]
        places: Iterable[int] = range(len(columns.item))
        if len(set(order)) > 1:
            places = sorted(places, key=lambda place: order[columns.reference[place]])
        by_id: dict[int, int] = {}
        by_words: dict[tuple[int, int], int] = {}
        for place in places:
            thread = self._threads[columns.reference[place]]
            if thread < 0 or self._is_gone(place, thread):
                continue
            id = columns.id[place] = int(self._comment_id(place, self._groups[thread].key), 16)
            is_down = self._is_down(place, thread, down)
            words = thread, columns.said[place]
            twin = by_id.get(id)
            if twin is None and (like := by_words.get(words)) is not None and self._are_one(place, like):
                twin = like
            if twin is None:
                columns.fate[place] = _REDACTED if is_down else _KEPT
                by_id[id] = place
                by_words.setdefault(words, place)
            else:
                if is_down:  # what is taken down is so in every copy
                    columns.fate[twin] = _REDACTED
                columns.fate[place] = _REDACTED if columns.fate[twin] == _REDACTED else columns.item[twin]
                if columns.id[twin] != id:
                    self._renamed[f"{id:016x}"] = f"{columns.id[twin]:016x}"

    def _is_gone(self, place: int, thread: int) -> bool:
        """Whether the index holds a comment whose source was read, and its post with it: it would have been found again."""
        named = self._named[self._comments.reference[place]]
        return named.file == _HELD and named.archive not in self._unread and self._groups[thread].fresh

    def _are_one(self, place: int, twin: int) -> bool:
        """Whether two comments with the same words are one: not when one file holds both under two numbers, or the index both."""
        columns = self._comments
        files = [self._named[columns.reference[p]].file for p in (place, twin)]
        if files[0] != files[1]:
            return _HELD not in files or not all(self._is_known(f"{columns.id[p]:016x}") for p in (place, twin))
        return Numbers.NONE in (columns.number[place], columns.number[twin])

    def _is_down(self, place: int, thread: int, down: _Down) -> bool:
        """Whether a comment is to be left out: with its post, by who wrote it, by its id or its address."""
        if self._groups[thread].redacted or place in self._redacted:
            return True
        if not down:
            return False
        number = self._numbers.decode(self._comments.number[place]).rpartition("-")[2]
        name = down.get(f"{self._comments.id[place]:016x}") or (number and down.get((thread, number)))
        if name:
            self.taken_down[name] += 1
        return bool(name)

    def _comment_id(self, place: int, key: str) -> str:
        number = self._comments.number[place]
        if given := self._given.get(place):
            return given
        if number == Numbers.NONE:
            return digest(f"{key}#{self._comments.said[place]:016x}")
        return digest(f"{key}#comment-{self._numbers.decode(number)}")

    def _comment_place(self, place: int) -> Place | None:
        columns = self._comments
        if columns.fate[place] != _KEPT:
            return None
        group = self._groups[self._threads[columns.reference[place]]]
        kind: CommentKind = "pingback" if columns.pingback[place] else "comment"
        return Place(kind, f"{columns.id[place]:016x}", self._parent(place, group.key), group.thread)

    def _comment_dropped(self, place: int) -> Copy | Dropped | None:
        fate = self._comments.fate[place]
        if fate == _KEPT:
            return None
        if fate == _ORPHAN:
            post = self._named[self._comments.reference[place]].post
            return Dropped("orphan", f"its post {post!r} is not in the archive")
        return Dropped("redacted", "taken down, or its post") if fate == _REDACTED else self._copy(fate)

    def _parent(self, place: int, key: str) -> str:
        """The id of the comment that one answers, the kept copy's where that one was a copy."""
        parent = self._numbers.decode(self._comments.parent[place])
        id = digest(f"{key}#comment-{parent}") if parent and place not in self._given else parent
        return self._renamed.get(id, id)

    # --- takedowns -----------------------------------------------------------------------------------------------------

    def _take_down(self, directory: Directory) -> _Down:
        """Mark the threads to leave out; of comments to leave out the id, or thread and number, with what asks for it."""
        threads = {group.thread.id: group for group in self._groups}
        down: _Down = {}
        self.taken_down.clear()
        for name in self._takedown:
            found = directory.at(name)
            page, number = spot(name)
            # The id is made of the permalink, also of what the index holds without one, as a phrase took that out.
            group = threads.get(name) or (self._groups[found] if found >= 0 else threads.get(digest(page)))
            if group is None or (found < 0 and number):
                down[name] = down[digest(f"{page}#comment-{number}")] = name
            elif number:
                down[found, number] = name
            else:
                group.redacted = True
                self.taken_down[name] += 1
        return down


# Of a comment that is to go: its id, or its thread and the number in its address; and the rule that asks for it.
_Down = dict[str | tuple[int, str], str]


def _identity(url: str, posts: Sequence[PostKey], taken: set[str]) -> str:
    """What a group is known by: its address, else its number, else its place in a file; neither it nor its id is ``taken``."""
    names = [normalise(url)] if is_identity(url) else []
    names += own_names(next((p for p in posts if p.native_id), posts[0]))
    free = (name for name in names if not taken & {name, digest(name)})
    return next(free, f"{names[-1]}\0{len(taken)}")


def _other_addresses(url: str, posts: Sequence[PostKey]) -> tuple[str, ...]:
    """The addresses under which copies of one post are known, as far as they may be seen, but for its permalink."""
    found = {name: None for post in posts for name in _addresses(post) if is_identity(name)}
    found.pop(normalise(url), None)
    return tuple(islice(found, _MOST_ADDRESSES))


def _addresses(post: PostKey) -> Iterator[str]:
    own = normalise(post.shown_url)
    yield own
    numbers = short_addresses(post) if own and not post.id else ()
    yield from numbers
    for alias in map(normalise, post.shown_aliases):
        # A number elsewhere is the post's if it is the same number: the blog moved. Else the next post may have it here.
        if post.id or not is_short(alias) or alias.endswith(f"={post.native_id}"):
            yield alias


def _aware(when: datetime | None) -> datetime:
    """A date to compare by; one without an offset counts as UTC."""
    return _NEVER if when is None else when if when.tzinfo else when.replace(tzinfo=UTC)
