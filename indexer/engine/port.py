"""The port: everything that the rest of Backfile knows about an engine.

    pipeline -> IndexWriter      documents in; commits or rolls back
    webapp, cli -> Searcher      a SearchRequest in, SearchResults out; no way to write

    SearchRequest ── search ──> SearchResults: total, hits (each with why it is there), facets, timeline

A *document* is what the index holds: one per post or page, one per comment. Pingbacks are kept with their thread and
shown in the reading view, but they are not documents: no search, count or facet sees them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, NamedTuple, Protocol, Self

Kind = Literal["post", "page", "comment", "pingback"]
Sort = Literal["relevance", "newest", "oldest", "discussed"]
Group = Literal["thread", "none"]
FacetField = Literal["category", "tag", "author", "post_author", "comment_author", "kind", "site", "year", "month"]
TimeUnit = Literal["year", "month", "day"]
# Where a word of the query was found: in a post's or a comment's own parts, or (of a thread) in one of its comments.
Place = Literal["title", "text", "quote", "author", "comments"]
NoticeCode = Literal["characters", "words", "no-word", "star", "date", "site", "group"]

SORTS: tuple[Sort, ...] = ("relevance", "newest", "oldest", "discussed")
FACET_FIELDS: tuple[FacetField, ...] = (
    "category", "tag", "author", "post_author", "comment_author", "kind", "site", "year", "month",
)  # fmt: skip
# The facet values that are listed per field where a request does not say. A blog's long tail of tags does not fit.
FACET_VALUES = 200
# Years and months are listed whole, latest first: they are few, and a cut would be one in time.
UNCUT: tuple[FacetField, ...] = ("year", "month")
MAX_PAGE_SIZE = 100
# What of a query was not honoured, in English.
NOTICES: Mapping[NoticeCode, str] = {
    "characters": "Only the first %(number)s characters of the query were read.",
    "words": "Only the first %(number)s words of the query were searched.",
    "no-word": "There is no word to search for in this query.",
    "star": "%(text)s was searched without its *, which wants one word of two letters or more.",
    "date": "%(text)s was searched as words: a date is 2008, 2008-05 or 2008-05-04.",
    "site": "%(text)s was searched as words: a site is example.com.",
    "group": "%(text)s was searched as words: there are in:posts, in:comments, in:own and in:quotes.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One post, page, comment or pingback, cleaned.

    ``id`` is stable across runs, and across formats when the permalink is the same. ``thread`` is the id of the post
    (for a post its own id), ``parent`` the id of the comment that this one answers. ``published`` is naive: the blog's
    own local wall-clock time, None when the archive does not tell. A comment carries its post's categories and tags,
    and no title. ``text`` is the author's own words and ``quoted`` what stands inside block quotes, both plain with
    line breaks between blocks; ``html`` is sanitised. ``domains`` are the hosts that the item links to. ``addresses`` are
    the other addresses under which a post was known (`indexer.permalinks.normalise`). ``source`` is the
    format, ``archive`` the source as it was given on the command line, ``locator`` the place in it.
    """

    id: str
    thread: str
    kind: Kind
    permalink: str = ""
    title: str = ""
    author: str = ""
    author_url: str = ""
    parent: str = ""
    published: datetime | None = None
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    text: str = ""
    quoted: str = ""
    domains: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    html: str = ""
    source: str = ""
    locator: str = ""
    archive: str = ""

    def fingerprint(self) -> str:
        """32 hexadecimal digits that change when anything of the document changes, also where it was found."""
        # Spelt out, as every document of every run passes here. The ASCII separators are in no text: cleaning removes them.
        names = (self.id, self.thread, self.kind, self.permalink, self.author, self.author_url, self.parent)
        found = (self.source, self.locator, self.archive)
        texts = (str(self.published), self.title, self.text, self.quoted, self.html)
        lists = (
            "\x1f".join(self.categories),
            "\x1f".join(self.tags),
            "\x1f".join(self.domains),
            "\x1f".join(self.addresses),
        )
        seen = "\x1e".join(names + texts + lists + found).encode("utf-8", "surrogatepass")
        return hashlib.blake2b(seen, digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRequest:
    """What is asked. ``filters`` hold the selected values per facet: OR inside a facet, AND across facets. A document with
    a value of ``excluded`` is never found.

    ``author`` is who wrote the document; ``post_author`` who wrote the post, which its comments carry as they carry its
    categories; ``comment_author`` who wrote the comment (no post has one). ``site`` values are hosts linked to.
    ``year`` values are ``"2008"``, ``month`` values ``"2008-05"``. ``since`` and ``until`` are inclusive. ``thread``, the id of a
    post, asks for its thread alone. ``facets`` are the facets wanted in the answer, with ``facet_values`` values each (years
    and months with all), ``timeline`` the unit of the timeline wanted: None for none, ``"auto"`` for one that suits its span.
    ``group="none"`` makes every document a hit of its own.
    """

    text: str = ""
    filters: Mapping[FacetField, tuple[str, ...]] = field(default_factory=dict)
    excluded: Mapping[FacetField, tuple[str, ...]] = field(default_factory=dict)
    since: date | None = None
    until: date | None = None
    thread: str = ""
    sort: Sort = "relevance"
    page: int = 1
    page_size: int = 10
    facets: tuple[FacetField, ...] = FACET_FIELDS
    facet_values: int = FACET_VALUES
    timeline: TimeUnit | Literal["auto"] | None = None
    group: Group = "thread"

    def selected(self, name: FacetField) -> tuple[str, ...]:
        """The values selected in one facet."""
        return self.filters.get(name, ())

    def unwanted(self, name: FacetField) -> tuple[str, ...]:
        """The values excluded in one facet."""
        return self.excluded.get(name, ())

    @property
    def grouped(self) -> bool:
        """Whether a hit is a thread: ``kind=comment`` alone lists comments one by one."""
        return self.group == "thread" and self.selected("kind") != ("comment",)


@dataclass(frozen=True, slots=True)
class Notice:
    """What of a query was not honoured; as a string, the English sentence.

    ``number`` is the bound that was met, ``text`` the piece of the query that was read otherwise, where the code has one.
    """

    code: NoticeCode
    number: int = 0
    text: str = ""

    def __str__(self) -> str:
        return NOTICES[self.code] % {"number": f"{self.number:,}", "text": self.text}


@dataclass(frozen=True, slots=True)
class Snippet:
    """A passage as ``(text, is_match)`` fragments; never HTML: whoever shows it escapes. ``quoted``: from a block quote."""

    fragments: tuple[tuple[str, bool], ...] = ()
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class WordMatch:
    """One part of the query, as it was typed or understood, and where a hit has it; nowhere, if it was optional."""

    text: str
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentHit:
    """A matching comment under its post."""

    id: str
    author: str
    published: datetime | None
    snippet: Snippet
    score: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One line of the results: a thread (shown as its post), or one document when the request is not grouped.

    For a comment ``title`` is its post's title. ``comments_total`` counts the thread's matching comments and
    ``comments`` holds the best three; ``discussed`` counts all comments of the thread, matching or not. ``why`` has every
    part of the query that asks for words, in its order, unless it stands under a NOT.
    """

    id: str
    thread: str
    kind: Kind
    title: str
    permalink: str
    author: str
    published: datetime | None
    categories: tuple[str, ...]
    tags: tuple[str, ...]
    score: float
    snippet: Snippet
    comments_total: int = 0
    comments: tuple[CommentHit, ...] = ()
    discussed: int = 0
    why: tuple[WordMatch, ...] = ()


class FacetValue(NamedTuple):
    """One of the hundreds of values on a page, hence no dataclass, which takes four times as long to make.

    ``count`` is exactly the ``listed`` total of the search in which this value is the facet's only selection."""

    value: str
    count: int  # type: ignore[assignment]  # a tuple has a method of this name
    selected: bool = False


@dataclass(frozen=True, slots=True)
class Facet:
    """``other`` is how many further values were left out; ``missing`` how much of the list has no value at all."""

    field: FacetField
    values: tuple[FacetValue, ...] = ()
    other: int = 0
    missing: int = 0


class Bar(NamedTuple):
    """A stretch of a timeline, both days included: the documents found in it, and all that the archive has there."""

    since: date
    until: date
    posts: int
    comments: int
    all_posts: int
    all_comments: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """What was found, over time: every year, month or day of a span, also the empty ones, ascending.

    The span is the request's dates, where it has any, and within them what the archive covers; the first and the last bar
    are cut at its ends, so that a bar's posts and comments are the total of the same search from ``since`` to ``until``.
    """

    unit: TimeUnit
    bars: tuple[Bar, ...] = ()


@dataclass(frozen=True, slots=True)
class Total:
    """Matching threads, and in them matching posts (pages included) and matching comments."""

    threads: int = 0
    posts: int = 0
    comments: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResults:
    """The answer. ``listed`` is the number of hits over all pages; ``notices`` say what of the query was not honoured.

    ``suggestion`` is a corrected query that finds something where this one's words find nothing, or None;
    ``suggestion_listed`` are its hits. ``understood`` is the query as it was read, in the query language. ``partial``: the
    time bound cut the search short. ``timings`` has the milliseconds of the search's steps.
    """

    request: SearchRequest
    total: Total
    listed: int
    hits: tuple[Hit, ...]
    facets: Mapping[FacetField, Facet]
    timeline: Timeline | None = None
    suggestion: str | None = None
    suggestion_listed: int = 0
    understood: str = ""
    notices: tuple[Notice, ...] = ()
    partial: bool = False
    took_ms: float = 0.0
    timings: Mapping[str, float] = field(default_factory=dict)

    @property
    def pages(self) -> int:
        """Number of pages, at least 1."""
        return max(1, -(-self.listed // self.request.page_size))


@dataclass(frozen=True, slots=True)
class Thread:
    """A post with its comments and pingbacks, each oldest first."""

    post: Document
    comments: tuple[Document, ...] = ()
    pingbacks: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A post that another one leads to: the one before or after it, or a related one."""

    id: str
    title: str
    published: datetime | None


@dataclass(frozen=True, slots=True)
class Completion:
    """What a reader may be about to type: a ``title`` (``id`` is its post's), the name of a category, a tag or a person, or
    a ``word``: what was typed, with its last word completed. ``count`` is how many threads
    have it, 1 for a title, None for a word."""

    kind: Literal["title", "category", "tag", "author", "word"]
    text: str
    count: int | None = None
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What the index says of itself; ``created`` is an aware UTC time, ``counts`` has posts, pages, comments, pingbacks.

    ``report`` is the JSON of the run that made it, and ``import_report`` the file that lists what that left out.
    """

    generation: str
    created: datetime
    blog_name: str
    blog_description: str
    blog_url: str
    language: str
    counts: Mapping[str, int]
    report: Mapping[str, Any] = field(default_factory=dict)
    import_report: Path | None = None


class Highlighter(Protocol):
    """Finds the words of a query in any text, with the stems and foldings that the search used."""

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Non-overlapping ``(start, end)`` character offsets of matches in ``text``, ascending."""
        ...


class Searcher(Protocol):
    """Answers for one index. Safe to call from several threads."""

    def search(self, request: SearchRequest) -> SearchResults:
        """Never raises for anything a reader typed."""
        ...

    def document(self, id: str) -> Document | None: ...

    def thread(self, id: str) -> Thread | None:
        """The thread whose post has this id."""
        ...

    def documents(self) -> Iterator[Document]:
        """Every document, pingbacks too: each thread's post, then what belongs to it, oldest first; threads oldest first.

        Ties by id; whatever has no date comes last, and after that threads without a post. The order does not depend on the
        order in which documents were added. Memory is bounded.
        """
        ...

    def highlighter(self, text: str) -> Highlighter: ...

    def count(self, request: SearchRequest) -> int:
        """`SearchResults.listed` of the search, without the rest."""
        ...

    def suggest(self, text: str, limit: int = 8) -> tuple[Completion, ...]:
        """Ways to complete what was typed so far, best first; none for less than two letters."""
        ...

    def around(self, id: str) -> tuple[Neighbour | None, Neighbour | None]:
        """The posts before and after this one in time; pages and posts without a date have none."""
        ...

    def related(self, id: str, limit: int = 5) -> tuple[Neighbour, ...]:
        """Posts that share its significant words, the most similar first."""
        ...

    def find(self, address: str) -> Document | None:
        """The document at an old address, with a host (any scheme) or as a path alone; with ``#comment-12`` the comment."""
        ...

    def distinctive(self, limit: int = 10) -> Mapping[str, tuple[str, ...]]:
        """Per year the words that set it apart from all the others, the most telling first, years ascending."""
        ...

    def about(self) -> About: ...

    def close(self) -> None: ...


class Prepared(Protocol):
    """Documents on their way to a writer, as far as one process can bring them alone. Picklable."""

    @property
    def ids(self) -> Sequence[str]:
        """Of the documents, in order."""
        ...


class Preparer(Protocol):
    """The part of writing that needs no other document: words, stored fields. Picklable until it is first called.

    It remembers what it sent: all its batches go to the writer, in the order in which it made them.
    """

    def __call__(self, documents: Sequence[Document]) -> Prepared: ...


class Prints(Protocol):
    """Knows the documents of an index by their fingerprints. Picklable, for worker processes: 20 bytes per document."""

    def find(self, document: Document) -> int:
        """The place in `Held` of the document that is this one, found where it was; -1 when there is none."""
        ...


class Held(Protocol):
    """The documents that an index held when its writer was opened.

    A document is known by its *place*, from 0: that of its id among all ids, sorted.
    """

    @property
    def prints(self) -> Prints:
        """Tells which documents did not change."""
        ...

    def __len__(self) -> int: ...

    def place(self, id: str) -> int:
        """Of the document with this id, -1 when there is none."""
        ...

    def id(self, place: int) -> str: ...

    def thread(self, place: int) -> str: ...

    def archive(self, place: int) -> str:
        """`Document.archive`."""
        ...


class IndexWriter(Protocol):
    """Writes one index: what it held when it was opened, without what is deleted, and what is added.

    Leaving the block commits, leaving it by an exception rolls back.
    """

    def held(self) -> Held: ...

    def set_language(self, language: str) -> None:
        """Whose stems it writes, from now on: known only when the archives were read. Not after the first document."""
        ...

    def add(self, document: Document) -> None:
        """Add a document; one of its id that is in the index is to be deleted first."""
        ...

    def preparer(self) -> Preparer:
        """A new preparer, for this or another process."""
        ...

    def add_prepared(self, prepared: Prepared, dropped: Collection[int] = ()) -> None:
        """Add the documents of a batch, but for the ``dropped`` ones (places in ``prepared.ids``)."""
        ...

    def delete(self, ids: Iterable[str]) -> None:
        """Delete the documents that have these ids now, held or added; no byte of them is in the index after the commit."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None: ...
