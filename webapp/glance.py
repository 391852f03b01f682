"""The archive at a glance: posts and comments per month, busiest threads, most frequent commenters, words of each year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from indexer.engine.port import Searcher, SearchRequest
from indexer.settings import Settings
from webapp.charts import HEIGHT, MAX_MONTHS, Column, columns, labels, width
from webapp.hits import Link
from webapp.params import blank, only, post_path, search_path, with_dates, with_text
from webapp.wording import count, number, untitled

# Threads and commenters listed, and words per year.
LISTED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """What `archive.html` shows above the audit. Pairs are a link and how often; ``words`` are a year's link and its words'."""

    width: int
    height: int
    columns: tuple[Column, ...]
    labels: tuple[str, ...]
    highest: str
    threads: tuple[tuple[Link, str], ...]
    commenters: tuple[tuple[Link, str], ...]
    words: tuple[tuple[Link, tuple[Link, ...]], ...]


def glance(searcher: Searcher, settings: Settings) -> Glance:
    """The archive that ``searcher`` searches."""
    everything = blank(settings)
    asked = SearchRequest(
        sort="discussed", facets=("comment_author",), facet_values=LISTED, page_size=LISTED, timeline="month"
    )
    found = searcher.search(asked)
    bars = found.timeline.bars[-MAX_MONTHS:] if found.timeline else ()
    people = found.facets["comment_author"].values
    return Glance(
        width=width(bars),
        height=HEIGHT,
        columns=tuple(columns(bars)),
        labels=tuple(labels(bars, "month")),
        highest=number(max((bar.posts + bar.comments for bar in bars), default=0)),
        threads=tuple(
            (
                Link(hit.title or untitled(), post_path(hit.thread, everything, settings)),
                count(hit.discussed, "comment"),
            )
            for hit in found.hits
            if hit.discussed
        ),
        commenters=tuple(
            (_commenter(value.value, everything, settings), count(value.count, "thread")) for value in people
        ),
        words=tuple(
            (_year(year, everything, settings), tuple(_word(word, year, everything, settings) for word in words))
            for year, words in searcher.distinctive(LISTED).items()
        ),
    )


def _in(year: str, request: SearchRequest) -> SearchRequest:
    return with_dates(request, date(int(year), 1, 1), date(int(year), 12, 31))


def _year(year: str, request: SearchRequest, settings: Settings) -> Link:
    return Link(year, search_path(_in(year, request), settings))


def _commenter(name: str, request: SearchRequest, settings: Settings) -> Link:
    return Link(name, search_path(only(request, "comment_author", name), settings))


def _word(word: str, year: str, request: SearchRequest, settings: Settings) -> Link:
    return Link(word, search_path(_in(year, with_text(request, word)), settings))
